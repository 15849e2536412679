"""Collects gabbi files as pytest items: `gabbits/network/topology-get.yaml::the first request answers one id`.

The tests come from gabbi's suitemaker. Those of a file run in order, with its fixtures set up; after one that fails the
rest is blocked.
"""

import os
import unittest
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Self

import pytest
from gabbi import suitemaker
from gabbi.exception import GabbiFormatError

from conformance.gabbi import every_response, runner
from conformance.gabbi.context import GabbiContext
from conformance.gabbi.files import GabbiFile, GabbiFileError, GabbiFolder, requested_microversion
from conformance.gabbi.fixtures import FIXTURES
from conformance.gabbi.handlers import gabbi_response_handlers
from conformance.target.transport import TOKEN_HEADER
from conformance.verdict.signals import ResponseViolations, TestEnded, Unsupported, raise_blocked_by
from conformance.verdict.states import State

ADMINS_TOKEN = "GMAN_ADMIN_TOKEN"  # noqa: S105 - a variable's name
PREPARING = ("POST", "PUT")  # methods by which the administrator prepares what a file needs
REFUSALS = (400, 401, 403, 409)  # statuses by which a cloud's own policies refuse an administrator
UNSUPPORTED_VERSION = "406"  # the status of an unsupported microversion
BLOCKING = {State.ERROR, State.FAIL, State.INCONCLUSIVE, State.NOT_CLAIMED, State.WAIVED}


class GabbiCollector(pytest.File):
    """One gabbi file. `blocker` is the state and the name of the test after which the others are blocked."""

    context: GabbiContext
    folder: GabbiFolder
    gabbi_file: GabbiFile
    blocker: tuple[State, str] | None = None

    @classmethod
    def of(cls, parent: pytest.Collector, path: Path, folder: GabbiFolder, context: GabbiContext) -> Self:
        file_id = f"gabbits/{path.relative_to(folder.path).as_posix()}"
        collector: Self = cls.from_parent(parent, path=path, nodeid=file_id)
        collector.context = context
        collector.folder = folder
        return collector

    def collect(self) -> Iterator["GabbiTest"]:
        self.gabbi_file = self.folder.read(self.path)
        try:
            with self.context.client.for_all_tests():
                cases = build(self.gabbi_file)
        except GabbiFormatError as error:
            raise GabbiFileError(f"{self.gabbi_file.id}: $.tests: {error}") from None
        for case in cases:
            yield GabbiTest.of(self, case)

    def setup(self) -> None:
        """Set up the file's fixtures. Raises NotClaimed or Unsupported where the file does not apply to this run."""
        stack = ExitStack()
        self.addfinalizer(stack.close)
        self.context.applicability.require_test(self.gabbi_file.covers, self.gabbi_file.microversion)
        self.context.applicability.require(self.gabbi_file.requires)
        for name in self.gabbi_file.fixtures:
            stack.enter_context(FIXTURES[name](self.context, self.gabbi_file))

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        if isinstance(excinfo.value, GabbiFileError):
            return str(excinfo.value)
        return super().repr_failure(excinfo)


class _Loader(unittest.TestLoader):
    """Returns the name of the only test method in each class that gabbi makes, without a search."""

    def getTestCaseNames(self, testCaseClass: type[unittest.TestCase]) -> list[str]:  # noqa: N802, N803 - unittest's names
        return ["test_request"]


def build(gabbi_file: GabbiFile) -> list[Any]:
    """The test cases that gabbi builds of a file, in order. Raises GabbiFormatError."""
    suite = suitemaker.test_suite_from_dict(
        loader=_Loader(),
        test_base_name=gabbi_file.id,
        suite_dict=gabbi_file.content,
        test_directory=str(gabbi_file.path.parent),
        host="no-host.invalid",  # never used, as every full URL names its host
        port=None,
        fixture_module=None,
        intercept=None,
        handlers=[handler() for handler in gabbi_response_handlers()],
    )
    for case in suite:
        case.test_data["url"] = gabbi_file.full_url(case.test_data["url"])
        case.longMessage = False  # leaves out unittest's "1 != 2" before gabbi's message
    return list(suite)


class GabbiTest(pytest.Item):
    """One test of a gabbi file."""

    case: Any
    parent: GabbiCollector

    @classmethod
    def of(cls, parent: GabbiCollector, case: Any) -> Self:
        test: Self = cls.from_parent(parent, name=case.test_data["name"])
        test.case = case
        for requirement in test.covered:
            test.add_marker(pytest.mark.requirement(requirement))
        return test

    @property
    def covered(self) -> list[str]:
        """The ids of the requirements that this test observes."""
        return self.parent.gabbi_file.covered_by(self.name)

    @property
    def context(self) -> GabbiContext:
        return self.parent.context

    def runtest(self) -> None:
        if self.parent.blocker:
            raise_blocked_by(*self.parent.blocker)
        self._require_microversion(self.case)
        self.context.client.contact.user_agent.observe(self.covered)
        not_selected, earlier = [], self.case.prior
        while earlier is not None and not earlier.has_run:
            not_selected.append(earlier)
            earlier = earlier.prior
        for case in reversed(not_selected):
            self._replay(case)
        try:
            runner.run(self.case, self.context.waits)
        except runner.ExpectedFailure as expected:
            pytest.xfail(str(expected))
        except ResponseViolations:
            raise  # checks of every response apply to all releases
        except AssertionError:
            # only after the step has run: later ones build on it even where its requirements are newer than the cloud
            self.context.applicability.require_release(self.covered)
            self._require_prepared()
            raise

    def _require_prepared(self) -> None:
        """Raises Unsupported where a service refused the administrator in a step that observes no requirement and only
        prepares. The file's requirements have not failed then; they cannot be tested on this cloud.
        """
        exchange, administrators = self.context.client.last, os.environ.get(ADMINS_TOKEN)
        if self.covered or not exchange or exchange.status not in REFUSALS or exchange.method not in PREPARING:
            return
        if administrators and exchange.headers.get(TOKEN_HEADER) == administrators:
            self.parent.blocker = (State.UNSUPPORTED, self.name)
            call = f"{exchange.method} {exchange.url} answered {exchange.status}"
            raise Unsupported(f"the administrator cannot prepare it: {call}")

    def _require_microversion(self, case: Any) -> None:
        """Raises Unsupported for a step that requests a microversion that Compute does not have, and marks it as run.

        Does nothing for a step that expects this very refusal.
        """
        if UNSUPPORTED_VERSION in str(case.test_data["status"]):
            return
        try:
            self.context.applicability.require_microversion(requested_microversion(case.test_data["request_headers"]))
        except Unsupported:
            case.has_run = True
            raise

    def _replay(self, case: Any) -> None:
        """Run an earlier step that was not selected, as this test builds on it."""
        try:
            self._require_microversion(case)
        except Unsupported:
            return
        name = case.test_data["name"]
        try:
            runner.run(case, self.context.waits)
        except ResponseViolations:
            pass  # reported by that step where it is selected
        except AssertionError as error:
            self.parent.blocker = (State.FAIL, name)
            raise_blocked_by(State.FAIL, f"{name} ({error})")
        self.add_report_section("call", "replayed", name)

    def observed_in_passing(self) -> set[str]:
        """The ids of the requirements on every response that the responses of this test were checked for."""
        responses = getattr(self.case, "answers", ())
        return {id_ for response in responses for id_ in every_response.observed_by(response)}

    def ended(self, error: BaseException | None, state: State) -> None:
        """Block the later tests of the file, if this test ended in a state that does so. The project is then not passed
        on as it is to another file.
        """
        self.context.client.changed |= state in BLOCKING
        harmless = isinstance(error, (ResponseViolations, pytest.xfail.Exception))
        if state in BLOCKING and not harmless and not self.parent.blocker:
            self.parent.blocker = (state, self.name)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        if isinstance(excinfo.value, (AssertionError, TestEnded)):
            exchange = self.context.client.last
            return f"{excinfo.value}\n\n{exchange}" if exchange else str(excinfo.value)
        return super().repr_failure(excinfo)

    def reportinfo(self) -> tuple[Path, None, str]:
        return self.path, None, f"{self.parent.name}: {self.name}"
