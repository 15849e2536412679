"""Faults in subnet pools: what they are, who sees them, what comes out of them."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from sqlalchemy.engine import Connection, Row

from reference.faults.catalogue import defect
from reference.faults.network_seam import attribute, doing, shown, status_of, type_of, unfiltered
from reference.faults.seam import around, nothing, replace
from reference.network.handlers import pool_prefixes
from reference.network.resources import subnetpools, subnets
from reference.network.rest import validators
from reference.network.rest.errors import error
from reference.network.rest.resource import Values
from reference.network.tables import subnets as subnet_table
from reference.wsgi.context import Caller
from reference.wsgi.errors import Problem

RESOURCE = subnetpools.RESOURCE
LENGTHS = ("min_prefixlen", "default_prefixlen", "max_prefixlen")


@defect("N-SP-004", row="DEF-N-067")
def pool_lengths_are_numbers() -> None:
    """The prefix lengths of a pool are shown as numbers."""
    shown(RESOURCE, lambda item: item.update({name: int(item[name]) for name in LENGTHS}))


@defect("N-SP-001", row="DEF-N-068")
def pools_do_not_show_their_quota() -> None:
    """Pools do not show default_quota."""
    shown(RESOURCE, lambda item: item.pop("default_quota"))


@defect("N-SP-003")
def pools_give_a_16() -> None:
    """An IPv4 pool that names no length gives a /16."""
    replace(subnetpools, "SHORTEST", {**subnetpools.SHORTEST, 4: 16})


@defect("N-SP-003b")
def ipv6_pools_give_a_48() -> None:
    """An IPv6 pool that names no length gives a /48."""
    replace(subnetpools, "SHORTEST", {**subnetpools.SHORTEST, 6: 48})


@defect("N-SP-005")
def prefixes_are_in_no_order() -> None:
    """The prefixes of a pool are shown in descending order."""
    shown(RESOURCE, lambda item: item.update(prefixes=item["prefixes"][::-1]))


@defect("N-SP-002")
def pools_need_no_name() -> None:
    """A pool may be made without a name."""
    attribute(RESOURCE, "name", check=validators.text, default="")


@defect("N-SP-006")
def no_prefix_is_any_bad_request() -> None:
    """A pool without prefixes is refused as BadRequest."""
    type_of("EmptySubnetPoolPrefixList", "BadRequest")


@defect("N-SP-007")
def lengths_out_of_order_are_forgotten() -> None:
    """Where the lengths of a pool are not in order, it gets the usual ones."""

    def lengths(right: Any, version: int, given: Values) -> Values:
        try:
            return right(version, given)  # type: ignore[no-any-return]
        except Problem:
            return right(version, dict.fromkeys(given))  # type: ignore[no-any-return]

    around(subnetpools, "prefix_lengths", lengths)


@defect("N-SP-008")
def everybody_sees_every_pool() -> None:
    """Pools of other projects are seen."""
    everything = Caller("", "", frozenset({"admin"}), "")
    doing(RESOURCE, "visible", lambda right, _caller: right(everything))


@defect("N-SP-009", "N-RBAC-002")
def members_share_pools() -> None:
    """A member may make a shared pool."""
    attribute(RESOURCE, "shared", admin=False)


@defect("N-SP-010", "N-RBAC-002")
def members_ask_for_the_default_pool() -> None:
    """A member may ask for a pool to be the default."""
    attribute(RESOURCE, "is_default", admin=False)


@defect("N-SP-014")
def pools_are_not_told_by_their_version() -> None:
    """The filter ip_version of the list of pools is taken and not applied."""
    unfiltered(RESOURCE, "ip_version")


@defect("N-SP-015")
def pools_may_shrink() -> None:
    """An update may take prefixes away from a pool."""

    def grown(right: Any, tx: Connection, row: Row[Any], given: list[str]) -> list[str]:
        try:
            return right(tx, row, given)  # type: ignore[no-any-return]
        except Problem:
            return given

    around(subnetpools, "grown", grown)


@defect("N-SP-017")
def pools_in_use_are_a_conflict() -> None:
    """A pool in use is kept with 409."""
    status_of("SubnetPoolDeleteError", 409)


@defect("N-SP-018", "N-SUB-014")
def unknown_pools_are_bad_requests() -> None:
    """A pool that there is not is answered 400."""
    status_of("SubnetPoolNotFound", 400)


@defect("N-SP-023")
def pools_are_made_several_at_once() -> None:
    """Several pools may be made in one request."""
    object.__setattr__(RESOURCE, "bulk", True)


@defect("N-SP-019")
def null_is_a_quota() -> None:
    """The quota of a pool may be null."""
    attribute(RESOURCE, "default_quota", check=validators.or_null(validators.integer(0)))


@defect("N-SP-020", "N-SP-020b", "N-QUOTA-009")
def pool_quotas_do_not_hold() -> None:
    """Subnets are given whatever the pool's quota says."""
    replace(subnets, "check_pool_quota", nothing)


@defect("N-SP-017b", live="neutron-2025.2")
def lent_pools_are_taken_back() -> None:
    """The owner of a pool can delete it while subnets of other projects are from it."""

    def delete(right: Any, tx: Connection, caller: Caller, row: Row[Any]) -> None:
        of_others = (subnet_table.c.subnetpool_id == row.id) & (subnet_table.c.project_id != caller.project_id)
        if not caller.is_admin:
            tx.execute(subnet_table.update().where(of_others).values(subnetpool_id=None))
        right(tx, caller, row)

    doing(RESOURCE, "delete", delete)


@defect("N-SP-021", row="DEF-N-021", live="neutron-2025.2")
def pool_quota_counts_the_owner() -> None:
    """The pool's quota counts what its owner has of it, whoever asks."""
    around(
        subnets,
        "check_pool_quota",
        lambda right, tx, pool, _project, length: right(tx, pool, pool.project_id, length),
    )


@defect("N-SP-033", "N-SP-034")
def shortage_is_a_bad_request() -> None:
    """A subnet that the pool has no room for is refused as BadRequest."""
    type_of("SubnetAllocationError", "BadRequest")


def _allocating(instead: Any) -> None:
    """Let `instead(pool, wanted)` say from what a subnet is cut, and what is asked for."""

    def allocate(right: Any, tx: Connection, pool: Any, values: Values, wanted: Any) -> Any:
        source, asked = instead(pool, wanted)
        return right(tx, source, values, asked)

    around(subnets, "allocate", allocate)


@defect("N-SP-035")
def pools_mind_no_bounds() -> None:
    """A subnet may be of any length, whatever the pool's bounds."""
    _allocating(lambda pool, wanted: (_unbound(pool), wanted))


def _unbound(pool: Row[Any]) -> Any:
    return SimpleNamespace(**{**pool._mapping, "min_prefixlen": 0, "max_prefixlen": 128})


@defect("N-SP-032")
def lengths_asked_for_are_ignored() -> None:
    """A subnet that asks for a length gets the pool's usual one."""
    _allocating(lambda pool, wanted: (pool, None if isinstance(wanted, int) else wanted))


@defect("N-SP-038")
def added_prefixes_are_answered_alone() -> None:
    """add_prefixes answers what was added."""

    def added(right: Any, tx: Connection, row: Row[Any], given: list[str]) -> list[str]:
        right(tx, row, given)
        return given

    around(pool_prefixes, "prefixes_with", added)


@defect("N-SP-039")
def prefixes_are_taken_from_under_subnets() -> None:
    """remove_prefixes takes what subnets are from."""

    def removed(right: Any, tx: Connection, row: Row[Any], given: list[str]) -> list[str]:
        try:
            return right(tx, row, given)  # type: ignore[no-any-return]
        except Problem:
            return [prefix for prefix in row.prefixes if prefix not in given]

    around(pool_prefixes, "prefixes_without", removed)


@defect("N-RBAC-003b")
def shared_pools_are_their_owners() -> None:
    """A shared pool that is no default is seen by everybody, and of use to its owner."""

    def pool(right: Any, tx: Connection, caller: Caller, values: Values, version: int) -> Row[Any] | None:
        found: Row[Any] | None = right(tx, caller, values, version)
        if found is not None and not found.default_slot and found.project_id != caller.project_id:
            raise error("SubnetPoolNotFound", id=found.id)
        return found

    around(subnets, "pool_for", pool)
