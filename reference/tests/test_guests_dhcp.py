"""The configuration of dnsmasq: addresses and routes of guests, and where a router advertises itself."""

import subprocess
from pathlib import Path
from typing import Any

import pytest

from reference.guests import dhcp, isolation
from reference.guests.names import BRIDGE, inner_link_of
from reference.guests.programs import path_of
from reference.guests.topology import plan
from reference.tests.guest_state import INNER6, NETWORK, ROUTER, state
from reference.tests.guesting import ended, require_guests

State = dict[str, list[dict[str, Any]]]


def network_config(output: State) -> list[str]:
    return dhcp.network_config(plan(output).networks[NETWORK], "/run/hosts").splitlines()


def router_config(output: State) -> list[str]:
    return dhcp.router_config(plan(output).routers[ROUTER], "/run/hosts").splitlines()


def advertising(mode: str) -> State:
    output = state()
    output["subnets"][3]["ipv6_ra_mode"] = mode
    return output


def option(lines: list[str], name: str) -> str:
    """The value of that option for a guest."""
    [line] = [line for line in lines if f",option:{name}" in line]
    return line.partition(f",option:{name}")[2].lstrip(",")


def test_a_guest_gets_its_address_and_its_routes() -> None:
    output = state()
    output["subnets"][2]["host_routes"] = [{"destination": "192.0.2.0/24", "nexthop": "10.0.0.9"}]
    output["subnets"][2]["dns_nameservers"] = ["198.51.100.53", "2001:db8::53"]
    lines = network_config(output)
    assert option(lines, "router") == "10.0.0.1"
    assert option(lines, "mtu") == "1450"
    assert option(lines, "dns-server") == "198.51.100.53"
    routes = "192.0.2.0/24,10.0.0.9,169.254.169.254/32,0.0.0.0,0.0.0.0/0,10.0.0.1"
    assert option(lines, "classless-static-route") == routes
    assert dhcp.network_hosts(plan(output).networks[NETWORK]) == ("fa:16:3e:00:00:04,10.0.0.5",)


def test_a_subnet_without_a_gateway_has_no_default_route() -> None:
    output = state()
    output["subnets"][2]["gateway_ip"] = None
    lines = network_config(output)
    assert option(lines, "router") == ""
    assert "0.0.0.0/0" not in option(lines, "classless-static-route")


@pytest.mark.parametrize("change", [("subnets", 2, "enable_dhcp"), ("networks", 1, "admin_state_up")])
def test_subnets_without_dhcp_get_no_dhcp_server(change: tuple[str, int, str]) -> None:
    output = state()
    kind, number, name = change
    output[kind][number][name] = False
    assert network_config(output) == []


def test_a_router_advertises_where_a_subnet_asks_for_it() -> None:
    assert router_config(state()) == []
    for mode, word in (("slaac", "ra-only"), ("dhcpv6-stateless", "ra-stateless"), ("dhcpv6-stateful", "static")):
        assert f"dhcp-range=fd00:1::,{word},64,86400" in router_config(advertising(mode))
    down = advertising("slaac")
    down["routers"][0]["admin_state_up"] = False
    assert router_config(down) == []


def test_only_stateful_subnets_have_hosts() -> None:
    for mode, hosts in (("slaac", ()), ("dhcpv6-stateful", ("fa:16:3e:00:00:04,[fd00:1::5]",))):
        topology = plan(advertising(mode))
        assert dhcp.router_hosts(topology.routers[ROUTER], topology.networks[NETWORK].guests) == hosts


@pytest.mark.parametrize("mode", [None, "slaac", "dhcpv6-stateless", "dhcpv6-stateful"])
def test_dnsmasq_takes_it(tmp_path: Path, mode: str | None) -> None:
    require_guests()
    output = state()
    output["subnets"][3]["ipv6_ra_mode"] = mode
    for name, lines in (("network", network_config(output)), ("router", router_config(output))):
        (tmp_path / name).write_text("\n".join(lines) + "\n")

    def look() -> None:
        """In namespaces of its own: dnsmasq looks whether the links are there."""
        for link in (BRIDGE, inner_link_of(INNER6)):
            subprocess.run([path_of("ip"), "link", "add", link, "type", "bridge"], check=True)
        for name in ("network", "router"):
            subprocess.run([path_of("dnsmasq"), "--test", f"--conf-file={tmp_path / name}"], check=True)
        (tmp_path / "taken").touch()

    ended(isolation.spawn(look))
    assert (tmp_path / "taken").exists()
