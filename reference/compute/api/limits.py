"""How much a project may have, and has (C-SVC-004); there are no limits of Compute's own."""

from __future__ import annotations

import sqlalchemy as sa

from reference.compute.service import Service
from reference.compute.tables import servers
from reference.wsgi.service import Answer, Call, Route

UNLIMITED = -1


class Limits:
    """The handler of /limits."""

    def __init__(self, service: Service) -> None:
        self.service = service

    def routes(self) -> list[Route]:
        return [Route("GET", "/v2.1/limits", self.show)]

    def show(self, call: Call) -> Answer:
        project = (call.query("tenant_id") if call.caller.is_admin else [])[-1:] or [call.caller.project_id]
        with self.service.store.read() as tx:
            held = tx.execute(sa.select(servers.c.flavor).where(servers.c.project_id == project[0])).scalars().all()
        absolute = {
            "maxTotalInstances": UNLIMITED,
            "maxTotalCores": UNLIMITED,
            "maxTotalRAMSize": UNLIMITED,
            "totalInstancesUsed": len(held),
            "totalCoresUsed": sum(flavor["vcpus"] for flavor in held),
            "totalRAMUsed": sum(flavor["ram"] for flavor in held),
        }
        return Answer({"limits": {"rate": [], "absolute": absolute}})
