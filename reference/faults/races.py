"""Faults that show only when requests meet: what arbitrates between racing builders, taken away."""

from __future__ import annotations

import time
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from reference.faults.catalogue import defect
from reference.faults.seam import A_WHILE, around, crash, replace
from reference.network import tables, topology
from reference.network.resources import networks, ports, routers
from reference.network.rest.errors import error
from reference.network.rest.resource import posted
from reference.store import Store
from reference.wsgi.context import Caller


@defect("N-AAT-040", row="DEF-C-051", race=True)
def no_unique_key() -> None:
    """Nothing arbitrates between racing builders: each builds and records a network of its own."""
    keyless = sa.Table(
        "net_topologies_keyless",
        tables.METADATA,
        *(sa.Column(column.name, column.type, nullable=True) for column in tables.topologies.columns),
        *(  # what is deleted part by part is not on record any more
            sa.ForeignKeyConstraint([key.parent.name], [key.target_fullname], ondelete=key.ondelete)
            for key in tables.topologies.foreign_keys
        ),
    )
    replace(topology, "topologies", keyless)
    replace(topology, "OF_PROJECT", keyless.c.project_id == sa.bindparam("project"))
    replace(topology, "RECORD", sa.select(keyless).where(topology.OF_PROJECT))
    look = topology.recorded

    def get_or_build(store: Store, caller: Caller, project_id: str) -> str:
        with store.read() as tx:
            network = look(tx, project_id)
        if network is None:
            time.sleep(A_WHILE)
            network = store.write(lambda tx: topology.build(tx, caller, project_id))
        return network

    replace(topology, "get_or_build", get_or_build)
    replace(topology, "recorded", lambda _tx, _project_id: None)


def _early(*, up: bool, finish: Any, seconds: float = 0.0) -> None:
    """Let a builder commit a network before it knows whether it won.

    A loser answers `finish(tx, caller, early, winner)`.
    `seconds` go by before it does, as they do where a build takes longer than here.
    """

    def get_or_build(store: Store, caller: Caller, project_id: str) -> str:
        with store.read() as tx:
            network = topology.recorded(tx, project_id)
        if network is not None:
            return network
        body = {"name": f"{topology.NAME}_network", "admin_state_up": up}
        values = {**posted(networks.RESOURCE, caller, body), "project_id": project_id}
        early = store.write(lambda tx: networks.RESOURCE.create(tx, caller, dict(values)))
        time.sleep(seconds)

        def build(tx: Connection) -> str:
            winner = topology.recorded(tx, project_id)
            if winner is not None:
                return str(finish(tx, caller, early, winner))
            networks.remove_network(tx, early)
            return topology.build(tx, caller, project_id)

        return store.write(build)

    replace(topology, "get_or_build", get_or_build)


def _removed(tx: Connection, _caller: Caller, early: str, winner: str) -> str:
    networks.remove_network(tx, early)
    return winner


def _conflict(_tx: Connection, _caller: Caller, early: str, _winner: str) -> str:
    raise error("NetworkInUse", id=early, ports="")


@defect("N-AAT-041", "N-AAT-040", row="DEF-C-051", race=True)
def loser_keeps_network() -> None:
    """A builder commits its network before it knows whether it won; a loser's stays behind."""
    _early(up=False, finish=lambda _tx, _caller, _early, winner: winner)


@defect("N-AAT-041", "N-AAT-040", race=True)
def loser_answers_its_own() -> None:
    """A builder that lost answers the id of the network it made in vain."""
    _early(up=False, finish=lambda _tx, _caller, early, _winner: early)


@defect("N-AAT-040", row="DEF-N-019", race=True)
def loser_crashes() -> None:
    """A builder that lost answers 500."""
    _early(up=False, finish=crash)


@defect("N-AAT-040", "N-AAT-041", row="DEF-N-036", race=True)
def loser_answers_409() -> None:
    """A builder that lost answers 409 for its own network."""
    _early(up=False, finish=_conflict)


@defect("N-AAT-042", row="DEF-N-018", race=True)
def networks_are_up_too_early() -> None:
    """Each racing builder's network is up and in view until it knows whether it won."""
    _early(up=True, finish=_removed, seconds=A_WHILE)


@defect("N-AAT-041", "N-AAT-040", row="DEF-N-014", race=True)
def loser_keeps_router() -> None:
    """A builder that lost leaves its router behind, unplugged."""

    def finish(tx: Connection, caller: Caller, early: str, winner: str) -> str:
        routers.create(tx, caller, posted(routers.RESOURCE, caller, {"name": f"{topology.NAME}_router"}))
        return _removed(tx, caller, early, winner)

    _early(up=False, finish=finish)


@defect("N-AAT-041", race=True)
def loser_keeps_port() -> None:
    """A builder that lost leaves a port on the winner's network."""

    def finish(tx: Connection, caller: Caller, early: str, winner: str) -> str:
        ports.add_port(tx, routers.port_of("", winner, "", project_id=caller.project_id))
        return _removed(tx, caller, early, winner)

    _early(up=False, finish=finish)


@defect("N-AAT-001", row="DEF-N-038", race=True, live="neutron-2025.2")
def get_looks_twice() -> None:
    """A GET reads the record, and a while later its network; one that a DELETE has taken meanwhile is answered null."""

    def get_or_build(right: Any, store: Store, caller: Caller, project_id: str) -> str | None:
        network = str(right(store, caller, project_id))
        time.sleep(A_WHILE)
        with store.read() as tx:
            there = tx.execute(sa.select(tables.networks.c.id).where(tables.networks.c.id == network)).first()
        return network if there else None

    around(topology, "get_or_build", get_or_build)


@defect("N-AAT-051", race=True)
def a_get_remembers_too_late() -> None:
    """A GET remembers its answer for those that follow, a while after it found it: by then a DELETE may have been."""
    remembered = sa.Table(
        "net_remembered",
        tables.METADATA,
        sa.Column("project_id", sa.String(255), primary_key=True),
        sa.Column("network_id", sa.String(36), nullable=False),
    )
    take_down = topology.take_down

    def get_or_build(right: Any, store: Store, caller: Caller, project_id: str) -> str:
        mine = remembered.c.project_id == project_id
        with store.read() as tx:
            known = tx.execute(sa.select(remembered.c.network_id).where(mine)).scalar()
        if known:
            return str(known)
        network = str(right(store, caller, project_id))
        time.sleep(5 * A_WHILE)  # long enough for a volley's DELETEs to be over

        def remember(tx: Connection) -> None:
            tx.execute(remembered.delete().where(mine))
            tx.execute(remembered.insert(), {"project_id": project_id, "network_id": network})

        store.write(remember)
        return network

    def forget(tx: Connection, project_id: str) -> None:
        tx.execute(remembered.delete().where(remembered.c.project_id == project_id))
        take_down(tx, project_id)

    around(topology, "get_or_build", get_or_build)
    replace(topology, "take_down", forget)
