"""The actions on a server: what was done, by whom, in which request (C-FAULT-004, C-FAULT-005)."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Row

from reference.compute import paging, query, servers, timestamps, views
from reference.compute.context import Service, require_reader
from reference.compute.errors import fault
from reference.compute.microversion import Version, version_of
from reference.compute.tables import actions
from reference.store.pages import Order
from reference.wsgi.routes import Answer, Call, Operation, Route

PAGED = Version(2, 58)
_SINCE = {"changes-since": Version(2, 58), "changes-before": Version(2, 66)}


class Actions:
    """The handlers of os-instance-actions."""

    def __init__(self, service: Service) -> None:
        self.service = service

    def routes(self) -> list[Route]:
        path = "/v2.1/servers/{server}/os-instance-actions"
        return [
            Route("GET", path, self.index, Operation(errors=(403, 404), query=paging.parameters())),
            Route("GET", f"{path}/{{request_id}}", self.show, Operation(errors=(403, 404))),
        ]

    def index(self, call: Call) -> Answer:
        order: Order = [(actions.c.started_at, False)]
        filters = [name for name, since in _SINCE.items() if version_of(call) >= since]
        query.only(call, ("limit", "marker", *filters), PAGED)
        with self.service.store.read() as tx:
            server = servers.find(tx, call, call.params["server"])
            require_reader(call, "os_compute_api:os-instance-actions:list")
            statement = sa.select(actions).where(actions.c.server_id == server.id, *_changed(call, filters))
            if version_of(call) >= PAGED:
                rows, has_more = paging.page(tx, call, statement, actions.c.request_id, order)
            else:
                rows, has_more = list(tx.execute(statement.order_by(actions.c.started_at.desc()))), False
        url = f"{self.service.url}{call.request.path}"
        links = {"links": paging.following(call, url, rows[-1].request_id)} if has_more else {}
        return Answer({"instanceActions": [_view(call, row) for row in rows], **links})

    def show(self, call: Call) -> Answer:
        with self.service.store.read() as tx:
            server = servers.find(tx, call, call.params["server"])
            require_reader(call, "os_compute_api:os-instance-actions:show")
            condition = (actions.c.server_id == server.id, actions.c.request_id == call.params["request_id"])
            row = tx.execute(sa.select(actions).where(*condition)).first()
        if row is None:
            raise fault(404, f"Action for request_id {call.params['request_id']} on instance {server.id} not found")
        events = {"events": [_event(call, row)] if row.event else []}
        visible = version_of(call) >= (2, 51) or call.caller.is_admin
        return Answer({"instanceAction": {**_view(call, row), **(events if visible else {})}})


def _changed(call: Call, names: list[str]) -> list[sa.ColumnElement[bool]]:
    """The conditions on the time of the last change, of those parameters. Raises Problem (400)."""
    last = sa.func.coalesce(actions.c.finished_at, actions.c.started_at)
    moments = {name: timestamps.of_query(name, value) for name in names for value in call.query(name)[-1:]}
    if moments.get("changes-since", "") > moments.get("changes-before", "9"):
        raise fault(400, "The value of changes-since must be less than or equal to changes-before.")
    return [last >= moment if name == "changes-since" else last <= moment for name, moment in moments.items()]


def _view(call: Call, row: Row[Any]) -> dict[str, Any]:
    updated = {"updated_at": timestamps.long(row.finished_at or row.started_at)} if version_of(call) >= PAGED else {}
    return {
        "action": row.action,
        "instance_uuid": row.server_id,
        "request_id": row.request_id,
        "user_id": row.user_id,
        "project_id": row.project_id,
        "start_time": timestamps.long(row.started_at),
        "message": "Error" if row.event == servers.NO_PLACE else None,
        **updated,
    }


def _event(call: Call, row: Row[Any]) -> dict[str, Any]:
    """The event of an action. Its result is Error only where no host was found: a failed build shows in the server
    alone (C-FAULT-005).
    """
    version, admin = version_of(call), call.caller.is_admin
    result = "Error" if row.event == servers.NO_PLACE else "Success"
    optional = {
        "traceback": (None, admin),
        "hostId": (views.host_id(row), version >= (2, 62)),
        "host": (row.host, version >= (2, 62) and admin),
        "details": (None, version >= (2, 84) and admin),
    }
    return {
        "event": row.event,
        "start_time": timestamps.long(row.started_at),
        "finish_time": timestamps.long(row.finished_at),
        "result": result if row.finished_at else None,
        **{name: value for name, (value, visible) in optional.items() if visible},
    }
