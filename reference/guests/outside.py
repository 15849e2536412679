"""The world beyond the external networks: a place on each, and an HTTP service that tells callers who they are."""

import ipaddress
import json
import secrets
import socket
from collections.abc import Iterator

from reference.guests import isolation, spaces
from reference.guests.events import Events
from reference.guests.names import BRIDGE, OUTSIDE, network_space, outer_link_of
from reference.guests.records import Address
from reference.guests.topology import Outside

ADDRESSES = (Address("198.51.100.7", 32), Address("2001:db8:ffff::7", 128))  # for documentation, so nobody's
PORT = 80
_SWITCHES = {"ipv6/conf/default/accept_dad": "0", "ipv6/conf/default/accept_ra": "0"}


def answer(nonce: str, caller: str) -> tuple[int, bytes]:
    """Who asked, as seen from here, and a word that nobody else can know."""
    address = ipaddress.ip_address(caller.partition("%")[0])
    mapped = getattr(address, "ipv4_mapped", None)
    return 200, json.dumps({"address": str(mapped or address), "nonce": nonce}).encode() + b"\n"


class OutsideSpace:
    def __init__(self, events: Events) -> None:
        nonce = secrets.token_hex(8)
        self._links: dict[str, object] = {}  # network -> how it is linked
        self._routes: tuple[tuple[str, str], ...] = ()
        spaces.add([OUTSIDE])
        spaces.links(OUTSIDE, ["link set lo up", *(address.added_to("lo") for address in ADDRESSES)])
        spaces.switches(spaces.path(OUTSIDE), _SWITCHES)
        for listening in isolation.in_network(spaces.path(OUTSIDE), lambda: [_listen(a.ip) for a in ADDRESSES]):
            events.serve(listening, lambda caller, _path: answer(nonce, caller))

    def apply(self, outside: Outside, networks: set[str]) -> None:
        """Be on these external networks, as far as they are there. Errors: Failed."""
        wanted = {network: (mtu, addresses) for network, mtu, addresses in outside.links if network in networks}
        for network in [network for network, how in self._links.items() if wanted.get(network) != how]:
            spaces.links(OUTSIDE, [f"link delete {outer_link_of(network)}"], force=True)
            del self._links[network]
            self._routes = ()
        for network, (mtu, addresses) in wanted.items():
            if network not in self._links:
                peer = f"name {outer_link_of(network)} mtu {mtu} netns {OUTSIDE}"
                here = [f"link add outside mtu {mtu} type veth peer {peer}", f"link set outside master {BRIDGE} up"]
                spaces.links(network_space(network), here)
                there = [address.added_to(outer_link_of(network)) for address in addresses]
                spaces.links(OUTSIDE, [*there, f"link set {outer_link_of(network)} up"])
                self._links[network] = (mtu, addresses)
        if outside.routes != self._routes:
            spaces.links(OUTSIDE, _changes(self._routes, outside.routes), force=True)
            self._routes = outside.routes


def _changes(before: tuple[tuple[str, str], ...], after: tuple[tuple[str, str], ...]) -> Iterator[str]:
    yield from (f"route delete {prefix}" for prefix, _via in sorted(set(before) - set(after)))
    yield from (f"route replace {prefix} via {via}" for prefix, via in after)


def _listen(address: str) -> socket.socket:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    return socket.create_server((address, PORT), family=family, backlog=128)
