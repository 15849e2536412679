"""Values next to valid ones: the last valid and the first invalid one, other spellings, other types.

`tools/fuzz` sends what no client would send; these are values that a client might send. They follow from the
attribute's schema or, where that says little, from its name.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from fuzzing.values import CIDRS, Draw, Ref, Schema, pick, value

SHORT = range(1, 70_000)  # lengths of text that are tried to the last character
_TEXTS: Sequence[Any] = ("", " ", "a", "a" * 255, "a" * 256, None, 5, True, [], {}, "ä", " a ", "a\n")
_BOOLEANS: Sequence[Any] = (True, False, "true", "FALSE", "yes", "on", "t", "1", 1, 0, 1.0, 2, "", None, "x", [])
_NUMBERS: Sequence[Any] = (0, 1, -1, "1", " 1", "+1", "01", 1.0, 1.5, "1.0", True, None, "", "x", [], 2**31 - 1, 2**31)
_IDS: Sequence[Any] = ("", "x", None, 5, "11111111-1111-1111-1111-111111111111", "1" * 32, [], True)
_ADDRESSES = ("10.1.0.5", "10.1.0.0", "10.1.0.255", "10.1.0.05", "10.1.0.254", "fd00:1::5", "", None, "x", 5, "1.2.3")
_PREFIXES = (
    "10.1.0.5/24",
    "10.1.0.0/255.255.255.0",
    "10.1.0.0",
    "",
    None,
    "x",
    "10.0.0.0/33",
    5,
    "::ffff:10.0.0.0/120",
)
_HOSTS = ("10.1.0.200", "10.1.0.201", "10.1.0.1", "10.1.1.1", "fd00:1::9")

# attribute -> values for it, which are used as they are
BY_NAME: Mapping[str, Sequence[Any]] = {
    "allocation_pools": (
        [],
        None,
        {},
        [{}],
        [{"start": "10.1.0.10", "end": "10.1.0.20"}],
        [{"start": "10.1.0.20", "end": "10.1.0.10"}],
        [{"start": "10.1.0.1", "end": "10.1.0.9"}],
        [{"start": "10.1.0.0", "end": "10.1.0.9"}],
        [{"start": "10.1.0.250", "end": "10.1.0.255"}],
        [{"start": "10.1.0.9"}],
        [{"start": "10.1.0.9", "end": "x"}],
        [{"start": "10.1.0.9", "end": "10.1.0.9"}, {"start": "10.1.0.9", "end": "10.1.0.10"}],
        [{"start": "10.2.0.9", "end": "10.2.0.19"}],
        [{"start": "fd00:1::9", "end": "fd00:1::19"}],
        [{"start": "10.1.0.9", "end": "10.1.0.19", "x": 1}],
    ),
    "cidr": (
        *CIDRS,
        *_PREFIXES,
        "10.1.1.0/24",
        "10.1.0.128/25",
        "127.0.0.0/24",
        "224.0.0.0/24",
        "169.254.0.0/24",
        "10.1.2.0/31",
        "10.1.2.1/32",
        "0.0.0.0/8",
        "240.0.0.0/24",
        "fd00:2::/65",
        "fe80::/64",
        "ff00::/64",
        "fd00:3::/127",
    ),
    "destination": (*_PREFIXES, "10.5.0.0/16", "10.5.0.1/16", "0.0.0.0/0"),
    "device_owner": (
        "",
        "compute:nova",
        "network:dhcp",
        "network:router_interface",
        "network:x",
        "x",
        None,
        5,
        "a" * 256,
    ),
    "dns_nameservers": (
        [],
        None,
        "8.8.8.8",
        ["8.8.8.8"],
        ["8.8.8.8", "8.8.8.8"],
        ["8.8.8.8", "2001:db8::1"],
        ["x"],
        [""],
        [None],
        {},
        [f"8.8.8.{last}" for last in range(5)],
        [f"8.8.8.{last}" for last in range(6)],
    ),
    "external_gateway_info": (
        None,
        {},
        [],
        "x",
        {"network_id": Ref("external", 0)},
        {"network_id": Ref("networks", 1)},
        {"network_id": "x"},
        {"network_id": None},
        {"enable_snat": True},
        {"network_id": Ref("external", 0), "enable_snat": True},
        {"network_id": Ref("external", 0), "external_fixed_ips": []},
        {"network_id": Ref("external", 0), "x": 1},
        {"network_id": Ref("external", 0), "external_fixed_ips": [{"ip_address": "172.24.9.9"}]},
        {"network_id": Ref("external", 0), "external_fixed_ips": [{"ip_address": "10.9.9.9"}]},
        {"network_id": Ref("external", 0), "external_fixed_ips": [{}]},
    ),
    "fixed_ips": (
        [],
        None,
        {},
        "x",
        [{}],
        [None],
        [{"subnet_id": Ref("subnets", 0)}],
        [{"subnet_id": "x"}],
        [{"x": 1}],
        *([{"ip_address": host}] for host in _HOSTS),
        *([{"subnet_id": Ref("subnets", 0), "ip_address": host}] for host in _HOSTS),
        [{"ip_address": "10.1.0.200"}, {"ip_address": "10.1.0.200"}],
        [{"ip_address": ""}],
        [{"ip_address": None}],
        [{"subnet_id": Ref("subnets", 0)}, {"subnet_id": Ref("subnets", 0)}],
    ),
    "gateway_ip": (*_ADDRESSES, *_HOSTS, "10.1.0.150", "fe80::1"),
    "host_routes": (
        [],
        None,
        {},
        [{}],
        [{"destination": "10.5.0.0/16", "nexthop": "10.1.0.9"}],
        [{"destination": "10.5.0.0/16"}],
        [{"destination": "10.5.0.1/16", "nexthop": "10.1.0.9"}],
        [{"destination": "fd05::/64", "nexthop": "10.1.0.9"}],
        [{"destination": "10.5.0.0/16", "nexthop": "10.99.0.9"}],
        [{"destination": "10.5.0.0/16", "nexthop": "x"}],
        [{"destination": "10.5.0.0/16", "nexthop": "10.1.0.9"}] * 2,
        [{"destination": "0.0.0.0/0", "nexthop": "10.1.0.9"}],
        *([{"destination": f"10.5.{last}.0/24", "nexthop": "10.1.0.9"} for last in range(most)] for most in (20, 21)),
    ),
    "ip_version": (4, 6, "4", 5, "6", 4.0, None, "", True, "x", []),
    "mac_address": (
        "fa:16:3e:00:00:01",
        "FA:16:3E:00:00:02",
        "fa-16-3e-00-00-03",
        "x",
        "",
        None,
        "00:00:00:00:00:00",
        5,
        "01:00:5e:00:00:01",
    ),
    "mtu": (0, 1, 67, 68, 1279, 1280, 1450, 1451, -1, "1400", 1400.5, None, "", "x", True, 2**31),
    "prefixes": (
        [],
        None,
        "10.3.0.0/16",
        {},
        ["x"],
        [""],
        [None],
        ["10.3.0.0/16"],
        ["10.3.0.0/16", "10.3.0.0/16"],
        ["10.3.0.1/16"],
        ["10.3.0.0/16", "fd03::/48"],
        ["10.3.0.0/17", "10.3.128.0/17"],
        ["10.2.0.0/15"],
        ["10.3.0.0/16", "10.3.1.0/24"],
        ["fd03::/48"],
        ["10.3.0.0/31"],
        ["10.3.0.1/32"],
        ["0.0.0.0/0"],
        ["fd03::/65"],
    ),
    "protocol": (
        "tcp",
        "udp",
        "icmp",
        "icmpv6",
        "TCP",
        6,
        "6",
        0,
        255,
        256,
        "-1",
        "any",
        "x",
        None,
        "",
        "ipv6-icmp",
        "58",
    ),
    "remote_ip_prefix": (*_PREFIXES, "10.0.0.0/8", "0.0.0.0/0", "::/0", "fd00::/64", "10.0.0.1"),
    "security_groups": ([], None, {}, "x", ["x"], [None], [Ref("security-groups", 0)], [Ref("security-groups", 0)] * 2),
    "server.networks": (
        "none",
        "auto",
        "None",
        "auto ",
        "",
        None,
        True,
        {},
        [],
        [{}],
        [None],
        ["none"],
        [{"uuid": "x"}],
        [{"uuid": None}],
        [{"port": None}],
        [{"port": ""}],
        [{"fixed_ip": "10.0.0.5"}],
        *(
            [{"uuid": Ref("networks", 0), **more}]
            for more in (
                {},
                {"port": None},
                {"fixed_ip": ""},
                {"fixed_ip": None},
                {"fixed_ip": "10.0.0.05"},
                {"fixed_ip": "10.5"},
                {"fixed_ip": "fd00::1%eth0"},
                {"fixed_ip": "10.0.0.5/24"},
                {"tag": "t"},
                {"tag": ""},
                {"tag": "a,b"},
                {"tag": "a/b"},
                {"tag": "a" * 60},
                {"tag": "a" * 61},
                {"tag": None},
                {"net-id": "x"},
                {"fixed_ip": 167772165},
            )
        ),
    ),
    "target_tenant": ("*", "a" * 32, "b" * 32, "", None, 5, "x", " "),
}
_FORMATS: Mapping[str, Sequence[Any]] = {
    "cidr": _PREFIXES,
    "ipv4": _ADDRESSES,
    "ipv6": _ADDRESSES,
    "uuid": _IDS,
    "name": _TEXTS,
    "base64": _TEXTS,
}
_TYPES: Mapping[str, Sequence[Any]] = {
    "array": ([], None, {}, "x", [None], [[]], [5]),
    "boolean": _BOOLEANS,
    "integer": _NUMBERS,
    "number": _NUMBERS,
    "object": ({}, None, [], "x", {"x": 1}),
    "string": _TEXTS,
}
_ANYTHING: Sequence[Any] = (None, "", "x", 5, True, [], {}, {"x": "y"})


def near(draw: Draw, name: str, schema: Schema) -> Any:
    """A valid value for the schema as often as one next to it."""
    if schema and pick(draw, (True, False)):
        return value(draw, schema, name)
    return pick(draw, neighbours(name, schema))


def neighbours(name: str, schema: Schema) -> Sequence[Any]:
    """All values next to those that the schema allows, of which some are valid and some are not."""
    if name in BY_NAME:
        return BY_NAME[name]
    parts = [part for keyword in ("anyOf", "oneOf") for part in schema.get(keyword, ())]
    if parts:
        rest = {key: content for key, content in schema.items() if key not in ("anyOf", "oneOf")}
        return (None, *(item for part in parts for item in neighbours("", {**rest, **part})))
    if "enum" in schema:
        allowed = schema["enum"]
        return _BOOLEANS if True in allowed else (*allowed, *(str(word).upper() for word in allowed), None, "", "x", 5)
    kinds = schema.get("type", "anything")
    kinds = kinds if isinstance(kinds, list) else [kinds]
    plain = _FORMATS.get(schema.get("format", "")) or [item for kind in kinds for item in _TYPES.get(kind, _ANYTHING)]
    return (*plain, *_edges(schema))


def bounds(name: str, schema: Schema) -> Sequence[Any]:
    """The neighbours for this attribute alone: its own values, and those at its schema's bounds."""
    return BY_NAME.get(name) or _edges(schema)


def _edges(schema: Schema) -> Sequence[Any]:
    """The first values beyond the schema's bounds, and the last within them."""
    steps = (("minimum", -1), ("minimum", 0), ("maximum", 0), ("maximum", 1))
    numbers = [schema[end] + step for end, step in steps if end in schema]
    lengths = [schema["maxLength"] + step for step in (0, 1) if schema.get("maxLength", 0) in SHORT]
    items = schema.get("items", {})
    inside = [[item] for item in neighbours("", items)] if items else []
    return (*numbers, *(str(number) for number in numbers), *("a" * length for length in lengths), *inside)
