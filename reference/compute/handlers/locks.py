"""POST /servers/{id}/action: lock and unlock a server (C-SRV-014), and read its console."""

from typing import Any

from sqlalchemy.engine import Row

from reference.compute import console, locks, servers
from reference.compute.context import Service, require_member
from reference.compute.errors import fault
from reference.compute.microversion import version_of
from reference.compute.schemas.history import parse_body
from reference.compute.schemas.locks import ACTIONS, CONSOLE, REASONS
from reference.wsgi.routes import STRING, Answer, Call, Operation, Route

_OUTPUT = {"type": "object", "required": ["output"], "properties": {"output": STRING}, "additionalProperties": False}


class Locks:
    """The handler of a server's actions."""

    def __init__(self, service: Service) -> None:
        self.service = service

    def routes(self) -> list[Route]:
        body = {"oneOf": [history.schemas[-1] for history in ACTIONS.values()]}
        operation = Operation(202, (403, 404, 409, 415, 501), body=body, answer=None, others={200: _OUTPUT})
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
            row = servers.find(tx, call, server)
        if action == CONSOLE:
            return self._console(call, row, detail.get("length"))
        require_member(call, f"os_compute_api:os-lock-server:{action}")
        if action == "lock":
            reason = detail.get("locked_reason") if detail and version_of(call) >= REASONS else None
            self.service.store.write(lambda tx: locks.lock(tx, call, server, reason))
        else:
            self.service.store.write(lambda tx: locks.unlock(tx, call, server))
        return Answer(status=202)

    def _console(self, call: Call, server: Row[Any], length: int | str | None) -> Answer:
        require_member(call, "os_compute_api:os-console-output")
        if server.host is None:
            raise fault(409, f"Instance {server.id} is not ready")
        lines = None if length is None else int(length)
        return Answer({"output": console.output(self.service.settings, server.id, lines)})
