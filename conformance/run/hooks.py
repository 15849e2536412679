"""The pytest hooks of a process that runs tests: what is collected, what applies, and the record of every test."""

from collections.abc import Collection, Generator
from pathlib import Path

import pytest

from conformance.coverage import exclusion
from conformance.gabbi import files as gabbi_files
from conformance.gabbi.collector import GabbiCollector, GabbiTest
from conformance.gabbi.files import GabbiFileError, GabbiFolder
from conformance.redact import redact
from conformance.report.collect import Conclusion
from conformance.requirements import registry
from conformance.run import selection
from conformance.run.context import RunContext
from conformance.untrusted import printable
from conformance.verdict import classify, records
from conformance.verdict.records import TestRecord
from conformance.verdict.signals import NotClaimed
from conformance.verdict.states import State

CONTEXT = pytest.StashKey[RunContext]()


class Tests:
    """A pytest plug-in; `folder` has the gabbi files."""

    def __init__(self, context: RunContext, folder: GabbiFolder | None = None) -> None:
        self.context = context
        self.folder = folder or GabbiFolder(gabbi_files.folder())
        self.ids: set[str] = set()  # the requirements that the run is for, empty for all

    def pytest_configure(self, config: pytest.Config) -> None:
        config.stash[CONTEXT] = self.context
        self.ids = selection.requested_ids(config.getoption(selection.OPTION))

    def pytest_collect_file(self, parent: pytest.Collector, file_path: Path) -> pytest.Collector | None:
        if file_path.suffix == ".yaml" and self.folder.path in file_path.parents and self._is_selected(file_path):
            return GabbiCollector.of(parent, file_path, self.folder, self.context)
        return None

    def _is_selected(self, path: Path) -> bool:
        """Whether the file observes a requirement that the run is for; others are not built, which would take long."""
        try:
            gabbi_file = self.folder.read(path)
            names = {f"{gabbi_file.id}::{test['name']}" for test in gabbi_file.content["tests"]}
            return selection.touches(gabbi_file.covers, self.ids) and not names <= self.context.settings.settled
        except GabbiFileError:
            return True  # its collection reports the error

    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        items[:], others = selection.choose(items, self.ids, covers, self.context.settings.settled)
        if others:
            config.hook.pytest_deselected(items=others)

    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        self.context.witness.test, self.context.witness.over = item.nodeid, False
        if reason := exclusion.reason(item.nodeid, self.context.settings.excluded):
            raise NotClaimed(reason)
        if not isinstance(item, GabbiTest):  # GabbiCollector does this for gabbi files
            self.context.applicability.require_test(covers(item))
            same_file = (other for other in item.session.items if other.path == item.path)  # these share a scenario
            self.context.contact.user_agent.observe(sorted({id_ for other in same_file for id_ in covers(other)}))

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_teardown(self) -> None:
        self.context.contact.user_agent.observe()
        self.context.witness.over = True

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        report = yield
        if call.when == "call" or call.excinfo:
            self._conclude(item, call.excinfo.value if call.excinfo else None, report)
        return report

    def _conclude(self, item: pytest.Item, error: BaseException | None, report: pytest.TestReport) -> None:
        """Put the test's record on the report, and make pytest's own verdict agree with it."""
        in_passing: set[str] = set()
        file_covers: Collection[str] = ()
        if isinstance(item, GabbiTest):
            in_passing = item.observed_in_passing() & registry.load().keys()
            file_covers = item.parent.gabbi_file.covers.keys()
        record = classify.classify(item.nodeid, error, covers(item), in_passing, self.context.waivers, file_covers)
        record = record.without(self.context.secrets)
        item.user_properties += [("requirement", id_) for id_ in record.observed if id_]
        item.user_properties.append(("state", str(record.state)))
        setattr(report, records.ATTRIBUTE, record.to_plain())
        if isinstance(item, GabbiTest) and report.when == "call":
            item.ended(error, record.state)
        self._fill(report, record, item, error)

    def _fill(
        self, report: pytest.TestReport, record: TestRecord, item: pytest.Item, error: BaseException | None
    ) -> None:
        """Set outcome and texts of pytest's report by the record, without secrets."""
        secrets = self.context.secrets
        if record.state in records.FAILED:
            # a stack trace helps with an error of the suite, but not with a failure of the cloud
            in_full = record.state is State.ERROR or (isinstance(item, GabbiTest) and report.when == "call")
            report.outcome = "failed"
            text = report.longreprtext if in_full else classify.text(error)
            report.longrepr = printable(redact(f"{record.state}: {text or record.reason}", secrets))
        elif record.state is not State.PASS:
            report.outcome = "skipped"
            report.longrepr = (str(item.path), 0, printable(redact(f"{record.state}: {record.reason}", secrets)))
        report.sections = [(name, printable(redact(content, secrets))) for name, content in report.sections]

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        self.context.close()

    def conclusion(self) -> Conclusion:
        """What another process has to know of this one's tests."""
        return Conclusion(self.context.leaks, self.context.witness.tally)


def covers(item: pytest.Item) -> list[str]:
    """The ids of the requirements that a test observes."""
    return [id_ for mark in item.iter_markers("requirement") for id_ in mark.args]
