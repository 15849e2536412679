"""Prefixes out of subnet pools: free space kept as free blocks, so that no allocation looks at what is allocated.

A pool starts as its prefixes. To allocate, the smallest block that fits (lowest address among equals) is taken out and
halved until it has the wanted size, the other halves staying free. To release, the block goes back and grows together
with its free twin, again and again. Each step touches a few rows by index, however many subnets there are.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Iterator
from itertools import takewhile
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from reference.network.checks import Network
from reference.network.tables import pool_blocks, subnetpools

_BITS = {4: 32, 6: 128}


def _hex(network: Network) -> str:
    return f"{int(network.network_address):032x}"


def _network(version: int, row: Row[Any]) -> Network:
    address = int(row.first, 16)
    return (
        ipaddress.IPv4Network((address, row.prefixlen))
        if version == 4
        else ipaddress.IPv6Network((address, row.prefixlen))
    )


def compact(prefixes: Iterable[str]) -> list[Network]:
    """Ascending, without overlaps, adjacent blocks merged (N-SP-005); all of one IP version."""
    networks: list[Any] = [ipaddress.ip_network(prefix) for prefix in prefixes]
    return list(ipaddress.collapse_addresses(networks))


def add(tx: Connection, pool_id: str, networks: Iterable[Network]) -> None:
    """Make those blocks free in the pool."""
    for network in networks:
        release(tx, pool_id, network)


def lock(tx: Connection, pool_id: str) -> None:
    """Queue behind another allocation from the same pool, where the database locks rows."""
    tx.execute(sa.select(subnetpools.c.id).where(subnetpools.c.id == pool_id).with_for_update())


def allocate(tx: Connection, pool: Row[Any], prefixlen: int) -> Network | None:
    """A block of that size, taken out of the locked pool; None where no free block is large enough."""
    fitting = (
        sa.select(pool_blocks)
        .where(pool_blocks.c.pool_id == pool.id, pool_blocks.c.prefixlen <= prefixlen)
        .order_by(pool_blocks.c.prefixlen.desc(), pool_blocks.c.first)
        .limit(1)
    )
    row = tx.execute(fitting).first()
    if row is None:
        return None
    block = _network(pool.ip_version, row)
    return _carve(tx, pool.id, block, type(block)((block.network_address, prefixlen)))


def allocate_exactly(tx: Connection, pool: Row[Any], wanted: Network) -> bool:
    """Take that very block out of the locked pool; False where not all of it is free."""
    around = [wanted.supernet(new_prefix=length) for length in range(wanted.prefixlen + 1)]
    row = tx.execute(
        sa.select(pool_blocks).where(
            pool_blocks.c.pool_id == pool.id,
            sa.or_(*(sa.and_(pool_blocks.c.first == _hex(n), pool_blocks.c.prefixlen == n.prefixlen) for n in around)),
        )
    ).first()
    if row is None:
        return False
    _carve(tx, pool.id, _network(pool.ip_version, row), wanted)
    return True


def release(tx: Connection, pool_id: str, block: Network) -> None:
    """Give the block back to the locked pool; it merges with its free twin, the result with its own, and so on."""
    twins = list(_twins(block))
    wanted = sa.and_(pool_blocks.c.pool_id == pool_id, pool_blocks.c.first.in_([_hex(twin) for twin in twins]))
    free = {(row.first, row.prefixlen) for row in tx.execute(sa.select(pool_blocks).where(wanted))}
    merged = list(takewhile(lambda twin: (_hex(twin), twin.prefixlen) in free, twins))
    if merged:
        gone = pool_blocks.c.first.in_([_hex(twin) for twin in merged])
        tx.execute(pool_blocks.delete().where(pool_blocks.c.pool_id == pool_id, gone))
        block = merged[-1].supernet()
    tx.execute(pool_blocks.insert().values(pool_id=pool_id, first=_hex(block), prefixlen=block.prefixlen))


def _twins(block: Network) -> Iterator[Network]:
    """The other half of what the block is half of, then that of what both make together, up to the whole space."""
    while block.prefixlen:
        parent = block.supernet()
        yield next(half for half in parent.subnets() if half != block)
        block = parent


def _carve(tx: Connection, pool_id: str, block: Any, wanted: Any) -> Network:
    _take(tx, pool_id, block)
    rest = [
        {"pool_id": pool_id, "first": _hex(free), "prefixlen": free.prefixlen} for free in block.address_exclude(wanted)
    ]
    if rest:
        tx.execute(pool_blocks.insert(), rest)
    network: Network = wanted
    return network


def _take(tx: Connection, pool_id: str, block: Network) -> bool:
    gone = tx.execute(
        pool_blocks.delete().where(
            pool_blocks.c.pool_id == pool_id,
            pool_blocks.c.first == _hex(block),
            pool_blocks.c.prefixlen == block.prefixlen,
        )
    )
    return gone.rowcount == 1


def quota_units(network: Network) -> int:
    """What a subnet counts against a pool's quota: addresses for IPv4, /64 prefixes for IPv6 (N-SP-020)."""
    unit = 32 if network.version == 4 else 64
    return 1 << max(0, unit - network.prefixlen)


def longest(version: int) -> int:
    """The prefix length of a single address."""
    return _BITS[version]
