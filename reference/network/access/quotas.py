"""Limits on what a project may own, counted at an ordinary create (N-QUOTA-001 to 008)."""

from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from reference.network import tables
from reference.network.rest.errors import error
from reference.store.plans import insert, locking

# limited resource -> the table in which it is counted, a project's default limit (-1: no limit)
LIMITED: dict[str, tuple[sa.Table, int]] = {
    "network": (tables.networks, 100),
    "subnet": (tables.subnets, 100),
    "subnetpool": (tables.subnetpools, -1),
    "port": (tables.ports, 500),
    "router": (tables.routers, 10),
    "floatingip": (tables.floatingips, 50),
    "rbac_policy": (tables.rbac, 10),
    "security_group": (tables.security_groups, 10),
    "security_group_rule": (tables.security_group_rules, 100),
}
_PROJECT: sa.BindParameter[str] = sa.bindparam("project")
_LIMITS = sa.select(tables.quotas).where(tables.quotas.c.project_id == _PROJECT)


def limits(tx: Connection, project_id: str) -> dict[str, int]:
    """The project's limit of each limited resource, -1 for no limit."""
    rows = tx.execute(_LIMITS, {"project": project_id})
    return {name: limit for name, (_table, limit) in LIMITED.items()} | {row.resource: row.limit for row in rows}


def projects(tx: Connection) -> list[str]:
    """The projects that have limits of their own."""
    return list(tx.execute(sa.select(tables.quotas.c.project_id).distinct()).scalars())


def used(tx: Connection, project_id: str, resource: str) -> int:
    """How many of the resource the project has."""
    _limit, count, _both = _statements(resource)
    return int(tx.execute(count, {"project": project_id}).scalar_one())


def all_used(tx: Connection, project_id: str) -> dict[str, int]:
    """How many of each limited resource the project has."""
    counts = tx.execute(_all_counts(), {"project": project_id}).one()
    return dict(zip(LIMITED, counts, strict=True))


@cache
def _all_counts() -> sa.Select[Any]:
    return sa.select(*(_statements(resource)[1].scalar_subquery() for resource in LIMITED))


@cache
def _statements(resource: str) -> tuple[sa.Select[Any], sa.Select[Any], sa.Select[Any]]:
    """Three statements: a project's own limit of the resource, how many the project has, and both at once."""
    table = LIMITED[resource][0]
    condition = tables.quotas.c.project_id == _PROJECT, tables.quotas.c.resource == resource
    limit = sa.select(tables.quotas.c.limit).where(*condition)
    count = sa.select(sa.func.count()).select_from(table).where(table.c.project_id == _PROJECT)
    return limit, count, sa.select(limit.scalar_subquery(), count.scalar_subquery())


def check_quota(tx: Connection, project_id: str, resource: str | None, more: int = 1) -> None:
    """Refuse `more` of `resource` where that would exceed the project's limit. Raises Problem: 409 OverQuota."""
    if resource is None:
        return
    limit, count, both = _statements(resource)
    parameters = {"project": project_id}
    allowed, in_use = tx.execute(both, parameters).one()
    if allowed is not None and allowed >= 0:
        # a project's own limit is locked until the end, so that racing creates cannot exceed it
        allowed = tx.execute(locking(limit), parameters).scalar()
        in_use = tx.execute(count, parameters).scalar_one()
    allowed = LIMITED[resource][1] if allowed is None else allowed
    if 0 <= allowed < in_use + more:
        raise error("OverQuota", resource=resource)


def set_limits(tx: Connection, project_id: str, values: dict[str, int]) -> None:
    """Set limits of the project's own, by resource; -1 for no limit."""
    tx.execute(
        tables.quotas.delete().where(
            tables.quotas.c.project_id == project_id, tables.quotas.c.resource.in_(list(values))
        )
    )
    rows = [{"project_id": project_id, "resource": resource, "limit": limit} for resource, limit in values.items()]
    if rows:
        tx.execute(insert(tables.quotas), rows)


def reset(tx: Connection, project_id: str) -> int:
    """The number of the project's own limits, which have been deleted."""
    return tx.execute(tables.quotas.delete().where(tables.quotas.c.project_id == project_id)).rowcount
