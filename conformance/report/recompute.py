"""The verdict of a report made again: of the outcomes it holds, and those of the races again of their histories."""

import importlib.util
import inspect
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

from conformance.coverage.requirement_tests import STRESS
from conformance.race.checkers.judge import by_race
from conformance.race.engine.history import read
from conformance.report.build import build
from conformance.report.folder import RACES
from conformance.report.model import Report, RequirementLine, TestResult
from conformance.requirements.registry import Level, Profile, Requirement
from conformance.verdict import classify
from conformance.verdict.signals import Outcome
from conformance.verdict.states import State

# What a race's test takes -> what that is of the race's records; the name before it is the race's, and its files'
TAKES: Mapping[str, Callable[[Any], Any]] = {
    "_races": by_race,
    "_race": by_race,
    "_race_undone": lambda records: by_race(records, afterwards=True),
    "_records": lambda records: records,
}
TAKEN = re.compile(rf"(\w+?)({'|'.join(sorted(TAKES, key=len, reverse=True))})")
OBSERVING = {State.PASS, State.FAIL, State.INCONCLUSIVE}


@dataclass
class _Told:
    """What a report tells of its run."""

    tests: dict[str, TestResult]
    leaks: list[str]
    problems: list[str]
    interrupted: bool


def differences(report: Report) -> Iterator[str]:
    """Where verdict, profiles or requirements are not what follows from the outcomes of the tests, a line each."""
    told = _Told({each.id: each for each in report.tests}, report.leaks, report.problems, report.interrupted)
    registry = {line.id: _requirement(line) for line in report.requirements}
    made = build(registry, told, report.stale, report.target, report.claims, report.started, report.seconds)
    if (made.verdict, made.exit_code) != (report.verdict, report.exit_code):
        yield f"the verdict is {made.verdict} ({made.exit_code}), not {report.verdict} ({report.exit_code})"
    for name, profile in made.profiles.items():
        if profile != report.profiles.get(name):
            yield f"profile {name} is {profile.state}, by its requirements"
    for line, said in zip(made.requirements, report.requirements, strict=True):
        if line.state is not said.state:
            yield f"{line.id} is {line.state}, not {said.state}"


def _requirement(line: RequirementLine) -> Requirement:
    seen = line.counts or line.level == Level.MAY
    return Requirement(
        id=line.id,
        level=Level(line.level),
        profile=Profile(line.profile),
        sentence=line.sentence,
        source=line.source,
        observable="user" if seen else "not",
        untested="" if line.tests else line.reason,
    )


def judged_again(report: Report, directory: Path) -> Iterator[tuple[str, str]]:
    """(test, what differs) of each race that its history can be judged by again; nothing differs where that is empty.

    Raises ValueError where a history cannot be read.
    """
    for result in report.tests:
        state = State.FAIL if result.outcome.state is State.WAIVED else result.outcome.state
        judge = _judge(result.id, directory / RACES)
        if judge is None or state not in OBSERVING:
            continue
        again, reason = _ended(judge)
        yield result.id, "" if again is state else f"its history says {again} ({reason or 'it held'}), not {state}"


def _judge(test: str, histories: Path) -> Callable[[], Any] | None:
    """The test, with what it takes out of the histories; None where it takes something else."""
    file, _, name = test.partition("::")
    path = STRESS / Path(file).name
    if Path(file).parent.name != STRESS.name or not path.is_file():
        return None
    function = getattr(_module(path), name, None)
    if function is None:
        return None
    taken = {parameter: TAKEN.fullmatch(parameter) for parameter in inspect.signature(function).parameters}
    if not all(taken.values()):
        return None
    values = {
        parameter: TAKES[found[2]](read(sorted(histories.glob(f"{found[1]}.*.ndjson"))))
        for parameter, found in taken.items()
        if found
    }
    return lambda: function(**values)


@cache
def _module(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"gman_again_{path.stem}", path)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _ended(judge: Callable[[], Any]) -> tuple[State, str]:
    try:
        judge()
    except (AssertionError, Outcome) as wrong:
        return classify.of(wrong)
    return State.PASS, ""
