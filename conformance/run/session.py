"""One run of the suite in pytest, from the checks before it to the report after it."""

import os
from collections.abc import Collection, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import fixtures
import pytest

from conformance import PACKAGE
from conformance.coverage import requirement_tests
from conformance.gabbi import files as gabbi_files
from conformance.gabbi.collector import GabbiTest
from conformance.gabbi.files import GabbiFileError
from conformance.report import every_answer, files
from conformance.report.build import build, decides, why_cut_short
from conformance.report.collect import Collector, Listener, OnlyEnds
from conformance.report.model import Report
from conformance.requirements import registry
from conformance.requirements.registry import RegistryError
from conformance.run import preflight
from conformance.run.context import RunContext
from conformance.run.forked import ForkedTests
from conformance.run.hooks import Tests, covers
from conformance.run.selection import OPTION, touches
from conformance.settings import Settings, UsageProblem
from conformance.verdict import classify, waivers
from conformance.verdict.records import RunRecord
from conformance.verdict.signals import NotClaimed

PARALLEL = 4  # processes against a cloud that is not our own
EXTRA = 1  # processes beyond the number of cores, with a reference on this machine: one always waits for its answer
OPERATOR = "operator"  # name of the folders of tests that need an administrator; some must run alone
COLLECT = "--collect-only"
INI = PACKAGE / "suite.ini"
# Plug-ins and options in the environment of the caller could change which tests run, and in which order.
NO_OUTSIDE_PLUGINS = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTEST_ADDOPTS": "", "PYTEST_PLUGINS": ""}


def check_tests() -> None:
    """Raises RegistryError where the registry and the tests contradict each other."""
    requirements = registry.load()
    try:
        problems = registry.problems(requirements, requirement_tests.covered(requirements))
    except GabbiFileError as error:
        problems = [str(error)]
    if problems:
        raise RegistryError("\n  ".join(["the suite contradicts itself", *problems]))


def prepared(settings: Settings) -> RunContext:
    """The context of a run whose checks have passed. Raises UsageProblem with what has to change first."""
    context = RunContext(settings)
    try:
        findings = preflight.examine(context)
        problems = [preflight.refusal(finding, settings.cloud) for finding in findings if finding.stops]
        tests, covered = requirement_tests.tests(), requirement_tests.covered(registry.load())
        problems += waivers.unknown(context.waivers, covered, tests)
        if problems:
            raise UsageProblem(f"{os.linesep}gman: ".join(problems))
    except BaseException:
        undo(context)
        raise
    return context


def undo(context: RunContext) -> list[str]:
    """Undo what was done before the first test, as no test will run. Returns a line for each thing that remains."""
    context.close()
    if "projects" in vars(context):  # a cached property: unset if no project was needed
        context.leaks += context.projects.finish(cut_short=False)
    return context.leaks


def processes_to_start(context: RunContext, requested: int | None, *, embedded: bool, whole: bool, files: int) -> int:
    """How many processes to start for the tests, 0 to run them in this one: `requested`, else what saves time.

    `embedded` is whether the reference runs on this machine. `whole` is whether all of the suite is run; a part would
    end before a second process has started. `files` is the number of files with tests to run, each run by one process.
    """
    if requested is not None:
        return requested
    most = PARALLEL
    if embedded:
        most = min(PARALLEL, (os.cpu_count() or 1) + EXTRA) if whole else 0
    useful = int(min(most, files, context.projects.room))
    return useful if useful > 1 else 0


def number_of_files(ids: Collection[str], settled: Collection[str] = ()) -> int:
    """How many files have a test to run: it observes a requirement of `ids`, if any are named, and is not among the
    `settled`.
    """
    needed = (test for test, observed in requirement_tests.listed() if touches(observed, ids) and test not in settled)
    return len({test.partition("::")[0] for test in needed})


def execute(
    context: RunContext,
    processes: int,
    selection: Sequence[str],
    listener: Listener,
    interrupted: str,
    *,
    stops: bool = False,
) -> RunRecord:
    """Run the tests, in this process or in several others. Raises UsageProblem for a selection without tests.

    `interrupted` is printed when Ctrl-C ends the run. With `stops`, no test begins after the first failure of a MUST.
    """
    context.witness.tally.begin_tests()
    requirements, claimed = registry.load(), context.settings.claims
    collector = Collector(listener, interrupted, lambda test: stops and decides(test, requirements, claimed))
    run, codes = collector.run, []
    parts = _parts(processes, operators_last=context.settings.disruptive)
    for index, (folders, processes_of_part) in enumerate(parts):
        still_to_come = [folder for folders_later, _processes in parts[index + 1 :] for folder in folders_later]
        collector.later = _number_of_tests(still_to_come)
        arguments = [*selection, *map(str, folders)]
        if run.stopped:
            _pytest(context, collector, [*arguments, COLLECT], 0)  # to list the tests that did not run
        elif not run.interrupted:
            codes.append(_pytest(context, collector, arguments, processes_of_part))
    if pytest.ExitCode.USAGE_ERROR in codes:
        raise UsageProblem("pytest does not understand the selection, see above")
    if set(codes) == {pytest.ExitCode.NO_TESTS_COLLECTED}:
        if context.settings.settled:
            raise UsageProblem("--again: no test of that report is left to run again: see its verdict")
        raise UsageProblem("no test is left of the selection: check -k and --requirement")
    run.leaks += context.projects.close()  # of what this process created before other processes ran the tests
    run.waits = context.waits.notes()
    run.leaks += context.leaks + context.projects.finish(cut_short=run.interrupted or bool(run.problems))
    cut_short = why_cut_short(run)
    if cut_short:
        _add_never_run(collector, cut_short)
    whole = _is_whole(selection) and not (context.settings.settled or cut_short)
    _add_every_answer(context, collector, whole=whole)
    return run


def _is_whole(selection: Sequence[str]) -> bool:
    """Whether these options of pytest select all tests."""
    return not any(option.startswith(("-k", OPTION)) for option in selection)


def _add_never_run(collector: Collector, why: str) -> None:
    """Add a record for each test that was to run and did not: what it observes was not observed in full."""
    for item in collector.never_run():
        file_covers = item.parent.gabbi_file.covers.keys() if isinstance(item, GabbiTest) else ()
        collector.add(classify.classify(item.nodeid, NotClaimed(why), covers(item), file_covers=file_covers))


def _add_every_answer(context: RunContext, collector: Collector, *, whole: bool) -> None:
    """Add the records of the requirements that were checked in every answer, of all processes."""
    collector.tally.include(context.witness.tally)
    collector.tally.before = context.witness.tally.before
    collector.run.looked = collector.tally.looked()
    for record in every_answer.records(collector.tally, registry.load(), context.waivers, whole=whole):
        collector.add(record.without(context.secrets))


def _parts(processes: int, *, operators_last: bool) -> list[tuple[list[Path], int]]:
    """(folders of tests, number of processes for them), to be run one after the other.

    With `operators_last`, tests that change the cloud's defaults come last, in one process. The races, which take
    longest, come first, so that no process waits for another's race at the end.
    """
    operators = gabbi_files.folder() / OPERATOR
    connectivity = requirement_tests.CONNECTIVITY
    folders = [
        requirement_tests.STRESS,
        *sorted(connectivity.glob("test_*.py")),
        *(folder for folder in sorted(gabbi_files.folder().iterdir()) if folder.is_dir()),
    ]
    others = [folder for folder in folders if folder != operators]
    last = [operators, connectivity / OPERATOR]
    return [(others, processes), (last, 0)] if processes and operators_last else [([*others, *last], processes)]


def _number_of_tests(folders: Sequence[Path]) -> int:
    """How many tests these folders have, as far as the sources tell."""
    places = tuple(f"{folder}{os.sep}" for folder in folders)
    return sum(str(PACKAGE.parent / test).startswith(places) for test in requirement_tests.tests()) if places else 0


def _pytest(context: RunContext, collector: Collector, arguments: Sequence[str], processes: int, *more: object) -> int:
    """Run one part in pytest, with `more` plug-ins. Returns the exit code of pytest."""
    options = ["-c", str(INI), "--rootdir", str(PACKAGE.parent), "-p", "conformance.run.plugin"]
    if processes:
        workers_context = RunContext(context.settings, context.capabilities, context.contact.services.to_plain())
        tests = Tests(workers_context, gabbi_files.installed())
        context.end_threads()
        plugins = [collector, tests, ForkedTests(processes, tests, collector)]
    else:
        plugins = [collector, Tests(context, gabbi_files.installed()), *more]
    with ExitStack() as stack:
        for name, value in NO_OUTSIDE_PLUGINS.items():
            stack.enter_context(fixtures.EnvironmentVariable(name, value))
        return int(pytest.main([*options, *arguments], plugins=plugins))


def collect(context: RunContext, selection: Sequence[str], plugin: object) -> None:
    """Have pytest collect the tests of all folders; the plug-in gets them. Raises UsageProblem."""
    collector = Collector(OnlyEnds(lambda _record: None))
    folders = [str(folder) for folders, _number in _parts(0, operators_last=False) for folder in folders]
    _pytest(context, collector, [*selection, *folders, COLLECT], 0, plugin)
    if collector.run.problems:
        raise UsageProblem(collector.run.problems[0])


def run_file(context: RunContext, collector: Collector, file: Path) -> list[str]:
    """Run the tests of one file in this process. Returns a line for each thing that was left behind."""
    _pytest(context, collector, [str(file)], 0)
    leaks = context.leaks + context.projects.finish(cut_short=bool(collector.run.problems))
    _add_every_answer(context, collector, whole=False)
    return leaks


def target(context: RunContext, label: str) -> str:
    """The text that names the cloud: `label`, Identity's URL, and its region where clouds.yaml names one."""
    region = context.cloud.region.get_region_name()
    return f"{label} ({context.cloud.auth_url}{f', region {region}' if region else ''})"


def described(context: RunContext, label: str) -> dict[str, Any]:
    """The cloud as a report has it, under its `target`."""
    return {"cloud": label, **vars(context.cloud.account.endpoints), **context.capabilities.to_plain()}


def write_report(context: RunContext, run: RunRecord, label: str, started: str, seconds: float, **about: Any) -> Report:
    """Make the report and write it; `about` are further fields of a Report, which do not follow from the run."""
    stale = list(waivers.unneeded(context.waivers, run.observations()))
    report = build(
        registry.load(),
        run,
        stale,
        described(context, label),
        context.claims,
        started,
        seconds,
    )
    report = replace(report, requirements_version=registry.version(), **about)
    files.write(report, context.settings.report)
    return report
