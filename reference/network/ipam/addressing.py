"""Addresses out of subnets: drawn at random from the allocation pools, as real services do, and unique by key.

A few random draws find a free address unless the subnet is nearly full; then more of them find one in most cases. Only
if these fail is the subnet searched from the start. The addresses of several ports are looked up, and stored, at once.
"""

import ipaddress
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from reference.network.rest.address_checks import Network
from reference.network.rest.errors import error
from reference.network.tables import addresses, ports
from reference.store.plans import insert

# owners of ports of a network's own services: these are deleted with the network, and do not forbid its deletion
AUTO_DELETE_OWNERS = ("network:dhcp", "network:distributed", "network:floatingip_agent_gateway")
INTERFACE = "network:router_interface"  # router interfaces: they get no automatic addresses
_AUTOMATIC = ("slaac", "dhcpv6-stateless")
DRAWS = (8, 60)  # how many random draws each round makes
SEARCHED = 1 << 16  # most addresses of a pool that are tried in a nearly full subnet
_TAKEN_IN = sa.select(addresses.c.ip_address).where(addresses.c.subnet_id == sa.bindparam("subnet"))
_TAKEN = sa.select(addresses.c.subnet_id, addresses.c.ip_address).where(
    addresses.c.subnet_id.in_(sa.bindparam("subnets", expanding=True)),
    addresses.c.ip_address.in_(sa.bindparam("addresses", expanding=True)),
)
Place = tuple[str, str]  # subnet and address


@dataclass(frozen=True)
class Claim:
    """An address that a port needs: `address` in the first of the subnets, or for None one in any of them, in order."""

    port_id: str
    subnets: Sequence[Any]
    address: str | None = None


def default_gateway(network: Network, *, chosen: bool = False) -> str | None:
    """The second address of the prefix. The first one in a prefix of one or two addresses, and in an IPv6 prefix that
    its user has `chosen` (false: the pool has).
    """
    if chosen and network.version == 6:
        return str(network.network_address)
    return str(network.network_address + 1) if network.num_addresses > 2 else str(network.network_address)


def default_pools(network: Network, gateway: str | None) -> list[dict[str, str]]:
    """The host addresses of the subnet without its gateway, as inclusive ranges."""
    first, last = int(network.network_address), int(network.broadcast_address)
    if network.num_addresses > 2:
        first, last = first + 1, last - (1 if network.version == 4 else 0)
    gateway_number = int(ipaddress.ip_address(gateway)) if gateway else first - 1
    ranges = [(first, last)]
    if first <= gateway_number <= last:
        ranges = [(first, gateway_number - 1), (gateway_number + 1, last)]
    make = type(network.network_address)
    if network.num_addresses == 1:  # the gateway's address, which the pool contains
        ranges = [(first, last)]
    return [{"start": str(make(low)), "end": str(make(high))} for low, high in ranges if low <= high]


def is_automatic(subnet: Any) -> bool:
    """Whether the addresses of ports in the subnet follow from its prefix and their MAC addresses."""
    return subnet.ipv6_address_mode in _AUTOMATIC or subnet.ipv6_ra_mode in _AUTOMATIC


def automatic(cidr: str, mac: str) -> str:
    """The address of that MAC address in that /64 (modified EUI-64, RFC 4291, appendix A)."""
    octets = bytes.fromhex(mac.replace(":", ""))
    identifier = bytes([octets[0] ^ 2]) + octets[1:3] + b"\xff\xfe" + octets[3:]
    return str(ipaddress.ip_network(cidr).network_address + int.from_bytes(identifier))


def give_automatic(tx: Connection, subnet_id: str, cidr: str, network_id: str) -> None:
    """Add the addresses in a new subnet of all ports on its network, except for routers' interfaces."""
    statement = sa.select(ports.c.id, ports.c.mac_address)
    statement = statement.where(ports.c.network_id == network_id, ports.c.device_owner != INTERFACE)
    rows = [
        {"subnet_id": subnet_id, "ip_address": automatic(cidr, port.mac_address), "port_id": port.id}
        for port in tx.execute(statement)
    ]
    if rows:
        tx.execute(insert(addresses), rows)


def take(tx: Connection, claims: Sequence[Claim]) -> None:
    """Store an address for each claim.

    Raises Problem: 400 for one outside its subnet, 409 for one in use (N-PORT-007) or where none is free.
    """
    for claim in claims:
        if claim.address is not None and not contains(claim.subnets[0], claim.address):
            raise error("InvalidIpForSubnet", ip=claim.address)
    owners: dict[Place, str] = {}
    # claims of certain addresses come first, so that no draw takes those
    unsettled: Sequence[Claim] = sorted(claims, key=lambda claim: claim.address is None)
    for draws in DRAWS:
        unsettled = _settle(tx, unsettled, draws, owners) if unsettled else ()
    for claim in unsettled:
        owners[_search(tx, claim, owners)] = claim.port_id
    rows = [{"subnet_id": subnet, "ip_address": address, "port_id": port} for (subnet, address), port in owners.items()]
    if rows:
        tx.execute(insert(addresses), rows)


def _settle(tx: Connection, claims: Sequence[Claim], draws: int, owners: dict[Place, str]) -> Sequence[Claim]:
    """The claims that still have no free address after `draws` random choices; the others get one in `owners`.

    Raises Problem: 409 for an address in use.
    """
    places = [_places(claim, draws) for claim in claims]
    used = owners.keys() | _taken(tx, list(chain(*places)))
    unsettled = []
    for claim, candidates in zip(claims, places, strict=True):
        free = next((place for place in candidates if place not in used), None)
        if free is not None:
            owners[free] = claim.port_id
            used.add(free)
        elif claim.address is not None:
            raise error("IpAddressAlreadyAllocated", ip=claim.address, id=claim.subnets[0].id)
        else:
            unsettled.append(claim)
    return unsettled


def _taken(tx: Connection, places: Sequence[Place]) -> set[Place]:
    """The places that ports have, of these and of some others."""
    if not places:
        return set()
    subnets, hosts = ({place[part] for place in places} for part in (0, 1))
    rows = tx.execute(_TAKEN, {"subnets": list(subnets), "addresses": list(hosts)})
    return {(row.subnet_id, row.ip_address) for row in rows}


def _places(claim: Claim, draws: int) -> list[Place]:
    """Places for the claim: its address, or so many draws in each of its subnets."""
    if claim.address is not None:
        return [(claim.subnets[0].id, claim.address)]
    return [(subnet.id, address) for subnet in claim.subnets for address in _draws(_ranges(subnet), draws)]


def _search(tx: Connection, claim: Claim, owners: Mapping[Place, str]) -> Place:
    """The first free place for the claim. Raises Problem (409)."""
    for subnet in claim.subnets:
        used = set(tx.execute(_TAKEN_IN, {"subnet": subnet.id}).scalars())
        for start, size in _ranges(subnet):
            for offset in islice(range(size), SEARCHED):
                place = subnet.id, str(start + offset)
                if place[1] not in used and place not in owners:
                    return place
    raise error("IpAddressGenerationFailure", id=claim.subnets[0].network_id)


def _ranges(subnet: Any) -> list[tuple[Any, int]]:
    """First address and size of each allocation pool."""
    ends = [
        (ipaddress.ip_address(pool["start"]), ipaddress.ip_address(pool["end"])) for pool in subnet.allocation_pools
    ]
    return [(start, int(end) - int(start) + 1) for start, end in ends]


def _draws(ranges: list[tuple[Any, int]], number: int) -> list[str]:
    drawn = random.choices(ranges, weights=[size for _start, size in ranges], k=number) if ranges else []  # noqa: S311
    return [str(start + random.randrange(size)) for start, size in drawn]  # noqa: S311


def in_pools(subnet: Any, address: str) -> bool:
    """Whether the address is in one of the subnet's allocation pools."""
    number = int(ipaddress.ip_address(address))
    return any(int(start) <= number < int(start) + size for start, size in _ranges(subnet))


def contains(subnet: Any, address: str) -> bool:
    """Whether a host may have the address in the subnet."""
    prefix, host = ipaddress.ip_network(subnet.cidr), ipaddress.ip_address(address)
    ends = (prefix.network_address, prefix.broadcast_address) if prefix.version == 4 and prefix.prefixlen < 31 else ()
    return host in prefix and host not in ends
