"""The verdict of a report made again: of the records it holds, and those of the races again of their histories."""

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
from conformance.verdict.signals import TestEnded
from conformance.verdict.states import State, Verdict

BEFORE_NOT_RUN = ("1.1", "1.2")
OBSERVING = {State.PASS, State.FAIL, State.INCONCLUSIVE}


def differences(report: Report) -> Iterator[str]:
    """Where verdict, profiles or requirements are not what follows from the records of the tests, a line each."""
    run = RunRecord({test.id: test for test in report.tests}, report.leaks, report.problems, report.interrupted)
    registry = {record.id: _requirement(record) for record in report.requirements}
    made = build(registry, run, report.stale, report.target, report.claims, report.started, report.seconds)
    if (made.verdict, made.exit_code) != (report.verdict, report.exit_code):
        yield f"the verdict is {made.verdict} ({made.exit_code}), not {report.verdict} ({report.exit_code})"
    judged = {record.profile for record in report.requirements}
    for name, profile in made.profiles.items():
        # a profile that is newer than the report has nothing in it
        is_known = name in judged or name in report.profiles
        if is_known and profile != report.profiles.get(name) and not _said_otherwise(profile, report):
            yield f"profile {name} is {profile.state}, by its requirements"
    for record, reported in zip(made.requirements, report.requirements, strict=True):
        if record.state is not reported.state:
            yield f"{record.id} is {record.state}, not {reported.state}"


def _said_otherwise(profile: ProfileRecord, report: Report) -> bool:
    """Whether reports of that age gave a verdict on a profile of which no test has ended."""
    return profile.state is Verdict.NOT_RUN and report.schema_version in BEFORE_NOT_RUN


def _requirement(record: RequirementRecord) -> Requirement:
    """The registry's entry, as far as a report tells it."""
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
    """(test, what differs) of each test that can be judged again by its race's history or its guests' records; nothing
    differs where that is empty.

    Raises ValueError where those cannot be read.
    """
    for test in report.tests:
        state = State.FAIL if test.state is State.WAIVED else test.state
        judge = _judge_of(test.id, directory) if state in OBSERVING else None
        if judge is None:
            continue
        again, reason = _judged(judge)
        yield test.id, "" if again is state else f"its history says {again} ({reason or 'it held'}), not {state}"


def _judge_of(test: str, directory: Path) -> Callable[[], None] | None:
    """What judges the test again; None where there is nothing to judge it by."""
    file, _, name = test.partition("::")
    folder = Path(file).parent.name
    if folder == STRESS.name and name in JUDGEMENTS:
        race = JUDGEMENTS[name]
        return lambda: race.judge(read(sorted((directory / RACES).glob(f"{race.race}.*.ndjson"))))
    if CONNECTIVITY.name in Path(file).parts and name in guests.JUDGEMENTS:
        judgement = guests.JUDGEMENTS[name]
        records = guest_records.scene_of(directory, judgement.scene)
        if judgement.is_complete(records):
            return lambda: judgement.judge(records)
    return None


def _judged(judge: Callable[[], None]) -> tuple[State, str]:
    """The state that a test ends in, and the reason."""
    try:
        judge()
    except (AssertionError, TestEnded) as error:
        return classify.state_of(error)
    return State.PASS, ""
