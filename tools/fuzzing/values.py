"""Values for a JSON schema: mostly valid ones, now and then unexpected ones."""

import base64
import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from fuzzing import odd

Draw = Callable[[st.SearchStrategy[Any]], Any]
Schema = Mapping[str, Any]


@dataclass(frozen=True)
class Ref:
    """The id of an object that exists when the request is sent: one of its kind, by number."""

    kind: str
    pick: int


# name of an attribute, parameter or filter -> the kind of object it refers to
REFERS_TO = {
    "alias": "extensions",
    "credential": "application_credentials",
    "default_project_id": "projects",
    "device_id": "servers",
    "domain_id": "domains",
    "flavor": "flavors",
    "flavorRef": "flavors",
    "floating_network_id": "networks",
    "image": "images",
    "imageRef": "images",
    "net_id": "networks",
    "network_id": "networks",
    "port": "ports",
    "port_id": "ports",
    "project_id": "projects",
    "role": "roles",
    "remote_group_id": "security-groups",
    "security_group_id": "security-groups",
    "security_groups": "security-groups",
    "server": "servers",
    "subnet_id": "subnets",
    "subnetpool_id": "subnetpools",
    "tenant_id": "projects",
    "user": "callers",
    "user.id": "callers",
    "uuid": "networks",
}
CIDRS = (
    *("10.1.0.0/24", "10.2.0.0/16", "192.0.2.0/26", "198.51.100.7/24", "172.24.0.0/16", "0.0.0.0/0", "10.0.0.0/10"),
    *(
        "192.0.2.1/32",
        "192.0.2.0/31",
        "fd00:1::/64",
        "2001:db8:1::/48",
        "::/0",
        "fd00::1/128",
    ),
)
_TEXT = st.sampled_from(["a", "b", "web", "name with spaces", "äöü", "日本", "network:dhcp", "compute:nova"]) | st.text(
    st.characters(codec="utf-8"), max_size=12
)
FORMATS: Mapping[str, st.SearchStrategy[str]] = {
    "base64": st.binary(max_size=12).map(lambda raw: base64.b64encode(raw).decode()),
    "cidr": st.sampled_from(CIDRS),
    "ipv4": st.sampled_from(["10.1.0.5", "10.1.0.1", "172.24.0.9", "192.0.2.1", "255.255.255.255"]),
    "ipv6": st.sampled_from(["fd00:1::5", "2001:db8::9", "::", "::1", "fe80::1"]),
    "name": st.sampled_from(["web", "db 1", "äöü", "日本", "-", "x" * 255]),
    "uuid": st.uuids().map(str),
}
USUAL = ("cidr", "imageRef", "networks", "subnet_id")  # not required, but a request without them does little
FEW = 8  # properties; in objects with more, optional ones are less frequent
PICK = st.integers(0, 30)


@functools.cache
def _below(sides: int) -> st.SearchStrategy[int]:
    return st.integers(0, sides - 1)


def chance(draw: Draw, one_in: int) -> bool:
    """True one time in `one_in`, for 0 never."""
    return one_in > 0 and bool(draw(_below(one_in)) == one_in - 1)


def pick(draw: Draw, choices: Sequence[Any]) -> Any:
    return choices[draw(_below(len(choices)))]


def value(draw: Draw, schema: Schema, name: str = "", one_in: int = 0) -> Any:
    """A value for the schema, where one in `one_in` values is odd, for 0 none."""
    if chance(draw, one_in):
        return pick(draw, odd.VALUES)
    is_text = schema.get("type") not in ("array", "object", "integer") and not {"enum", "pattern"} & set(schema)
    if name in REFERS_TO and is_text:
        return Ref(REFERS_TO[name], draw(PICK))
    for keyword in ("anyOf", "oneOf"):
        if keyword in schema:
            rest = {key: content for key, content in schema.items() if key != keyword}
            return value(draw, {**rest, **pick(draw, schema[keyword])}, name, one_in)
    if "enum" in schema:
        return pick(draw, schema["enum"])
    kind = schema.get("type", "anything")
    if isinstance(kind, list):
        kind = pick(draw, kind)
    return _KINDS[kind](draw, schema, name, one_in)


def _object(draw: Draw, schema: Schema, _name: str, one_in: int) -> dict[str, Any]:
    needed = {*schema.get("required", ()), *USUAL}
    seldom = 3 if len(schema.get("properties", ())) < FEW else 9 if one_in else 20
    properties = {
        name: value(draw, inner, name, one_in)
        for name, inner in schema.get("properties", {}).items()
        if (not chance(draw, one_in) if name in needed else chance(draw, seldom))
    }
    for inner in schema.get("patternProperties", {}).values():
        properties |= {draw(_TEXT): value(draw, inner, "", one_in) for _ in range(draw(_below(3)))}
    return properties | ({draw(_TEXT): pick(draw, odd.VALUES)} if chance(draw, one_in) else {})


def _array(draw: Draw, schema: Schema, name: str, one_in: int) -> list[Any]:
    count = pick(draw, (1, 1, 1, 0, 2, 3))
    items = [value(draw, schema.get("items", {}), name, one_in) for _ in range(max(count, schema.get("minItems", 0)))]
    return items * 2 if chance(draw, one_in) else items


def _string(draw: Draw, schema: Schema, _name: str, one_in: int) -> str:
    if schema.get("format") in FORMATS:
        return draw(FORMATS[schema["format"]])
    if "pattern" in schema:
        return draw(_matching(schema["pattern"]))
    if chance(draw, one_in) and "maxLength" in schema:
        return "x" * (min(schema["maxLength"], 70000) + draw(_below(2)))
    return draw(_TEXT)


@functools.cache
def _matching(pattern: str) -> st.SearchStrategy[str]:
    return st.from_regex(pattern)


def _integer(draw: Draw, schema: Schema, _name: str, one_in: int) -> int:
    low, high = schema.get("minimum", -(2**31)), schema.get("maximum", 2**31)
    if chance(draw, 3):
        return pick(draw, (low, high, low - 1, high + 1) if one_in else (low, high))
    return draw(st.integers(low, min(high, low + 130)))


_KINDS: Mapping[str, Callable[[Draw, Schema, str, int], Any]] = {
    "anything": lambda draw, _schema, _name, _odd: pick(draw, odd.VALUES),
    "array": _array,
    "boolean": lambda draw, _schema, _name, _odd: draw(st.booleans()),
    "integer": _integer,
    "null": lambda _draw, _schema, _name, _odd: None,
    "number": _integer,
    "object": _object,
    "string": _string,
}
