"""The pytest plug-in: gabbi files become items, tests meet the cloud, and every outcome leaves with its report.

Loaded by name in every process of a run; a process gets its Stage from the command line's, or over xdist.
"""

from collections.abc import Collection, Generator, Iterator
from pathlib import Path

import pytest

from conformance.gabbi import files as gabbi_files
from conformance.gabbi.collector import GabbitFile, GabbitItem
from conformance.projects.leases import Project
from conformance.race.engine.options import add_options
from conformance.redact import redact
from conformance.requirements import registry
from conformance.run import selection
from conformance.run.context import Stage
from conformance.settings import Settings, UsageProblem
from conformance.target import user_agent
from conformance.target.capabilities import Capabilities
from conformance.target.gateway import services
from conformance.verdict import classify, outcome
from conformance.verdict.states import State

LEAKS = "gman_leaks"
COLLECTS = "pytest_configure_node"  # a plug-in with this hook starts the processes that run tests
STAGE = pytest.StashKey[Stage]()


def pytest_addoption(parser: pytest.Parser) -> None:
    add_options(parser.getgroup("races"))
    selection.add_options(parser.getgroup("selection"))


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "requirement(id, ...): the requirements that the test observes")
    sent = getattr(config, "workerinput", {}).get("gman")
    if sent:
        gabbi_files.take_over(sent["arcs"])
        services.take_over(sent["heard"])
        stage = Stage(Settings.from_plain(sent["settings"]), Capabilities.from_plain(sent["capabilities"]))
        config.pluginmanager.register(Tests(stage), "gman-tests")
    elif not any(
        isinstance(plugin, Tests) or hasattr(plugin, COLLECTS) for plugin in config.pluginmanager.get_plugins()
    ):
        config.pluginmanager.register(Alone(), "gman-tests")


@pytest.fixture(scope="session")
def stage(pytestconfig: pytest.Config) -> Stage:
    """What all tests of this process share."""
    return pytestconfig.stash[STAGE]


@pytest.fixture(scope="session")
def cloud(stage: Stage) -> Capabilities:
    """What the cloud under test shows of itself."""
    return stage.capabilities


@pytest.fixture
def empty_project(stage: Stage) -> Iterator[Project]:
    """A project with nothing in it, the test's alone, and emptied after it."""
    with stage.lease() as lease:
        yield lease.projects[0]


class Tests:
    """The hooks of a process that runs tests."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.below = gabbi_files.folder()
        self.ids: set[str] = set()  # what the run is for, empty for everything

    def pytest_configure(self, config: pytest.Config) -> None:
        config.stash[STAGE] = self.stage
        self.ids = selection.chosen(config.getoption(selection.OPTION))

    def pytest_collect_file(self, parent: pytest.Collector, file_path: Path) -> pytest.Collector | None:
        if file_path.suffix == ".yaml" and self.below in file_path.parents and self._is_asked_for(file_path):
            return GabbitFile.of(parent, file_path, self.below, self.stage)
        return None

    def _is_asked_for(self, path: Path) -> bool:
        """Whether the file observes what the run is for; to build the tests of all files takes its time."""
        try:
            return selection.touches(gabbi_files.read(path, self.below).covers, self.ids)
        except gabbi_files.ArcError:
            return True  # and the file's own collection tells what is wrong with it

    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        items[:], others = selection.choose(items, self.ids, _covers)
        if others:
            config.hook.pytest_deselected(items=others)

    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        if not isinstance(item, GabbitItem):  # a gabbi file asks for itself
            self.stage.check(_covers(item))
            beside = (other for other in item.session.items if other.path == item.path)  # they share what is sent
            user_agent.observe(sorted({id_ for other in beside for id_ in _covers(other)}))

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_teardown(self) -> None:
        user_agent.observe()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        report = yield
        if call.when == "call" or call.excinfo:
            self._conclude(item, call.excinfo.value if call.excinfo else None, report)
        return report

    def _conclude(self, item: pytest.Item, wrong: BaseException | None, report: pytest.TestReport) -> None:
        """Put the test's outcome on the report, and make pytest's own verdict agree with it."""
        owed: set[str] = set()
        arc: Collection[str] = ()
        if isinstance(item, GabbitItem):
            owed = item.owed() & registry.load().keys()
            arc = item.parent.arc.covers.keys()
        found = classify.judge(item.nodeid, wrong, _covers(item), owed, self.stage.waivers, arc)
        found = found.without(self.stage.secrets)
        item.user_properties += [("requirement", id_) for id_ in found.observed if id_]
        item.user_properties.append(("state", str(found.state)))
        setattr(report, outcome.ATTRIBUTE, found.to_plain())
        if isinstance(item, GabbitItem) and report.when == "call":
            item.ended(wrong, found.state)
        self._speak(item, report, found, wrong)

    def _speak(
        self, item: pytest.Item, report: pytest.TestReport, found: outcome.TestOutcome, wrong: BaseException | None
    ) -> None:
        secrets = self.stage.secrets
        if found.state in outcome.FAILED:
            # a stack is for the suite's own mistakes; of a cloud it says nothing
            told = found.state is State.ERROR or (isinstance(item, GabbitItem) and report.when == "call")
            report.outcome = "failed"
            text = report.longreprtext if told else classify.text(wrong)
            report.longrepr = redact(f"{found.state}: {text or found.reason}", secrets)
        elif found.state is not State.PASS:
            report.outcome = "skipped"
            report.longrepr = (str(item.path), 0, redact(f"{found.state}: {found.reason}", secrets))
        report.sections = [(name, redact(content, secrets)) for name, content in report.sections]

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        self.stage.close()
        output = getattr(session.config, "workeroutput", None)
        if output is not None:
            output[LEAKS] = self.stage.leaks


class Alone(Tests):
    """The hooks where pytest alone runs the tests: `pytest -p conformance.plugin`. Raises pytest.UsageError."""

    def __init__(self) -> None:
        from conformance.run import (
            environment,
            session,  # they import this module
        )

        try:
            super().__init__(session.prepared(environment.settings()))
        except UsageProblem as problem:
            raise pytest.UsageError(f"gman: {problem}") from None

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        super().pytest_sessionfinish(session)
        self.stage.leaks += self.stage.projects.finish(cut_short=True)
        if self.stage.leaks and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        for line in self.stage.leaks:
            terminalreporter.write_line(f"left behind: {line}", red=True)


def _covers(item: pytest.Item) -> list[str]:
    return [id_ for mark in item.iter_markers("requirement") for id_ in mark.args]
