"""Limits on what a project may own, counted at an ordinary create (N-QUOTA-001 to 008)."""

from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from reference.network import tables
from reference.network.rest.errors import error

# what is limited, where it is counted, and the limit of a project nobody gave another; -1 is none
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


def limits(tx: Connection, project_id: str) -> dict[str, int]:
    """The project's limit for every limited resource."""
    rows = tx.execute(sa.select(tables.quotas).where(tables.quotas.c.project_id == project_id))
    return {name: limit for name, (_table, limit) in LIMITED.items()} | {row.resource: row.limit for row in rows}


def projects(tx: Connection) -> list[str]:
    """Those that have limits of their own."""
    return list(tx.execute(sa.select(tables.quotas.c.project_id).distinct()).scalars())


def used(tx: Connection, project_id: str, resource: str) -> int:
    _own, count, _both = _asked(resource)
    return int(tx.execute(count, {"project": project_id}).scalar_one())


@cache
def _asked(resource: str) -> tuple[sa.Select[Any], sa.Select[Any], sa.Select[Any]]:
    """A project's own limit for it, how many of it the project has, and both at once."""
    table = LIMITED[resource][0]
    project: sa.BindParameter[str] = sa.bindparam("project")
    mine = tables.quotas.c.project_id == project, tables.quotas.c.resource == resource
    own = sa.select(tables.quotas.c.limit).where(*mine)
    count = sa.select(sa.func.count()).select_from(table).where(table.c.project_id == project)
    return own, count, sa.select(own.scalar_subquery(), count.scalar_subquery())


def check_quota(tx: Connection, project_id: str, resource: str | None, more: int = 1) -> None:
    """Refuse so many more of `resource` where the project would be over its limit. Errors: 409 OverQuota."""
    if resource is None:
        return
    own, count, both = _asked(resource)
    wanted = {"project": project_id}
    allowed, held = tx.execute(both, wanted).one()
    if allowed is not None and allowed >= 0:
        # who creates under a limit of the project's own holds it until the end: of racing creates none goes past it
        allowed, held = tx.execute(own.with_for_update(), wanted).scalar(), tx.execute(count, wanted).scalar_one()
    allowed = LIMITED[resource][1] if allowed is None else allowed
    if 0 <= allowed < held + more:
        raise error("OverQuota", resource=resource)


def set_limits(tx: Connection, project_id: str, wanted: dict[str, int]) -> None:
    tx.execute(
        tables.quotas.delete().where(
            tables.quotas.c.project_id == project_id, tables.quotas.c.resource.in_(list(wanted))
        )
    )
    rows = [{"project_id": project_id, "resource": resource, "limit": limit} for resource, limit in wanted.items()]
    if rows:
        tx.execute(tables.quotas.insert(), rows)


def reset(tx: Connection, project_id: str) -> int:
    """Forget the project's own limits; how many there were."""
    return tx.execute(tables.quotas.delete().where(tables.quotas.c.project_id == project_id)).rowcount
