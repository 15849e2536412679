"""Addresses out of subnets: chosen at random from the allocation pools, as real services do, unique by key.

A few random draws find a free address while the subnet is not nearly full; only then is it searched from the start.
"""

from __future__ import annotations

import ipaddress
import random
from collections.abc import Iterator
from itertools import islice
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from reference.network.checks import Network
from reference.network.errors import error
from reference.network.tables import addresses

DRAWS = 8
SEARCHED = 1 << 16  # addresses looked at, at most, in a nearly full subnet
_HOLDER = sa.select(addresses.c.port_id).where(
    addresses.c.subnet_id == sa.bindparam("subnet"), addresses.c.ip_address == sa.bindparam("address")
)


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


def take(tx: Connection, subnet: Row[Any], port_id: str) -> str | None:
    """A free address of the subnet for the port; None where there is none."""
    ranges = [
        (ipaddress.ip_address(pool["start"]), ipaddress.ip_address(pool["end"])) for pool in subnet.allocation_pools
    ]
    for candidate in _draws(ranges):
        if try_take(tx, subnet.id, candidate, port_id):
            return candidate
    held = tx.execute(sa.select(addresses.c.ip_address).where(addresses.c.subnet_id == subnet.id))
    taken = set(held.scalars())
    for candidate in _search(ranges):
        if candidate not in taken and try_take(tx, subnet.id, candidate, port_id):
            return candidate
    return None


def take_exactly(tx: Connection, subnet: Row[Any], address: str, port_id: str) -> None:
    """That address for the port. Errors: 400 outside the subnet, 409 where it is taken (N-PORT-007)."""
    if ipaddress.ip_address(address) not in ipaddress.ip_network(subnet.cidr):
        raise error("InvalidIpForSubnet", ip=address)
    if not try_take(tx, subnet.id, address, port_id):
        raise error("IpAddressAlreadyAllocated", ip=address, id=subnet.id)


def try_take(tx: Connection, subnet_id: str, address: str, port_id: str) -> bool:
    """Claim the address; False where another port has it."""
    if tx.execute(_HOLDER, {"subnet": subnet_id, "address": address}).first() is not None:
        return False
    tx.execute(addresses.insert(), {"subnet_id": subnet_id, "ip_address": address, "port_id": port_id})
    return True


def _draws(ranges: list[tuple[Any, Any]]) -> Iterator[str]:
    if not ranges:
        return
    sizes = [int(end) - int(start) + 1 for start, end in ranges]
    for _ in range(DRAWS):
        (start, _end), size = random.choices(list(zip(ranges, sizes, strict=True)), weights=sizes)[0]  # noqa: S311
        yield str(start + random.randrange(size))  # noqa: S311


def _search(ranges: list[tuple[Any, Any]]) -> Iterator[str]:
    every = (str(start + offset) for start, end in ranges for offset in range(int(end) - int(start) + 1))
    return islice(every, SEARCHED)


def contains(subnet: Row[Any], address: str) -> bool:
    """True where the address is one of the subnet's."""
    return ipaddress.ip_address(address) in ipaddress.ip_network(subnet.cidr)
