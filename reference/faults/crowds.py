"""Faults that show only when several projects ask for their topologies at once."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from reference.faults.catalogue import defect
from reference.faults.seam import A_WHILE, around
from reference.network import topology
from reference.network.resources import networks
from reference.network.rest.resource import posted
from reference.network.tables import METADATA
from reference.store import Store
from reference.wsgi.context import Caller
from reference.wsgi.errors import Problem

IN_USE = Problem(409, "SubnetPoolInUse", "Unable to complete operation on subnet pool: others are at it.")
Refused = Callable[[Connection, Caller, str], object]


def _refuse_crowds(refused: Refused) -> None:
    """Let a builder that finds another project's at work answer 409, and do `refused(tx, caller, project)` before."""
    busy = sa.Table("net_busy", METADATA, sa.Column("project_id", sa.String(255), primary_key=True))

    def get_or_build(right: Any, store: Store, caller: Caller, project_id: str) -> str:
        mine = busy.c.project_id == project_id

        def begin(tx: Connection) -> bool:
            others = tx.execute(sa.select(busy).where(~mine)).first() is not None
            if others:
                refused(tx, caller, project_id)
            elif tx.execute(sa.select(busy).where(mine)).first() is None:
                tx.execute(busy.insert(), {"project_id": project_id})
            return others

        if store.write(begin):
            raise IN_USE
        try:
            time.sleep(A_WHILE)
            return str(right(store, caller, project_id))
        finally:
            store.write(lambda tx: tx.execute(busy.delete().where(mine)))

    around(topology, "get_or_build", get_or_build)


@defect("N-AAT-043", row="DEF-N-045", race=True)
def refused_once_refused_for_ever() -> None:
    """A project that was refused in a crowd is refused whenever it asks again."""
    marked = sa.Table("net_marked", METADATA, sa.Column("project_id", sa.String(255), primary_key=True))

    def is_marked(tx: Connection, project_id: str) -> bool:
        return tx.execute(sa.select(marked).where(marked.c.project_id == project_id)).first() is not None

    def mark(tx: Connection, _caller: Caller, project_id: str) -> None:
        if not is_marked(tx, project_id):
            tx.execute(marked.insert(), {"project_id": project_id})

    _refuse_crowds(mark)

    def get_or_build(right: Any, store: Store, caller: Caller, project_id: str) -> str:
        with store.read() as tx:
            if is_marked(tx, project_id):
                raise IN_USE
        return str(right(store, caller, project_id))

    around(topology, "get_or_build", get_or_build)


@defect("N-AAT-043", row="DEF-N-013", race=True)
def refusals_leave_a_network() -> None:
    """A project that is refused in a crowd keeps the network that was made for it in vain."""

    def leave(tx: Connection, caller: Caller, project_id: str) -> None:
        body = {"name": f"{topology.NAME}_network", "project_id": project_id}
        networks.create(tx, caller, posted(networks.RESOURCE, caller, body))

    _refuse_crowds(leave)
