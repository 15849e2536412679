"""The availability zone, of which there is one, with every host in it (C-SVC-004)."""

import sqlalchemy as sa

from reference.compute import timestamps
from reference.compute.allocation import ZONE
from reference.compute.context import Service, require_admin
from reference.compute.handlers.services import BINARY, is_up
from reference.compute.tables import hosts
from reference.wsgi.routes import Answer, Call, Operation, Route


class Zones:
    """The handlers of os-availability-zone."""

    def __init__(self, service: Service) -> None:
        self.service = service

    def routes(self) -> list[Route]:
        path = "/v2.1/os-availability-zone"
        detail = Operation(errors=(403,))
        return [Route("GET", path, self.index), Route("GET", f"{path}/detail", self.detail, detail)]

    def index(self, _call: Call) -> Answer:
        return self._answer(None)

    def detail(self, call: Call) -> Answer:
        require_admin(call, "os_compute_api:os-availability-zone:detail")
        with self.service.store.read() as tx:
            rows = tx.execute(sa.select(hosts).order_by(hosts.c.host)).all()
        details = {
            row.host: {BINARY: {"available": is_up(row), "active": True, "updated_at": timestamps.long(row.seen_at)}}
            for row in rows
        }
        return self._answer(details)

    def _answer(self, details: object) -> Answer:
        zone = {"zoneName": ZONE, "zoneState": {"available": True}, "hosts": details}
        return Answer({"availabilityZoneInfo": [zone]})
