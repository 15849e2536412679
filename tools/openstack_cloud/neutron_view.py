"""The facts that OVN's northbound database has to hold by Neutron's API, in the form of `northbound`.

Runs with the Python of the cloud's environment: `python -m openstack_cloud.neutron_view STATE` prints a line for each
thing that only one of the two has, and exits with 1 if there is one. Source of what has to be there: Neutron's driver,
plugins/ml2/drivers/ovn/mech_driver/ovsdb/ovn_client.py.
"""

import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import openstack

from . import accounts, northbound
from .northbound import Fact, Row
from .settings import load

SETTLED_SECONDS = 30.0  # seconds within which a change has to arrive on both sides
LOOK_SECONDS = 1.0
COLLECTIONS = ("networks", "subnets", "ports", "routers", "floatingips", "security-groups")
FLOATING, GATEWAY = "network:floatingip", "network:router_gateway"
ROUTER_PORTS = (GATEWAY, "network:router_interface")
TYPES = {"network:distributed": "localport", **dict.fromkeys(ROUTER_PORTS, "router")}
ANY = {4: "0.0.0.0/0", 6: "::/0"}


def read(network: Any) -> dict[str, list[Row]]:
    """All objects that the caller of a network proxy sees, by collection."""
    return {name: network.get(f"/{name}").json()[name.replace("-", "_")] for name in COLLECTIONS}


def facts(shown: Mapping[str, Sequence[Row]]) -> set[Fact]:
    """The facts to compare, from all objects that an administrator sees."""
    subnets = {subnet["id"]: subnet for subnet in shown["subnets"]}
    all_facts: set[Fact] = set()
    for network in shown["networks"]:
        all_facts.add(("networks", network["id"]))
        if wire := network.get("provider:physical_network"):
            all_facts.add(("ways to the wire", f"{network['id']} {wire}"))
    all_facts.update(("DHCP", f"{subnet['id']} {subnet['cidr']}") for subnet in subnets.values() if _has_dhcp(subnet))
    for port in shown["ports"]:
        if port["device_owner"] != FLOATING:  # a router translates its address
            all_facts.update(_port(port, subnets))
    for router in shown["routers"]:
        own = [port for port in shown["ports"] if port["device_id"] == router["id"]]
        all_facts.add(("routers", router["id"]))
        all_facts.update(("NAT", f"{router['id']} snat {pair}") for pair in _translated(router, own, subnets))
        all_facts.update(("routes", f"{router['id']} {route}") for route in _routes(router, own, subnets))
    for floating in shown["floatingips"]:
        if floating["router_id"]:
            pair = f"{floating['floating_ip_address']} {floating['fixed_ip_address']}"
            all_facts.add(("NAT", f"{floating['router_id']} dnat_and_snat {pair}"))
    for group in shown["security-groups"]:
        all_facts.add(("security groups", group["id"]))
        all_facts.update(("rules", f"{group['id']} {rule['id']}") for rule in group["security_group_rules"])
    return all_facts


def _has_dhcp(subnet: Row) -> bool:
    """Whether OVN answers DHCP on it; not where addresses follow from a router's advertisements."""
    return bool(subnet["enable_dhcp"]) and subnet["ipv6_address_mode"] != "slaac"


def _fixed(port: Row, subnets: Mapping[str, Row]) -> list[tuple[str, Row]]:
    """A port's addresses, each with its subnet."""
    return [(fixed["ip_address"], subnets[fixed["subnet_id"]]) for fixed in port["fixed_ips"]]


def _port(port: Row, subnets: Mapping[str, Row]) -> Iterator[Fact]:
    fixed = _fixed(port, subnets)
    kind = TYPES.get(port["device_owner"], "plain")
    own = northbound.addresses(" ".join([port["mac_address"], *(ip for ip, _ in fixed)]))
    yield "ports", f"{port['network_id']} {port['id']} {kind} {'router' if kind == 'router' else own}"
    if kind == "router":
        own = " ".join(sorted(f"{ip}/{ip_network(subnet['cidr']).prefixlen}" for ip, subnet in fixed))
        yield "ports of routers", f"{port['device_id']} {port['id']} {port['mac_address']} {own}"
    if not port["device_owner"].startswith("network:"):
        for group in port["security_groups"]:
            yield "members", f"{group} {port['id']}"
        for subnet in [subnet for _, subnet in fixed if subnet["ip_version"] == 4 and _has_dhcp(subnet)][:1]:
            yield "DHCP of ports", f"{port['id']} {subnet['id']}"


def _translated(router: Row, ports: Sequence[Row], subnets: Mapping[str, Row]) -> Iterator[str]:
    """A router's external IPv4 address, with each IPv4 subnet behind it."""
    gateway = router["external_gateway_info"]
    if not gateway or not gateway["enable_snat"]:
        return
    outer = [fixed["ip_address"] for fixed in gateway["external_fixed_ips"] if ":" not in fixed["ip_address"]]
    inner = {subnet["cidr"] for port in ports if port["device_owner"] != GATEWAY for _, subnet in _fixed(port, subnets)}
    yield from (f"{outer[0]} {cidr}" for cidr in inner if outer and ":" not in cidr)


def _routes(router: Row, ports: Sequence[Row], subnets: Mapping[str, Row]) -> Iterator[str]:
    for port in ports:
        for _, subnet in _fixed(port, subnets):
            if port["device_owner"] == GATEWAY and subnet["gateway_ip"]:
                yield f"{ANY[subnet['ip_version']]} {subnet['gateway_ip']}"
    for route in router["routes"]:
        yield f"{route['destination']} {route['nexthop']}"


def differences(in_ovn: set[Fact], in_neutron: set[Fact]) -> list[str]:
    """A line for each thing that only one side has."""
    sides = (("OVN", in_ovn - in_neutron), ("Neutron", in_neutron - in_ovn))
    return [f"{kind}: only in {side}: {fact}" for side, alone in sides for kind, fact in sorted(alone)]


def main(state: str) -> int:
    """Compare until both are the same, or what differs has been there for some seconds."""
    settings = load(Path(state))
    if settings is None:
        sys.exit(f"no cloud in {state}")
    nothing_else = {"load_yaml_config": False, "load_envvars": False}
    network = openstack.connect(**nothing_else, **accounts.cloud(settings, accounts.ADMIN)).network
    deadline = time.monotonic() + SETTLED_SECONDS
    while True:
        in_neutron = facts(read(network))
        lines = differences(northbound.facts(northbound.read(settings)), in_neutron)
        if not lines or time.monotonic() > deadline:
            break
        time.sleep(LOOK_SECONDS)
    counts = Counter(kind for kind, _ in in_neutron)
    print("\n".join(lines) or f"OVN holds what Neutron shows: {', '.join(f'{n} {kind}' for kind, n in counts.items())}")
    return bool(lines)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
