"""The verdict of a report made again: of the records it holds, and those of the races again of their histories."""

from collections.abc import Iterator
from pathlib import Path

from conformance.coverage.requirement_tests import STRESS
from conformance.race.engine.history import read
from conformance.race.judgements import JUDGEMENTS, Judgement
from conformance.report.build import build
from conformance.report.folder import RACES
from conformance.report.model import Report
from conformance.requirements.registry import Level, Profile, Requirement
from conformance.verdict import classify
from conformance.verdict.records import RequirementRecord, RunRecord
from conformance.verdict.signals import TestEnded
from conformance.verdict.states import State

OBSERVING = {State.PASS, State.FAIL, State.INCONCLUSIVE}


def differences(report: Report) -> Iterator[str]:
    """Where verdict, profiles or requirements are not what follows from the records of the tests, a line each."""
    run = RunRecord({test.id: test for test in report.tests}, report.leaks, report.problems, report.interrupted)
    registry = {record.id: _requirement(record) for record in report.requirements}
    made = build(registry, run, report.stale, report.target, report.claims, report.started, report.seconds)
    if (made.verdict, made.exit_code) != (report.verdict, report.exit_code):
        yield f"the verdict is {made.verdict} ({made.exit_code}), not {report.verdict} ({report.exit_code})"
    for name, profile in made.profiles.items():
        if profile != report.profiles.get(name):
            yield f"profile {name} is {profile.state}, by its requirements"
    for record, reported in zip(made.requirements, report.requirements, strict=True):
        if record.state is not reported.state:
            yield f"{record.id} is {record.state}, not {reported.state}"


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
    """(test, what differs) of each race that its history can be judged by again; nothing differs where that is empty.

    Raises ValueError where a history cannot be read.
    """
    for test in report.tests:
        file, _, name = test.id.partition("::")
        judgement = JUDGEMENTS.get(name) if Path(file).parent.name == STRESS.name else None
        state = State.FAIL if test.state is State.WAIVED else test.state
        if judgement is None or state not in OBSERVING:
            continue
        again, reason = _judged(judgement, directory / RACES)
        yield test.id, "" if again is state else f"its history says {again} ({reason or 'it held'}), not {state}"


def _judged(judgement: Judgement, histories: Path) -> tuple[State, str]:
    """The state that a test ends in by the race's history, and the reason."""
    try:
        judgement.judge(read(sorted(histories.glob(f"{judgement.race}.*.ndjson"))))
    except (AssertionError, TestEnded) as error:
        return classify.state_of(error)
    return State.PASS, ""
