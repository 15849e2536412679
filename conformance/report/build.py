"""Makes the report of a run out of the registry and of what its tests came to."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from typing import Any, Protocol

from conformance import USER_AGENT
from conformance.coverage.requirement_tests import EVERY_ANSWER
from conformance.gabbi import every_response
from conformance.report.model import ProfileLine, Report, RequirementLine, TestLine, TestResult
from conformance.requirements.registry import Profile, Requirement
from conformance.verdict import rollup
from conformance.verdict.claims import Claims
from conformance.verdict.rollup import Line
from conformance.verdict.states import State, Verdict


class Gathered(Protocol):
    """What a run came to."""

    tests: dict[str, TestResult]
    leaks: list[str]
    problems: list[str]
    interrupted: bool


NOT_RUN = "no test of it was run: it was not selected"
INTERRUPTED = "the run was interrupted before its tests"


def build(
    registry: Mapping[str, Requirement],
    results: Gathered,
    stale: list[str],
    target: Mapping[str, Any],
    held: Claims,
    started: str,
    seconds: float,
) -> Report:
    """The report, with its verdict and exit code. `stale` are waivers that nothing needs any more, a line each."""
    claims = held.claimed
    why_not = INTERRUPTED if results.interrupted else NOT_RUN
    requirements = [_requirement(entry, results, why_not) for entry in registry.values()]
    lines = [Line(line.profile, line.state, line.counts) for line in requirements]
    strays = _strays(registry, results, claims)
    overall = rollup.of_run(
        lines, claims, (result.outcome.state for result in strays), spoilt=bool(stale or results.leaks)
    )
    if results.problems:
        overall = Verdict.ERROR
    elif results.interrupted and overall is not Verdict.FAILED:
        overall = Verdict.INCONCLUSIVE
    return Report(
        verdict=overall,
        exit_code=rollup.exit_code(overall, lines, claims),
        started=started,
        seconds=round(seconds, 3),
        suite=USER_AGENT,
        target=target,
        claims=held,
        profiles={profile.value: _profile(profile, lines, claims) for profile in Profile},
        requirements=requirements,
        counts=_counts(line.state for line in requirements),
        steps=[_line(result, result.outcome.state) for result in strays],
        leaks=sorted(results.leaks),
        problems=list(results.problems),
        stale=stale,
        interrupted=results.interrupted,
        tests=list(results.tests.values()),
    )


def _requirement(entry: Requirement, results: Gathered, why_not: str) -> RequirementLine:
    tests, reason = _observations(entry.id, results)
    state = rollup.worst(test.state for test in tests)
    if state is None:
        state, reason = State.NOT_CLAIMED, entry.untested or why_not
    return RequirementLine(
        id=entry.id,
        level=entry.level.value,
        profile=entry.profile.value,
        sentence=entry.sentence,
        source=entry.source,
        state=state,
        reason=reason,
        counts=entry.counts and not (entry.extension and state is State.UNSUPPORTED),
        tests=tests,
    )


def _observations(id_: str, results: Gathered) -> tuple[list[TestLine], str]:
    """The tests that observed a requirement, and the reason why the worst of them did not pass.

    What is looked at in every answer is one line, with the answers that fell short beside it.
    """
    found = [result for result in results.tests.values() if id_ in result.outcome.observed]
    lines = [_line(result, result.outcome.observed[id_]) for result in found]
    worst = rollup.worst(line.state for line in lines)
    reason = next(
        (
            text
            for result in found
            if result.outcome.observed[id_] is worst
            if (text := result.outcome.reasons.get(id_, ""))
        ),
        "",
    )
    if id_ in every_response.REQUIREMENTS and lines:
        short = [line for line in lines if line.state is not State.PASS]
        lines = [TestLine(EVERY_ANSWER, worst or State.PASS, 0.0), *short]
    return lines, reason


def _line(result: TestResult, state: State) -> TestLine:
    message = result.message if state is not State.PASS else ""
    return TestLine(result.id, state, round(result.seconds, 4), message or result.outcome.reason)


def _strays(registry: Mapping[str, Requirement], results: Gathered, claims: Collection[str]) -> list[TestResult]:
    """Tests that went wrong, and observe no requirement, on the way to one that counts."""
    return [
        result
        for result in results.tests.values()
        if result.outcome.observed.get("") in (State.ERROR, State.FAIL, State.INCONCLUSIVE)
        and _matters(registry, result.outcome.arc, claims)
    ]


def _matters(registry: Mapping[str, Requirement], arc: Iterable[str], claims: Collection[str]) -> bool:
    known = [registry[id_] for id_ in arc if id_ in registry]
    return not known or any(entry.counts and entry.profile in claims for entry in known)


def _profile(profile: Profile, lines: Iterable[Line], claims: Collection[str]) -> ProfileLine:
    own = [line for line in lines if line.profile == profile]
    claimed = profile in claims
    state = rollup.of_profile(own) if claimed else Verdict.NOT_CLAIMED
    return ProfileLine(state, claimed, _counts(line.state for line in own))


def _counts(states: Iterable[State]) -> dict[str, int]:
    counted = Counter(states)
    return {state.value: counted[state] for state in State}
