"""Collects gabbi files as pytest items: `gabbits/network/topology-get.yaml::the first request answers one id`.

Built on gabbi.suitemaker alone. A file is one arc: its fixtures hold while its tests run in order, and after a test
that fails the rest is blocked.
"""

import unittest
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Protocol, Self

import pytest
from gabbi import suitemaker
from gabbi.exception import GabbiFormatError

from conformance.deadlines import Deadlines
from conformance.gabbi import files as gabbi_files
from conformance.gabbi import runner
from conformance.gabbi.client import Client
from conformance.gabbi.every_response import owed
from conformance.gabbi.handlers import gabbi_response_handlers
from conformance.target import user_agent
from conformance.verdict.signals import Outcome, Unsupported, behind
from conformance.verdict.states import State

REFUSED = "406"  # is answered to a microversion that there is not
BREAKING = {State.ERROR, State.FAIL, State.INCONCLUSIVE, State.NOT_CLAIMED, State.WAIVED}


class Stage(Protocol):
    """What an arc needs of the run it is a part of."""

    @property
    def client(self) -> Client: ...

    @property
    def deadlines(self) -> Deadlines: ...

    def too_new(self, microversion: str) -> Unsupported | None:
        """That Compute does not have that microversion, if so."""
        ...

    def of_later_releases(self, observed: Iterable[str]) -> Outcome | None:
        """That all those requirements are younger than this cloud, if so."""
        ...

    def enter(self, arc: gabbi_files.Arc, until: ExitStack) -> None:
        """Set the arc's fixtures up, to be undone with `until`. Raises an Outcome when the arc cannot be run."""
        ...


class GabbitFile(pytest.File):
    """One gabbi file; `stage` and `arc` are set by `of`."""

    stage: Stage
    arc: gabbi_files.Arc

    @classmethod
    def of(cls, parent: pytest.Collector, path: Path, below: Path, stage: Stage) -> Self:
        arc_id = f"gabbits/{path.relative_to(below).as_posix()}"
        file: Self = cls.from_parent(parent, path=path, nodeid=arc_id)
        file.stage = stage
        file.below = below
        file.broken = None
        return file

    below: Path
    broken: tuple[State, str] | None  # the state and the name of the test that ended the arc

    def collect(self) -> Iterator["GabbitItem"]:
        self.arc = gabbi_files.read(self.path, self.below)
        try:
            with self.stage.client.for_all_tests():
                cases = build(self.arc)
        except GabbiFormatError as wrong:
            raise gabbi_files.ArcError(f"{self.arc.id}: $.tests: {wrong}") from None
        for case in cases:
            yield GabbitItem.of(self, case)

    def setup(self) -> None:
        stack = ExitStack()
        self.addfinalizer(stack.close)
        self.stage.enter(self.arc, stack)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        if isinstance(excinfo.value, gabbi_files.ArcError):
            return str(excinfo.value)
        return super().repr_failure(excinfo)


class _Loader(unittest.TestLoader):
    """Of the classes that gabbi makes, each with one test of a known name, which need not be looked for."""

    def getTestCaseNames(self, testCaseClass: type[unittest.TestCase]) -> list[str]:  # noqa: N802, N803 - unittest's names
        return ["test_request"]


def build(arc: gabbi_files.Arc) -> list[Any]:
    """gabbi's cases of an arc, in order. Raises GabbiFormatError."""
    suite = suitemaker.test_suite_from_dict(
        loader=_Loader(),
        test_base_name=arc.id,
        suite_dict=arc.content,
        test_directory=str(arc.path.parent),
        host="no-host.invalid",  # every URL of an arc names its host
        port=None,
        fixture_module=None,
        intercept=None,
        handlers=[handler() for handler in gabbi_response_handlers()],
    )
    for case in suite:
        case.longMessage = False  # unittest's own "1 != 2" in front of gabbi's words
    return list(suite)


class GabbitItem(pytest.Item):
    """One test of a gabbi file."""

    case: Any
    parent: GabbitFile

    @classmethod
    def of(cls, parent: GabbitFile, case: Any) -> Self:
        item: Self = cls.from_parent(parent, name=case.test_data["name"])
        item.case = case
        for requirement in parent.arc.covered_by(item.name):
            item.add_marker(pytest.mark.requirement(requirement))
        return item

    def runtest(self) -> None:
        if self.parent.broken:
            raise behind(*self.parent.broken)
        if beyond := self._left_out(self.case):
            raise beyond
        user_agent.observe(self.parent.arc.covered_by(self.name))
        for earlier in _not_run_yet(self.case.prior):
            self._replay(earlier)
        try:
            runner.run(self.case, self.parent.stage.deadlines)
        except runner.ExpectedFailure as expected:
            pytest.xfail(str(expected))
        except runner.Breached:
            raise  # of what every answer owes, which has nothing to do with the step's own requirements
        except AssertionError:
            if later := self.parent.stage.of_later_releases(self.parent.arc.covered_by(self.name)):
                raise later from None  # it was run all the same, for what comes after it builds on it
            raise

    def _left_out(self, case: Any) -> Unsupported | None:
        """Take a step as done that asks for a microversion Compute does not have; that it does not, if so.

        A test that is about being refused one is run all the same.
        """
        about = REFUSED in str(case.test_data["status"])
        beyond = (
            None
            if about
            else self.parent.stage.too_new(gabbi_files.asked_of_compute(case.test_data["request_headers"]))
        )
        if beyond:
            case.has_run = True
        return beyond

    def _replay(self, earlier: Any) -> None:
        """Run a step that was not selected, because this test builds on it."""
        if self._left_out(earlier):
            return
        name = earlier.test_data["name"]
        try:
            runner.run(earlier, self.parent.stage.deadlines)
        except runner.Breached:
            pass  # of that step, and not in the way of this one
        except AssertionError as wrong:
            self.parent.broken = (State.FAIL, name)
            raise behind(State.FAIL, f"{name} ({wrong})") from None
        self.add_report_section("call", "replayed", name)

    def owed(self) -> set[str]:
        """The requirements that the answers to this test are observations of, whatever it is about."""
        return {requirement for answer in getattr(self.case, "answers", ()) for requirement in owed(answer)}

    def ended(self, wrong: BaseException | None, state: State) -> None:
        """Take note of what became of this test: the later ones of the file depend on it."""
        held = isinstance(wrong, (runner.Breached, pytest.xfail.Exception))
        if state in BREAKING and not held and not self.parent.broken:
            self.parent.broken = (state, self.name)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        if isinstance(excinfo.value, (AssertionError, Outcome)):
            exchange = self.parent.stage.client.last
            return f"{excinfo.value}\n\n{exchange}" if exchange else str(excinfo.value)
        return super().repr_failure(excinfo)

    def reportinfo(self) -> tuple[Path, None, str]:
        return self.path, None, f"{self.parent.name}: {self.name}"


def _not_run_yet(case: Any) -> list[Any]:
    """The chain of earlier cases that have not run, first one first."""
    chain = []
    while case is not None and not case.has_run:
        chain.append(case)
        case = case.prior
    return chain[::-1]
