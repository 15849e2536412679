"""Which tests a run is asked for: those that observe certain requirements, with all that they rest on."""

from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Any, Protocol

import pytest

from conformance.coverage.requirement_tests import EVERYWHERE
from conformance.gabbi.collector import GabbiTest
from conformance.requirements import registry
from conformance.settings import UsageProblem

OPTION = "--requirement"


class Parser(Protocol):
    """What is needed of pytest.Parser and its groups."""

    def addoption(self, *names: str, **attributes: Any) -> None: ...


def add_options(parser: Parser) -> None:
    parser.addoption(
        OPTION,
        action="append",
        default=[],
        metavar="ID,...",
        help="only tests that observe these requirements; may be repeated",
    )


def requested_ids(texts: Sequence[str]) -> set[str]:
    """The ids named, in any case. Raises UsageProblem for one that there is not."""
    known = {id_.upper(): id_ for id_ in registry.load()}
    requested = {id_ for text in texts for id_ in text.upper().split(",") if id_}
    unknown = sorted(requested - known.keys())
    if unknown:
        raise UsageProblem(f"argument {OPTION}: there is no requirement {', '.join(unknown)}")
    return {known[id_] for id_ in requested}


def choose(
    items: Sequence[pytest.Item], ids: Collection[str], covers: Callable[[pytest.Item], Sequence[str]]
) -> tuple[list[pytest.Item], list[pytest.Item]]:
    """Those of the items that a run for these requirements needs, and the others.

    A gabbi file is kept whole or not at all; what is looked at in every answer needs every test.
    """
    kept: list[pytest.Item] = []
    others: list[pytest.Item] = []
    for item in items:
        observed = item.parent.gabbi_file.covers.keys() if isinstance(item, GabbiTest) else covers(item)
        (kept if touches(observed, ids) else others).append(item)
    return kept, others


def touches(observed: Iterable[str], ids: Collection[str]) -> bool:
    """Whether what observes these requirements is part of a run for those ids; without any, all is."""
    return not ids or bool(set(ids) & {*observed, *EVERYWHERE})
