"""Faults in what is given out of a limited space: prefixes of a pool, addresses of a subnet, places on a router."""

from __future__ import annotations

import time
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from reference.compute.network_client import Networks
from reference.faults.catalogue import defect
from reference.faults.network_seam import overlooking
from reference.faults.seam import around, crash, nothing, replace
from reference.network import tables
from reference.network.ipam import addressing, free_blocks
from reference.network.resources import router_interfaces, subnets
from reference.network.rest.errors import error
from reference.wsgi.errors import Problem

RECENTLY = 0.5  # seconds


def _without_unique_prefixes() -> None:
    """Drop what keeps a pool from giving one prefix twice; planted before the tables are made."""
    unique = {each for each in tables.subnets.constraints if isinstance(each, sa.UniqueConstraint)}
    tables.subnets.constraints -= unique


@defect("N-SP-030", row="DEF-N-041")
def prefixes_are_given_twice() -> None:
    """A prefix that was allocated stays free in its pool."""
    _without_unique_prefixes()
    replace(free_blocks, "carve", lambda _tx, _pool, _block, wanted: wanted)
    replace(free_blocks, "release", _only_new)


@defect("N-SP-036")
def prefixes_are_not_given_back() -> None:
    """A deleted subnet's prefix stays taken."""
    replace(free_blocks, "release", _only_new)


def _only_new(tx: Connection, pool_id: str, block: Any) -> None:
    """Blocks are made free when the pool is made, and never again."""
    used = sa.select(tables.subnets.c.id).where(tables.subnets.c.subnetpool_id == pool_id)
    if tx.execute(used).first() is None:
        tx.execute(
            tables.pool_blocks.insert(), free_blocks.free_row(pool_id, free_blocks.as_hex(block), block.prefixlen)
        )


@defect("N-PORT-008")
def ports_without_address() -> None:
    """Where no address is left, a port is made without one."""

    overlooking(addressing, "take", "IpAddressGenerationFailure")


@defect("N-PORT-008")
def no_address_left_is_500() -> None:
    """Where no address is left, the service breaks."""

    def address(right: Any, *arguments: Any) -> None:
        try:
            right(*arguments)
        except Problem:
            crash()

    around(addressing, "take", address)


@defect("N-SUB-012", row="DEF-N-047")
def subnets_may_overlap() -> None:
    """Subnets of one network are not compared."""
    replace(subnets, "refuse_overlap", nothing)


@defect("N-SUB-012")
def overlaps_are_conflicts() -> None:
    """A subnet that overlaps another one is refused with 409."""

    def refuse(right: Any, *arguments: Any) -> None:
        try:
            right(*arguments)
        except Problem as refused:
            raise error("SubnetInUse", id=arguments[1]) from refused

    around(subnets, "refuse_overlap", refuse)


@defect("N-RTR-011", row="DEF-N-048")
def interfaces_may_overlap() -> None:
    """Interfaces of one router are not compared."""
    replace(router_interfaces, "refuse_overlap", nothing)


@defect("C-CW-14", row="DEF-C-024", race=True)
def the_latest_topology_will_do() -> None:
    """A builder that has just had a topology allocated takes it for that of the next project, too."""
    latest: list[tuple[float, str]] = []

    def topology(right: Any, self: Networks, project: str) -> str:
        if latest and time.monotonic() - latest[-1][0] < RECENTLY:
            return latest[-1][1]
        latest.append((time.monotonic(), str(right(self, project))))
        return latest[-1][1]

    around(Networks, "topology", topology)
