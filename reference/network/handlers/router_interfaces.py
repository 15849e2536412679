"""The two actions on a router that add an interface and remove one (N-RTR-007 to 016)."""

from typing import Any

from sqlalchemy.engine import Connection

from reference.network.resources import router_interfaces, routers
from reference.network.rest import validators
from reference.network.rest.errors import error
from reference.network.rest.requests import parse, require
from reference.network.rest.resource import Values
from reference.network.rest.rows import fetch
from reference.network.rest.validators import schema_of
from reference.store import Store
from reference.wsgi.routes import Answer, Call, Operation, Route

_SIDE = {name: schema_of(validators.uuid_text) for name in ("subnet_id", "port_id")}
_ACTION = Operation(errors=(400, 403, 404, 409), body={"type": "object", "properties": _SIDE, "minProperties": 1})


class RouterInterfaces:
    """The two actions on a router."""

    def __init__(self, store: Store) -> None:
        self.store = store

    def routes(self) -> list[Route]:
        path = "/v2.0/routers/{item}/"
        return [
            Route("PUT", path + "add_router_interface", lambda call: self._act(call, router_interfaces.add), _ACTION),
            Route(
                "PUT", path + "remove_router_interface", lambda call: self._act(call, router_interfaces.remove), _ACTION
            ),
        ]

    def _act(self, call: Call, action: Any) -> Answer:
        body = parse(call) if call.request.content_length else {}

        def act(tx: Connection) -> Values:
            # locked, so that of two requests at once the second sees the result of the first
            router = fetch(tx, routers.RESOURCE, call.caller, call.params["item"], hold=True)
            require(routers.RESOURCE, call.caller, "update", router)
            view: Values = action(tx, call.caller, router, named(body))
            return view

        return Answer(self.store.write(act))


def named(body: Values) -> Values:
    """The body's subnet_id or port_id, or both. Raises Problem: 400 without any (N-RTR-009)."""
    sides = {name: body[name] for name in ("subnet_id", "port_id") if body.get(name)}
    if not sides:
        raise error("BadRequest", resource="router", text="Either subnet_id or port_id must be specified")
    try:
        return {name: validators.uuid_text(value) for name, value in sides.items()}
    except ValueError as reason:
        raise error("BadRequest", resource="router", text=str(reason).removesuffix(".")) from None
