"""Addresses out of subnets: chosen at random from the allocation pools, as real services do, unique by key.

A few random draws find a free address while the subnet is not nearly full; only then is it searched from the start.
"""

from __future__ import annotations

import ipaddress
import random
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row, RowMapping

from reference.network.checks import Network
from reference.network.errors import error
from reference.network.tables import addresses, ports

INTERFACE = "network:router_interface"  # whose device owner that is has the address it was plugged in with
_AUTOMATIC = ("slaac", "dhcpv6-stateless")
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


def is_automatic(subnet: Mapping[str, Any] | RowMapping) -> bool:
    """Whether ports make their address in the subnet of its prefix and their MAC address."""
    return subnet["ipv6_address_mode"] in _AUTOMATIC or subnet["ipv6_ra_mode"] in _AUTOMATIC


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
    if not contains(subnet, address):
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
    """True where the address is one of the subnet's that a host may have."""
    prefix, wanted = ipaddress.ip_network(subnet.cidr), ipaddress.ip_address(address)
    ends = (prefix.network_address, prefix.broadcast_address) if prefix.version == 4 and prefix.prefixlen < 31 else ()
    return wanted in prefix and wanted not in ends
