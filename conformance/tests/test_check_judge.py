"""How breaches and doubts become a verdict."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from conformance.race.checkers.judge import (
    by_race,
    calls_were_lost,
    judge,
    networks_were_not_observed,
    too_few_overlapped,
)
from conformance.race.engine.history import Record
from conformance.race.operations.project_state import KINDS, ProjectState
from conformance.verdict.signals import Inconclusive


def call(start: float, end: float | None, race: str = "one", operation: str = "get_topology") -> Record:
    volley = operation == "get_topology"
    lost = "" if end else "timed out"
    return Record(race, operation, "p", start, completed=end, status=200 if end else None, volley=volley, lost=lost)


def stock(race: str = "one") -> list[Record]:
    return [Record(race, f"list_{kind}", "p", 9.0, completed=9.5, status=200, answer={kind: []}) for kind in KINDS]


def broken(_: Sequence[Record]) -> list[str]:
    return ["it broke"]


def held(_: Sequence[Record]) -> list[str]:
    return []


def bare(_: Sequence[Record], remaining: ProjectState) -> list[str]:
    return ["nothing there"] if remaining.empty else []


def test_a_race_without_violation_or_doubt_holds() -> None:
    judge({"one": [call(0, 2), call(1, 3)]}, history=(held,), doubts=(calls_were_lost, too_few_overlapped))


def test_all_violations_of_all_races_are_reported() -> None:
    races = {"one": stock(), "two": stock("two")}
    with pytest.raises(AssertionError) as raised:
        judge(races, history=(broken, held), state=(bare,))
    assert str(raised.value).splitlines() == [
        "one: it broke",
        "two: it broke",
        "one: nothing there",
        "two: nothing there",
    ]


def test_a_violation_outweighs_every_doubt() -> None:
    with pytest.raises(AssertionError, match="it broke"):
        judge({"one": [call(0, None)]}, history=(broken,), state=(bare,), doubts=(calls_were_lost,))


def test_leftovers_prove_nothing_while_a_call_may_go_on() -> None:
    """A slow cloud may be in the middle of a delete that was given up; what its answers show is judged anyway."""
    given_up = replace(call(0, None), lost="no complete answer within 180 s")
    with pytest.raises(Inconclusive, match="one: what it left is not known, for get_topology may go on"):
        judge({"one": [*stock(), given_up]}, history=(held,), state=(bare,))
    with pytest.raises(AssertionError, match=r"^one: it broke$"):
        judge({"one": [*stock(), given_up]}, history=(broken,), state=(bare,))


def test_leftovers_are_judged_after_a_broken_connection() -> None:
    with pytest.raises(AssertionError, match="nothing there"):
        judge({"one": [*stock(), replace(call(0, None), lost="the connection broke")]}, state=(bare,))


@pytest.mark.parametrize(
    ("records", "doubt"),
    [
        ([call(0, 2), call(1, None)], "get_topology was lost: timed out"),
        ([call(0, 1), call(2, 3)], "only 1 of 2 calls in flight at once, 0% of pairs overlapping"),
        ([call(0, 2), call(1, 3)], "no look at the networks was answered"),
        ([call(0, 2), call(1, 3), call(3, 4, operation="watch_networks")], "no look"),
        ([call(0, 2), call(1, 3), call(2, None, operation="watch_networks")], "no look"),
    ],
)
def test_doubts_make_it_inconclusive(records: list[Record], doubt: str) -> None:
    with pytest.raises(Inconclusive, match=doubt):
        judge(
            {"one": records}, history=(held,), doubts=(calls_were_lost, too_few_overlapped, networks_were_not_observed)
        )


def test_a_look_while_the_race_is_on_is_enough() -> None:
    races = {"one": [call(0, 2), call(1, 3), call(2.5, 4, operation="watch_networks")]}
    judge(races, doubts=(networks_were_not_observed,))


def test_a_lost_list_of_the_observer_is_no_lost_call() -> None:
    assert calls_were_lost({"one": [call(0, None, operation="watch_routers")]}) == []


def test_half_of_the_volleys_may_overlap_too_little() -> None:
    apart = [call(0, 1, "apart"), call(2, 3, "apart")]
    release_together = [call(0, 2), call(1, 3)]
    assert too_few_overlapped({"one": release_together, "apart": apart}) == []
    assert len(too_few_overlapped({"one": release_together, "apart": apart, "again": apart})) == 3


def test_without_inventory_the_verdict_is_open() -> None:
    with pytest.raises(Inconclusive, match="one: the networks were not listed"):
        judge({"one": [call(0, 1)]}, state=(bare,))


def test_no_race_proves_nothing() -> None:
    with pytest.raises(Inconclusive, match="no race was run"):
        judge({}, history=(held,))


def test_records_are_sorted_into_races_and_what_came_after() -> None:
    records = [call(0, 1), call(2, 3, "one-deleted"), call(4, 5, "two"), call(6, 7)]
    assert {race: len(own) for race, own in by_race(records).items()} == {"one": 2, "two": 1}
    assert list(by_race(records, afterwards=True)) == ["one-deleted"]
