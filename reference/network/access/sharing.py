"""Sharing with other projects: entries that share a network or a pool, or make a network external, for one project or
for all (N-RBAC-007, N-RBAC-008). What a caller sees of another project's objects follows from them alone.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from reference.network.tables import floatingips, networks, ports, rbac, routers, subnetpools, subnets
from reference.store.ids import new_id
from reference.store.plans import insert
from reference.wsgi.context import Caller
from reference.wsgi.errors import Problem

SHARED, EXTERNAL, ALL = "access_as_shared", "access_as_external", "*"
_ITEM: sa.BindParameter[str] = sa.bindparam("item")


@dataclass(frozen=True)
class Shareable:
    """A kind of object that can be shared: its table, the column of an entry that refers to it, and for each action a
    SELECT of the projects that use the object by it.
    """

    table: sa.Table
    column: sa.Column[Any]
    users: Mapping[str, sa.Select[Any] | sa.CompoundSelect[Any]]


KINDS = {
    "network": Shareable(
        networks,
        rbac.c.network_id,
        {
            SHARED: sa.select(ports.c.project_id).where(ports.c.network_id == _ITEM),
            EXTERNAL: sa.union(
                sa.select(routers.c.project_id)
                .join(ports, ports.c.id == routers.c.gateway_port_id)
                .where(ports.c.network_id == _ITEM),
                sa.select(floatingips.c.project_id).where(floatingips.c.floating_network_id == _ITEM),
            ),
        },
    ),
    "subnetpool": Shareable(
        subnetpools,
        rbac.c.subnetpool_id,
        {SHARED: sa.select(subnets.c.project_id).where(subnets.c.subnetpool_id == _ITEM)},
    ),
}
NETWORK, POOL = KINDS["network"], KINDS["subnetpool"]


def given(kind: Shareable, caller: Caller, *actions: str) -> sa.ColumnElement[bool]:
    """The condition that an entry shares the object with the caller's project, or with all."""
    entry = sa.select(rbac.c.id).where(kind.column == kind.table.c.id, rbac.c.target.in_([caller.project_id, ALL]))
    return (entry.where(rbac.c.action.in_(actions)) if actions else entry).exists()


def is_shared(kind: Shareable) -> Callable[[Caller], sa.ColumnElement[bool]]:
    """`shared`, as the caller sees it (N-NET-024)."""
    return lambda caller: given(kind, caller, SHARED)


def is_external(caller: Caller) -> sa.ColumnElement[bool]:
    """`router:external`, as the caller sees it: owner and admins see it where the network is external for anyone."""
    entry = sa.select(rbac.c.id).where(rbac.c.network_id == networks.c.id, rbac.c.action == EXTERNAL)
    if caller.is_admin:
        return entry.exists()
    return sa.or_(given(NETWORK, caller, EXTERNAL), sa.and_(networks.c.project_id == caller.project_id, entry.exists()))


def add(tx: Connection, kind: Shareable, item: str, action: str, project_id: str, target: str) -> str:
    """The id of a new entry, which belongs to the project."""
    entry = new_id()
    values = {"id": entry, kind.column.name: item, "action": action, "project_id": project_id, "target": target}
    tx.execute(insert(rbac), values)
    return entry


def set_for_all(tx: Connection, kind: Shareable, row: Row[Any], action: str, value: bool, refusal: Problem) -> None:
    """Share the object with all, or no longer. Raises `refusal` while another project uses it."""
    entries = entries_of(tx, kind, row.id, action)
    everyone = [entry for entry in entries if entry.target == ALL]
    if value and not everyone:
        add(tx, kind, row.id, action, row.project_id, ALL)
    if not value and everyone:
        if stranded(tx, kind, row, action, ALL):
            raise refusal
        tx.execute(rbac.delete().where(rbac.c.id == everyone[0].id))


def entries_of(tx: Connection, kind: Shareable, item: str, action: str) -> list[Row[Any]]:
    """The entries that share the object by that action."""
    return list(tx.execute(sa.select(rbac).where(kind.column == item, rbac.c.action == action)))


def stranded(tx: Connection, kind: Shareable, row: Row[Any], action: str, target: str, instead: str = "") -> set[str]:
    """The projects that use the object only by the entry for that target (N-RBAC-008). `instead` is the entry's new
    target, empty where it is to be deleted.
    """
    targets = {entry.target for entry in entries_of(tx, kind, row.id, action)} - {target} | {instead}
    if ALL in targets:
        return set()
    users = set(tx.execute(kind.users[action], {"item": row.id}).scalars()) - {row.project_id, ""} - targets
    return users if target == ALL else users & {target}
