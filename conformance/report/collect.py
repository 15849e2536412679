"""Collects the records of tests, and the leftovers, of all processes of a run in the command line's process."""

import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Protocol

import pytest

from conformance.answers.tally import Tally
from conformance.verdict import records
from conformance.verdict.records import RunRecord, TestRecord
from conformance.verdict.states import State


@dataclass(frozen=True)
class Conclusion:
    """What a process hands over after its tests: a line for each leftover, and the tally of checks on every answer."""

    leaks: list[str]
    tally: Tally


TestDone = Callable[[TestRecord], None]
INTERRUPTED = "gman: interrupted, cleaning up"


class Listener(Protocol):
    """Is called as tests are collected, start and end."""

    def tests_collected(self, total: int) -> None: ...

    def test_started(self, test: str) -> None: ...

    def test_ended(self, record: TestRecord) -> None: ...


@dataclass(frozen=True)
class OnlyEnds:
    """A listener that passes on the ends of tests alone."""

    test_ended: TestDone

    def tests_collected(self, total: int) -> None:
        """Ignored."""

    def test_started(self, test: str) -> None:
        """Ignored."""


class Collector:
    """A pytest plug-in, which reports each test to the listener. `later` is the number of tests expected in later calls
    of pytest; `interrupted` is printed at an interruption. `is_last(record)`: whether no test may begin after the one
    that has ended, whose id is then in `run.stopped`.
    """

    def __init__(
        self, listener: Listener, interrupted: str = INTERRUPTED, is_last: Callable[[TestRecord], bool] | None = None
    ) -> None:
        self._listener = listener
        self._interrupted = interrupted
        self._is_last = is_last or (lambda _record: False)
        self._session: pytest.Session | None = None
        self.later = 0
        self._items: list[pytest.Item] = []
        self.run = RunRecord()
        self.tally = Tally()

    @pytest.hookimpl(trylast=True)
    def pytest_configure(self, config: pytest.Config) -> None:
        """Turn off pytest's own terminal output: the suite prints its own summary."""
        reporter = config.pluginmanager.getplugin("terminalreporter")
        if reporter:
            config.pluginmanager.unregister(reporter)

    def include(self, conclusion: Conclusion) -> None:
        """Add what another process handed over after its tests."""
        self.run.leaks += conclusion.leaks
        self.tally.include(conclusion.tally)

    def died(self, process: str, code: int, test: str) -> None:
        """Take note of a process that died, by that exit code, and of the test that it ran, if any."""
        problem = f"{process} died: {f'signal {-code}' if code < 0 else f'exit code {code}'}"
        self.run.problems.append(problem)
        if test:
            self.add(TestRecord(test, State.ERROR, problem))

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self.run.problems.append(f"cannot read {report.nodeid}: {report.longreprtext.strip()}")

    def pytest_internalerror(self, excrepr: object) -> bool:
        """Record the error. True: pytest need not print it."""
        self.run.problems.append(f"pytest broke: {str(excrepr).strip().splitlines()[-1]}")
        return True

    def pytest_keyboard_interrupt(self, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        if isinstance(excinfo.value, pytest.Session.Interrupted):
            return  # pytest's own end of a run, such as that of files that cannot be read
        self.run.interrupted = True
        print(self._interrupted, file=sys.stderr)

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        self._session = session
        self._items += session.items
        self._listener.tests_collected(len(self._items) + self.later)

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        self._listener.test_started(nodeid)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keep the newest record of each test: its clean-up may still fail."""
        sent = getattr(report, records.ATTRIBUTE, None)
        if sent:
            record = TestRecord.from_plain(sent)
        elif report.failed:  # no record of ours: the process died
            record = TestRecord(report.nodeid, State.ERROR, str(report.longrepr).strip().splitlines()[-1])
        else:
            return
        seconds = report.duration if report.when == "call" else 0.0
        message = str(report.longrepr) if report.failed else ""  # longreprtext would name the process
        self.add(replace(record, id=report.nodeid, seconds=seconds, message=message))
        if self._session and (self.run.stopped or self._is_last(self.run.tests[report.nodeid])):
            self.run.stopped = self.run.stopped or report.nodeid
            self._session.shouldfail = f"stopped after {self.run.stopped}"

    def never_run(self) -> list[pytest.Item]:
        """The tests that were collected, and have not ended."""
        return [item for item in self._items if item.nodeid not in self.run.tests]

    def add(self, record: TestRecord) -> None:
        self.run.tests[record.id] = record
        self._listener.test_ended(record)
