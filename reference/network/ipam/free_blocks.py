"""Prefixes out of subnet pools: their free space is stored as free blocks, so that no allocation reads the subnets.

A pool starts as its prefixes. An allocation takes the smallest block that fits (the lowest address among equals) and
halves it until it has the right size; the other halves stay free. A release returns the block and merges it with its
free twin, again and again. Each step touches a few rows by index, however many subnets there are.
"""

import ipaddress
from collections.abc import Iterable
from itertools import takewhile
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from reference.network.rest.address_checks import Network
from reference.network.tables import pool_blocks, subnetpools
from reference.store import hold
from reference.store.plans import insert

_BITS = {4: 32, 6: 128}
_POOL = pool_blocks.c.pool_id == sa.bindparam("pool")
_LOCKED = sa.select(subnetpools.c.id).where(subnetpools.c.id == sa.bindparam("pool"))
# the smallest block that holds a prefix of that length, the lowest among equals
_FITTING = (
    sa.select(pool_blocks)
    .where(_POOL, pool_blocks.c.prefixlen <= sa.bindparam("length"))
    .order_by(pool_blocks.c.prefixlen.desc(), pool_blocks.c.first)
    .limit(1)
)
_FREE = sa.select(pool_blocks).where(_POOL, pool_blocks.c.first.in_(sa.bindparam("blocks", expanding=True)))
_GONE = pool_blocks.delete().where(_POOL, pool_blocks.c.first.in_(sa.bindparam("blocks", expanding=True)))


def as_hex(network: Network) -> str:
    """The first address of the block as it is stored, 32 hex digits."""
    return f"{int(network.network_address):032x}"


def _network(version: int, row: Row[Any]) -> Network:
    """The block of a row."""
    address = int(row.first, 16)
    return (
        ipaddress.IPv4Network((address, row.prefixlen))
        if version == 4
        else ipaddress.IPv6Network((address, row.prefixlen))
    )


def compact(prefixes: Iterable[str]) -> list[Network]:
    """The prefixes, all of one IP version, ascending, without overlaps, adjacent ones merged (N-SP-005)."""
    networks: list[Any] = [ipaddress.ip_network(prefix) for prefix in prefixes]
    return list(ipaddress.collapse_addresses(networks))


def within(inner: Any, outer: Any) -> bool:
    """Whether one prefix is part of another, both of one IP version."""
    return bool(inner.subnet_of(outer))


def without(blocks: Iterable[Any], parts: Iterable[Any]) -> list[Any]:
    """The blocks without those parts, each of which is inside one of them."""
    rest = list(blocks)
    for part in parts:
        holder = next(block for block in rest if within(part, block))
        rest.remove(holder)
        rest.extend(holder.address_exclude(part))
    return rest


def add(tx: Connection, pool_id: str, networks: Iterable[Network]) -> None:
    """Add free blocks to the locked pool."""
    for network in networks:
        release(tx, pool_id, network)


def lock(tx: Connection, pool_id: str) -> None:
    """Lock the pool's row until the transaction ends, so that allocations are one after the other."""
    hold(tx, _LOCKED, {"pool": pool_id})


def allocate(tx: Connection, pool: Row[Any], prefixlen: int) -> Network | None:
    """A block of that length, taken out of the locked pool; None where no free block is large enough."""
    row = tx.execute(_FITTING, {"pool": pool.id, "length": prefixlen}).first()
    if row is None:
        return None
    block = _network(pool.ip_version, row)
    return carve(tx, pool.id, block, type(block)((block.network_address, prefixlen)))


def allocate_exactly(tx: Connection, pool: Row[Any], block: Network) -> bool:
    """Take that very block out of the locked pool; False, without a change, where not all of it is free."""
    holders = [block.supernet(new_prefix=length) for length in range(block.prefixlen + 1)]
    row = tx.execute(
        sa.select(pool_blocks).where(
            pool_blocks.c.pool_id == pool.id,
            sa.or_(
                *(sa.and_(pool_blocks.c.first == as_hex(n), pool_blocks.c.prefixlen == n.prefixlen) for n in holders)
            ),
        )
    ).first()
    if row is None:
        return False
    carve(tx, pool.id, _network(pool.ip_version, row), block)
    return True


def release(tx: Connection, pool_id: str, block: Network) -> None:
    """Return the block to the locked pool; it merges with its free twin, the result with its own, and so on."""
    twins = _twins(block)
    parameters = {"pool": pool_id, "blocks": [first for first, _length in twins]}
    free = {(row.first, row.prefixlen) for row in tx.execute(_FREE, parameters)}
    merged = list(takewhile(free.__contains__, twins))
    if merged:
        tx.execute(_GONE, {"pool": pool_id, "blocks": [first for first, _length in merged]})
        block = block.supernet(new_prefix=merged[-1][1] - 1)
    tx.execute(insert(pool_blocks), free_row(pool_id, as_hex(block), block.prefixlen))


def _twins(block: Network, within: int = 0) -> list[tuple[str, int]]:
    """The twins of the block and of the blocks around it, up to, and without, the one of prefix length `within`.

    A block's twin is the other half of the block that is twice as large. Each is given as it is stored: its first
    address in hex, its prefix length.
    """
    first, twins = int(block.network_address), []
    for length in range(block.prefixlen, within, -1):
        bit = 1 << (block.max_prefixlen - length)
        twins.append((f"{first ^ bit:032x}", length))
        first &= ~bit
    return twins


def carve(tx: Connection, pool_id: str, block: Network, part: Network) -> Network:
    """The `part`, taken out of the free block around it; the rest of that block, the twins of the part, stays free."""
    tx.execute(_GONE, {"pool": pool_id, "blocks": [as_hex(block)]})
    rest = [free_row(pool_id, *twin) for twin in _twins(part, block.prefixlen)]
    if rest:
        tx.execute(insert(pool_blocks), rest)
    return part


def free_row(pool_id: str, first: str, prefixlen: int) -> dict[str, object]:
    return {"pool_id": pool_id, "first": first, "prefixlen": prefixlen}


def quota_units(network: Network) -> int:
    """The units of a pool's quota that a subnet uses: addresses for IPv4, /64 prefixes for IPv6 (N-SP-020)."""
    unit = 32 if network.version == 4 else 64
    return 1 << max(0, unit - network.prefixlen)


def longest(version: int) -> int:
    """The prefix length of a single address of that IP version."""
    return _BITS[version]
