"""Faults in what later GETs of the topology answer, and in what they do to it."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from reference.faults.catalogue import defect
from reference.faults.seam import around, replace
from reference.faults.topology_seam import record_of
from reference.network import topology
from reference.network.rest.errors import error
from reference.network.rest.rows import change
from reference.network.tables import METADATA, topologies
from reference.network.tables import networks as network_table
from reference.store import Store
from reference.wsgi.context import Caller


@defect("N-AAT-028", "N-AAT-001", "N-AAT-022", row="DEF-N-039")
def answered_before_it_is_whole() -> None:
    """The first GET answers while the network is still down; the second one sets it up."""

    def get_or_build(right: Any, store: Store, caller: Caller, project_id: str) -> str:
        with store.read() as tx:
            there = topology.recorded(tx, project_id) is not None
        network = str(right(store, caller, project_id))
        store.write(lambda tx: change(tx, network_table, network, {"admin_state_up": there}))
        return network

    around(topology, "get_or_build", get_or_build)


@defect("N-AAT-003", "N-AAT-040")
def builds_every_time() -> None:
    """Each GET builds another topology."""

    def get_or_build(store: Store, caller: Caller, project_id: str) -> str:
        def again(tx: Connection) -> str:
            tx.execute(topologies.delete().where(topologies.c.project_id == project_id))
            return topology.build(tx, caller, project_id)

        return store.write(again)

    replace(topology, "get_or_build", get_or_build)


@defect("N-AAT-003")
def second_get_renames() -> None:
    """A further GET puts the network's name back and adds a description."""

    def get_or_build(right: Any, store: Store, caller: Caller, project_id: str) -> str:
        with store.read() as tx:
            before = topology.recorded(tx, project_id)
        if before is not None:
            store.write(lambda tx: change(tx, network_table, before, {"description": "again"}))
        return str(right(store, caller, project_id))

    around(topology, "get_or_build", get_or_build)


@defect("N-AAT-005")
def repairs_what_its_owner_changed() -> None:
    """A further GET sets a network up that its owner has set down, and gives it its old name."""

    def get_or_build(right: Any, store: Store, caller: Caller, project_id: str) -> str:
        network = str(right(store, caller, project_id))
        whole = {"admin_state_up": True, "name": f"{topology.NAME}_network"}
        store.write(lambda tx: change(tx, network_table, network, whole))
        return network

    around(topology, "get_or_build", get_or_build)


@defect("N-AAT-030")
def one_network_for_all() -> None:
    """All projects get the network of the first one."""

    def get_or_build(right: Any, store: Store, caller: Caller, project_id: str) -> str:
        with store.read() as tx:
            row = tx.execute(sa.select(topologies.c.network_id)).first()
        return str(row.network_id) if row else str(right(store, caller, project_id))

    around(topology, "get_or_build", get_or_build)


@defect("N-AAT-060")
def answers_a_network_that_is_gone() -> None:
    """The record outlives a network its owner deleted; GET answers the old id."""
    ghosts = sa.Table(
        "net_ghosts",
        METADATA,
        sa.Column("project_id", sa.String(255), primary_key=True),
        sa.Column("id", sa.String(36)),
    )

    def get_or_build(right: Any, store: Store, caller: Caller, project_id: str) -> str:
        with store.read() as tx:
            known = tx.execute(sa.select(ghosts.c.id).where(ghosts.c.project_id == project_id)).scalar()
        if known is None:
            known = right(store, caller, project_id)
            store.write(lambda tx: tx.execute(ghosts.insert(), {"project_id": project_id, "id": known}))
        return str(known)

    around(topology, "get_or_build", get_or_build)


@defect("N-AAT-061", row="DEF-N-023")
def get_fails_without_its_router() -> None:
    """GET answers 404 once the user has deleted the router."""

    def recorded(right: Any, tx: Connection, project_id: str) -> str | None:
        record = record_of(tx, project_id)
        if record is not None and record.router_id is None:
            raise error("RouterNotFound", id="None")
        return right(tx, project_id)  # type: ignore[no-any-return]

    around(topology, "recorded", recorded)
