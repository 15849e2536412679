"""The rules of nftables: what a router translates and lets through, and what the security groups of a network do.

Security groups are stateful without connection tracking, which not every kernel has for bridges: what was let through
is noted in a set for a while, and what answers it passes.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Iterator, Mapping

from reference.guests.names import GATEWAY_LINK, link_of
from reference.guests.records import Port, Rule
from reference.guests.topology import Network, Router

ICMP = (1, 58)
NO_ADDRESS = "0.0.0.0"  # noqa: S104 - of who has none yet
PORTED = {6: "tcp", 17: "udp", 33: "dccp", 132: "sctp", 136: "udplite"}

_ROUTER = """\
flush ruleset
table inet gman {
  chain translate_in { type nat hook prerouting priority dstnat; policy accept;
%(dnat)s
  }
  chain translate_out { type nat hook postrouting priority srcnat; policy accept;
%(snat)s
  }
  chain through { type filter hook forward priority filter; policy drop;
    ct state established,related accept
    iifname "gw" ct status dnat accept
    iifname != "gw" accept
  }
  chain own { type filter hook input priority filter; policy drop;
    ct state established,related accept
    icmp type echo-request accept
    icmpv6 type { echo-request, nd-neighbor-solicit, nd-neighbor-advert, nd-router-solicit } accept
    iifname != "gw" udp dport 547 accept
  }
}
"""

_FLOWS = "ip{v} saddr . ip{v} daddr . meta l4proto . th sport . th dport"
_ANSWERS = "ip{v} daddr . ip{v} saddr . meta l4proto . th dport . th sport"
_ECHOES = "ip{v} saddr . ip{v} daddr . icmp{i} id"
_ECHO_ANSWERS = "ip{v} daddr . ip{v} saddr . icmp{i} id"


def router_rules(router: Router) -> str:
    """All rules of a router: nothing comes in by its gateway but answers, and what a floating IP stands for."""
    dnat, snat = [], []
    outer = router.gateway.ips(4)[:1] if router.gateway else []
    for external, fixed in router.floating:
        dnat.append(f"ip daddr {external} dnat ip to {fixed}")
        snat.append(f'oifname "{GATEWAY_LINK}" ip saddr {fixed} snat ip to {external}')
    inner = [subnet.cidr for subnet in router.subnets if subnet.version == 4]
    if router.snat and outer and inner:
        snat.append(f'oifname "{GATEWAY_LINK}" ip saddr {{ {", ".join(inner)} }} snat ip to {outer[0]}')
    if outer and router.floating:
        # a neighbour that is spoken to by its floating IP has to answer by way of here
        snat.append(f'iifname != "gw" oifname != "{GATEWAY_LINK}" ct status dnat snat ip to {outer[0]}')
    lines = {name: "\n".join(f"    {line}" for line in each) for name, each in (("dnat", dnat), ("snat", snat))}
    return _ROUTER % lines


def network_rules(
    network: Network, rules: Mapping[str, tuple[Rule, ...]], members: Mapping[str, tuple[str, ...]]
) -> str:
    """The whole of a network's rules, but for the notes of what was let through, which a change leaves alone."""
    guests = network.guests
    senders = ", ".join(f'"{link_of(port.id)}" : jump from_{link_of(port.id)}' for port in guests)
    outward = ", ".join(f'"{link_of(port.id)}" : jump out_{link_of(port.id)}' for port in guests)
    inward = ", ".join(f'"{link_of(port.id)}" : goto in_{link_of(port.id)}' for port in guests)
    routers = ", ".join(f'"{link_of(port.id)}"' for port in network.routers)
    advertised = f"iifname {{ {routers} }}" if routers else 'iifname "none"'
    lines = [
        "table bridge gman {",
        *_sets(),
        "  chain note {",
        *(f"    {line}" for line in _notes()),
        "  }",
        *(line for port in guests for line in _port_chains(port, rules, members)),
        "  chain sender { type filter hook prerouting priority -300; policy accept;",
        *([f"    iifname vmap {{ {senders} }}"] if guests else []),
        "  }",
        "  chain through { type filter hook forward priority filter; policy drop;",
        "    ether type arp accept",
        "    ether type != { ip, ip6 } drop",
        "    icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert, nd-router-solicit } accept",
        f"    {advertised} icmpv6 type nd-router-advert accept",
        f"    {advertised} ether type ip6 udp sport 547 udp dport 546 accept",
        "    ip frag-off & 0x1fff != 0 accept",
        "    frag frag-off != 0 accept",
        "    icmp type { destination-unreachable, time-exceeded, parameter-problem } accept",
        "    icmpv6 type { destination-unreachable, packet-too-big, time-exceeded, parameter-problem } accept",
        *(f"    {line}" for line in _established()),
        *([f"    iifname vmap {{ {outward} }}", f"    oifname vmap {{ {inward} }}"] if guests else []),
        "    goto note",
        "  }",
        "}",
    ]
    return "\n".join(lines) + "\n"


def renewed(rules: str, *, forget: bool) -> str:
    """The rules as one change of those that are there; `forget` lets nothing pass for having been noted before."""
    create = "table bridge gman { }\n"
    if forget:
        return f"{create}delete table bridge gman\n{rules}"
    # chains that refer to each other go only together; the sets stay with what they hold
    return f"{create}flush table bridge gman\n{rules}"


def _sets() -> Iterator[str]:
    for version, (v, i) in {4: ("", ""), 6: ("6", "v6")}.items():
        for name, key in (("flows", _FLOWS), ("echoes", _ECHOES)):
            kind = f"typeof {key.format(v=v, i=i)}"
            yield f"  set {name}{version} {{ {kind}; size 65535; flags dynamic,timeout; timeout 2m; }}"


def _notes() -> Iterator[str]:
    for version, (v, i) in {4: ("", ""), 6: ("6", "v6")}.items():
        flow, echo = _FLOWS.format(v=v), _ECHOES.format(v=v, i=i)
        kind = f"ether type ip{v}"
        yield f"{kind} meta l4proto {{ tcp, udp, sctp, dccp, udplite }} update @flows{version} {{ {flow} }} accept"
        yield f"icmp{i} type echo-request update @echoes{version} {{ {echo} }} accept"
    yield "accept"


def _established() -> Iterator[str]:
    for version, (v, i) in {4: ("", ""), 6: ("6", "v6")}.items():
        flow, answer = _FLOWS.format(v=v), _ANSWERS.format(v=v)
        echo = _ECHO_ANSWERS.format(v=v, i=i)
        yield f"{answer} @flows{version} update @flows{version} {{ {answer} }} accept"
        yield f"{flow} @flows{version} update @flows{version} {{ {flow} }} accept"
        yield f"icmp{i} type echo-reply {echo} @echoes{version} accept"


def _port_chains(
    port: Port, rules: Mapping[str, tuple[Rule, ...]], members: Mapping[str, tuple[str, ...]]
) -> Iterator[str]:
    link = link_of(port.id)
    v4, v6 = port.ips(4), port.ips(6)
    yield f"  chain from_{link} {{"
    yield f"    ether saddr != {port.mac} drop"
    yield "    udp sport { 67, 547 } drop"
    yield "    icmpv6 type nd-router-advert drop"
    yield f"    ether type arp arp saddr ether {port.mac} arp saddr ip {{ {', '.join([*v4, NO_ADDRESS])} }} return"
    yield f"    ip saddr {NO_ADDRESS} udp dport 67 return"
    yield from ([f"    ip saddr {{ {', '.join(v4)} }} return"] if v4 else [])
    yield f"    ip6 saddr {{ {', '.join([*v6, '::', 'fe80::/64'])} }} return"
    yield "    drop"
    yield "  }"
    allowed = [rule for group in port.groups for rule in rules.get(group, ())]
    for direction, name, verdict in (("egress", "out", "return"), ("ingress", "in", "goto note")):
        yield f"  chain {name}_{link} {{"
        for rule in allowed:
            if rule.direction == direction and (match := _match(rule, members)) is not None:
                yield f"    {match} {verdict}"
        yield "    drop"
        yield "  }"


def _match(rule: Rule, members: Mapping[str, tuple[str, ...]]) -> str | None:
    """What the rule lets through, as a condition; None where that is nothing at all."""
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
    protocol = 58 if rule.protocol == ICMP[0] and rule.version == 6 else rule.protocol
    parts.append(f"meta l4proto {protocol}")
    return " ".join([*parts, *_bounds(protocol, rule.low, rule.high)])


def _bounds(protocol: int, low: int | None, high: int | None) -> Iterable[str]:
    if protocol in ICMP:
        name = ("icmp", "icmpv6")[protocol == 58]
        return [f"{name} {what} {value}" for what, value in (("type", low), ("code", high)) if value is not None]
    if protocol in PORTED and low is not None and high is not None:
        return [f"th dport {low}-{high}"]
    return []
