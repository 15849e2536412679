"""The records of the requirements that are checked in every answer, each with the number of checks."""

from collections.abc import Collection, Iterator, Mapping

from conformance.answers.tally import Looks, Tally
from conformance.answers.witness import REQUIREMENTS
from conformance.coverage.requirement_tests import EVERY_ANSWER
from conformance.requirements.registry import Requirement
from conformance.verdict.records import TestRecord
from conformance.verdict.states import State
from conformance.verdict.waivers import Waiver, waiver_for

NEVER = "no answer of the run let it be looked at"


def records(
    tally: Tally, registry: Mapping[str, Requirement], waivers: Collection[Waiver], *, whole: bool
) -> Iterator[TestRecord]:
    """A record for each requirement that was looked at; of a `whole` run, one for each of the others, too."""
    for id_ in REQUIREMENTS:
        test = f"{EVERY_ANSWER}::{id_}"
        if id_ in tally.looks:
            yield _record(test, id_, tally.looks[id_], waiver_for(waivers, test, id_))
        elif whole:  # a requirement that was never checked is no pass; optional fields may be in no answer
            state = State.UNSUPPORTED if registry[id_].optional else State.NOT_CLAIMED
            yield TestRecord(test, state, NEVER, {id_: state}, {id_: NEVER})


def _record(test: str, id_: str, looks: Looks, waiver: Waiver | None) -> TestRecord:
    count = f"looked at {looks.count:,} times"
    if not looks.violations:
        return TestRecord(test, State.PASS, count, {id_: State.PASS}, {id_: count})
    first, *others = looks.violations.values()
    reason = f"{first} (and {len(others)} more; {count})" if others else f"{first} ({count})"
    state, reason = (State.WAIVED, waiver.excuse(reason)) if waiver else (State.FAIL, reason)
    message = "\n".join([*looks.violations.values(), count])
    seen_in = {what: sorted(tests) for what, tests in looks.seen_in.items()}
    return TestRecord(test, state, reason, {id_: state}, {id_: reason}, message=message, seen_in=seen_in)
