"""The world beyond the external networks: a place on each, and an HTTP service that tells callers who they are."""

import asyncio
import ipaddress
import json
import re
import socket
from collections.abc import Callable, Iterator
from contextlib import suppress

from reference.guests import isolation, spaces
from reference.guests.events import Events
from reference.guests.names import BRIDGE, OUTSIDE, network_space, outer_link_of
from reference.guests.records import Address
from reference.guests.topology import Outside

ADDRESSES = (Address("198.51.100.7", 32), Address("2001:db8:ffff::7", 128))  # reserved for documentation
PORT = 80
BACK = 1.5  # seconds for calling the caller back
_PATH = re.compile(r"/(?P<nonce>[0-9A-Za-z]{1,64})?/?(?P<port>\d{1,5})?")
_LEAST_PORT, _MOST_PORT = 1024, 65535
_LONGEST_PAGE = 1024  # bytes of what listens there that are read
_SYSCTLS = {"ipv6/conf/default/accept_dad": "0", "ipv6/conf/default/accept_ra": "0"}


class Greeter:
    """Tells callers which address it sees: `GET /NONCE` answers that address and the nonce.

    `GET /NONCE/PORT` also says whether the caller can be reached at that address and port: the page there has to hold
    the nonce.
    """

    def __init__(self, connection: Callable[[socket.AddressFamily], socket.socket]) -> None:
        self._connection = connection  # makes a socket in this namespace

    async def answer(self, caller: str, path: str) -> tuple[int, bytes]:
        match = _PATH.fullmatch(path.partition("?")[0])
        if match is None:
            return 404, b"not found\n"
        address = ipaddress.ip_address(caller.partition("%")[0])
        mapped = getattr(address, "ipv4_mapped", None)
        source, nonce = str(mapped or address), match["nonce"] or ""
        about: dict[str, object] = {"address": source, "nonce": nonce}
        if match["port"]:
            about["reached"] = bool(nonce) and nonce in await self._page(source, int(match["port"]))
        return 200, json.dumps(about).encode() + b"\n"

    async def _page(self, address: str, port: int) -> str:
        """The beginning of the page at that address and port; empty if there is none in time."""
        if not _LEAST_PORT <= port <= _MOST_PORT:
            return ""
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        loop, page = asyncio.get_running_loop(), b""
        with self._connection(family) as connection, suppress(OSError):
            connection.setblocking(False)
            async with asyncio.timeout(BACK):
                await loop.sock_connect(connection, (address, port))
                await loop.sock_sendall(connection, b"GET / HTTP/1.0\r\n\r\n")
                while len(page) < _LONGEST_PAGE and (part := await loop.sock_recv(connection, 512)):
                    page += part
        return page.decode("latin-1")


class OutsideSpace:
    def __init__(self, events: Events) -> None:
        home = spaces.path(OUTSIDE)
        greeter = Greeter(lambda family: isolation.in_network(home, lambda: socket.socket(family)))
        self._links: dict[str, object] = {}  # network -> how it is linked
        self._routes: tuple[tuple[str, str], ...] = ()
        spaces.add([OUTSIDE])
        spaces.links(OUTSIDE, ["link set lo up", *(address.added_to("lo") for address in ADDRESSES)])
        spaces.sysctls(home, _SYSCTLS)
        for listening in isolation.in_network(home, lambda: [_listen(a.ip) for a in ADDRESSES]):
            events.serve(listening, greeter.answer)

    def apply(self, outside: Outside, networks: set[str]) -> None:
        """Link the outside to these external networks, as far as `networks` has them. Raises Failed."""
        links = {network: (mtu, addresses) for network, mtu, addresses in outside.links if network in networks}
        for network in [network for network, link in self._links.items() if links.get(network) != link]:
            spaces.links(OUTSIDE, [f"link delete {outer_link_of(network)}"], force=True)
            del self._links[network]
            self._routes = ()
        for network, (mtu, addresses) in links.items():
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
