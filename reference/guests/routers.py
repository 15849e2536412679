"""Routers in the kernel: for each a namespace, with links to the bridges of networks."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from reference.guests import dhcp, spaces, translation
from reference.guests.daemon import Dnsmasq
from reference.guests.events import Events
from reference.guests.names import BRIDGE, GATEWAY_LINK, inner_link_of, link_of, network_space, router_space
from reference.guests.records import Port
from reference.guests.topology import Network, Router

_SYSCTLS = {
    "ipv4/ip_forward": "1",
    "ipv4/conf/all/arp_ignore": "1",  # several interfaces may be on one network: each answers for its own addresses
    "ipv6/conf/all/forwarding": "1",
    "ipv6/conf/default/accept_dad": "0",
    "ipv6/conf/default/accept_ra": "0",
}


class RouterSpace:
    """One router: its state as it was applied, and its programs."""

    def __init__(self, router: Router, place: Path, events: Events) -> None:
        self.space = router_space(router.id)
        self.dnsmasq = Dnsmasq(self.space, place / router.id, events)
        self._plugged: dict[str, Port] = {}  # by the name of the link in the router
        self._floating: frozenset[str] = frozenset()
        self._applied: dict[str, object] = {}
        spaces.links(self.space, ["link set lo up"])
        spaces.sysctls(spaces.path(self.space), _SYSCTLS)

    def apply(self, router: Router, networks: Mapping[str, Network]) -> None:
        """Configure the namespace as `router` says, where that has changed. Raises Failed."""
        text = translation.router_rules(router)
        self._once("rules", text, lambda: spaces.rules(self.space, text))
        self._plug(_ends(router) if router.up else {}, router.next_hops)
        external = frozenset(external for external, _fixed in router.floating)
        self._once("floating", external, lambda: self._float(external))
        guests = [port for own in {p.network for p in router.interfaces} for port in networks[own].guests]
        config = dhcp.router_config(router, str(self.dnsmasq.hosts_file))
        self.dnsmasq.apply(config, dhcp.router_hosts(router, guests))

    def _plug(self, plugs: Mapping[str, Port], next_hops: tuple[str, ...]) -> None:
        """Have these links, and the gateway's routes; all that depends on a new link is done again."""
        gone = [inner for inner, port in self._plugged.items() if plugs.get(inner) != port]
        spaces.links(self.space, [f"link delete {inner}" for inner in gone], force=True)
        for inner in gone:
            del self._plugged[inner]
        new = {inner: port for inner, port in plugs.items() if inner not in self._plugged}
        if GATEWAY_LINK in new:
            self._applied.pop("floating", None)
        routes = [f"route replace default via {hop} dev {GATEWAY_LINK}" for hop in next_hops if GATEWAY_LINK in plugs]
        if not new and self._applied.get("routes") == routes:
            return
        spaces.links(self.space, [*(line for inner, port in new.items() for line in _link(port, inner)), *routes])
        self._applied["routes"] = routes
        self._plugged |= new
        for network in {port.network for port in new.values()}:
            ends = [link_of(port.id) for port in new.values() if port.network == network]
            spaces.links(network_space(network), [f"link set {end} master {BRIDGE} up" for end in ends])

    def _float(self, external: frozenset[str]) -> None:
        """Give the gateway those addresses besides its own, and no others."""
        if GATEWAY_LINK in self._plugged:
            own = {address.ip for address in self._plugged[GATEWAY_LINK].addresses}
            gone = [f"addr delete {ip}/32 dev {GATEWAY_LINK}" for ip in self._floating - external - own]
            new = [f"addr add {ip}/32 dev {GATEWAY_LINK}" for ip in sorted(external - own)]
            spaces.links(self.space, [*gone, *new], force=True)  # some may be there, or gone with their link
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


def _link(port: Port, inner: str) -> Iterator[str]:
    """The commands that make the link, in the router's namespace; the other end comes up in the network's."""
    peer = f"name {link_of(port.id)} mtu {port.mtu} netns {network_space(port.network)}"
    yield f"link add {inner} mtu {port.mtu} address {port.mac} type veth peer {peer}"
    yield from (address.added_to(inner) for address in port.addresses)
    yield f"link set {inner} up"
