"""The hooks where pytest alone runs the tests, without our command line: `pytest -p conformance.plugin`."""

import pytest

from conformance.run import environment, session
from conformance.run.hooks import Tests
from conformance.settings import UsageProblem


class StandaloneTests(Tests):
    """The run's settings come from the environment. Raises pytest.UsageError where something has to change first."""

    def __init__(self) -> None:
        try:
            super().__init__(session.prepared(environment.settings()))
        except UsageProblem as problem:
            raise pytest.UsageError(f"gman: {problem}") from None

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        super().pytest_sessionfinish(session)
        self.context.leaks += self.context.projects.finish(cut_short=True)
        if self.context.leaks and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        for line in self.context.leaks:
            terminalreporter.write_line(f"left behind: {line}", red=True)
