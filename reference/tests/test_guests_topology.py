"""What the data plane has to look like, by what the APIs say."""

import logging
from collections.abc import Callable
from typing import Any

import pytest

from reference.guests.names import inner_link_of, link_of, outer_link_of
from reference.guests.topology import plan
from reference.tests.guest_state import (
    EXTERNAL,
    GATEWAY_PORT,
    GROUP,
    INNER4,
    NETWORK,
    NIC,
    ROUTER,
    SERVER,
    SUBNET6,
    rule,
    state,
)

State = dict[str, list[dict[str, Any]]]


def test_the_whole_plan() -> None:
    topology = plan(state())
    router, network = topology.routers[ROUTER], topology.networks[NETWORK]
    assert router.gateway is not None
    assert (router.gateway.id, router.snat, router.next_hops) == (GATEWAY_PORT, True, ("172.24.0.1", "2001:db8::2"))
    assert sorted(subnet.cidr for subnet in router.subnets) == ["10.0.0.0/26", "fd00:1::/64"]
    assert router.floating == (("172.24.0.77", "10.0.0.5"),)
    assert [port.id for port in network.guests] == [NIC]
    assert INNER4 in [port.id for port in network.routers]
    assert [port.mtu for port in topology.guests[SERVER].ports] == [1450]
    assert topology.members == {GROUP: ("10.0.0.5", "fd00:1::5")}
    assert [str(address) for address in topology.outside.links[0][2]] == ["172.24.0.1/16", "2001:db8::2/64"]


def test_a_server_runs_while_it_is_active() -> None:
    output = state()
    output["servers"][0]["status"] = "BUILD"
    topology = plan(output)
    assert topology.guests == {}
    assert topology.networks[NETWORK].guests == ()
    assert topology.members == {}


def test_routes_to_untranslated_networks() -> None:
    """IPv6 is never translated, and IPv4 only where the router has SNAT."""
    assert plan(state()).outside.routes == (("fd00:1::/64", "2001:db8::9"),)
    output = state()
    output["routers"][0]["external_gateway_info"]["enable_snat"] = False
    assert plan(output).outside.routes == (("10.0.0.0/26", "172.24.0.9"), ("fd00:1::/64", "2001:db8::9"))
    output["routers"][0]["admin_state_up"] = False
    assert plan(output).outside.routes == ()


def test_a_router_without_a_gateway() -> None:
    output = state()
    output["ports"] = [port for port in output["ports"] if port["id"] != GATEWAY_PORT]
    output["routers"][0]["external_gateway_info"] = None
    router = plan(output).routers[ROUTER]
    assert (router.gateway, router.next_hops, router.snat) == (None, (), False)


def test_an_external_network_nobody_is_on() -> None:
    output = state()
    output["networks"][0]["subnets"] = []
    assert plan(output).outside.links == ()
    assert plan(output).networks[EXTERNAL].external


@pytest.mark.parametrize(
    "spoil",
    [
        lambda output: output["ports"][3].update(mac_address="fa:16:3e:00:00:07\nnetns delete all"),
        lambda output: output["ports"][3]["fixed_ips"][0].update(ip_address="10.0.0.5; drop"),
        lambda output: output["ports"][3]["fixed_ips"][1].update(ip_address="fd00:1::5%eth0 accept"),
        lambda output: output["ports"][3].update(network_id="nowhere"),
        lambda output: output["ports"][3].update(security_groups=['" accept']),
    ],
)
def test_invalid_values_are_left_out(spoil: Callable[[State], None], caplog: pytest.LogCaptureFixture) -> None:
    """The API accepts no such value; if one appeared, it would still reach no program."""
    output = state()
    spoil(output)
    with caplog.at_level(logging.WARNING):
        topology = plan(output)
    assert topology.networks[NETWORK].guests == ()
    assert NIC in caplog.text
    assert topology.guests[SERVER].ports == ()


def test_invalid_rules_are_left_out() -> None:
    output = state()
    zone = rule("ingress", "IPv6", remote_ip_prefix="fd00::%1 } accept/64")  # Python accepts any text as a zone
    output["security_group_rules"] = [rule("ingress", protocol="tcp drop"), rule("ingress", protocol="256"), zone]
    assert plan(output).rules == {}


def test_lists_are_of_different_moments() -> None:
    """What refers to something that is gone meanwhile is left out, and the rest is not."""
    output = state()
    output["subnets"] = [subnet for subnet in output["subnets"] if subnet["id"] != SUBNET6]
    output["networks"] = output["networks"][1:]
    topology = plan(output)
    assert ROUTER not in topology.routers or topology.routers[ROUTER].gateway is None
    assert [str(address) for port in topology.networks[NETWORK].guests for address in port.addresses] == ["10.0.0.5/26"]


def test_an_odd_hostname_is_made_a_plain_one() -> None:
    output = state()
    output["servers"][0]["OS-EXT-SRV-ATTR:hostname"] = "Odd_Name; é"
    assert plan(output).guests[SERVER].hostname == "odd-name---"


def test_links_of_ports_made_in_one_moment_differ() -> None:
    """Ids of this kind begin with the time."""
    ids = [f"01a22989-214c-7e01-8f5b-5ac2d0a1b3{number:02x}" for number in range(16)]
    for name in (link_of, inner_link_of, outer_link_of):
        assert len({name(id_) for id_ in ids}) == len(ids)
        assert all(len(name(id_)) == 15 for id_ in ids)
