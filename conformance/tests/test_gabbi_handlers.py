"""The suite's own gabbi handlers: each fails on the answers that it is there for, and passes on right ones."""

import json
from types import SimpleNamespace
from typing import Any

import pytest
import yaml

from conformance.gabbi import files as gabbi_files
from conformance.gabbi import handlers
from conformance.gabbi.handlers import (
    Absent,
    Count,
    Covers,
    EachValue,
    Least,
    PollUntil,
    SameAs,
    Schema,
    gabbi_response_handlers,
)

BODY = {"networks": [{"id": "a", "name": "x"}, {"id": "b", "name": "y"}], "routers": []}
DISCOVERY = yaml.safe_load((gabbi_files.folder() / "identity" / "discovery.yaml").read_text())["vars"]["found"]


def case(key: str, value: Any, body: Any = BODY, **attributes: Any) -> Any:
    return SimpleNamespace(
        test_data={f"response_{key}": value, "name": "now"},
        response_data=body,
        replace_template=lambda text, **_: text,
        **attributes,
    )


def holds(handler: Any, test: Any) -> bool:
    try:
        handler(test)
    except AssertionError:
        return False
    return True


@pytest.mark.parametrize(
    ("path", "expected"),
    [("$.ports", True), ("$.networks[0].id", False), ("$.routers[*]", True), ('$.networks[?name = "z"]', True)],
)
def test_absent(path: str, expected: bool) -> None:
    assert holds(Absent(), case("json_absent", [path])) is expected


@pytest.mark.parametrize(
    ("path", "number", "expected"),
    [
        ("$.networks[*]", 2, True),
        ("$.networks[*]", "2", True),
        ("$.networks[*]", 1, False),
        ("$.routers[*]", 0, True),
        ("$.ports[*]", 0, False),  # no such list
        ("$.*", 2, True),
        ("$.*", 3, False),
    ],
)
def test_count(path: str, number: object, expected: bool) -> None:
    assert holds(Count(), case("json_count", {path: number})) is expected


@pytest.mark.parametrize(
    ("path", "least", "expected"),
    [
        ("$.used", 3, True),
        ("$.used", "3", True),
        ("$.used", 2, True),
        ("$.used", 4, False),
        ("$.networks.`len`", 2, True),
        ("$.networks.`len`", 3, False),
        ("$.networks[0].name", 0, False),  # no number
    ],
)
def test_least(path: str, least: object, expected: bool) -> None:
    assert holds(Least(), case("json_least", {path: least}, body={**BODY, "used": 3})) is expected


@pytest.mark.parametrize(
    ("path", "form", "expected"),
    [
        ("$.urls[*]", "/^http/", True),
        ("$.urls[*]", "/a$/", False),
        ("$.urls[1]", "/b$/", True),
        ("$.urls[2]", "/^http/", False),  # no such value
    ],
)
def test_each(path: str, form: str, expected: bool) -> None:
    body = {"urls": ["http://dev2.example/a", "http://other.example/b"]}
    assert holds(EachValue(), case("json_each", {path: form}, body=body)) is expected


@pytest.mark.parametrize(
    ("service", "url", "expected"),
    [
        ("compute", "http://c:8774/v2.1", True),
        ("compute", "https://dev2.example.org/compute/v2.1/0123abcd", True),
        ("compute", "https://v2.example.org/compute/", True),
        ("compute", "http://c:8774/v1.1/0123abcd", False),
        ("network", "http://dev2.example.org:9696", True),
        ("network", "https://v3.example.org/network/v2.0/", True),
        ("network", "http://h/v1.0", False),
        ("network", "http://h/v2.0/network", False),
        ("network", "n.example.org", False),
        ("image", "http://[2001:db8::2]:9292/v2", True),
        ("image", "http://h/image/v1", False),
        ("identity", "http://h:5000", True),
        ("identity", "http://h/identity/v3", True),
        ("identity", "http://h/identity/v4", False),
        ("identity", "http://h/identity/v3/$(project)s", False),
    ],
)
def test_endpoints_are_judged_by_their_paths(service: str, url: str, expected: bool) -> None:
    assert holds(EachValue(), case("json_each", {"$.url": DISCOVERY[service]}, body={"url": url})) is expected


def test_an_answer_without_json_is_neither_absent_nor_counted() -> None:
    assert not holds(Absent(), case("json_absent", ["$.x"], body=None))
    assert not holds(Count(), case("json_count", {"$.x": 0}, body=None))
    assert not holds(Least(), case("json_least", {"$.x": 0}, body=None))
    assert not holds(Schema(), case("schema", "neutron-error", body=None))


def test_schema() -> None:
    error = {"NeutronError": {"type": "NotAuthorized", "message": "no", "detail": ""}}
    assert holds(Schema(), case("schema", "neutron-error", body=error))
    assert not holds(Schema(), case("schema", "neutron-error", body={"NeutronError": "no"}))
    assert holds(Schema(), case("schema", "", body=None))
    with pytest.raises(AssertionError, match=r"\$.NeutronError: 'no' is not of type 'object'"):
        Schema()(case("schema", "neutron-error", body={"NeutronError": "no"}))


@pytest.mark.parametrize(
    ("now", "ignore", "expected"),
    [
        ({"id": 1, "at": 5}, [], True),
        ({"id": 1, "at": 6}, [], False),
        ({"id": 1, "at": 6}, ["$.at"], True),
        ({"id": 2, "at": 5}, ["$.at"], False),
        ({"id": 1}, [], False),
    ],
)
def test_same_as(now: Any, ignore: list[str], expected: bool) -> None:
    earlier = {"id": 1, "at": 5}
    history = {"then": SimpleNamespace(response_data=earlier)}
    assert holds(SameAs(), case("same_as", {"test": "then", "ignore": ignore}, body=now, history=history)) is expected
    assert earlier == {"id": 1, "at": 5}


@pytest.mark.parametrize(("status", "reached"), [("BUILD", False), ("ACTIVE", True), ("ERROR", True)])
def test_poll_until(status: str, reached: bool) -> None:
    test = case("poll_until", {"$.server.status": ["ACTIVE", "ERROR"]}, body={"server": {"status": status}})
    assert handlers.reached(test) is reached
    assert holds(PollUntil(), test) is reached


def test_a_test_without_a_poll_has_no_final_state() -> None:
    assert not handlers.reached(case("poll_until", {}))
    assert not handlers.reached(case("poll_until", {"$.a": [1]}, body=None))


def test_paths_are_compiled_once() -> None:
    assert handlers.compiled("$.networks[0]") is handlers.compiled("$.networks[0]")


def test_gabbi_run_can_load_them() -> None:
    """gabbi-run -r calls each handler without arguments, and needs different keys."""
    keys = [handler().test_key_suffix for handler in gabbi_response_handlers()]
    assert len(keys) == len(set(keys))
    assert json.loads(json.dumps(keys)) == keys


def test_covers_checks_nothing() -> None:
    assert holds(Covers(), case("covers", ["N-AAT-001"], body=None))
