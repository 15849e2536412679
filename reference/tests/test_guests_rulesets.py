"""What routers translate and let through, and what the security groups of a network do, as rules of nftables."""

from collections.abc import Callable
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from reference.guests import isolation, security_groups, spaces, translation
from reference.guests.records import PROTOCOLS
from reference.guests.topology import Topology, plan
from reference.tests.guest_state import GATEWAY_PORT, GROUP, NETWORK, ROUTER, rule, state
from reference.tests.guesting import ended, require_guests

OTHER = GROUP.replace("1", "9")


def router_text(change: Callable[[dict[str, Any]], None] = lambda _said: None) -> str:
    output = state()
    change(output)
    return translation.router_rules(plan(output).routers[ROUTER])


def chains(topology: Topology) -> security_groups.Chains:
    return security_groups.chains(topology.networks[NETWORK], topology.rules, topology.members)


def let_in(output: dict[str, Any]) -> tuple[str, ...]:
    return chains(plan(output))[f"in_{GROUP.replace('-', '')}"]


def test_a_router_hides_its_networks_behind_its_own_address() -> None:
    assert 'oifname "gw" ip saddr { 10.0.0.0/26 } snat ip to 172.24.0.9' in router_text()
    plain = router_text(lambda output: output["routers"][0]["external_gateway_info"].update(enable_snat=False))
    assert "10.0.0.0/26" not in plain


def test_a_floating_ip_is_translated_both_ways_and_before_all_else() -> None:
    text = router_text()
    assert "ip daddr 172.24.0.77 dnat ip to 10.0.0.5" in text
    assert text.index("ip saddr 10.0.0.5 snat ip to 172.24.0.77") < text.index("ip saddr { 10.0.0.0/26 }")
    without = router_text(lambda output: output["floatingips"].clear())
    assert "dnat ip" not in without


def test_without_a_gateway_nothing_is_translated() -> None:
    def change(output: dict[str, Any]) -> None:
        output["ports"] = [port for port in output["ports"] if port["id"] != GATEWAY_PORT]
        output["floatingips"].clear()

    assert "snat ip" not in router_text(change)


@pytest.mark.parametrize(
    ("values", "condition"),
    [
        ({}, "ip"),
        ({"ethertype": "IPv6"}, "ip6"),
        ({"protocol": "tcp"}, "ip meta l4proto 6"),
        ({"protocol": "tcp", "port_range_min": 22, "port_range_max": 22}, "ip meta l4proto 6 th dport 22"),
        ({"protocol": "17", "port_range_min": 1, "port_range_max": 9}, "ip meta l4proto 17 th dport 1-9"),
        ({"protocol": "icmp", "port_range_min": 8}, "ip meta l4proto 1 icmp type 8"),
        ({"protocol": "icmp", "ethertype": "IPv6"}, "ip6 meta l4proto 58"),
        ({"remote_ip_prefix": "192.0.2.0/24"}, "ip ip saddr 192.0.2.0/24"),
        ({"remote_ip_prefix": "0.0.0.0/0"}, "ip"),
        ({"remote_group_id": GROUP}, "ip ip saddr { 10.0.0.5 }"),
    ],
)
def test_traffic_that_a_group_allows(values: dict[str, Any], condition: str) -> None:
    output = state()
    output["security_group_rules"] = [rule("ingress", **values)]
    [line] = let_in(output)
    assert line == f"ether type {condition} goto note"


@pytest.mark.parametrize(
    "values",
    [
        {"remote_group_id": OTHER},  # nobody is in it
        {"remote_ip_prefix": "2001:db8::/32"},  # of the other version of IP
        {"protocol": "icmp", "port_range_min": 300},  # no type of ICMP
        {"security_group_id": OTHER},  # not one of the port's
    ],
)
def test_rules_that_match_no_packet(values: dict[str, Any]) -> None:
    output = state()
    output["security_group_rules"] = [rule("ingress", **values)]
    assert let_in(output) == ()


def test_a_port_sends_by_its_own_addresses_alone() -> None:
    """For IPv6 this includes the link-local address of its MAC address; it advertises no other address."""
    [rules] = [rules for name, rules in chains(plan(state())).items() if name.startswith("from_")]
    assert "ip6 saddr { fd00:1::5, fe80::f816:3eff:fe00:4, :: } return" in rules
    claims = "0xfd000001000000000000000000000005, 0xfe80000000000000f8163efffe000004"
    assert f"icmpv6 type nd-neighbor-advert @th,64,128 != {{ {claims} }} drop" in rules


def test_a_port_of_no_group_is_alone() -> None:
    output = state()
    output["ports"][3]["security_groups"] = []
    lines = chains(plan(output))
    assert [own for name, own in lines.items() if name.startswith(("in_", "out_"))] == [("drop",), ("drop",)]


@pytest.mark.parametrize(("direction", "kind"), list(product(("ingress", "egress"), ("IPv4", "IPv6"))))
def test_nftables_takes_every_rule_there_can_be(tmp_path: Path, direction: str, kind: str) -> None:
    """A single invalid rule would make nftables refuse all rules of the network."""
    require_guests()
    output = state()
    remotes: tuple[dict[str, str], ...] = (
        {},
        {"remote_ip_prefix": "0.0.0.0/0"},
        {"remote_ip_prefix": "192.0.2.1/24"},
        {"remote_group_id": GROUP},
    )
    remotes += ({"remote_group_id": OTHER}, {"remote_ip_prefix": "::/0"}, {"remote_ip_prefix": "2001:db8::/33"})
    bounds = ((None, None), (0, 65535), (1, 1), (8, 0), (5, None), (300, 400))
    names = [None, "any", "0", "255", *PROTOCOLS]
    for remote, name, (low, high) in product(remotes, names, bounds):
        values = {"protocol": name, "port_range_min": low, "port_range_max": high}
        output["security_group_rules"].append(rule(direction, kind, **remote, **values))
    topology = plan(output)

    def load() -> None:
        spaces.add(["trial"])
        for forget in (True, False, True):
            for expected in (chains(topology), chains(plan(state()))):
                for change in security_groups.changes(expected, forget=forget):
                    spaces.rules("trial", change)
        spaces.rules("trial", translation.router_rules(topology.routers[ROUTER]))
        (tmp_path / "loaded").touch()

    ended(isolation.spawn(load))
    assert (tmp_path / "loaded").exists()
