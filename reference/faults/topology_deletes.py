"""Faults in what a DELETE of the topology answers and takes away."""

from __future__ import annotations

import time
from threading import local
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from reference.faults.catalogue import defect
from reference.faults.seam import A_WHILE, answering, around, crash, nothing, replace
from reference.faults.topology_seam import interfaces_of, record_of, there
from reference.network import topology
from reference.network.handlers import topology as api
from reference.network.resources import networks, ports
from reference.network.rest.errors import error
from reference.network.tables import METADATA, topologies
from reference.network.tables import networks as network_table
from reference.network.tables import ports as port_table
from reference.wsgi.context import Caller
from reference.wsgi.routes import Answer, Call


@defect("N-AAT-050", row="DEF-N-011")
def delete_is_not_implemented() -> None:
    """DELETE ends in 500."""
    replace(api.Topology, "delete", crash)


@defect("N-AAT-050")
def delete_answers_200() -> None:
    """DELETE answers 200 with a body."""
    answering(api.Topology, "delete", lambda _call, _answer: Answer({}, 200))


@defect("N-AAT-050", "N-AAT-051")
def delete_does_nothing() -> None:
    """DELETE answers 204 and takes nothing away."""
    replace(topology, "take_down", nothing)


@defect("N-AAT-050", "N-AAT-051")
def delete_forgets_only_the_record() -> None:
    """DELETE forgets whose topology it was and leaves all its parts."""

    def forget(tx: Connection, project_id: str) -> None:
        tx.execute(topologies.delete().where(topologies.c.project_id == project_id))

    replace(topology, "take_down", forget)


@defect("N-AAT-050", "N-AAT-061")
def delete_keeps_the_router() -> None:
    """DELETE leaves the router behind, without interfaces."""

    def take_down(tx: Connection, project_id: str) -> None:
        record = record_of(tx, project_id)
        if record is None:
            return
        tx.execute(topologies.delete().where(topologies.c.project_id == project_id))
        ports.remove_ports(tx, interfaces_of(tx, record.router_id))
        networks.remove_network(tx, record.network_id)

    replace(topology, "take_down", take_down)


@defect("N-AAT-050")
def delete_keeps_the_network() -> None:
    """DELETE takes router and interfaces away and leaves the network."""
    replace(topology, "networks", with_module(networks, remove_network=nothing))


def with_module(module: Any, **instead: Any) -> Any:
    """The module in the eyes of one user of it, with these names replaced."""
    return type("Replaced", (), {**vars(module), **{name: staticmethod(value) for name, value in instead.items()}})


@defect("N-AAT-052", row="DEF-N-020")
def delete_of_nothing_builds() -> None:
    """DELETE where there is no topology builds one."""

    def delete(right: Any, self: api.Topology, call: Call) -> Answer:
        with self.store.read() as tx:
            there = record_of(tx, call.caller.project_id)
        if there is None:
            topology.get_or_build(self.store, call.caller, call.caller.project_id)
            return Answer(status=204)
        return Answer(right(self, call).body, 204)

    around(api.Topology, "delete", delete)


@defect("N-AAT-052")
def delete_of_nothing_crashes() -> None:
    """DELETE where there is no topology ends in 500."""

    def take_down(right: Any, tx: Connection, project_id: str) -> None:
        if record_of(tx, project_id) is None:
            crash()
        right(tx, project_id)

    around(topology, "take_down", take_down)


@defect("N-AAT-059")
def delete_takes_a_body() -> None:
    """DELETE with a body is carried out."""
    replace(api, "no_body", nothing)


@defect("N-AAT-061")
def delete_fails_without_its_router() -> None:
    """DELETE answers 404 once the user has deleted the router."""

    def take_down(right: Any, tx: Connection, project_id: str) -> None:
        record = record_of(tx, project_id)
        if record is not None and record.router_id is None:
            raise error("RouterNotFound", id="None")
        right(tx, project_id)

    around(topology, "take_down", take_down)


@defect("N-AAT-058", row="DEF-N-017", race=True, live="neutron-2025.2")
def delete_expects_no_twin() -> None:
    """A DELETE that finds its topology taken away by another one meanwhile ends in 500."""
    mine = local()

    def delete(right: Any, self: api.Topology, call: Call) -> Answer:
        mine.was_there = there(self.store, call.caller.project_id)
        time.sleep(A_WHILE)
        return right(self, call)  # type: ignore[no-any-return]

    def take_down(right: Any, tx: Connection, project_id: str) -> None:
        if mine.was_there and record_of(tx, project_id) is None:
            crash()
        right(tx, project_id)

    around(api.Topology, "delete", delete)
    around(topology, "take_down", take_down)


@defect("N-AAT-050", row="DEF-N-012")
def delete_looks_at_fields() -> None:
    """DELETE answers 400, for it looks the topology up with a field that topologies lack."""

    def delete(*_arguments: object) -> Answer:
        raise error("BadRequest", resource="auto_allocate", text="Unrecognized field")

    replace(api.Topology, "delete", delete)


@defect("N-AAT-050")
def delete_takes_other_networks_along() -> None:
    """DELETE takes every network of the project away that nothing uses."""

    def take_down(right: Any, tx: Connection, project_id: str) -> None:
        right(tx, project_id)
        used = sa.select(port_table.c.network_id)
        others = (network_table.c.project_id == project_id, network_table.c.id.not_in(used))
        tx.execute(network_table.delete().where(*others))

    around(topology, "take_down", take_down)


@defect("N-AAT-052")
def repeated_delete_is_409() -> None:
    """DELETE where there is no topology is refused as a conflict."""

    def take_down(right: Any, tx: Connection, project_id: str) -> None:
        if record_of(tx, project_id) is None:
            raise error("AutoAllocationFailure", reason="there is none")
        right(tx, project_id)

    around(topology, "take_down", take_down)


@defect("N-AAT-051")
def no_second_topology() -> None:
    """A project whose topology was deleted gets no other."""
    deleted = sa.Table("net_deleted", METADATA, sa.Column("project_id", sa.String(255), primary_key=True))

    def take_down(right: Any, tx: Connection, project_id: str) -> None:
        if record_of(tx, project_id) is not None:
            right(tx, project_id)
            tx.execute(deleted.insert(), {"project_id": project_id})

    def build(right: Any, tx: Connection, caller: Caller, project_id: str) -> str:
        if tx.execute(sa.select(deleted).where(deleted.c.project_id == project_id)).first() is not None:
            raise error("AutoAllocationFailure", reason="there was one")
        return str(right(tx, caller, project_id))

    around(topology, "take_down", take_down)
    around(topology, "build", build)
