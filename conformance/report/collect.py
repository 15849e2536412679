"""Gathers the outcomes of all processes of a run, in the one that the command line is in."""

import sys
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest

from conformance.report.model import TestResult
from conformance.run.plugin import LEAKS
from conformance.verdict import outcome
from conformance.verdict.outcome import TestOutcome
from conformance.verdict.states import State

TestDone = Callable[[TestResult], None]


class Results:
    """A pytest plug-in. `tell` is called for each test that ends; `sent` is what other processes need to start."""

    def __init__(self, sent: Mapping[str, Any], tell: TestDone) -> None:
        self._sent = sent
        self._tell = tell
        self.tests: dict[str, TestResult] = {}
        self.leaks: list[str] = []
        self.problems: list[str] = []
        self.interrupted = False

    @pytest.hookimpl(trylast=True)
    def pytest_configure(self, config: pytest.Config) -> None:
        """The suite speaks for itself, when all is done: pytest's own terminal output is put away."""
        reporter = config.pluginmanager.getplugin("terminalreporter")
        if reporter:
            config.pluginmanager.unregister(reporter)

    @pytest.hookimpl(optionalhook=True)  # there is no such hook without xdist
    def pytest_configure_node(self, node: Any) -> None:
        node.workerinput["gman"] = dict(self._sent)

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any, error: Any) -> None:
        self.leaks += getattr(node, "workeroutput", {}).get(LEAKS, [])
        if error:
            self.problems.append(f"process {node.gateway.id} died: {error}")

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self.problems.append(f"cannot read {report.nodeid}: {report.longreprtext.strip()}")

    def pytest_internalerror(self, excrepr: object) -> None:
        self.problems.append(f"pytest broke: {str(excrepr).strip().splitlines()[-1]}")

    def pytest_keyboard_interrupt(self) -> None:
        self.interrupted = True
        print("gman: interrupted, cleaning up", file=sys.stderr)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        sent = getattr(report, outcome.ATTRIBUTE, None)
        if sent:
            self._keep(report, TestOutcome.from_plain(sent))
        elif report.failed:  # no outcome of ours: the process died
            self._keep(report, TestOutcome(State.ERROR, str(report.longrepr).strip().splitlines()[-1]))

    def _keep(self, report: pytest.TestReport, found: TestOutcome) -> None:
        """The newest outcome counts: what follows a test may break yet."""
        seconds = report.duration if report.when == "call" else 0.0
        message = str(report.longrepr) if report.failed else ""  # longreprtext would name the process
        self.tests[report.nodeid] = TestResult(report.nodeid, found, seconds, message)
        self._tell(self.tests[report.nodeid])

    def observations(self) -> Iterator[tuple[str, str, State]]:
        """Test, requirement or "" for none, and the state it was observed in."""
        for result in self.tests.values():
            for id_, state in result.outcome.observed.items():
                yield result.id, id_, state
