"""How servers are built and deleted, and what answers show meanwhile."""

import time
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from reference.compute import locks, paging, server_list, timestamps, views
from reference.compute import servers as rows
from reference.compute.builder import Builder
from reference.compute.context import require_member
from reference.compute.handlers import locks as actions
from reference.compute.schemas import history
from reference.compute.tables import servers
from reference.differences.catalogue import difference
from reference.faults.seams import replace, wrap
from reference.store.pages import Order
from reference.wsgi.routes import Answer, Call

STEPS, STEP = 4, 0.1  # a build takes less than STEPS steps more, depending on its server's id; seconds of a step

KEPT, FORCE = "soft-delete", {"forceDelete": None}


@difference("Nova, where a server is in no cell until it has found a host")
def scheduled_first() -> None:
    """Servers of one request are not ready together, and those still being built are listed before all others."""

    def build(right: Any, self: Builder, task: Any, networks: Any) -> None:
        time.sleep(int(task.server_id[-1], 16) % STEPS * STEP)
        right(self, task, networks)

    built = sa.case((servers.c.vm_state == "building", 0), else_=1)

    def order(right: Any, call: Any, columns: paging.Columns, *default: str, **more: Any) -> Order:
        columns_order: Order = right(call, columns, *default, **more)
        return [(built, True), *columns_order] if "vm_state" in columns else columns_order

    wrap(Builder, "build", build)
    wrap(paging, "order", order)


@difference("Nova with reclaim_instance_interval")
def soft_delete() -> None:
    """A server that has run and is deleted is kept, ports and all, in no list, until its end is forced."""
    views.STATUS[KEPT] = "SOFT_DELETED"
    is_listed = servers.c.vm_state != KEPT
    wrap(server_list, "owner_condition", lambda right, call: sa.and_(right(call), is_listed))

    def delete(right: Any, tx: Connection, call: Call, server: str) -> None:
        row = rows.find(tx, call, server, lock=True)
        if row.launched_at is None or row.task_state:  # it never ran, or is being deleted already
            right(tx, call, server)
        elif row.vm_state != KEPT:
            rows.record(tx, call, row.id, "softDelete", "compute_soft_delete_instance")
            columns = {"vm_state": KEPT, "updated_at": timestamps.now()}
            tx.execute(servers.update().where(servers.c.id == row.id).values(**columns))

    really = rows.delete
    wrap(rows, "delete", delete)

    right_body = history.parse_body

    def parsed_body(call: Call) -> Any:
        """The body, remembered, as it can be read only once."""
        context = call.request.context
        if "asked" not in context:
            context["asked"] = right_body(call)
        return context["asked"]

    replace(actions, "parse_body", parsed_body)

    def act(right: Any, self: actions.Locks, call: Call) -> Answer:
        if parsed_body(call) != FORCE:
            answer: Answer = right(self, call)
            return answer
        store = self.service.store
        with store.read() as tx:
            row = rows.find(tx, call, call.params["server"])
        require_member(call, "os_compute_api:os-deferred-delete:force")
        locks.require_open(call, row)
        store.write(lambda tx: really(tx, call, row.id))
        self.service.builder.wake()
        return Answer(status=202)

    wrap(actions.Locks, "act", act)
