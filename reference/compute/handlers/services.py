"""The hosts that build servers, read and removed by admins (C-SVC-001, C-SVC-002)."""

import uuid
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from reference.compute import hosts, query, timestamps
from reference.compute.allocation import ZONE
from reference.compute.context import Service, require_admin
from reference.compute.errors import fault
from reference.compute.microversion import version_of
from reference.compute.tables import hosts as table
from reference.wsgi.routes import STRING, Answer, Call, Operation, Route

BINARY = "nova-compute"  # its name on the wire, whatever program it is


class Services:
    """The handlers of os-services."""

    def __init__(self, service: Service) -> None:
        self.service = service

    def routes(self) -> list[Route]:
        path = "/v2.1/os-services"
        listed = Operation(errors=(403,), query={"host": STRING, "binary": STRING})
        deleted = Operation(204, (400, 403, 404, 409), answer=None)
        return [
            Route("GET", path, self.index, listed),
            Route("DELETE", f"{path}/{{service}}", self.delete, deleted),
        ]

    def index(self, call: Call) -> Answer:
        require_admin(call, "os_compute_api:os-services:list")
        query.only(call, ("host", "binary"))
        with self.service.store.read() as tx:
            rows = _all(tx)
        for name, value_of in (("host", lambda row: row.host), ("binary", lambda _row: BINARY)):
            for value in call.query(name)[-1:]:
                rows = {key: row for key, row in rows.items() if value_of(row) == value}
        return Answer({"services": [_view(call, key, row) for key, row in rows.items()]})

    def delete(self, call: Call) -> Answer:
        """Remove a host; one whose builders live is back with their next heartbeat."""
        require_admin(call, "os_compute_api:os-services:delete")
        service_id = call.params["service"]
        if version_of(call) >= (2, 53):
            try:
                uuid.UUID(service_id)
            except ValueError:
                raise fault(400, f"Invalid uuid {service_id}") from None

        def forget(tx: Connection) -> None:
            for number, row in _all(tx).items():
                if _id(call, number, row) == service_id:
                    tx.execute(table.delete().where(table.c.host == row.host))
                    return
            raise fault(404, f"Service {service_id} not found.")

        self.service.store.write(forget)
        return Answer(status=204)


def _all(tx: Connection) -> dict[int, Row[Any]]:
    """Every host's row, by the number that is its id before 2.53."""
    return dict(enumerate(tx.execute(sa.select(table).order_by(table.c.host)), 1))


def _id(call: Call, number: int, row: Row[Any]) -> str:
    return hosts.service_id(row.host) if version_of(call) >= (2, 53) else str(number)


def _view(call: Call, number: int, row: Row[Any]) -> dict[str, Any]:
    return {
        "id": hosts.service_id(row.host) if version_of(call) >= (2, 53) else number,
        "binary": BINARY,
        "host": row.host,
        "zone": ZONE,
        "status": "enabled",
        "state": "up" if is_up(row) else "down",
        "updated_at": timestamps.long(row.seen_at),
        "disabled_reason": None,
        **({"forced_down": False} if version_of(call) >= (2, 11) else {}),
    }


def is_up(row: Row[Any]) -> bool:
    """Whether the host's last heartbeat is recent enough."""
    return bool(timestamps.parse((datetime.now(UTC) - hosts.DOWN_AFTER).isoformat()) <= row.seen_at)
