"""Computes the verdict of a report again from its records of tests, and judges races and guests again by theirs."""

from collections.abc import Callable, Iterator
from pathlib import Path

from conformance.coverage.requirement_tests import CONNECTIVITY, STRESS
from conformance.guests import judgements as guests
from conformance.guests import records as guest_records
from conformance.race.engine.history import read
from conformance.race.judgements import JUDGEMENTS
from conformance.report.build import build
from conformance.report.folder import RACES
from conformance.report.model import ProfileRecord, Report
from conformance.requirements.registry import Level, Profile, Requirement
from conformance.verdict import classify
from conformance.verdict.records import RequirementRecord, RunRecord
from conformance.verdict.states import State, Verdict

BEFORE_NOT_RUN = ("1.1", "1.2")
OBSERVING = {State.PASS, State.FAIL, State.INCONCLUSIVE}


def differences(report: Report) -> Iterator[str]:
    """A line for each state of the run, a profile or a requirement that does not follow from the report's tests."""
    run = RunRecord({test.id: test for test in report.tests}, report.leaks, report.problems, report.interrupted)
    registry = {record.id: _requirement(record) for record in report.requirements}
    rebuilt = build(registry, run, report.stale, report.target, report.claims, report.started, report.seconds)
    if (rebuilt.verdict, rebuilt.exit_code) != (report.verdict, report.exit_code):
        yield f"the verdict is {rebuilt.verdict} ({rebuilt.exit_code}), not {report.verdict} ({report.exit_code})"
    judged = {record.profile for record in report.requirements}
    for name, profile in rebuilt.profiles.items():
        # a profile that is newer than the report is not in it
        is_known = name in judged or name in report.profiles
        if is_known and profile != report.profiles.get(name) and not _is_older_than_not_run(profile, report):
            yield f"profile {name} is {profile.state}, by its requirements"
    for record, reported in zip(rebuilt.requirements, report.requirements, strict=True):
        if record.state is not reported.state:
            yield f"{record.id} is {record.state}, not {reported.state}"


def _is_older_than_not_run(profile: ProfileRecord, report: Report) -> bool:
    """Whether the profile is not-run, while the report's older schema has another state for that."""
    return profile.state is Verdict.NOT_RUN and report.schema_version in BEFORE_NOT_RUN


def _requirement(record: RequirementRecord) -> Requirement:
    """The registry's entry, as far as the report has its fields."""
    observable = record.counts or record.level == Level.MAY
    return Requirement(
        id=record.id,
        level=Level(record.level),
        profile=Profile(record.profile),
        sentence=record.sentence,
        source=record.source,
        observable="user" if observable else "not",
        untested="" if record.tests or record.counts else record.reason,
    )


def judged_again(report: Report, directory: Path) -> Iterator[tuple[str, str]]:
    """(id of the test, difference) for each test that the report has a history of a race or records of guests for.

    The difference is empty where these lead to the state in the report. Raises ValueError where they cannot be read.
    """
    for test in report.tests:
        state = State.FAIL if test.state is State.WAIVED else test.state
        judge = _judge_of(test.id, directory) if state in OBSERVING else None
        if judge is None:
            continue
        new_state, reason = _judged(judge)
        difference = f"its history says {new_state} ({reason or 'it held'}), not {state}"
        yield test.id, "" if new_state is state else difference


def _judge_of(test: str, directory: Path) -> Callable[[], None] | None:
    """A function that judges the test again, and raises as the test did; None where the report has nothing to judge."""
    file, _, name = test.partition("::")
    folder = Path(file).parent.name
    if folder == STRESS.name and name in JUDGEMENTS:
        race = JUDGEMENTS[name]
        history = read(sorted((directory / RACES).glob(f"{race.race}.*.ndjson")))
        return lambda: race.judge(history)
    if CONNECTIVITY.name in Path(file).parts and name in guests.JUDGEMENTS:
        judgement = guests.JUDGEMENTS[name]
        records = guest_records.scene_of(directory, judgement.scene)
        if judgement.is_complete(records):
            return lambda: judgement.judge(records)
    return None


def _judged(judge: Callable[[], None]) -> tuple[State, str]:
    """The state in which a test ends that calls `judge`, and the reason, empty for a pass."""
    try:
        judge()
    except Exception as error:  # noqa: BLE001 - whatever it is: a record may hold what no check can read
        return classify.state_of(error)
    return State.PASS, ""
