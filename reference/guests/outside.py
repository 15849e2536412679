"""The world beyond the external networks: a place on each, and an HTTP service that tells callers who they are."""

from __future__ import annotations

import ipaddress
import json
import secrets
import socket
from collections.abc import Iterator

from reference.guests import isolation, spaces
from reference.guests.events import Events
from reference.guests.names import BRIDGE, OUTSIDE, network_space
from reference.guests.topology import Outside

ADDRESSES = ("198.51.100.7", "2001:db8:ffff::7")  # for documentation, so nobody's
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
        lengths = {4: 32, 6: 128}
        own = [f"addr add {ip}/{lengths[ipaddress.ip_address(ip).version]} dev lo" for ip in ADDRESSES]
        spaces.links(OUTSIDE, ["link set lo up", *own])
        spaces.switches(spaces.path(OUTSIDE), _SWITCHES)
        for listening in isolation.in_network(spaces.path(OUTSIDE), lambda: [_listen(ip) for ip in ADDRESSES]):
            events.serve(listening, lambda caller, _path: answer(nonce, caller))

    def apply(self, outside: Outside, networks: set[str]) -> None:
        """Be on these external networks, as far as they are there. Errors: Failed."""
        wanted = {network: (mtu, addresses) for network, mtu, addresses in outside.links if network in networks}
        for network in [network for network, how in self._links.items() if wanted.get(network) != how]:
            spaces.links(OUTSIDE, [f"link delete {_link(network)}"], force=True)
            del self._links[network]
            self._routes = ()
        for network, (mtu, addresses) in wanted.items():
            if network not in self._links:
                peer = f"name {_link(network)} mtu {mtu} netns {OUTSIDE}"
                here = [f"link add outside mtu {mtu} type veth peer {peer}", f"link set outside master {BRIDGE} up"]
                spaces.links(network_space(network), here)
                there = [f"addr add {address} dev {_link(network)}" for address in addresses]
                spaces.links(OUTSIDE, [*there, f"link set {_link(network)} up"])
                self._links[network] = (mtu, addresses)
        if outside.routes != self._routes:
            spaces.links(OUTSIDE, _changes(self._routes, outside.routes), force=True)
            self._routes = outside.routes


def _changes(before: tuple[tuple[str, str], ...], after: tuple[tuple[str, str], ...]) -> Iterator[str]:
    yield from (f"route delete {prefix}" for prefix, _via in sorted(set(before) - set(after)))
    yield from (f"route replace {prefix} via {via}" for prefix, via in after)


def _link(network: str) -> str:
    return f"x{network.replace('-', '')}"[:15]


def _listen(address: str) -> socket.socket:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    return socket.create_server((address, PORT), family=family, backlog=128)
