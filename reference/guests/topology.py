"""The data plane as it has to be, computed from the lists of the APIs: data in, data out."""

import ipaddress
import logging
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from reference.guests.records import (
    Address,
    Guest,
    Item,
    Port,
    Rule,
    Subnet,
    an_address,
    an_id,
    read_guest,
    read_port,
    read_rule,
    read_subnet,
)

LOG = logging.getLogger(__name__)
State = Mapping[str, list[dict[str, Any]]]  # the lists of the APIs, by the name of their resource
Read = TypeVar("Read")

GATEWAY = "network:router_gateway"
INTERFACES = (
    "network:router_interface",
    "network:router_interface_distributed",
    "network:ha_router_replicated_interface",
)
SERVER = "compute:"  # an availability zone follows


@dataclass(frozen=True)
class Network:
    """`guests` are the ports of servers that run, `routers` interfaces and gateways."""

    id: str
    mtu: int
    up: bool
    external: bool
    subnets: tuple[Subnet, ...]
    guests: tuple[Port, ...]
    routers: tuple[Port, ...]


@dataclass(frozen=True)
class Router:
    """`subnets` are those of the interfaces, `next_hops` where the gateway leads on, `floating` (external, fixed)."""

    id: str
    up: bool
    interfaces: tuple[Port, ...]
    subnets: tuple[Subnet, ...]
    gateway: Port | None
    next_hops: tuple[str, ...]
    snat: bool
    floating: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Outside:
    """The outside, beyond the external networks: its links to them, and its routes to addresses that routers do not
    translate.

    `links` are (network, mtu, addresses), `routes` (prefix, a router's external address).
    """

    links: tuple[tuple[str, int, tuple[Address, ...]], ...]
    routes: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Topology:
    """Everything, by id; `rules` and `members` (addresses) are those of each security group."""

    networks: Mapping[str, Network]
    routers: Mapping[str, Router]
    guests: Mapping[str, Guest]
    outside: Outside
    rules: Mapping[str, tuple[Rule, ...]]
    members: Mapping[str, tuple[str, ...]]


def plan(state: State) -> Topology:
    """The data plane for that state of the APIs; what cannot be understood is logged and left out."""
    subnets = {subnet.id: subnet for subnet in _read(state["subnets"], read_subnet)}
    lengths = {subnet.id: subnet.length for subnet in subnets.values()}
    mtus = {str(item["id"]): int(item["mtu"]) for item in state["networks"]}
    running = {item["id"]: item for item in state["servers"] if item["status"] == "ACTIVE"}
    ports = [
        port
        for port in _read(state["ports"], lambda item: read_port(item, lengths, mtus))
        if port.owner in (GATEWAY, *INTERFACES) or (port.owner.startswith(SERVER) and port.device in running)
    ]
    plugged: dict[str, list[Port]] = defaultdict(list)
    for port in ports:
        plugged[port.device].append(port)
    networks = _read(state["networks"], lambda item: _network(item, subnets, ports))
    by_id = {network.id: network for network in networks}
    floating: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for router_id, pair in _read([item for item in state["floatingips"] if item["router_id"]], _floating):
        floating[router_id].append(pair)
    routers = _read(
        state["routers"], lambda item: _router(item, plugged[item["id"]], by_id, tuple(floating[item["id"]]))
    )
    guests = _read(running.values(), lambda item: read_guest(item, tuple(plugged[item["id"]])))
    rules: dict[str, list[Rule]] = defaultdict(list)
    for rule in _read(state["security_group_rules"], read_rule):
        rules[rule.owner].append(rule)
    return Topology(
        networks=by_id,
        routers={router.id: router for router in routers},
        guests={guest.id: guest for guest in guests},
        outside=_outside(networks, routers),
        rules={group: tuple(own_rules) for group, own_rules in rules.items()},
        members=_members(ports),
    )


def _read(items: Iterable[Item], read: Callable[[Any], Read]) -> list[Read]:
    result = []
    for item in items:
        try:
            result.append(read(item))
        except (KeyError, TypeError, ValueError) as error:
            LOG.warning("%s is left out: %s %s", item.get("id"), type(error).__name__, error)
    return result


def _network(item: Item, subnets: Mapping[str, Subnet], ports: Iterable[Port]) -> Network:
    own_ports = [port for port in ports if port.network == item["id"]]
    return Network(
        id=an_id(item["id"]),
        mtu=int(item["mtu"]),
        up=bool(item["admin_state_up"]),
        external=bool(item.get("router:external")),
        subnets=tuple(subnets[subnet] for subnet in sorted(item["subnets"]) if subnet in subnets),
        guests=tuple(port for port in own_ports if port.owner.startswith(SERVER)),
        routers=tuple(port for port in own_ports if not port.owner.startswith(SERVER)),
    )


def _floating(item: Item) -> tuple[str, tuple[str, str]]:
    return item["router_id"], (an_address(item["floating_ip_address"]), an_address(item["fixed_ip_address"]))


def _router(
    item: Item, ports: list[Port], networks: Mapping[str, Network], floating: tuple[tuple[str, str], ...]
) -> Router:
    gateway = next((port for port in ports if port.owner == GATEWAY), None)
    interfaces = tuple(port for port in ports if port.owner in INTERFACES)
    inner = {address.ip for port in interfaces for address in port.addresses}
    beyond = networks[gateway.network].subnets if gateway else ()
    versions = {address.version for address in gateway.addresses} if gateway else set()
    return Router(
        id=an_id(item["id"]),
        up=bool(item["admin_state_up"]),
        interfaces=interfaces,
        subnets=tuple(
            subnet
            for network in dict.fromkeys(port.network for port in interfaces)
            for subnet in networks[network].subnets
            if any(ipaddress.ip_address(ip) in ipaddress.ip_network(subnet.cidr) for ip in inner)
        ),
        gateway=gateway,
        next_hops=tuple(subnet.gateway for subnet in beyond if subnet.gateway and subnet.version in versions),
        snat=bool((item["external_gateway_info"] or {}).get("enable_snat")),
        floating=floating,
    )


def _outside(networks: Iterable[Network], routers: Iterable[Router]) -> Outside:
    """The outside, which has the gateway addresses of the external networks' subnets."""
    links = []
    for network in networks:
        addresses = tuple(Address(subnet.gateway, subnet.length) for subnet in network.subnets if subnet.gateway)
        if network.external and addresses:
            links.append((network.id, network.mtu, addresses))
    routes: dict[str, str] = {}
    for router in routers:
        for subnet in router.subnets if router.up else ():
            way = router.gateway.ips(subnet.version) if router.gateway else []
            if way and (subnet.version == 6 or not router.snat):
                routes.setdefault(subnet.cidr, way[0])
    return Outside(tuple(links), tuple(sorted(routes.items())))


def _members(ports: Iterable[Port]) -> dict[str, tuple[str, ...]]:
    result: dict[str, list[str]] = defaultdict(list)
    for port in ports:
        for group in port.groups:
            result[group] += [address.ip for address in port.addresses]
    return {group: tuple(sorted(ips)) for group, ips in result.items()}
