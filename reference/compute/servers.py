"""The rows of servers: created all at once, found for their caller, marked for deletion, removed."""

import re
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from reference.compute import timestamps, work_queue, work_tokens
from reference.compute.errors import server_not_found
from reference.compute.tables import actions, servers
from reference.store.plans import insert
from reference.wsgi.routes import Call

_NOT_IN_HOSTNAME = re.compile(r"[^a-z0-9.-]+")
HOSTNAME_LENGTH = 63
# kind of work -> the event of the action it does; NO_PLACE is the only event where no host is found
EVENTS = {work_queue.BUILD: "compute__do_build_and_run_instance", work_queue.DELETE: "compute_terminate_instance"}
NO_PLACE = "conductor_schedule_and_build_instances"


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
    tx.execute(
        actions.insert().values(
            server_id=server,
            request_id=call.request_id,
            action=action,
            user_id=call.caller.user_id,
            project_id=call.caller.project_id,
            started_at=moment,
            finished_at=moment if event else None,
            event=event,
        )
    )


def begun(tx: Connection, server: str, request_id: str, event: str, host: str) -> None:
    """Record the event and the host of the action that a builder has begun."""
    action = (actions.c.server_id == server, actions.c.request_id == request_id)
    tx.execute(actions.update().where(*action).values(event=event, host=host))


def find(tx: Connection, call: Call, server: str, *, lock: bool = False) -> Row[Any]:
    """The server, where the caller may see it; with `lock`, its row is locked until the transaction ends.

    Raises Problem: 404 (C-ERR-032).
    """
    statement = sa.select(servers).where(servers.c.id == server, visible(call))
    row = tx.execute(statement.with_for_update() if lock else statement).first()
    if row is None:
        raise server_not_found(server)
    return row


def visible(call: Call) -> sa.ColumnElement[bool]:
    """The condition of servers that the caller may see."""
    return sa.true() if call.caller.is_admin else servers.c.project_id == call.caller.project_id


def delete(tx: Connection, call: Call, server: str) -> None:
    """Mark the server for deletion; one that no builder has claimed is removed at once (C-SRV-014, C-CW-10)."""
    row = find(tx, call, server, lock=True)
    origin = (call.request_id, work_tokens.sealed(call))
    if work_queue.turn_to_deletion(tx, row.id, *origin, admin=call.caller.is_admin):
        remove(tx, row.id)
        return
    record(tx, call, row.id, "delete")
    tx.execute(
        servers.update().where(servers.c.id == row.id).values(task_state="deleting", updated_at=timestamps.now())
    )


def remove(tx: Connection, server: str) -> None:
    """Delete the server's row and its actions."""
    tx.execute(actions.delete().where(actions.c.server_id == server))
    tx.execute(servers.delete().where(servers.c.id == server))
