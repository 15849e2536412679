"""The hooks where pytest alone runs the tests, without our command line: `pytest -p conformance.plugin`."""

import pytest

from conformance.redact import redact
from conformance.run import environment, session
from conformance.run.hooks import Tests
from conformance.settings import UsageProblem
from conformance.untrusted import printable


class StandaloneTests(Tests):
    """The run's settings come from the environment. Raises pytest.UsageError where something has to change first."""

    def __init__(self) -> None:
        self.violations: list[str] = []  # violations of requirements on every answer
        try:
            super().__init__(session.prepared(environment.settings()))
        except UsageProblem as problem:
            raise pytest.UsageError(f"gman: {problem}") from None

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        super().pytest_sessionfinish(session)
        self.context.leaks += self.context.projects.finish(cut_short=True)
        self.violations = [
            violation for looks in self.context.witness.tally.looks.values() for violation in looks.violations.values()
        ]
        if (self.context.leaks or self.violations) and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        for line in self.context.leaks:
            terminalreporter.write_line(f"left behind: {line}", red=True)
        for line in self.violations:
            terminalreporter.write_line(f"seen in an answer: {printable(redact(line, self.context.secrets))}", red=True)
