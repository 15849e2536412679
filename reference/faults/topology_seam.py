"""What faults of the topology have in common: where they step in, and what they look up."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from reference.faults.seam import around, nothing
from reference.network import topology
from reference.network.handlers import topology as api
from reference.network.resources import ports
from reference.network.tables import ports as port_table
from reference.network.tables import topologies
from reference.store import Store
from reference.wsgi.context import Caller
from reference.wsgi.routes import Answer, Call, Route

KEY = "auto_allocated_topology"
Spoil = Callable[[Connection, str, str], None]


def after_build(spoil: Spoil) -> None:
    """Let `spoil(tx, project, network)` work on every topology that has just been built."""

    def build(right: Any, tx: Connection, caller: Caller, project_id: str) -> str:
        meanwhile = record_of(tx, project_id)
        network = str(right(tx, caller, project_id))
        if meanwhile is None:
            spoil(tx, project_id, network)
        return network

    around(topology, "build", build)


def record_of(tx: Connection, project_id: str) -> Row[Any] | None:
    return tx.execute(sa.select(topologies).where(topologies.c.project_id == project_id)).first()


def there(store: Store, project: str) -> bool:
    with store.read() as tx:
        return record_of(tx, project) is not None


def interfaces_of(tx: Connection, router_id: str | None) -> list[str]:
    mine = sa.select(port_table.c.id).where(
        port_table.c.device_id == router_id, port_table.c.device_owner == ports.INTERFACE
    )
    return list(tx.execute(mine).scalars())


def is_on(tx: Connection, port: str, network: str) -> bool:
    return tx.execute(sa.select(port_table.c.network_id).where(port_table.c.id == port)).scalar() == network


def edited(**values: Any) -> Any:
    """An answer's topology with those values, without the keys whose value is `nothing`."""

    def change(_call: Call, answer: Answer) -> Answer:
        shown = {**dict(answer.body)[KEY], **values}  # type: ignore[call-overload]
        return Answer({KEY: {name: value for name, value in shown.items() if value is not nothing}})

    return change


def fields(call: Call) -> list[str]:
    return [name for name in call.query("fields") if name]


def instead(condition: Any, otherwise: Any) -> None:
    """Let `otherwise(self, call)` answer a GET for which `condition(call)` holds."""

    def show(right: Any, self: api.Topology, call: Call) -> Answer:
        return otherwise(self, call) if condition(call) else right(self, call)  # type: ignore[no-any-return]

    around(api.Topology, "show", show)


def built(self: api.Topology, call: Call) -> Answer:
    project = call.caller.project_id
    network = topology.get_or_build(self.store, call.caller, project)
    return Answer({KEY: {"id": network, "project_id": project, "tenant_id": project}})


def refuse(problem: Any) -> Any:
    def refuse(*_arguments: object) -> Answer:
        raise problem

    return refuse


def is_dry_run(call: Call) -> bool:
    return api.DRY_RUN in fields(call)


def foreign(call: Call) -> bool:
    return call.params["project"] not in ("None", call.caller.project_id)


def route(method: str, path: str, handler: Any) -> None:
    """Let the topology's resource have another route."""
    around(
        api.Topology,
        "routes",
        lambda right, self: [*right(self), Route(method, path, lambda call: handler(self, call))],
    )
