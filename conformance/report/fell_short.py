"""Requirements on every answer, when a report is run again: which tests run for them, and when they count as met.

A violation may be in the answers of many tests, most of which passed. Some of these tests are enough to run again, if
they look at each violation again: each field of each kind, by each call.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace

from conformance.verdict.records import RunRecord, TestRecord
from conformance.verdict.states import State

ENOUGH = 3  # units of tests, such as files, that run again for each violation at most
ENDED = frozenset({State.PASS, State.WAIVED})  # states of a test that made all its calls
BEFORE = ""  # in place of a test's id: before the first test, which each run checks again


def to_repeat(
    red: Collection[TestRecord], repeated: Collection[str], seconds: Mapping[str, float], unit: Callable[[str], str]
) -> set[str]:
    """The ids of tests to run for these requirements, beside those that are `repeated` anyway: the shortest ones.

    `seconds`: id -> how long each test of the report took. `unit(id)` names the unit, such as a file, that only runs as
    a whole.
    """
    cost: dict[str, float] = {}
    for test, its_seconds in seconds.items():
        cost[unit(test)] = cost.get(unit(test), 0.0) + its_seconds
    units = {unit(test) for test in repeated}
    chosen: set[str] = set()
    places = [
        {unit(test): test for test in tests if test in seconds} for line in red for tests in line.seen_in.values()
    ]
    for place in sorted(places, key=len):
        shortest = sorted(place, key=lambda name: (name not in units, cost[name], name))
        for name in shortest[:ENOUGH]:
            units.add(name)
            chosen.add(place[name])
    if red and not units and seconds:  # seen only before the first test: any run checks it again
        chosen.add(min(seconds, key=lambda test: (cost[unit(test)], test)))
    return chosen


def merged(before: TestRecord, now: TestRecord, run: RunRecord, *, was_open: bool) -> TestRecord:
    """The record to keep of a requirement of which both runs have one.

    An open requirement passes if the new run found no violation, and looked at each earlier one in a test that had
    shown it. If both passed, the earlier one counts, as it has looked at more.
    """
    if now.state is not State.PASS:
        not_rerun = {what: [test for test in tests if test not in run.tests] for what, tests in before.seen_in.items()}
        seen_in = {
            what: {*not_rerun.get(what, ()), *now.seen_in.get(what, ())} for what in {**not_rerun, **now.seen_in}
        }
        return replace(now, seen_in={what: sorted(tests) for what, tests in seen_in.items() if tests})
    if not was_open:
        return before if before.state in ENDED else now
    [id_] = now.observed
    unsettled = {what: tests for what, tests in before.seen_in.items() if not _looked_again(what, tests, id_, run)}
    if unsettled:
        reason = f"{before.reason}; not looked at again: {', '.join(sorted(unsettled))}"
        return replace(before, reason=reason, reasons={id_: reason}, seen_in=unsettled)
    number = len(run.tests.keys() & {test for tests in before.seen_in.values() for test in tests})
    reason = f"{now.reason}; {number} of the tests in which it had fallen short ran again"
    return replace(now, reason=reason, reasons={id_: reason})


def _looked_again(what: str, tests: Collection[str], id_: str, run: RunRecord) -> bool:
    """Whether the new run looked at `what`, and ran one of these tests, unless it was seen before the first test."""
    ended = [run.tests[test].state in ENDED for test in tests if test in run.tests]
    return what in run.looked.get(id_, ()) and (any(ended) or {*tests} == {BEFORE})
