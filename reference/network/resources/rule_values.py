"""How the values of a security group's rule are read, and which go together; nothing here uses the database."""

import ipaddress
from collections.abc import Mapping
from typing import Any

from reference.network.rest import validators
from reference.network.rest.errors import error

# name -> IP protocol number; ICMP for IPv6 has a name of its own, and an older one
PROTOCOLS = {
    name: int(number)
    for name, _, number in (
        pair.partition("=")
        for pair in """hopopt=0 ip=0 icmp=1 igmp=2 ipip=4 tcp=6 egp=8 udp=17 dccp=33 ipv6-encap=41 ipv6-route=43
        ipv6-frag=44 rsvp=46 gre=47 esp=50 ah=51 ipv6-icmp=58 icmpv6=58 ipv6-nonxt=59 ipv6-opts=60 ospf=89 vrrp=112
        pgm=113 sctp=132 udplite=136""".split()  # noqa: SIM905 - words, not a column of strings
    )
}
ICMP, ICMP_V6 = 1, 58
_WITH_PORTS = (6, 17, 33, 132, 136)
_OF_IPV6 = (41, 43, 44, ICMP_V6, 59, 60)
_ETHERTYPES = {4: "IPv4", 6: "IPv6"}
_EVERYWHERE = (None, "0.0.0.0/0", "::/0")
_MOST_NUMBER, _LAST_PORT, _LAST_TYPE = 255, 65535, 255


@validators.takes(
    anyOf=[{"type": "null"}, {"enum": ["any", *PROTOCOLS]}, {"type": ["string", "integer"], "maximum": 255}]
)
def protocol(value: Any) -> str | None:
    """A protocol's name in small letters, or its number as a text; None for any. Raises Problem (400)."""
    text = str(value).lower()
    if value is None or text == "any":
        return None
    is_number = not isinstance(value, bool) and text.isascii() and text.isdigit() and int(text[:4]) <= _MOST_NUMBER
    if text not in PROTOCOLS and not is_number:
        raise error("SecurityGroupRuleInvalidProtocol", protocol=value, names=", ".join(PROTOCOLS))
    return text


@validators.takes(enum=list(_ETHERTYPES.values()))
def ethertype(value: Any) -> str:
    """IPv4 or IPv6, however it is spelled. Raises Problem (400)."""
    for name in _ETHERTYPES.values():
        if str(value).lower() == name.lower():
            return name
    raise error("SecurityGroupRuleInvalidEtherType", ethertype=value)


@validators.takes(anyOf=[{"type": "null"}, {"type": ["integer", "string"], "minimum": 0, "maximum": _LAST_PORT}])
def port(value: Any) -> int | None:
    """A port, or a type or code of ICMP; None for all. Raises Problem (400)."""
    try:
        return None if value is None else int(validators.integer(0, _LAST_PORT)(value))
    except ValueError:
        raise error("SecurityGroupInvalidPortValue", port=value) from None


@validators.takes(anyOf=[{"type": "null"}, {"type": "string", "format": "cidr"}])
def prefix(value: Any) -> str | None:
    """A prefix as it was given, or an address as the prefix of it alone; None for all. Raises Problem (400).

    A zone of IPv6 is no part of it.
    """
    try:
        text = validators.text(value) if value else None
        if text and "%" in text:
            raise ValueError(text)
        return str(ipaddress.ip_interface(text)) if text else None
    except ValueError:
        raise error("InvalidCIDR", prefix=value) from None


def number(name: str | None) -> int | None:
    """The number of a protocol; None for any."""
    return None if name is None else PROTOCOLS[name] if name in PROTOCOLS else int(name)


def canonical(values: Mapping[str, Any]) -> dict[str, Any]:
    """The rule in its usual words: ICMP of IPv6 under its own name, and all ports as no ports."""
    rule = dict(values)
    if rule["ethertype"] == "IPv6" and rule["protocol"] in ("icmp", "icmpv6", "1"):
        rule["protocol"] = "58" if rule["protocol"] == "1" else "ipv6-icmp"
    if (rule["port_range_min"], rule["port_range_max"]) == (1, _LAST_PORT):
        rule["port_range_min"] = rule["port_range_max"] = None
    return rule


def consistent(rule: Mapping[str, Any]) -> None:
    """Refuse values that do not fit each other. Raises Problem (400)."""
    _require_fitting_ports(number(rule["protocol"]), rule["protocol"], rule["port_range_min"], rule["port_range_max"])
    remote = rule["remote_ip_prefix"]
    if remote and _ETHERTYPES[ipaddress.ip_interface(remote).version] != rule["ethertype"]:
        raise error("SecurityGroupRuleParameterConflict", ethertype=rule["ethertype"], prefix=remote)
    if rule["ethertype"] == "IPv4" and number(rule["protocol"]) in _OF_IPV6:
        raise error(
            "SecurityGroupEthertypeConflictWithProtocol", ethertype=rule["ethertype"], protocol=rule["protocol"]
        )
    if remote and rule["remote_group_id"]:
        raise error("SecurityGroupMultipleRemoteEntites")


def _require_fitting_ports(protocol_number: int | None, name: str | None, low: int | None, high: int | None) -> None:
    """Refuse ports that the protocol cannot have: both ends or none, and of ICMP a type before its code."""
    if low is None and high is None:
        return
    if protocol_number is None:
        raise error("SecurityGroupProtocolRequiredWithPorts")
    if protocol_number in _WITH_PORTS:
        if 0 in (low, high):
            raise error("SecurityGroupInvalidPortValue", port=0)
        if low is None or high is None or low > high:
            raise error("SecurityGroupInvalidPortRange")
    elif protocol_number in (ICMP, ICMP_V6):
        for value, field in ((low, "type"), (high, "code")):
            if value is not None and value > _LAST_TYPE:
                raise error("SecurityGroupInvalidIcmpValue", field=field, value=value)
        if low is None:
            raise error("SecurityGroupMissingIcmpType", value=high)
    else:
        raise error("SecurityGroupInvalidProtocolForPort", protocol=name)


def key(rule: Mapping[Any, Any]) -> tuple[Any, ...]:
    """A key that is equal for two rules of a group that mean the same, whatever their wording and descriptions."""
    remote = None if rule["remote_ip_prefix"] in _EVERYWHERE else rule["remote_ip_prefix"]
    parts = (rule[name] for name in ("direction", "ethertype", "port_range_min", "port_range_max", "remote_group_id"))
    return (*parts, number(rule["protocol"]), remote)
