"""When `tools/against` finds a difference between two answers."""

from typing import Any

import pytest

pytest.importorskip("hypothesis", reason="the extra fuzz is not installed")
from answered import A, B, C, answer
from differential import comparison
from differential.comparison import ABSENT, Difference, Twins
from fuzzing.wire import Answer


def compared(real: Any, reference: Any, twins: Twins | None = None) -> list[Difference]:
    return comparison.differences(answer(body=real), answer(body=reference), twins or Twins())


@pytest.mark.parametrize(
    ("real", "reference"),
    [
        ({"id": A, "again": A}, {"id": B, "again": B}),
        ({"created_at": "2026-01-02T03:04:05Z"}, {"created_at": "2027-01-01T00:00:00Z"}),
        ({"mac_address": "fa:16:3e:00:00:01"}, {"mac_address": "fa:16:3e:00:00:02"}),
        ({"fixed_ips": [{"ip_address": "10.1.0.5"}]}, {"fixed_ips": [{"ip_address": "10.1.0.9"}]}),
        (
            {"n": [{"id": A, "name": "x"}, {"id": B, "name": "y"}]},
            {"n": [{"id": C, "name": "y"}, {"id": A, "name": "x"}]},
        ),
        ({"n_links": [{"rel": "next", "href": "x?a=1"}]}, {"n_links": [{"rel": "next", "href": "y?a=2"}]}),
    ],
)
def test_values_that_servers_choose_may_differ(real: Any, reference: Any) -> None:
    assert compared(real, reference) == []


@pytest.mark.parametrize(
    ("real", "reference", "kind", "place"),
    [
        ({"a": {"b": 1}}, {"a": {"b": 2}}, "value", "a.b"),
        ({"a": 1}, {"a": True}, "value", "a"),
        ({"a": 1, "b": 2}, {"a": 1}, "key", "b"),
        ({"a": 1}, {"a": 1, "b": 2}, "key", "b"),
        ({"a": [1, 2]}, {"a": [1]}, "value", "a[] number"),
        ({"a": [{"b": 1}]}, {"a": [{"b": 2}]}, "value", "a[].b"),
        ({"id": A, "again": A}, {"id": B, "again": C}, "value", "again"),
        ({"id": A, "again": B}, {"id": C, "again": C}, "value", "again"),
        (
            {"n_links": [{"rel": "next", "href": "?a=1"}]},
            {"n_links": [{"rel": "next", "href": "?b=1"}]},
            "value",
            "n_links[]",
        ),
        ({"gateway_ip": "10.1.0.1"}, {"gateway_ip": "10.1.0.2"}, "value", "gateway_ip"),
        ({"ip_address": "10.1.0.1"}, {"ip_address": "fd00::1"}, "value", "ip_address"),
        ({"created_at": "2026-01-02T03:04:05Z"}, {"created_at": "yesterday"}, "value", "created_at"),
    ],
)
def test_other_values_must_be_equal(real: Any, reference: Any, kind: str, place: str) -> None:
    [difference] = compared(real, reference)
    assert (difference.kind, difference.place) == (kind, place)


def test_an_absent_key_is_named_so() -> None:
    assert compared({"a": 1}, {}) == [Difference("key", "a", 1, ABSENT)]


def test_statuses_and_types_of_errors_are_compared_and_messages_are_not() -> None:
    def error(kind: str, message: str) -> dict[str, Any]:
        return {"NeutronError": {"type": kind, "message": message, "detail": ""}}

    def against(real: Answer, reference: Answer) -> list[Difference]:
        return comparison.differences(real, reference, Twins())

    assert against(answer(404, error("X", "a")), answer(404, error("X", "b"))) == []
    assert against(answer(404, error("X", "a")), answer(404, error("Y", "a"))) == [Difference("type", "", "X", "Y")]
    assert against(answer(404, error("X", "a")), answer(200, {})) == [Difference("status", "", 404, 200)]


def test_one_object_stays_one_object_through_a_story() -> None:
    twins = Twins()
    assert compared({"id": A}, {"id": B}, twins) == []
    assert compared({"network_id": A}, {"network_id": B}, twins) == []
    assert [difference.kind for difference in compared({"network_id": A}, {"network_id": C}, twins)] == ["value"]


def test_items_are_compared_by_their_ids() -> None:
    """Objects are matched by their ids, not by likeness: here two objects have exchanged their names."""
    twins = Twins({A: B, B: C}, {B: A, C: B})
    real = {"n": [{"id": A, "name": "x", "rules": [1, 2]}, {"id": B, "name": "y", "rules": [1]}]}
    reference = {"n": [{"id": C, "name": "x", "rules": [1, 2]}, {"id": B, "name": "y", "rules": [1]}]}
    assert {difference.place for difference in compared(real, reference, twins)} == {"n[].name", "n[].rules[] number"}


def test_ordered_lists_are_compared_in_order() -> None:
    twins = Twins({A: B, B: C}, {B: A, C: B})
    here, there = answer(body={"n": [{"id": A}, {"id": B}]}), answer(body={"n": [{"id": C}, {"id": B}]})
    assert comparison.differences(here, there, twins) == []
    assert comparison.differences(here, there, twins, ordered=True) == [Difference("order", "", [A, B], [C, B])]
    same = answer(body={"n": [{"id": B}, {"id": C}]})
    assert comparison.differences(here, same, twins, ordered=True) == []


def test_the_form_of_errors_and_the_type_of_bodies_are_compared() -> None:
    inner = {"type": "X", "message": "m", "detail": ""}
    right = answer(404, {"NeutronError": inner})
    changes: tuple[dict[str, Any], ...] = ({"message": ""}, {"message": {}}, {"code": 404})
    for change in changes:
        other = answer(404, {"NeutronError": {**inner, **change}})
        assert [difference.kind for difference in comparison.differences(right, other, Twins())] == ["type"]
    as_text = answer(404, {"NeutronError": inner}, "text/plain; charset=UTF-8")
    expected = [Difference("type", "content", "application/json", "text/plain")]
    assert comparison.differences(right, as_text, Twins()) == expected
