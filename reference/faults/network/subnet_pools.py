"""Faults in subnet pools: what they are, who sees them, what comes out of them."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from reference.catalogue import Plant
from reference.faults.catalogue import entry, fault, table
from reference.faults.seams import (
    Wrapper,
    altered,
    around,
    attribute,
    falling_back,
    refused_as,
    refused_with,
    replaced,
    seen_by_all,
    shown,
    together,
    unfiltered,
    without,
)
from reference.network import tables
from reference.network.handlers import pool_prefixes
from reference.network.ipam import free_blocks
from reference.network.resources import subnet_prefixes, subnetpools
from reference.network.rest import validators
from reference.network.rest.errors import error
from reference.network.rest.resource import Values
from reference.wsgi.context import Caller

LENGTHS = ("min_prefixlen", "default_prefixlen", "max_prefixlen")


def _allocating(choice: Callable[[Any, Any], tuple[Any, Any]]) -> Plant:
    """Let `choice(pool, requested)` return the pool from which a subnet is cut, and its prefix or length."""

    def allocate(right: Wrapper, tx: Connection, pool: Any, values: Values, requested: Any) -> Any:
        source, block = choice(pool, requested)
        return right(tx, source, values, block)

    return around(subnet_prefixes, "allocate")(allocate)


def _unbound(pool: Row[Any]) -> Any:
    return SimpleNamespace(**{**pool._mapping, "min_prefixlen": 0, "max_prefixlen": 128})


def _drop_unique_prefixes() -> None:
    """Drop the unique key by which a pool gives no prefix twice; planted before the tables are created."""
    unique = {constraint for constraint in tables.subnets.constraints if isinstance(constraint, sa.UniqueConstraint)}
    tables.subnets.constraints -= unique


def _release_new(tx: Connection, pool_id: str, block: Any) -> None:
    """Add free blocks when the pool is created, and never again."""
    used = sa.select(tables.subnets.c.id).where(tables.subnets.c.subnetpool_id == pool_id)
    if tx.execute(used).first() is None:
        row = free_blocks.free_row(pool_id, free_blocks.as_hex(block), block.prefixlen)
        tx.execute(tables.pool_blocks.insert(), row)


table(
    entry("pool-lengths-are-numbers", "N-SP-004", row="DEF-N-067")(
        "The prefix lengths of a pool are shown as numbers.",
        shown(subnetpools.RESOURCE)(lambda item: item.update({name: int(item[name]) for name in LENGTHS})),
    ),
    entry("pools-do-not-show-their-quota", "N-SP-001", row="DEF-N-068")(
        "Pools do not show default_quota.", shown(subnetpools.RESOURCE)(lambda item: item.pop("default_quota"))
    ),
    entry("pools-give-a-16", "N-SP-003")(
        "An IPv4 pool that names no length gives a /16.",
        altered(subnetpools, "SHORTEST", lambda lengths: {**lengths, 4: 16}),
    ),
    entry("ipv6-pools-give-a-48", "N-SP-003b")(
        "An IPv6 pool that names no length gives a /48.",
        altered(subnetpools, "SHORTEST", lambda lengths: {**lengths, 6: 48}),
    ),
    entry("prefixes-are-in-no-order", "N-SP-005")(
        "The prefixes of a pool are shown in descending order.",
        shown(subnetpools.RESOURCE)(lambda item: item.update(prefixes=item["prefixes"][::-1])),
    ),
    entry("pools-need-no-name", "N-SP-002")(
        "A pool may be made without a name.", attribute(subnetpools.RESOURCE, "name", check=validators.text, default="")
    ),
    entry("no-prefix-is-any-bad-request", "N-SP-006")(
        "A pool without prefixes is refused as BadRequest.", refused_as("EmptySubnetPoolPrefixList", "BadRequest")
    ),
    entry("lengths-out-of-order-are-forgotten", "N-SP-007")(
        "Where the lengths of a pool are not in order, it gets the usual ones.",
        falling_back(
            subnetpools, "prefix_lengths", lambda right, version, lengths: right(version, dict.fromkeys(lengths))
        ),
    ),
    entry("everybody-sees-every-pool", "N-SP-008")(
        "Pools of other projects are seen.", seen_by_all(subnetpools.RESOURCE)
    ),
    entry("members-share-pools", "N-SP-009", "N-RBAC-002")(
        "A member may make a shared pool.", attribute(subnetpools.RESOURCE, "shared", admin=False)
    ),
    entry("members-ask-for-the-default-pool", "N-SP-010", "N-RBAC-002")(
        "A member may ask for a pool to be the default.", attribute(subnetpools.RESOURCE, "is_default", admin=False)
    ),
    entry("pools-are-not-told-by-their-version", "N-SP-014")(
        "The filter ip_version of the list of pools is accepted and ignored.",
        unfiltered(subnetpools.RESOURCE, "ip_version"),
    ),
    entry("pools-may-shrink", "N-SP-015")(
        "An update may remove prefixes from a pool.",
        falling_back(subnetpools, "grown", lambda _right, _tx, _row, prefixes: prefixes),
    ),
    entry("pools-in-use-are-a-conflict", "N-SP-017")(
        "A pool in use is kept with 409.", refused_with("SubnetPoolDeleteError", 409)
    ),
    entry("unknown-pools-are-bad-requests", "N-SP-018", "N-SUB-014")(
        "An unknown pool is answered 400.", refused_with("SubnetPoolNotFound", 400)
    ),
    entry("pools-are-made-several-at-once", "N-SP-023")(
        "Several pools may be made in one request.", replaced(subnetpools.RESOURCE, "bulk", True)
    ),
    entry("null-is-a-quota", "N-SP-019")(
        "The quota of a pool may be null.",
        attribute(subnetpools.RESOURCE, "default_quota", check=validators.or_null(validators.integer(0))),
    ),
    entry("pool-quotas-do-not-hold", "N-SP-020", "N-SP-020b", "N-QUOTA-009")(
        "Subnets are given whatever the pool's quota says.", without(subnet_prefixes, "check_pool_quota")
    ),
    entry("pool-quota-counts-the-owner", "N-SP-021", row="DEF-N-021", live=("neutron-2025.2", "neutron-2026.2"))(
        "The pool's quota counts what its owner has of it, whoever asks.",
        around(subnet_prefixes, "check_pool_quota")(
            lambda right, tx, pool, _project, length: right(tx, pool, pool.project_id, length)
        ),
    ),
    entry("shortage-is-a-bad-request", "N-SP-033", "N-SP-034")(
        "A subnet that the pool has no room for is refused as BadRequest.",
        refused_as("SubnetAllocationError", "BadRequest"),
    ),
    entry("pools-mind-no-bounds", "N-SP-035")(
        "A subnet may be of any length, whatever the pool's bounds.",
        _allocating(lambda pool, requested: (_unbound(pool), requested)),
    ),
    entry("lengths-asked-for-are-ignored", "N-SP-032")(
        "A subnet that asks for a length gets the pool's usual one.",
        _allocating(lambda pool, requested: (pool, None if isinstance(requested, int) else requested)),
    ),
    entry("added-prefixes-are-answered-alone", "N-SP-038")(
        "add_prefixes answers what was added.",
        around(pool_prefixes, "prefixes_with")(lambda right, tx, row, added: right(tx, row, added) and added),
    ),
    entry("prefixes-are-taken-from-under-subnets", "N-SP-039")(
        "remove_prefixes takes what subnets are from.",
        falling_back(
            pool_prefixes,
            "prefixes_without",
            lambda _right, _tx, row, prefixes: [prefix for prefix in row.prefixes if prefix not in prefixes],
        ),
    ),
    entry("prefixes-are-given-twice", "N-SP-030", row="DEF-N-041")(
        "A prefix that was allocated stays free in its pool.",
        together(
            _drop_unique_prefixes,
            replaced(free_blocks, "carve", lambda _tx, _pool, _block, requested: requested),
            replaced(free_blocks, "release", _release_new),
        ),
    ),
    entry("prefixes-are-not-given-back", "N-SP-036")(
        "A deleted subnet's prefix stays taken.", replaced(free_blocks, "release", _release_new)
    ),
)


@fault("N-SP-017b", at=around(subnetpools.RESOURCE, "delete"), live=("neutron-2025.2", "neutron-2026.2"))
def lent_pools_are_taken_back(right: Wrapper, tx: Connection, caller: Caller, row: Row[Any]) -> None:
    """The owner of a pool can delete it while subnets of other projects are from it."""
    of_others = (tables.subnets.c.subnetpool_id == row.id) & (tables.subnets.c.project_id != caller.project_id)
    if not caller.is_admin:
        tx.execute(tables.subnets.update().where(of_others).values(subnetpool_id=None))
    right(tx, caller, row)


@fault("N-RBAC-003b", at=around(subnet_prefixes, "pool_for"))
def shared_pools_are_their_owners(
    right: Wrapper, tx: Connection, caller: Caller, values: Values, version: int
) -> Row[Any] | None:
    """A shared pool that is no default is seen by everybody, and of use to its owner."""
    pool: Row[Any] | None = right(tx, caller, values, version)
    if pool is not None and not pool.default_slot and pool.project_id != caller.project_id:
        raise error("SubnetPoolNotFound", id=pool.id)
    return pool
