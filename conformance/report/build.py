"""Builds the report of a run from the registry and the records of its tests."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from conformance import USER_AGENT
from conformance.coverage.requirement_tests import EVERY_ANSWER
from conformance.gabbi import every_response
from conformance.report.model import ProfileRecord, Report
from conformance.requirements.registry import Level, Profile, Requirement
from conformance.untrusted import printable
from conformance.verdict import rollup
from conformance.verdict.claims import Claims
from conformance.verdict.records import FAILED, Observation, RequirementRecord, RunRecord, TestRecord
from conformance.verdict.states import State, Verdict

NOT_RUN = "no test of it was run: it was not selected"
# why a test that was to run did not
STOPPED = "never run: the run stopped at its first failure"
INTERRUPTED = "never run: the run was interrupted"
BROKEN = "never run: the run broke, see what went wrong with it as a whole"


def build(
    registry: Mapping[str, Requirement],
    run: RunRecord,
    stale: list[str],
    target: Mapping[str, Any],
    claims: Claims,
    started: str,
    seconds: float,
) -> Report:
    """The report, with its verdict and exit code. `stale` are waivers that are no longer needed, a line each."""
    observing: dict[str, list[TestRecord]] = defaultdict(list)
    for test in run.tests.values():
        for id_ in test.observed:
            observing[id_].append(test)
    requirements = [_requirement(entry, run, observing[entry.id]) for entry in registry.values()]
    steps = _failed_steps(registry, run, claims.claimed)
    verdict = rollup.of_run(
        requirements, claims.claimed, (step.state for step in steps), spoilt=bool(stale or run.leaks)
    )
    if run.problems:
        verdict = Verdict.ERROR
    elif run.interrupted and verdict is not Verdict.FAILED:
        verdict = Verdict.INCONCLUSIVE
    return Report(
        verdict=verdict,
        exit_code=rollup.exit_code(verdict, requirements, claims.claimed),
        started=started,
        seconds=round(seconds, 3),
        suite=USER_AGENT,
        target=target,
        claims=claims,
        profiles={profile.value: _profile(profile, requirements, claims.claimed) for profile in Profile},
        requirements=requirements,
        counts=_counts(requirements),
        steps=[_observation(step, step.state) for step in steps],
        leaks=sorted(map(printable, run.leaks)),
        problems=[*map(printable, run.problems)],
        stale=stale,
        waits=list(run.waits),
        interrupted=run.interrupted,
        stopped=run.stopped,
        tests=list(run.tests.values()),
    )


def _requirement(entry: Requirement, run: RunRecord, observing: Sequence[TestRecord]) -> RequirementRecord:
    tests, reason = _observations(entry.id, observing)
    state = rollup.worst(test.state for test in tests)
    if state is None:
        state, reason = State.NOT_CLAIMED, entry.untested or why_cut_short(run) or NOT_RUN
    return RequirementRecord(
        id=entry.id,
        level=entry.level.value,
        profile=entry.profile.value,
        sentence=entry.sentence,
        source=entry.source,
        state=state,
        reason=reason,
        counts=entry.counts and not (entry.optional and state is State.UNSUPPORTED),
        tests=tests,
    )


def why_cut_short(run: RunRecord) -> str:
    """Why not all tests of a run were run; empty where they were."""
    if run.interrupted:
        return INTERRUPTED
    if run.problems:
        return BROKEN
    return STOPPED if run.stopped else ""


def is_never_run(test: TestRecord | Observation) -> bool:
    """Whether the record is of a test that was to run, and did not."""
    reason = test.message if isinstance(test, Observation) else test.reason
    return test.state is State.NOT_CLAIMED and reason in (STOPPED, INTERRUPTED, BROKEN)


def _observations(id_: str, tests: Sequence[TestRecord]) -> tuple[list[Observation], str]:
    """(an observation of the requirement for each of the `tests`, the reason why the worst of them did not pass).

    What is checked in every response is one observation, with the tests beside it in which a response fell short.
    """
    observations = [_observation(test, test.observed[id_]) for test in tests]
    worst = rollup.worst(observation.state for observation in observations)
    reasons = (test.reasons.get(id_, "") for test in tests if test.observed[id_] is worst)
    reason = next(filter(None, reasons), "")
    if id_ in every_response.REQUIREMENTS and observations:
        short = [observation for observation in observations if observation.state is not State.PASS]
        observations = [Observation(EVERY_ANSWER, worst or State.PASS, 0.0), *short]
    return observations, reason


def _observation(test: TestRecord, state: State) -> Observation:
    message = test.message if state is not State.PASS else ""
    return Observation(test.id, state, round(test.seconds, 4), message or test.reason)


def _failed_steps(registry: Mapping[str, Requirement], run: RunRecord, claims: Collection[str]) -> list[TestRecord]:
    """Failed tests that observe no requirement, and are steps on the way to one that counts."""

    def matters(covers: Collection[str]) -> bool:
        requirements = [registry[id_] for id_ in covers if id_ in registry]
        return not requirements or any(entry.counts and entry.profile in claims for entry in requirements)

    return [test for test in run.tests.values() if test.observed.get("") in FAILED and matters(test.file_covers)]


def decides(test: TestRecord, registry: Mapping[str, Requirement], claims: Collection[str]) -> bool:
    """Whether the verdict cannot be good any more after this test: it failed a MUST of a claimed profile, or a step on
    the way to one, or the suite broke in it.
    """
    failed = {id_ for id_, state in test.observed.items() if state is State.FAIL}
    ids = {*failed, *test.file_covers} if "" in failed else failed
    entries = [registry[id_] for id_ in ids if id_ in registry]
    musts = [entry for entry in entries if entry.counts and entry.level is Level.MUST and entry.profile in claims]
    return bool(musts) or test.state is State.ERROR


def _profile(profile: Profile, requirements: Iterable[RequirementRecord], claims: Collection[str]) -> ProfileRecord:
    own = [requirement for requirement in requirements if requirement.profile == profile]
    if profile not in claims:
        return ProfileRecord(Verdict.NOT_CLAIMED, claimed=False, counts=_counts(own))
    has_run = any(not is_never_run(test) for requirement in own for test in requirement.tests) or not own
    return ProfileRecord(rollup.of_profile(own) if has_run else Verdict.NOT_RUN, claimed=True, counts=_counts(own))


def _counts(requirements: Iterable[RequirementRecord]) -> dict[str, int]:
    counted = Counter(requirement.state for requirement in requirements)
    return {state.value: counted[state] for state in State}
