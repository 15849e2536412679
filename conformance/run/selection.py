"""Selects the tests of a run by --requirement: those that observe the requirements, and the steps they build on."""

from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Any, Protocol

import pytest

from conformance.coverage.requirement_tests import EVERYWHERE
from conformance.gabbi.collector import GabbiTest
from conformance.report.again import unsettled
from conformance.requirements import registry
from conformance.settings import UsageProblem

OPTION = "--requirement"


class Parser(Protocol):
    """The part of pytest.Parser and of its groups that is needed here."""

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
    """The ids in `texts`, separated by commas, in upper or lower case. Raises UsageProblem for an unknown id."""
    ids = {id_.upper(): id_ for id_ in registry.load()}
    requested = {id_ for text in texts for id_ in text.upper().split(",") if id_}
    unknown = sorted(requested - ids.keys())
    if unknown:
        raise UsageProblem(f"argument {OPTION}: there is no requirement {', '.join(unknown)}")
    return {ids[id_] for id_ in requested}


def choose(
    items: Sequence[pytest.Item],
    ids: Collection[str],
    covers: Callable[[pytest.Item], Sequence[str]],
    settled: Collection[str] = (),
) -> tuple[list[pytest.Item], list[pytest.Item]]:
    """(items that a run for these requirements needs, the other items).

    A gabbi file is selected as a whole. Requirements on every answer (EVERYWHERE) select all tests. Tests that an
    earlier run has `settled` are not needed, unless they run only together with others (report/again).
    """
    again = unsettled((item.nodeid for item in items), settled)
    selected: list[pytest.Item] = []
    others: list[pytest.Item] = []
    for item in items:
        observed = item.parent.gabbi_file.covers.keys() if isinstance(item, GabbiTest) else covers(item)
        (selected if touches(observed, ids) and item.nodeid in again else others).append(item)
    return selected, others


def touches(observed: Iterable[str], ids: Collection[str]) -> bool:
    """Whether a test that observes the requirements `observed` is needed in a run for `ids`, or `ids` is empty."""
    return not ids or bool(set(ids) & {*observed, *EVERYWHERE})
