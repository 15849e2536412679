"""The hosts that build servers, shown to admins (C-SVC-001, C-SVC-002)."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Row

from reference.compute import times
from reference.compute.allocation import ZONE
from reference.compute.microversion import Version, version_of
from reference.compute.service import Service, require_admin
from reference.compute.tables import hosts
from reference.wsgi.service import Answer, Call, Route

BINARY = "nova-compute"  # its name on the wire, whatever program it is
DOWN_AFTER = timedelta(seconds=60)


class Services:
    """The handler of os-services."""

    def __init__(self, service: Service) -> None:
        self.service = service

    def routes(self) -> list[Route]:
        return [Route("GET", "/v2.1/os-services", self.index)]

    def index(self, call: Call) -> Answer:
        require_admin(call, "os_compute_api:os-services:list")
        statement = sa.select(hosts).order_by(hosts.c.host)
        for value in call.query("host")[-1:]:
            statement = statement.where(hosts.c.host == value)
        for value in call.query("binary")[-1:]:
            statement = statement.where(sa.literal(value) == BINARY)
        with self.service.store.read() as tx:
            rows = tx.execute(statement).all()
        return Answer({"services": [_view(row, number, version_of(call)) for number, row in enumerate(rows, 1)]})


def _view(row: Row[Any], number: int, version: Version) -> dict[str, Any]:
    alive = times.parse((datetime.now(UTC) - DOWN_AFTER).isoformat()) <= row.seen_at
    return {
        "id": str(uuid.uuid5(uuid.NAMESPACE_DNS, row.host)) if version >= (2, 53) else number,
        "binary": BINARY,
        "host": row.host,
        "zone": ZONE,
        "status": "enabled",
        "state": "up" if alive else "down",
        "updated_at": times.long(row.seen_at),
        "disabled_reason": None,
        **({"forced_down": False} if version >= (2, 11) else {}),
    }
