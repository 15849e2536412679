"""`gman run --list`: the tests that a run would run, without asking the cloud."""

import pytest

from conformance.coverage import exclusion
from conformance.gabbi.collector import GabbiTest
from conformance.run import session
from conformance.run.applicability import Applicability
from conformance.run.context import RunContext
from conformance.run.hooks import covers
from conformance.settings import Settings, UsageProblem
from conformance.verdict.signals import TestEnded

OF_THE_RUN = ("second-project", "admin", "member-and-reader", "disruptive")  # needs that no cloud decides
NOT_ASKED = "# no cloud was asked: what it lacks for a test, or the run for a race, is found when they run"


class _Collected:
    """A pytest plug-in that keeps the tests, once chosen."""

    def __init__(self) -> None:
        self.items: list[pytest.Item] = []

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        self.items += session.items


def lines(settings: Settings, selection: list[str]) -> list[str]:
    """The ids of the tests, a line each. Then, as comments for --exclude (#): how many they are, and how
    many the run's own options leave out.

    `selection` are options of pytest. Raises UsageProblem for a selection without tests.
    """
    collected = _Collected()
    session.collect(RunContext(settings), selection, collected)
    if not collected.items:
        raise UsageProblem("no test is left of the selection: check -k, --requirement and --again")
    by_reason: dict[str, list[pytest.Item]] = {"": []}
    for item in collected.items:
        by_reason.setdefault(why_not(item, settings), []).append(item)
    run = by_reason.pop("")
    others = [f"# not run, {_many(items)}: {reason}" for reason, items in by_reason.items()]
    return [*(item.nodeid for item in run), *others, f"# {_many(run)}", NOT_ASKED]


def why_not(item: pytest.Item, settings: Settings) -> str:
    """Why the run's own options leave a test out; empty where they do not."""
    if reason := exclusion.reason(item.nodeid, settings.excluded):
        return reason
    applicability = Applicability.of_options(settings)
    gabbi_file = item.parent.gabbi_file if isinstance(item, GabbiTest) else None
    try:
        applicability.require_claimed(gabbi_file.covers if gabbi_file else covers(item))
        applicability.require([need for need in (gabbi_file.requires if gabbi_file else ()) if need in OF_THE_RUN])
    except TestEnded as ended:
        return str(ended)
    return ""


def _many(items: list[pytest.Item]) -> str:
    files = len({item.path for item in items})
    tests, of = f"{len(items):,} test{'' if len(items) == 1 else 's'}", f"{files} file{'' if files == 1 else 's'}"
    return f"{tests} of {of}"
