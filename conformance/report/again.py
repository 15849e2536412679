"""An earlier report, for a run that repeats what it left unsettled, and keeps the rest."""

import shutil
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from conformance import USER_AGENT
from conformance.coverage import exclusion
from conformance.coverage.requirement_tests import EVERY_ANSWER
from conformance.guests import judgements as guests
from conformance.race import judgements as races
from conformance.report import build, bundle, fell_short, folder, recompute
from conformance.report.model import EMBEDDED, Report
from conformance.requirements import registry
from conformance.settings import UsageProblem
from conformance.verdict.records import RunRecord, TestRecord
from conformance.verdict.states import UNSETTLED, State


@dataclass(frozen=True)
class Earlier:
    """`place` is the directory of the report, `named` what the user calls it: the same, or an archive. `settled` are
    the ids of the tests that need not run again, `open_states` the states of those that have to.
    """

    report: Report
    place: Path
    named: Path
    settled: frozenset[str]
    open_states: frozenset[State]

    def copy_histories(self, directory: Path) -> None:
        """Copy the histories of races and the records of servers from the earlier report to the new one's directory.

        A race that runs again replaces its own. Where both have one directory, the earlier report was moved aside.
        Raises OSError.
        """
        place = directory / folder.ASIDE if directory.resolve() == self.place.resolve() else self.place
        for name in (folder.RACES, folder.GUESTS):
            if (place / name).is_dir():
                shutil.copytree(place / name, directory / name)

    def require_same(self, target: Mapping[str, Any], claimed: Collection[str]) -> None:
        """Raises UsageProblem where the run is about another cloud, or judges other profiles."""
        earlier = self.report.target
        services = () if _is_embedded(earlier) and _is_embedded(target) else ("identity", "image", "network", "compute")
        if any(earlier[name] != target[name] for name in ("cloud", *services)):
            raise UsageProblem(
                f"--again {self.named}: that report is of {earlier['cloud']} ({earlier['identity']}), not of "
                f"{target['cloud']} ({target['identity']}): name the same cloud"
            )
        if set(claimed) != set(self.report.claims.claimed):
            raise UsageProblem(
                f"--again {self.named}: that report judges {', '.join(self.report.claims.claimed)}: "
                "leave --claim out, or run the whole suite"
            )

    def merge(self, run: RunRecord) -> None:
        """Add to the run the earlier records of tests that it did not repeat, and the earlier run's leftovers."""
        before = {record.id: record for record in self.report.tests}
        begun = {_unit(id_) for id_, record in run.tests.items() if not build.is_never_run(record)}
        run.tests = {
            id_: record
            for id_, record in run.tests.items()
            if id_ not in before or _unit(id_) in begun or not build.is_never_run(record)
        }
        earlier_records = {id_: record for id_, record in before.items() if id_ not in run.tests}
        looks = {
            id_: fell_short.merged(before[id_], record, run, was_open=_is_in(self.open_states, before[id_]))
            for id_, record in run.tests.items()
            if id_.startswith(EVERY_ANSWER) and id_ in before
        }
        run.tests = {**earlier_records, **run.tests, **looks}
        if earlier_records:
            run.leaks = [*dict.fromkeys([*self.report.leaks, *run.leaks])]
            run.waits = [*dict.fromkeys([*self.report.waits, *run.waits])]

    def to_plain(self, tests: Mapping[str, TestRecord]) -> list[dict[str, Any]]:
        """The runs before, oldest first, for the merged report: when each began, its verdict, how many records stay."""
        report = self.report
        own = {record.id: record for record in report.tests}
        number = sum(own.get(id_) == record for id_, record in tests.items())
        line = {"started": report.started, "seconds": report.seconds, "verdict": str(report.verdict), "kept": number}
        return [*map(dict, report.earlier), line]


def is_open(report: Report) -> bool:
    """Whether another run could settle something: a test that failed, or was not run."""
    open_tests = (_is_in(UNSETTLED, test) or build.is_never_run(test) for test in report.tests)
    return report.interrupted or bool(report.problems) or any(open_tests)


def _is_in(states: Collection[State], test: TestRecord) -> bool:
    return test.state in states or test.observed.get("") in states


def _is_embedded(target: Mapping[str, Any]) -> bool:
    return bool(target["cloud"] == EMBEDDED)


def earlier(
    place: Path, report: Report, named: Path, excluded: Mapping[str, str] = MappingProxyType({}), *, same_waivers: bool
) -> Earlier:
    """The report in the directory `place`, by the name that the user gave.

    Tests that other waivers excused are open again; so are tests that were left out and are no longer `excluded`.
    Raises UsageProblem for one that is not whole, or is of another version of the suite.
    """
    for made_by, own in ((report.suite, USER_AGENT), (report.requirements_version, registry.version())):
        if made_by != own:
            raise UsageProblem(
                f"--again {named}: made by {made_by or 'an older suite'}, this is {own}: run the whole suite"
            )
    for problem in (*bundle.differences(place), *recompute.differences(report)):
        raise UsageProblem(f"--again {named}: {problem}: name a report that gman verify finds whole")
    open_states = UNSETTLED if same_waivers else UNSETTLED | {State.WAIVED}
    red = [test for test in report.tests if _is_in(open_states, test)]
    left_out = [test.id for test in report.tests if test.reason.startswith(exclusion.LEFT_OUT)]
    never_run = {test.id for test in report.tests if build.is_never_run(test)}
    repeated = {test.id for test in red} | never_run | {id_ for id_ in left_out if not exclusion.reason(id_, excluded)}
    seconds = {test.id: test.seconds for test in report.tests if not test.id.startswith(EVERY_ANSWER)}
    in_answers = [test for test in red if test.id.startswith(EVERY_ANSWER)]
    repeated |= fell_short.to_repeat(in_answers, repeated & seconds.keys(), seconds, _unit)
    return Earlier(report, place, named, frozenset(seconds) - repeated, open_states)


def unsettled(tests: Iterable[str], settled: Collection[str]) -> set[str]:
    """The tests to run: those that are not settled, and those that share their records with one that is not."""
    if not settled:
        return set(tests)
    tests = list(tests)
    units = {_unit(test) for test in tests if test not in settled}
    return {test for test in tests if _unit(test) in units}


def _unit(test: str) -> str:
    """The unit that only runs as a whole: a gabbi file, the module of a race or a scene, or the test itself."""
    file, _, name = test.partition("::")
    if name in races.JUDGEMENTS:
        return f"race {races.JUDGEMENTS[name].race}"
    if name in guests.JUDGEMENTS:
        return f"scene {guests.JUDGEMENTS[name].scene}"
    return file if file.endswith(".yaml") else test
