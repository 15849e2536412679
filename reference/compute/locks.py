"""Locked servers: only admins change them; whoever locked one can unlock it (C-SRV-014)."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from reference.compute import servers, timestamps
from reference.compute.errors import fault, forbidden
from reference.compute.tables import servers as table
from reference.wsgi.routes import Call

OWNER, ADMIN = "owner", "admin"


def require_open(call: Call, row: Row[Any]) -> None:
    """Refuse to change a locked server, except for admins. Raises Problem (409)."""
    if row.locked_by and not call.caller.is_admin:
        raise fault(409, f"Instance {row.id} is locked")


def lock(tx: Connection, call: Call, server: str, reason: str | None) -> None:
    """Lock the server, as its owner or as an admin. Raises Problem (404)."""
    row = servers.find(tx, call, server, lock=True)
    by = OWNER if row.project_id == call.caller.project_id and not call.caller.is_admin else ADMIN
    _set(tx, call, row, "lock", {"locked_by": by, "locked_reason": reason})


def unlock(tx: Connection, call: Call, server: str) -> None:
    """Unlock the server. Raises Problem: 403 where an admin has locked it, 404."""
    row = servers.find(tx, call, server, lock=True)
    if row.locked_by == ADMIN and not call.caller.is_admin:
        raise forbidden("os_compute_api:os-lock-server:unlock:unlock_override")
    _set(tx, call, row, "unlock", {"locked_by": None, "locked_reason": None})


def _set(tx: Connection, call: Call, row: Row[Any], action: str, values: dict[str, Any]) -> None:
    tx.execute(table.update().where(table.c.id == row.id).values(**values, updated_at=timestamps.now()))
    servers.record(tx, call, row.id, action, f"api_{action}")


def is_locked() -> sa.ColumnElement[bool]:
    """The condition of locked servers."""
    return table.c.locked_by.is_not(None)
