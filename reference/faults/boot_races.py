"""Faults that show only when boots meet each other, a DELETE of their server, or one of the topology."""

from __future__ import annotations

import threading
import time
from functools import partial
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from reference.compute import allocation, builder, quotas, servers, timestamps, work_queue
from reference.compute.allocation import Abort, Later
from reference.compute.errors import server_not_found
from reference.compute.handlers.create import Create
from reference.compute.handlers.servers import Servers
from reference.compute.network_client import Networks, Refusal
from reference.compute.tables import METADATA, work
from reference.compute.tables import servers as table
from reference.faults.catalogue import defect
from reference.faults.seam import A_WHILE, answering, around, crash, nothing, replace
from reference.network.access import quotas as network_quotas
from reference.network.handlers import collection
from reference.wsgi.routes import Answer, Call


def _slow(right: Any, *arguments: Any, **named: Any) -> Any:
    """A build takes a cloud far longer than the next request takes its client, even on a busy machine."""
    time.sleep(4 * A_WHILE)
    return right(*arguments, **named)


@defect("C-CW-01", row="DEF-N-019", race=True)
def boots_in_a_crowd_crash() -> None:
    """Of separate boots of one project at once, those that find another one at work are answered 500."""
    busy = sa.Table(
        "cmp_busy",
        METADATA,
        sa.Column("request_id", sa.String(64), primary_key=True),
        sa.Column("project_id", sa.String(64), nullable=False),
    )

    def create(right: Any, self: Create, call: Call) -> Answer:
        store, project = self.service.store, call.caller.project_id

        def begin(tx: Connection) -> bool:
            others = tx.execute(sa.select(busy).where(busy.c.project_id == project)).first() is not None
            tx.execute(busy.insert(), {"request_id": call.request_id, "project_id": project})
            return others

        crowd = store.write(begin)
        try:
            time.sleep(A_WHILE)
            answer: Answer = crash() if crowd else right(self, call)
            return answer
        finally:
            store.write(lambda tx: tx.execute(busy.delete().where(busy.c.request_id == call.request_id)))

    around(Create, "create", create)


@defect("C-CW-06", race=True)
def a_network_that_went_is_no_matter() -> None:
    """A server whose network goes while it is being built is ACTIVE all the same, without an interface."""

    def automatic(right: Any, networks: Networks, server: Any) -> Any:
        found = right(networks, server)
        time.sleep(A_WHILE)
        return found

    def allocate(right: Any, *arguments: Any, **named: Any) -> Any:
        try:
            return right(*arguments, **named)
        except (Abort, Later, Refusal):
            return []

    around(allocation, "_automatic", automatic)
    around(allocation, "allocate", allocate)


@defect("C-CW-10", row="DEF-C-062", race=True)
def deleted_servers_come_back() -> None:
    """A server that is deleted while it is being built is not to be found by its id, but in the list of servers."""

    def remove(right: Any, tx: Connection, server: str) -> None:
        building = sa.and_(table.c.id == server, table.c.vm_state == "building")
        ghost = {"vm_state": "error", "task_state": f"ghost {time.time()}", "updated_at": timestamps.now()}
        if not tx.execute(table.update().where(building).values(**ghost)).rowcount:
            right(tx, server)

    def delete(right: Any, tx: Connection, call: Call, server: str) -> None:
        state = str(tx.execute(sa.select(table.c.task_state).where(table.c.id == server)).scalar())
        name, _, since = state.partition(" ")
        if name != "ghost" or time.time() - float(since) > 2 * A_WHILE:  # a twin of the DELETE does not find it
            right(tx, call, server)

    def show(call: Call, answer: Any) -> Answer:
        if str(answer.body["server"]["OS-EXT-STS:task_state"]).startswith("ghost"):
            raise server_not_found(call.params["server"])
        shown: Answer = answer
        return shown

    around(allocation, "allocate", _slow)
    around(servers, "remove", remove)
    replace(builder, "remove", servers.remove)
    around(servers, "delete", delete)
    answering(Servers, "show", show)


@defect("C-CW-11", row="DEF-C-060", race=True)
def deletes_do_not_wait_for_builds() -> None:
    """A server that is deleted while it gets its port is gone at once; the port comes after it."""

    def turn(right: Any, tx: Connection, server: str, *asked: Any, **named: Any) -> bool:
        at_it = sa.and_(work.c.server_id == server, work.c.kind == work_queue.BUILD)
        return bool(tx.execute(work.delete().where(at_it)).rowcount) or bool(right(tx, server, *asked, **named))

    def allocate(right: Any, networks: Networks, server: Any, **named: Any) -> Any:
        # the first of a request alone takes long, lest it waits for a builder that is at one of the others
        return (right if server.launch_index else partial(_slow, right))(networks, server, **named)

    around(allocation, "allocate", allocate)
    around(work_queue, "turn_to_deletion", turn)
    replace(builder.Builder, "_undo", nothing)


@defect("C-CW-12", race=True)
def a_delete_stops_the_others() -> None:
    """A DELETE of a server that is being built ends the builds of the others of its request in ERROR."""

    def delete(right: Any, tx: Connection, call: Call, server: str) -> None:
        mine = sa.select(table.c.reservation_id).where(table.c.id == server).scalar_subquery()
        mates = sa.and_(table.c.reservation_id == mine, table.c.vm_state == "building", table.c.id != server)
        ids = tx.execute(sa.select(table.c.id).where(mates)).scalars().all()
        right(tx, call, server)
        tx.execute(work.delete().where(work.c.server_id.in_(ids)))
        tx.execute(table.update().where(table.c.id.in_(ids)).values(vm_state="error", task_state=None))

    around(allocation, "allocate", _slow)
    around(servers, "delete", delete)


@defect("C-CW-09", row="DEF-C-064", race=True)
def servers_pass_their_quota_together() -> None:
    """Boots at once are each counted against what was there before all of them, and not again."""
    seen = threading.local()

    def create(right: Any, self: Create, call: Call) -> Answer:
        with self.service.store.read() as tx:
            seen.held = right_used(tx, call.caller.project_id)
        time.sleep(A_WHILE)
        try:
            answer: Answer = right(self, call)
            return answer
        finally:
            seen.held = None

    def used(right: Any, tx: Connection, project: str) -> Any:
        return getattr(seen, "held", None) or right(tx, project)

    right_used = quotas.used
    around(Create, "create", create)
    around(quotas, "used", used)
    replace(quotas, "exceeded", nothing)


@defect("C-CW-08", race=True)
def ports_pass_their_quota() -> None:
    """Ports are counted when a boot is accepted, and not when they are made."""

    def check(right: Any, tx: Connection, project: str, resource: str | None, *more: Any) -> None:
        if resource != "port":
            right(tx, project, resource, *more)

    around(allocation, "allocate", _slow)
    around(network_quotas, "check_quota", check)
    replace(collection, "check_quota", network_quotas.check_quota)
