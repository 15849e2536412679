"""The tables of fields hold all that the suite's schemas know, and a rule for each field that a user can know."""

import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from conformance.answers import comparisons
from conformance.answers.kinds import BY_NAME, KINDS, place_of
from conformance.answers.rules import Source
from conformance.schema import SCHEMAS

# schema -> the kind of object that it describes, and the properties that hold such objects
DESCRIBED = {
    "server-2.1": ("server", "server"),
    "server-2.37": ("server", "server"),
    "server-2.47": ("server", "server"),
    "server-building": ("server", "server"),
    "server-created": ("server", "server"),
    "server-fields": ("server",),
    "server-fields-2.1": ("server",),
    "server-fields-2.37": ("server",),
    "server-fields-2.47": ("server",),
    "servers": ("server", "servers"),
    "servers-detail-2.37": ("server", "servers"),
    "interface-attachments": ("interfaceAttachment", "interfaceAttachments"),
    "instance-actions": ("instanceAction", "instanceActions"),
    "flavor-2.75": ("flavor", "flavor"),
    "flavors": ("flavor", "flavors"),
    "flavors-detail-2.37": ("flavor", "flavors"),
    "services-2.1": ("service", "services"),
    "services-2.53": ("service", "services"),
    "image": ("image",),
    "topology": ("auto_allocated_topology", "auto_allocated_topology"),
    "token": ("token", "token"),
}
# schemas without objects: errors, ids, addresses, and the suite's own files
OTHERS = {
    "clouds-entry",
    "gabbit",
    "guest-record",
    "neutron-error",
    "nova-fault",
    "report",
    "reservation",
    "server-addresses",
    "waivers",
}


def read(name: str) -> Any:
    return json.loads((SCHEMAS / f"{name}.json").read_text())


def properties(schema: Any) -> Iterator[str]:
    """The names of the properties that a schema of an object has, in all its parts."""
    if "$ref" in schema and not schema["$ref"].startswith("#"):
        yield from properties(read(schema["$ref"].partition("#")[0]))
    yield from schema.get("properties", {})
    yield from schema.get("required", ())
    for part in schema.get("allOf", ()):
        yield from properties(part)


def described(name: str) -> tuple[str, set[str]]:
    kind, *path = DESCRIBED[name]
    schema = read(name)
    for step in path:
        schema = schema["properties"][step]
        schema = schema.get("items", schema)
    return kind, set(properties(schema))


def test_each_schema_is_of_a_kind_or_of_none() -> None:
    assert {path.stem for path in SCHEMAS.glob("*.json")} == DESCRIBED.keys() | OTHERS


@pytest.mark.parametrize("schema", DESCRIBED)
def test_each_field_of_a_schema_has_a_rule(schema: str) -> None:
    kind, names = described(schema)
    assert names
    assert names - BY_NAME[kind].fields.keys() == set()


def test_kinds_without_a_requirement_have_no_judged_field() -> None:
    """A kind without a requirement has no field that could break it."""
    for kind in KINDS:
        determined = [name for name, field in kind.fields.items() if field.source is not Source.OPAQUE]
        assert bool(determined) is bool(kind.values), kind.name


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://c/network/v2.0/ports?fields=id", ("port", "", "", "")),
        ("http://c/network/v2.0/ports/p1", ("port", "p1", "", "")),
        ("http://c/network/v2.0/networks.json", ("network", "", "", "")),
        ("http://c/network/v2.0/auto-allocated-topology/p.json", ("auto_allocated_topology", "p", "", "")),
        ("http://c/network/v2.0/routers/r/add_router_interface", ("router", "r", "", "add_router_interface")),
        ("http://c/network/v2.0/quotas/p/details", ("quota", "p", "", "details")),
        ("http://c/compute/v2.1/servers/detail", ("server", "", "", "")),
        ("http://c/compute/v2.1/0123456789abcdef0123456789abcdef/servers/s", ("server", "s", "", "")),
        ("http://c/compute/v2.1/servers/s/action", ("server", "s", "", "action")),
        ("http://c/compute/v2.1/servers/s/os-interface", ("interfaceAttachment", "", "s", "")),
        ("http://c/compute/v2.1/servers/s/os-interface/p", ("interfaceAttachment", "p", "s", "")),
        ("http://c/compute/v2.1/servers/s/os-instance-actions", ("instanceAction", "", "s", "")),
        ("http://c/image/v2/images/i", ("image", "i", "", "")),
        ("http://c/identity/v3/auth/tokens", ("token", "", "", "")),
        ("http://c/identity/v3/users/u", ("user", "u", "", "")),
        ("http://c/identity/v3/projects/p/users/u/roles/r", ("project", "p", "", "users/u/roles/r")),
    ],
)
def test_a_url_is_about_an_object(url: str, expected: tuple[str, ...]) -> None:
    place = place_of(url)
    assert place is not None
    assert (place.kind.name, place.id, place.parent, place.rest) == expected


@pytest.mark.parametrize("url", ["http://c/", "http://c/network/v2.0/", "http://c/compute/v2.1/limits", "no url", ""])
def test_other_urls_are_about_no_object(url: str) -> None:
    assert place_of(url) is None


@pytest.mark.parametrize(("minutes", "right"), [(0, True), (30, True), (60, True), (-10, False), (70, False)])
def test_the_time_of_an_accepted_request_is_then_or_later(minutes: int, right: bool) -> None:
    """The request was sent an hour ago: Nova writes a server's record when its build begins."""
    sent = time.time() - 60 * 60
    shown = datetime.fromtimestamp(sent + minutes * 60, UTC).isoformat()
    assert comparisons.then_or_since(shown, sent) is right
