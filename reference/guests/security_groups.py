"""The rules of a network: whether servers send by their own addresses, and what their security groups let through.

Security groups are stateful, but without connection tracking, which not every kernel has for bridges: a packet that was
let through is noted in a set for a while, and answers to it pass.
"""

import ipaddress
from collections.abc import Iterable, Iterator, Mapping

from reference.guests.names import link_of
from reference.guests.records import Port, Rule
from reference.guests.topology import Network

AT_ONCE = 350  # rules in one change: a process without root on the machine may send the kernel only so much
ICMP = (1, 58)  # its numbers in IPv4 and IPv6; the first one in a rule for IPv6 means the second
NO_ADDRESS = "0.0.0.0"  # noqa: S104 - of who has none yet
DIRECTIONS = {"egress": "out", "ingress": "in"}
PORTED = (6, 17, 33, 132, 136)  # tcp, udp, dccp, sctp, udplite
BYTE = 255  # the largest type and code of ICMP
HOOKS = {
    "sender": "type filter hook prerouting priority -300; policy accept;",
    "through": "type filter hook forward priority filter; policy drop;",
}
TABLE = "bridge gman"
_VERSIONS = {4: ("", ""), 6: ("6", "v6")}
_FLOW = "ip{v} saddr . ip{v} daddr . meta l4proto . th sport . th dport"
_ANSWER = "ip{v} daddr . ip{v} saddr . meta l4proto . th dport . th sport"
_ECHO = "ip{v} saddr . ip{v} daddr . icmp{i} id"
_ECHO_ANSWER = "ip{v} daddr . ip{v} saddr . icmp{i} id"
_TARGET = "@th,64,128"  # the address in a neighbour advertisement, for which older versions of nft have no name

Chains = Mapping[str, tuple[str, ...]]  # name -> rules
Members = Mapping[str, tuple[str, ...]]  # group -> addresses


def chains(network: Network, rules: Mapping[str, tuple[Rule, ...]], members: Members) -> Chains:
    """All rules of the network; the two chains at which packets begin come last."""
    guests = network.guests
    by_name: dict[str, tuple[str, ...]] = {"note": tuple(_notes())}
    for group in sorted({group for port in guests for group in port.groups}):
        for direction, way in DIRECTIONS.items():
            # a packet that may go out is checked next by the receiver's group; one that may come in is noted
            verdict = "goto note" if way == "in" else "goto inward"
            own = (_match(rule, members) for rule in rules.get(group, ()) if rule.direction == direction)
            by_name[_of_group(way, group)] = tuple(f"{match} {verdict}" for match in own if match is not None)
    for port in guests:
        by_name[f"from_{link_of(port.id)}"] = tuple(_own_addresses(port))
        for way in DIRECTIONS.values():
            jumps = (f"jump {_of_group(way, group)}" for group in port.groups)
            by_name[f"{way}_{link_of(port.id)}"] = (*jumps, "drop")
    by_name["inward"] = (*_by_link("oifname", "goto in_", guests), "goto note")
    by_name["sender"] = tuple(_by_link("iifname", "jump from_", guests))
    by_name["through"] = (*_through(network), *_by_link("iifname", "goto out_", guests), "goto inward")
    return by_name


def changes(chains: Chains, *, forget: bool) -> list[str]:
    """The changes for nftables after which exactly those rules are in force; until the last change too little passes.
    With `forget`, answers to packets that passed before no longer pass.
    """
    lines = [f"add rule {TABLE} {name} {rule}" for name, own in chains.items() for rule in own]
    start = [
        f"table {TABLE} {{ }}",
        f"{'delete' if forget else 'flush'} table {TABLE}",
        f"table {TABLE} {{",
        *_sets(),
        *(f"  chain {name} {{ {HOOKS.get(name, '')} }}" for name in chains),
        "}",
    ]
    if len(lines) <= AT_ONCE:
        return ["\n".join([*start, *lines, ""])]
    parts = [lines[first : first + AT_ONCE] for first in range(0, len(lines), AT_ONCE)]
    return ["\n".join([*part, ""]) for part in (start, *parts)]


def _of_group(way: str, group: str) -> str:
    return f"{way}_{group.replace('-', '')}"


def _by_link(key: str, verdict: str, ports: Iterable[Port]) -> Iterator[str]:
    elements = ", ".join(f'"{link_of(port.id)}" : {verdict}{link_of(port.id)}' for port in ports)
    if elements:
        yield f"{key} vmap {{ {elements} }}"


def _sets() -> Iterator[str]:
    for version, (v, i) in _VERSIONS.items():
        for name, key in (("flows", _FLOW), ("echoes", _ECHO)):
            kind = f"typeof {key.format(v=v, i=i)}"
            yield f"  set {name}{version} {{ {kind}; size 65535; flags dynamic,timeout; timeout 2m; }}"


def _notes() -> Iterator[str]:
    for version, (v, i) in _VERSIONS.items():
        flow, echo = _FLOW.format(v=v), _ECHO.format(v=v, i=i)
        kind = f"ether type ip{v} meta l4proto {{ {', '.join(map(str, PORTED))} }}"
        yield f"{kind} update @flows{version} {{ {flow} }} accept"
        yield f"icmp{i} type echo-request update @echoes{version} {{ {echo} }} accept"
    yield "accept"


def _through(network: Network) -> Iterator[str]:
    """The rules for packets that pass whatever the groups say: neighbour discovery, router advertisements,
    fragments, answers.
    """
    routers = ", ".join(f'"{link_of(port.id)}"' for port in network.routers)
    yield "ether type arp accept"
    yield "ether type != { ip, ip6 } drop"
    yield "icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert, nd-router-solicit } accept"
    if routers:
        yield f"iifname {{ {routers} }} icmpv6 type nd-router-advert accept"
        yield f"iifname {{ {routers} }} ether type ip6 udp sport 547 udp dport 546 accept"
    yield "ip frag-off & 0x1fff != 0 accept"
    yield "frag frag-off != 0 accept"
    yield "icmp type { destination-unreachable, time-exceeded, parameter-problem } accept"
    yield "icmpv6 type { destination-unreachable, packet-too-big, time-exceeded, parameter-problem } accept"
    for version, (v, i) in _VERSIONS.items():
        flow, answer, echo = _FLOW.format(v=v), _ANSWER.format(v=v), _ECHO_ANSWER.format(v=v, i=i)
        yield f"{answer} @flows{version} update @flows{version} {{ {answer} }} accept"
        yield f"{flow} @flows{version} update @flows{version} {{ {flow} }} accept"
        yield f"icmp{i} type echo-reply {echo} @echoes{version} accept"


def _own_addresses(port: Port) -> Iterator[str]:
    """The rules for packets of the port: from its own addresses alone, and never as a DHCP server or a router."""
    v4, v6 = port.ips(4), [*port.ips(6), _link_local(port.mac)]
    yield f"ether saddr != {port.mac} drop"
    yield "udp sport { 67, 547 } drop"
    yield "icmpv6 type nd-router-advert drop"
    yield f"icmpv6 type nd-neighbor-advert {_TARGET} != {{ {', '.join(map(_number, v6))} }} drop"
    yield f"ether type arp arp saddr ether {port.mac} arp saddr ip {{ {', '.join([*v4, NO_ADDRESS])} }} return"
    yield f"ip saddr {NO_ADDRESS} udp dport 67 return"
    yield from ([f"ip saddr {{ {', '.join(v4)} }} return"] if v4 else [])
    yield f"ip6 saddr {{ {', '.join([*v6, '::'])} }} return"
    yield "drop"


def _link_local(mac: str) -> str:
    """The address that a kernel makes of a MAC address (RFC 4291, appendix A), as Neutron lets a port send by."""
    high, low = mac.replace(":", "")[:6], mac.replace(":", "")[6:]
    return str(ipaddress.IPv6Address((0xFE80 << 112) + (int(f"{high}fffe{low}", 16) ^ 1 << 57)))


def _number(address: str) -> str:
    return hex(int(ipaddress.ip_address(address)))


def _match(rule: Rule, members: Mapping[str, tuple[str, ...]]) -> str | None:
    """The condition of packets that the rule lets through; None where there are none."""
    family, far = ("ip", "ip6")[rule.version == 6], ("saddr", "daddr")[rule.direction == "egress"]
    parts = [f"ether type {family}"]
    if rule.group:
        remote = [ip for ip in members.get(rule.group, ()) if ipaddress.ip_address(ip).version == rule.version]
        if not remote:
            return None
        parts.append(f"{family} {far} {{ {', '.join(remote)} }}")
    if rule.prefix:
        prefix = ipaddress.ip_network(rule.prefix)
        if prefix.version != rule.version:
            return None
        parts += [f"{family} {far} {prefix}"] if prefix.prefixlen else []
    if rule.protocol is None:
        return " ".join(parts)
    protocol = ICMP[1] if rule.protocol == ICMP[0] and rule.version == 6 else rule.protocol
    low, high = rule.low or 0, rule.high or 0
    if (protocol in ICMP and max(low, high) > BYTE) or (protocol in PORTED and rule.high is not None and low > high):
        return None
    return " ".join([*parts, f"meta l4proto {protocol}", *_bounds(protocol, rule.low, rule.high)])


def _bounds(protocol: int, low: int | None, high: int | None) -> Iterable[str]:
    if protocol in ICMP:
        name = ("icmp", "icmpv6")[protocol == ICMP[1]]
        return [f"{name} {what} {value}" for what, value in (("type", low), ("code", high)) if value is not None]
    if protocol in PORTED and low is not None and high is not None:
        return [f"th dport {low}" if low == high else f"th dport {low}-{high}"]
    return []
