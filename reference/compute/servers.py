"""The rows of servers: created all at once, found for their caller, marked for deletion, removed."""

import re
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from reference.compute import timestamps, work_queue, work_tokens
from reference.compute.errors import server_not_found
from reference.compute.tables import actions, servers
from reference.store.plans import insert, locking
from reference.wsgi.routes import Call

_NOT_IN_HOSTNAME = re.compile(r"[^a-z0-9.-]+")
HOSTNAME_LENGTH = 63
# kind of work -> the event of the action it does; NO_PLACE is the only event where no host is found
EVENTS = {work_queue.BUILD: "compute__do_build_and_run_instance", work_queue.DELETE: "compute_terminate_instance"}
NO_PLACE = "conductor_schedule_and_build_instances"
_SERVER: sa.BindParameter[str] = sa.bindparam("server")
_FIND_ANY = sa.select(servers).where(servers.c.id == _SERVER)
_FIND_OWN = _FIND_ANY.where(servers.c.project_id == sa.bindparam("me"))
UPDATE = servers.update().where(servers.c.id == _SERVER)  # with the columns that its parameters name
UPDATE_ACTION = actions.update().where(actions.c.server_id == _SERVER, actions.c.request_id == sa.bindparam("request"))
_DELETE = servers.delete().where(servers.c.id == _SERVER)
_DELETE_ACTIONS = actions.delete().where(actions.c.server_id == _SERVER)


def hostname(name: str, server: str) -> str:
    """The host name that follows from a server's name (C-MULTI-004)."""
    plain = _NOT_IN_HOSTNAME.sub("-", name.lower()).strip("-.")
    return (plain or f"server-{server}")[:HOSTNAME_LENGTH].strip("-.")


def create(tx: Connection, call: Call, rows: list[dict[str, Any]], only: str | None = None) -> None:
    """Add the servers of one request, together with the work of building them (C-MULTI-003).

    `only` is the one host that may build them, where the request named one.
    """
    tx.execute(insert(servers), rows)
    origin = (call.request_id, work_tokens.sealed(call))
    for row in rows:
        record(tx, call, row["id"], "create")
        work_queue.add(tx, row["id"], work_queue.BUILD, *origin, admin=call.caller.is_admin, only=only)


def record(tx: Connection, call: Call, server: str, action: str, event: str | None = None) -> None:
    """Add an action that the caller asked for; with an `event`, one that is done already (C-FAULT-004)."""
    moment = timestamps.now()
    values = {
        "server_id": server,
        "request_id": call.request_id,
        "action": action,
        "user_id": call.caller.user_id,
        "project_id": call.caller.project_id,
        "started_at": moment,
        "finished_at": moment if event else None,
        "event": event,
    }
    tx.execute(insert(actions), values)


def begun(tx: Connection, server: str, request_id: str, event: str, host: str) -> None:
    """Record the event and the host of the action that a builder has begun."""
    tx.execute(UPDATE_ACTION, {"server": server, "request": request_id, "event": event, "host": host})


def find(tx: Connection, call: Call, server: str, *, lock: bool = False) -> Row[Any]:
    """The server, where the caller may see it; with `lock`, its row is locked until the transaction ends.

    Raises Problem: 404 (C-ERR-032).
    """
    statement = _FIND_ANY if call.caller.is_admin else _FIND_OWN
    parameters = {"server": server, "me": call.caller.project_id}
    row = tx.execute(locking(statement) if lock else statement, parameters).first()
    if row is None:
        raise server_not_found(server)
    return row


def delete(tx: Connection, call: Call, server: str) -> None:
    """Mark the server for deletion; one that no builder has claimed is removed at once (C-SRV-014, C-CW-10)."""
    row = find(tx, call, server, lock=True)
    origin = (call.request_id, work_tokens.sealed(call))
    if work_queue.turn_to_deletion(tx, row.id, *origin, admin=call.caller.is_admin):
        remove(tx, row.id)
        return
    record(tx, call, row.id, "delete")
    tx.execute(UPDATE, {"server": row.id, "task_state": "deleting", "updated_at": timestamps.now()})


def remove(tx: Connection, server: str) -> None:
    """Delete the server's row and its actions."""
    tx.execute(_DELETE_ACTIONS, {"server": server})
    tx.execute(_DELETE, {"server": server})
