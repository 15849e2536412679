"""The seams of the topology's faults: its build, its GET, its DELETE and its routes; and queries that they share."""

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from reference.catalogue import Plant
from reference.faults.seams import Wrapper, answering, around, body_of, nothing
from reference.network import tables, topology
from reference.network.handlers import topology as handlers
from reference.network.handlers.topology import Topology
from reference.network.resources import ports
from reference.wsgi.context import Caller
from reference.wsgi.errors import Problem
from reference.wsgi.routes import Answer, Call, Route

KEY = "auto_allocated_topology"
GET = answering(Topology, "show")
Condition = Callable[[Call], object]
Handler = Callable[[Topology, Call], Answer]
Spoil = Callable[[Connection, str, str], object]


def after_build(spoil: Spoil) -> Plant:
    """Call `spoil(tx, project, network)` after every topology is built, in the same transaction."""

    def build(right: Wrapper, tx: Connection, caller: Caller, project_id: str) -> str:
        existing = record_of(tx, project_id)
        network = str(right(tx, caller, project_id))
        if existing is None:
            spoil(tx, project_id, network)
        return network

    return around(topology, "build")(build)


def before_take_down(spoil: Callable[[Connection, Row[Any]], object]) -> Plant:
    """Call `spoil(tx, record)` before every topology is taken down; it may raise Problem to refuse that."""

    def take_down(right: Wrapper, tx: Connection, project_id: str) -> None:
        record = record_of(tx, project_id)
        if record is not None:
            spoil(tx, record)
        right(tx, project_id)

    return around(topology, "take_down")(take_down)


def record_of(tx: Connection, project_id: str) -> Row[Any] | None:
    return tx.execute(sa.select(tables.topologies).where(tables.topologies.c.project_id == project_id)).first()


def interfaces_of(tx: Connection, router_id: str | None) -> list[str]:
    """The ids of the router's interfaces, which are ports."""
    interfaces = sa.select(tables.ports.c.id).where(
        tables.ports.c.device_id == router_id, tables.ports.c.device_owner == ports.INTERFACE
    )
    return list(tx.execute(interfaces).scalars())


def is_on(tx: Connection, port: str, network: str) -> bool:
    return tx.execute(sa.select(tables.ports.c.network_id).where(tables.ports.c.id == port)).scalar() == network


def edited(condition: Condition = lambda _call: True, **values: Any) -> Plant:
    """Let GET answer the topology with these values, and without the keys whose value is `nothing`, for the calls for
    which the condition holds.
    """

    def change(call: Call, answer: Answer) -> Answer:
        if not condition(call):
            return answer
        shown = {**body_of(answer)[KEY], **values}
        return Answer({KEY: {name: value for name, value in shown.items() if value is not nothing}})

    return GET(change)


def instead(condition: Condition) -> Callable[[Handler], Plant]:
    """Let the handler answer a GET for which the condition holds."""

    def seam(handler: Handler) -> Plant:
        return around(Topology, "show")(
            lambda right, self, call: handler(self, call) if condition(call) else right(self, call)
        )

    return seam


def route(method: str, path: str) -> Callable[[Handler], Plant]:
    """Let the topology's resource have another route, answered by the handler."""

    def seam(handler: Handler) -> Plant:
        return around(Topology, "routes")(
            lambda right, self: [*right(self), Route(method, path, lambda call: handler(self, call))]
        )

    return seam


def built(self: Topology, call: Call) -> Answer:
    """Build the topology of the caller's own project, whichever the path names, and answer it."""
    project = call.caller.project_id
    return handlers.described(project, topology.get_or_build(self.store, call.caller, project))


def refuse(problem: Problem) -> Handler:
    def handler(_self: Topology, _call: Call) -> Answer:
        raise problem

    return handler


def fields(call: Call) -> list[str]:
    return [name for name in call.query("fields") if name]


def is_dry_run(call: Call) -> bool:
    return handlers.DRY_RUN in fields(call)


def is_foreign(call: Call) -> bool:
    return call.params["project"] not in ("None", call.caller.project_id)


def is_none(call: Call) -> bool:
    return call.params["project"] == "None"
