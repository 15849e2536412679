"""The call of a history that breaks an invariant: the first whose answer shows it."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from conformance.race.checkers import topology
from conformance.race.checkers.breaking import breaking_calls
from conformance.race.engine.history import Record
from conformance.race.judgements import JUDGEMENTS
from conformance.race.operations.project_state import KINDS

A, B, C = (f"01a22bf2-106c-74f5-836e-00000000000{letter}" for letter in "abc")


def get(start: float, end: float, id_: str) -> Record:
    answer = {"auto_allocated_topology": {"id": id_}}
    return Record("r", "get_topology", "p", start, volley=True, completed=end, status=200, answer=answer, host="h")


def delete(start: float, end: float) -> Record:
    return Record("r", "delete_topology", "p", start, volley=True, completed=end, status=204, host="h")


def lists(start: float, **listed: list[dict[str, Any]]) -> list[Record]:
    """A list of each kind, one after the other; items without a project are the race's own."""
    return [
        Record("r", f"list_{kind}", "p", start + at, completed=start + at + 0.5, status=200, host="h",
               answer={kind: [{"project_id": "p", **item} for item in listed.get(kind, [])]})
        for at, kind in enumerate(KINDS)
    ]  # fmt: skip


def breaking(history: Sequence[Record]) -> list[Record]:
    [violation] = topology.one_id_between_deletes(history)
    return breaking_calls(topology.one_id_between_deletes, history, violation)


def test_the_call_is_the_first_answer_that_no_order_explains() -> None:
    history = [get(0, 1, A), get(0, 3, B), get(0, 2, B), get(4, 5, C)]
    assert breaking(history) == [history[2]]


def test_a_call_that_is_still_in_flight_may_explain_it() -> None:
    history = [get(0, 1, A), delete(0.5, 9), get(2, 3, B), get(4, 5, A)]
    assert breaking(history) == [history[3]]


def test_for_a_state_it_is_the_list_with_the_named_object() -> None:
    history = [get(0, 1, A), *lists(2, networks=[{"id": A}, {"id": "q"}], subnets=[], routers=[{"id": B}, {"id": C}])]
    calls = JUDGEMENTS["test_losers_leave_nothing_behind"].breaking_calls(history)
    assert [call.operation for call in calls] == ["list_networks"]
    history = [get(0, 1, A), *lists(2, networks=[{"id": A}], routers=[{"id": B}, {"id": C}])]
    calls = JUDGEMENTS["test_losers_leave_nothing_behind"].breaking_calls(history)
    assert [call.operation for call in calls] == ["list_routers"]


def test_for_unnamed_leftovers_it_is_the_first_list_with_the_projects_objects() -> None:
    leftovers = lists(2, networks=[{"id": A, "project_id": "another"}], subnets=[{"id": B}])
    history = [Record(**{**vars(record), "race": "r-deleted"}) for record in leftovers]
    calls = JUDGEMENTS["test_nothing_is_left_of_it"].breaking_calls(history)
    assert [call.operation for call in calls] == ["list_subnets"]


def test_no_call_is_named_without_a_violation_or_a_common_order() -> None:
    assert JUDGEMENTS["test_losers_leave_nothing_behind"].breaking_calls([]) == []
    assert breaking([get(0, 1, A), replace(get(0, 2, B), host="other")]) == []
