"""Faults that show only when boots meet each other, a DELETE of their server, or one of the topology."""

import threading
import time
from functools import partial
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from reference.compute import allocation, builder, quotas, servers, tables, timestamps, work_queue
from reference.compute.allocation import Abort, Later
from reference.compute.errors import server_not_found
from reference.compute.handlers.create import Create
from reference.compute.handlers.servers import Servers
from reference.compute.network_client import Networks, Refusal
from reference.faults.catalogue import fault
from reference.faults.seams import A_WHILE, Wrapper, answering, body_of, crash, nothing, replace, wrap
from reference.network.access import quotas as network_quotas
from reference.wsgi.routes import Answer, Call

RECENTLY = 0.5  # seconds


def _slow(right: Wrapper, *arguments: Any, **named: Any) -> Any:
    """Let a build take far longer than a client's next request, as on a real cloud, even if this machine is busy."""
    time.sleep(4 * A_WHILE)
    return right(*arguments, **named)


@fault("C-CW-01", row="DEF-N-019", race=True)
def boots_in_a_crowd_crash() -> None:
    """Of separate boots of one project at once, those that find another one at work are answered 500."""
    busy = sa.Table(
        "cmp_busy",
        tables.METADATA,
        sa.Column("request_id", sa.String(64), primary_key=True),
        sa.Column("project_id", sa.String(64), nullable=False),
    )

    def create(right: Wrapper, self: Create, call: Call) -> Answer:
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

    wrap(Create, "create", create)


@fault("C-CW-06", race=True)
def a_network_that_went_is_no_matter() -> None:
    """A server whose network is deleted during its build becomes ACTIVE without an interface."""

    def automatic(right: Wrapper, networks: Networks, server: Any) -> Any:
        network = right(networks, server)
        time.sleep(A_WHILE)
        return network

    def allocate(right: Wrapper, *arguments: Any, **named: Any) -> Any:
        try:
            return right(*arguments, **named)
        except (Abort, Later, Refusal):
            return []

    wrap(allocation, "automatic_network", automatic)
    wrap(allocation, "allocate", allocate)


@fault("C-CW-10", row="DEF-C-062", race=True)
def deleted_servers_come_back() -> None:
    """A server deleted while it is built is not found by its id, but stays in the list of servers."""

    def remove(right: Wrapper, tx: Connection, server: str) -> None:
        building = sa.and_(tables.servers.c.id == server, tables.servers.c.vm_state == "building")
        ghost = {"vm_state": "error", "task_state": f"ghost {time.time()}", "updated_at": timestamps.now()}
        if not tx.execute(tables.servers.update().where(building).values(**ghost)).rowcount:
            right(tx, server)

    def delete(right: Wrapper, tx: Connection, call: Call, server: str) -> None:
        state = str(tx.execute(sa.select(tables.servers.c.task_state).where(tables.servers.c.id == server)).scalar())
        name, _, since = state.partition(" ")
        if name != "ghost" or time.time() - float(since) > 2 * A_WHILE:  # a second DELETE does not find it
            right(tx, call, server)

    def show(call: Call, answer: Answer) -> Answer:
        if str(body_of(answer)["server"]["OS-EXT-STS:task_state"]).startswith("ghost"):
            raise server_not_found(call.params["server"])
        return answer

    wrap(allocation, "allocate", _slow)
    wrap(servers, "remove", remove)
    wrap(servers, "delete", delete)
    answering(Servers, "show")(show)()


@fault("C-CW-11", row="DEF-C-060", race=True)
def deletes_do_not_wait_for_builds() -> None:
    """A server that is deleted while it gets its port is gone at once; the port comes after it."""

    def turn(right: Wrapper, tx: Connection, server: str, *limits: Any, **named: Any) -> bool:
        at_it = sa.and_(tables.work.c.server_id == server, tables.work.c.kind == work_queue.BUILD)
        return bool(tx.execute(tables.work.delete().where(at_it)).rowcount) or bool(right(tx, server, *limits, **named))

    def allocate(right: Wrapper, networks: Networks, server: Any, **named: Any) -> Any:
        # only the first server of a request takes long, so that it need not wait for a builder of another one
        return (right if server.launch_index else partial(_slow, right))(networks, server, **named)

    wrap(allocation, "allocate", allocate)
    wrap(work_queue, "turn_to_deletion", turn)
    replace(builder.Builder, "undo", nothing)


@fault("C-CW-12", race=True)
def a_delete_stops_the_others() -> None:
    """A DELETE of a server that is being built ends the builds of the others of its request in ERROR."""

    def delete(right: Wrapper, tx: Connection, call: Call, server: str) -> None:
        reservation = sa.select(tables.servers.c.reservation_id).where(tables.servers.c.id == server).scalar_subquery()
        mates = sa.and_(
            tables.servers.c.reservation_id == reservation,
            tables.servers.c.vm_state == "building",
            tables.servers.c.id != server,
        )
        ids = tx.execute(sa.select(tables.servers.c.id).where(mates)).scalars().all()
        right(tx, call, server)
        tx.execute(tables.work.delete().where(tables.work.c.server_id.in_(ids)))
        tx.execute(
            tables.servers.update().where(tables.servers.c.id.in_(ids)).values(vm_state="error", task_state=None)
        )

    wrap(allocation, "allocate", _slow)
    wrap(servers, "delete", delete)


@fault("C-CW-09", row="DEF-C-064", race=True)
def servers_pass_their_quota_together() -> None:
    """Boots at once are each counted against what was there before all of them, and not again."""
    thread = threading.local()

    def create(right: Wrapper, self: Create, call: Call) -> Answer:
        with self.service.store.read() as tx:
            thread.held = right_used(tx, call.caller.project_id)
        time.sleep(A_WHILE)
        try:
            answer: Answer = right(self, call)
            return answer
        finally:
            thread.held = None

    def used(right: Wrapper, tx: Connection, project: str) -> Any:
        return getattr(thread, "held", None) or right(tx, project)

    right_used = quotas.used
    wrap(Create, "create", create)
    wrap(quotas, "used", used)
    replace(quotas, "exceeded", nothing)


@fault("C-CW-08", race=True)
def ports_pass_their_quota() -> None:
    """Ports are counted when a boot is accepted, and not when they are made."""

    def check(right: Wrapper, tx: Connection, project: str, resource: str | None, *more: Any) -> None:
        if resource != "port":
            right(tx, project, resource, *more)

    wrap(allocation, "allocate", _slow)
    wrap(network_quotas, "check_quota", check)


@fault("C-CW-14", row="DEF-C-024", race=True)
def the_latest_topology_will_do() -> None:
    """A builder that has just had a topology allocated takes it for that of the next project, too."""
    latest: list[tuple[float, str]] = []

    def topology(right: Wrapper, self: Networks, project: str) -> str:
        if latest and time.monotonic() - latest[-1][0] < RECENTLY:
            return latest[-1][1]
        latest.append((time.monotonic(), str(right(self, project))))
        return latest[-1][1]

    wrap(Networks, "topology", topology)
