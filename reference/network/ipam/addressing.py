"""Addresses out of subnets: chosen at random from the allocation pools, as real services do, unique by key.

A few random draws find a free address while the subnet is not nearly full, more of them until it almost is; only then
is it searched from the start. What several ports need is looked up, and kept, at once.
"""

import ipaddress
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from reference.network.rest.errors import error
from reference.network.rest.validators import Network
from reference.network.tables import addresses, ports

# ports of the services that a network is served by: they go with it, and keep nobody from deleting it
AUTO_DELETE_OWNERS = ("network:dhcp", "network:distributed", "network:floatingip_agent_gateway")
INTERFACE = "network:router_interface"  # whose device owner that is has the address it was plugged in with
_AUTOMATIC = ("slaac", "dhcpv6-stateless")
DRAWS = (8, 60)  # how many at once, round by round
SEARCHED = 1 << 16  # addresses looked at, at most, in a nearly full subnet
_HELD_IN = sa.select(addresses.c.ip_address).where(addresses.c.subnet_id == sa.bindparam("subnet"))
_HELD = sa.select(addresses.c.subnet_id, addresses.c.ip_address).where(
    addresses.c.subnet_id.in_(sa.bindparam("subnets", expanding=True)),
    addresses.c.ip_address.in_(sa.bindparam("addresses", expanding=True)),
)
Place = tuple[str, str]  # subnet and address


@dataclass(frozen=True)
class Claim:
    """What a port needs: that `address` of the first of the subnets, or else any address, of the first that has one."""

    port_id: str
    subnets: Sequence[Any]
    address: str | None = None


def default_gateway(network: Network) -> str | None:
    """The first address behind the network's own; none where there is no room."""
    return str(network.network_address + 1) if network.num_addresses > 2 else str(network.network_address)


def default_pools(network: Network, gateway: str | None) -> list[dict[str, str]]:
    """The host addresses of the subnet without its gateway, as inclusive ranges."""
    first, last = int(network.network_address), int(network.broadcast_address)
    if network.num_addresses > 2:
        first, last = first + 1, last - (1 if network.version == 4 else 0)
    taken = int(ipaddress.ip_address(gateway)) if gateway else first - 1
    ranges = [(first, last)] if not first <= taken <= last else [(first, taken - 1), (taken + 1, last)]
    make = type(network.network_address)
    return [{"start": str(make(low)), "end": str(make(high))} for low, high in ranges if low <= high]


def is_automatic(subnet: Any) -> bool:
    """Whether ports make their address in the subnet of its prefix and their MAC address."""
    return subnet.ipv6_address_mode in _AUTOMATIC or subnet.ipv6_ra_mode in _AUTOMATIC


def automatic(cidr: str, mac: str) -> str:
    """The address of that MAC in that /64 (modified EUI-64, RFC 4291, appendix A)."""
    octets = bytes.fromhex(mac.replace(":", ""))
    identifier = bytes([octets[0] ^ 2]) + octets[1:3] + b"\xff\xfe" + octets[3:]
    return str(ipaddress.ip_network(cidr).network_address + int.from_bytes(identifier))


def give_automatic(tx: Connection, subnet_id: str, cidr: str, network_id: str) -> None:
    """Every port that is on the network already gets its address in a new subnet; routers get theirs when plugged."""
    there = sa.select(ports.c.id, ports.c.mac_address)
    there = there.where(ports.c.network_id == network_id, ports.c.device_owner != INTERFACE)
    given = [
        {"subnet_id": subnet_id, "ip_address": automatic(cidr, port.mac_address), "port_id": port.id}
        for port in tx.execute(there)
    ]
    if given:
        tx.execute(addresses.insert(), given)


def take(tx: Connection, claims: Sequence[Claim]) -> None:
    """Keep an address for each claim.

    Errors: 400 for one outside its subnet, 409 for one that is taken (N-PORT-007) or where none is left.
    """
    for claim in claims:
        if claim.address is not None and not contains(claim.subnets[0], claim.address):
            raise error("InvalidIpForSubnet", ip=claim.address)
    kept: dict[Place, str] = {}
    left: Sequence[Claim] = sorted(claims, key=lambda claim: claim.address is None)  # no draw takes what is asked for
    for draws in DRAWS:
        left = _settle(tx, left, draws, kept) if left else ()
    for claim in left:
        kept[_search(tx, claim, kept)] = claim.port_id
    rows = [{"subnet_id": subnet, "ip_address": address, "port_id": port} for (subnet, address), port in kept.items()]
    if rows:
        tx.execute(addresses.insert(), rows)


def _settle(tx: Connection, claims: Sequence[Claim], draws: int, kept: dict[Place, str]) -> Sequence[Claim]:
    """Keep what so many draws find free; the claims that are left. Errors: 409 for an address that is taken."""
    places = [_places(claim, draws) for claim in claims]
    held = kept.keys() | _held(tx, list(chain(*places)))
    left = []
    for claim, several in zip(claims, places, strict=True):
        free = next((place for place in several if place not in held), None)
        if free is not None:
            kept[free] = claim.port_id
            held.add(free)
        elif claim.address is not None:
            raise error("IpAddressAlreadyAllocated", ip=claim.address, id=claim.subnets[0].id)
        else:
            left.append(claim)
    return left


def _held(tx: Connection, places: Sequence[Place]) -> set[Place]:
    """Those that ports have, and some more."""
    wanted = {name: list({place[number] for place in places}) for number, name in enumerate(("subnets", "addresses"))}
    return {(row.subnet_id, row.ip_address) for row in tx.execute(_HELD, wanted)} if places else set()


def _places(claim: Claim, draws: int) -> list[Place]:
    """Where the claim could be settled, as far as so many draws in each subnet tell."""
    if claim.address is not None:
        return [(claim.subnets[0].id, claim.address)]
    return [(subnet.id, address) for subnet in claim.subnets for address in _draws(_ranges(subnet), draws)]


def _search(tx: Connection, claim: Claim, kept: Mapping[Place, str]) -> Place:
    """The first free address. Errors: 409."""
    for subnet in claim.subnets:
        held = set(tx.execute(_HELD_IN, {"subnet": subnet.id}).scalars())
        for start, size in _ranges(subnet):
            for offset in islice(range(size), SEARCHED):
                place = subnet.id, str(start + offset)
                if place[1] not in held and place not in kept:
                    return place
    raise error("IpAddressGenerationFailure", id=claim.subnets[0].network_id)


def _ranges(subnet: Any) -> list[tuple[Any, int]]:
    """First address and size of each allocation pool."""
    ends = [
        (ipaddress.ip_address(pool["start"]), ipaddress.ip_address(pool["end"])) for pool in subnet.allocation_pools
    ]
    return [(start, int(end) - int(start) + 1) for start, end in ends]


def _draws(ranges: list[tuple[Any, int]], many: int) -> list[str]:
    chosen = random.choices(ranges, weights=[size for _start, size in ranges], k=many) if ranges else []  # noqa: S311
    return [str(start + random.randrange(size)) for start, size in chosen]  # noqa: S311


def contains(subnet: Any, address: str) -> bool:
    """True where the address is one of the subnet's that a host may have."""
    prefix, wanted = ipaddress.ip_network(subnet.cidr), ipaddress.ip_address(address)
    ends = (prefix.network_address, prefix.broadcast_address) if prefix.version == 4 and prefix.prefixlen < 31 else ()
    return wanted in prefix and wanted not in ends
