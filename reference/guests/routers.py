"""Routers as the kernel has them: a namespace each, with links to the bridges of networks."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from reference.guests import dhcp, spaces, translation
from reference.guests.daemon import Dnsmasq
from reference.guests.names import BRIDGE, GATEWAY_LINK, inner_link_of, link_of, network_space, router_space
from reference.guests.records import Port
from reference.guests.topology import Network, Router

_SWITCHES = {
    "ipv4/ip_forward": "1",
    "ipv6/conf/all/forwarding": "1",
    "ipv6/conf/default/accept_dad": "0",
    "ipv6/conf/default/accept_ra": "0",
}


class RouterSpace:
    """One router: what was applied of it, and what runs for it."""

    def __init__(self, router: Router, place: Path) -> None:
        self.space = router_space(router.id)
        self.dnsmasq = Dnsmasq(self.space, place / router.id)
        self._plugged: dict[str, Port] = {}  # by the link in the router
        self._floating: frozenset[str] = frozenset()
        self._applied: dict[str, object] = {}
        spaces.links(self.space, ["link set lo up"])
        spaces.switches(spaces.path(self.space), _SWITCHES)

    def apply(self, router: Router, networks: Mapping[str, Network]) -> None:
        """Be like that from now on; what is so already is left alone. Errors: Failed."""
        text = translation.router_rules(router)
        self._once("rules", text, lambda: spaces.rules(self.space, text))
        self._plug(_ends(router) if router.up else {})
        self._once("routes", router.next_hops, lambda: spaces.links(self.space, _routes(router)))
        external = frozenset(external for external, _fixed in router.floating)
        self._once("floating", external, lambda: self._float(external))
        guests = [port for own in {p.network for p in router.interfaces} for port in networks[own].guests]
        config = dhcp.router_config(router, str(self.dnsmasq.hosts_file))
        self.dnsmasq.apply(config, dhcp.router_hosts(router, guests))

    def _plug(self, wanted: Mapping[str, Port]) -> None:
        """Have these links. What depends on the gateway's is to be done again where that is another."""
        for inner in [inner for inner, port in self._plugged.items() if wanted.get(inner) != port]:
            spaces.links(self.space, [f"link delete {inner}"], force=True)
            del self._plugged[inner]
        for inner, port in wanted.items():
            if inner not in self._plugged:
                spaces.links(network_space(port.network), _link(port, self.space, inner))
                spaces.links(self.space, _addresses(port, inner))
                self._plugged[inner] = port
                for facet in ("routes", "floating") if inner == GATEWAY_LINK else ():
                    self._applied.pop(facet, None)

    def _float(self, external: frozenset[str]) -> None:
        """The gateway has those addresses besides its own, and those only."""
        if GATEWAY_LINK in self._plugged:
            own = {address.ip for address in self._plugged[GATEWAY_LINK].addresses}
            gone = [f"addr delete {ip}/32 dev {GATEWAY_LINK}" for ip in self._floating - external - own]
            new = [f"addr add {ip}/32 dev {GATEWAY_LINK}" for ip in sorted(external - own)]
            spaces.links(self.space, [*gone, *new], force=True)  # some may be there, others gone with a link
        self._floating = external

    def _once(self, facet: str, value: object, work: Callable[[], None]) -> None:
        if self._applied.get(facet, ...) != value:
            work()
            self._applied[facet] = value

    def close(self) -> None:
        self.dnsmasq.stop()


def _ends(router: Router) -> dict[str, Port]:
    ends = {inner_link_of(port.id): port for port in router.interfaces if port.up}
    return ends | ({GATEWAY_LINK: router.gateway} if router.gateway and router.gateway.up else {})


def _link(port: Port, space: str, inner: str) -> Iterator[str]:
    outer, mtu = link_of(port.id), port.mtu
    yield f"link add {outer} mtu {mtu} type veth peer name {inner} mtu {mtu} address {port.mac} netns {space}"
    yield f"link set {outer} master {BRIDGE} up"


def _addresses(port: Port, link: str) -> Iterator[str]:
    for address in port.addresses:
        yield address.added_to(link)
    yield f"link set {link} up"


def _routes(router: Router) -> Iterator[str]:
    if router.gateway and router.gateway.up and router.up:
        for next_hop in router.next_hops:
            yield f"route replace default via {next_hop} dev {GATEWAY_LINK}"
