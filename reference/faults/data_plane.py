"""Faults of the data plane, which show with `gman serve --guests`: the APIs are right, and packets go wrong.

The plane is computed from the APIs, first as data (`topology.plan`), then as configurations; a fault changes either.
"""

import ipaddress
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from reference.catalogue import Plant
from reference.faults.catalogue import entry, fault, table
from reference.faults.seams import Wrapper, around, changed, replaced, together
from reference.guests import dhcp, metadata, security_groups, spaces, topology
from reference.guests.names import BRIDGE, network_space
from reference.guests.networks import NetworkSpace
from reference.guests.records import Guest, Port
from reference.guests.topology import Network, Router, Topology

NOBODY = "00000000-0000-4000-8000-000000000000"


def next_to(address: str) -> str:
    return str(ipaddress.ip_address(address) + 1)


def planned(change: Callable[[Topology], Topology]) -> Plant:
    """Build the plane from `change(topology)` instead of the topology that the APIs show."""
    return changed(topology, "plan", change)


def routers(change: Callable[[Router], Router]) -> Plant:
    """Let each router of the plane be `change(router)`."""
    return planned(lambda plan: replace(plan, routers={id_: change(router) for id_, router in plan.routers.items()}))


def rewritten(name: str, pattern: str, replacement: str | Callable[[re.Match[str]], str]) -> Plant:
    """Let `replacement` stand in a configuration of dnsmasq where the pattern matches."""
    return changed(dhcp, name, lambda text: re.sub(pattern, replacement, text, flags=re.MULTILINE))


def with_gateway(router: Router, **changes: Any) -> Router:
    return replace(router, gateway=router.gateway and replace(router.gateway, **changes))


def beside_its_address(router: Router) -> Router:
    """The router, with the address next to its own."""
    addresses = router.gateway.addresses if router.gateway else ()
    return with_gateway(
        router, addresses=tuple(replace(a, ip=next_to(a.ip)) if a.version == 4 else a for a in addresses)
    )


def open_to_all(chains: Mapping[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    """The chains of a network with everything let in."""
    return {name: ("goto note",) if name.startswith("in_") else rules for name, rules in chains.items()}


def leading_in(plan: Topology) -> Topology:
    """The plane in which packets to a router's own external address go on to a server behind it."""

    def lead(router: Router) -> Router:
        inside = [
            ip for port in router.interfaces for guest in plan.networks[port.network].guests for ip in guest.ips(4)
        ]
        outer = router.gateway.ips(4) if router.gateway else []
        return replace(router, floating=((outer[0], inside[0]),)) if inside and outer else router

    return replace(plan, routers={id_: lead(router) for id_, router in plan.routers.items()})


def of_another_server(pages: dict[str, bytes]) -> dict[str, bytes]:
    about = {**json.loads(pages["meta_data.json"]), "uuid": NOBODY}
    return {**pages, "meta_data.json": json.dumps(about).encode()}


OPEN = changed(security_groups, "chains", open_to_all)

table(
    entry("dhcp-tells-no-router", "D-ADDR-001")(
        "DHCP gives an address and no default route.",
        rewritten("network_config", r",0\.0\.0\.0/0,[\d.]+$|(?<=option:router),[\d.]+$", ""),
    ),
    entry("dhcp-tells-another-router", "D-ADDR-001")(
        "The default route that DHCP gives is by the address next to the router's.",
        rewritten("network_config", r"(?<=0\.0\.0\.0/0,)[\d.]+$|(?<=option:router,)[\d.]+$", lambda m: next_to(m[0])),
    ),
    entry("dhcp-gives-another-address", "D-ADDR-001")(
        "DHCP gives the address next to the port's.",
        changed(
            dhcp,
            "network_hosts",
            lambda lines: tuple(re.sub(r"[\d.]+$", lambda m: next_to(m[0]), line) for line in lines),
        ),
    ),
    entry("dhcp-tells-a-larger-mtu", "D-ADDR-003")(
        "The MTU that DHCP tells is larger than the network's.",
        rewritten("network_config", r"(?<=option:mtu,)\d+$", lambda m: str(int(m[0]) + 42)),
    ),
    entry("no-router-advertises", "D-ADDR-002", "D-V6-001")(
        "No router advertises IPv6 prefixes, whatever the subnets' modes.",
        replaced(dhcp, "router_config", lambda *_arguments: ""),
    ),
    entry("advertised-without-a-router", "D-ADDR-002", "D-V6-001")(
        "Routers advertise prefixes, and themselves as no default router.",
        rewritten("router_config", r"^(ra-param=.*),\d+$", r"\1,0"),
    ),
    entry("routers-do-not-translate", "D-OUT-001", "D-OUT-002")(
        "Routers send packets out with the servers' own addresses.", routers(partial(replace, snat=False))
    ),
    entry("routers-always-translate", "D-OUT-003")(
        "Routers translate with enable_snat off, too.", routers(partial(replace, snat=True))
    ),
    entry("routers-have-another-address", "D-OUT-002")(
        "Routers translate to the external address next to the one that is shown.", routers(beside_its_address)
    ),
    entry("gateways-are-down", "D-OUT-001")(
        "The routers' gateway ports are down, and shown as ACTIVE.", routers(partial(with_gateway, up=False))
    ),
    entry("routers-lead-in", "D-IN-001")(
        "Packets to a router's own address reach a server, and security groups let them in.",
        together(planned(leading_in), OPEN),
    ),
    entry("floating-ips-lead-elsewhere", "D-IN-002")(
        "A floating IP leads to the address next to its port's.",
        routers(lambda r: replace(r, floating=tuple((outer, next_to(fixed)) for outer, fixed in r.floating))),
    ),
    entry("members-are-kept-out", "D-PEER-001", "D-SG-001")(
        "The default security group lets its own members in no more than others.",
        planned(lambda plan: replace(plan, members={})),
    ),
    entry("groups-let-everybody-in", "D-SG-001")("Security groups let everything in.", OPEN),
    entry("metadata-of-another-server", "D-META-001")(
        "The metadata service tells every server that it is another one.",
        changed(metadata, "documents", of_another_server),
    ),
)


@fault("D-PEER-002", at=around(NetworkSpace, "apply"))
def projects_share_a_bridge(right: Wrapper, self: NetworkSpace, network: Network, plan: Topology) -> None:
    """The bridges of all inner networks are one."""
    right(self, network, plan)
    if network.external or self.id in BRIDGED:
        return
    if BRIDGED:
        own_end, other_end = f"s{len(BRIDGED)}", f"t{len(BRIDGED)}"
        peer = f"name {other_end} netns {network_space(BRIDGED[-1])}"
        spaces.links(
            self.space, [f"link add {own_end} type veth peer {peer}", f"link set {own_end} master {BRIDGE} up"]
        )
        spaces.links(network_space(BRIDGED[-1]), [f"link set {other_end} master {BRIDGE} up"])
    BRIDGED.append(self.id)


BRIDGED: list[str] = []  # the networks whose bridges are joined, in the process of the plane


def _without(plan: Topology, lost: Callable[[Port], bool]) -> Topology:
    """The plane without the ports of servers for which `lost` holds: those servers lack interfaces."""
    networks = {
        id_: replace(network, guests=tuple(port for port in network.guests if not lost(port)))
        for id_, network in plan.networks.items()
    }
    guests = {
        id_: replace(guest, ports=tuple(port for port in guest.ports if not lost(port)))
        for id_, guest in plan.guests.items()
    }
    return replace(plan, networks=networks, guests=guests)


def _forgetful() -> Callable[[Topology], Topology]:
    planned: set[str] = set()
    unplugged: set[str] = set()

    def plan(right: Topology) -> Topology:
        new = {id_: guest for id_, guest in right.guests.items() if id_ not in planned}
        if len({guest.project for guest in new.values()}) > 1:
            unplugged.add(max(new))
        planned.update(new)
        return _without(right, lambda port: port.device in unplugged)

    return plan


def _clinging() -> Callable[[Topology], Topology]:
    guests: dict[str, Guest] = {}

    def plan(right: Topology) -> Topology:
        guests.update(right.guests)
        gone = {
            id_: guest
            for id_, guest in guests.items()
            if id_ not in right.guests and all(port.network in right.networks for port in guest.ports)
        }
        ports = [port for guest in gone.values() for port in guest.ports]
        networks = {
            id_: replace(network, guests=(*network.guests, *(port for port in ports if port.network == id_)))
            for id_, network in right.networks.items()
        }
        return replace(right, networks=networks, guests={**right.guests, **gone})

    return plan


def _once_only() -> Callable[[Topology], Topology]:
    first: dict[str, str] = {}  # project -> its first network

    def plan(right: Topology) -> Topology:
        later = {
            port.network
            for guest in right.guests.values()
            for port in guest.ports
            if first.setdefault(guest.project, port.network) != port.network
        }
        routers_ = {
            id_: with_gateway(router, up=False) if any(p.network in later for p in router.interfaces) else router
            for id_, router in right.routers.items()
        }
        return replace(right, routers=routers_)

    return plan


table(
    entry("a-server-is-not-plugged-in", "D-RACE-001", race=True)(
        "Where several projects' servers come to run at once, one of them is never plugged into its network.",
        planned(_forgetful()),
    ),
    entry("deleted-servers-stay-plugged-in", "D-LIFE-002")(
        "Servers that were deleted run on, at the addresses they had.", planned(_clinging())
    ),
    entry("a-second-topology-leads-nowhere", "D-LIFE-001")(
        "The router of a project's second topology has no way out, and is shown as ACTIVE.", planned(_once_only())
    ),
)
