"""Faults that show only when several are the first at once: operators at the place of a default, users of a project."""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from reference.faults.catalogue import defect
from reference.faults.seam import A_WHILE, around
from reference.network.handlers.collection import Collection
from reference.network.resources import networks, security_groups, subnetpools
from reference.network.tables import METADATA
from reference.network.tables import security_groups as groups
from reference.wsgi.routes import Answer, Call

_SEEN = threading.local()  # what the request that this thread serves has seen before it began to write


def _second_default(module: Any, busy: str) -> None:
    """Let a PUT that finds another one at work, in whichever process, make its object one more default."""
    table, at_work = module.RESOURCE.table, sa.Table(busy, METADATA, sa.Column("id", sa.String(64), primary_key=True))

    def update(right: Any, self: Collection, call: Call) -> Answer:
        mine = uuid.uuid4().hex
        self.store.write(lambda tx: tx.execute(at_work.insert(), {"id": mine}))
        try:
            time.sleep(A_WHILE)
            with self.store.read() as tx:
                _SEEN.crowd = tx.execute(sa.select(at_work).where(at_work.c.id != mine)).first() is not None
            answer: Answer = right(self, call)
            return answer
        finally:
            _SEEN.crowd = False
            self.store.write(lambda tx: tx.execute(at_work.delete().where(at_work.c.id == mine)))

    def claim(right: Any, tx: Connection, item: str, *more: Any) -> None:
        there = tx.execute(sa.select(table.c.id).where(table.c.id == item)).first() is not None
        if not (there and getattr(_SEEN, "crowd", False)):
            right(tx, item, *more)

    def change(right: Any, tx: Connection, table: sa.Table, item: str, values: Mapping[str, Any]) -> None:
        second = values.get("default_slot") and getattr(_SEEN, "crowd", False)
        right(tx, table, item, {**values, "default_slot": uuid.uuid4().hex[:8]} if second else values)

    around(Collection, "update", update)
    around(module, "_claim_default", claim)
    around(module, "change", change)


@defect("N-NET-005", row="DEF-N-006", race=True)
def two_default_networks() -> None:
    """Of operators who turn external networks into the default at once, some get a second one."""
    _second_default(networks, "net_busy_networks")


@defect("N-SP-011", row="DEF-N-040", race=True)
def two_default_pools() -> None:
    """Of operators who turn subnet pools into the default at once, some get a second one."""
    _second_default(subnetpools, "net_busy_pools")


@defect("N-PORT-011", row="DEF-N-050", race=True)
def two_default_groups() -> None:
    """First uses of a project at once each make a default security group."""
    known = sa.select(groups.c.id).where(groups.c.default_of == sa.bindparam("project"))

    def look(right: Any, self: Collection, call: Call) -> Answer:
        with self.store.read() as tx:
            _SEEN.first = tx.execute(known, {"project": call.caller.project_id}).first() is None
        if _SEEN.first:
            time.sleep(A_WHILE)
        try:
            answer: Answer = right(self, call)
            return answer
        finally:
            _SEEN.first = False

    def ensure(right: Any, tx: Connection, project: str) -> str:
        taken = tx.execute(known, {"project": project}).first() is not None
        if not (taken and getattr(_SEEN, "first", False)):
            return str(right(tx, project))
        row = {"id": str(uuid.uuid4()), "project_id": project, "name": "default", "description": ""}
        tx.execute(groups.insert(), {**row, "default_of": uuid.uuid4().hex})
        return row["id"]

    around(Collection, "create", look)
    around(Collection, "index", look)
    around(security_groups, "ensure_default", ensure)
