"""POST /servers/{id}/action, of which there are lock and unlock (C-SRV-014)."""

from typing import Any

from reference.compute import locks, servers
from reference.compute.context import Service, require_member
from reference.compute.errors import fault
from reference.compute.schemas.history import parse_body
from reference.compute.schemas.locks import ACTIONS
from reference.wsgi.routes import Answer, Call, Operation, Route


class Locks:
    """The handler of a server's actions."""

    def __init__(self, service: Service) -> None:
        self.service = service

    def routes(self) -> list[Route]:
        body = {"oneOf": [history.schemas[-1] for history in ACTIONS.values()]}
        operation = Operation(202, (403, 404, 409, 415), body=body, answer=None)
        return [Route("POST", "/v2.1/servers/{server}/action", self.act, operation)]

    def act(self, call: Call) -> Answer:
        body: Any = parse_body(call)
        if not isinstance(body, dict) or len(body) != 1:
            raise fault(400, "Malformed request body")
        [(action, detail)] = body.items()
        if action not in ACTIONS:
            raise fault(400, f"There is no such action: {action}")
        ACTIONS[action].check(call, body)
        server = call.params["server"]
        with self.service.store.read() as tx:
            servers.find(tx, call, server)
        require_member(call, f"os_compute_api:os-lock-server:{action}")
        if action == "lock":
            reason = detail.get("locked_reason") if isinstance(detail, dict) else None
            self.service.store.write(lambda tx: locks.lock(tx, call, server, reason))
        else:
            self.service.store.write(lambda tx: locks.unlock(tx, call, server))
        return Answer(status=202)
