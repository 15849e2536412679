"""Faults that show only when first GETs of a topology meet each other or a DELETE."""

import time
from collections.abc import Callable

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from reference.catalogue import Plant
from reference.faults.catalogue import entry, fault, table
from reference.faults.seams import A_WHILE, Wrapper, around, crash, replace, replaced, wrap
from reference.network import tables, topology
from reference.network.resources import networks, ports, routers
from reference.network.rest.errors import error
from reference.network.rest.resource import posted
from reference.store import Store
from reference.wsgi.context import Caller
from reference.wsgi.errors import Problem

IN_USE = Problem(409, "SubnetPoolInUse", "Unable to complete operation on subnet pool: others are at it.")


def _early(*, up: bool = False, seconds: float = 0.0) -> Callable[[Callable[..., str]], Plant]:
    """Let a builder commit a network before it knows whether it won.

    A loser answers `finish(tx, caller, early, winner)`; the last two are ids of networks.
    It waits `seconds` before that, as builds of real clouds take longer.
    """

    def seam(finish: Callable[..., str]) -> Plant:
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

        return replaced(topology, "get_or_build", get_or_build)

    return seam


def _removed(tx: Connection, _caller: Caller, early: str, winner: str) -> str:
    networks.remove_network(tx, early)
    return winner


def _refuse_crowds(refused: Callable[[Connection, Caller, str], object]) -> None:
    """Let a builder that meets one of another project call `refused(tx, caller, project)` and answer 409."""
    busy = sa.Table("net_busy", tables.METADATA, sa.Column("project_id", sa.String(255), primary_key=True))

    def get_or_build(right: Wrapper, store: Store, caller: Caller, project_id: str) -> str:
        of_project = busy.c.project_id == project_id

        def begin(tx: Connection) -> bool:
            others = tx.execute(sa.select(busy).where(~of_project)).first() is not None
            if others:
                refused(tx, caller, project_id)
            elif tx.execute(sa.select(busy).where(of_project)).first() is None:
                tx.execute(busy.insert(), {"project_id": project_id})
            return others

        if store.write(begin):
            raise IN_USE
        try:
            time.sleep(A_WHILE)
            return str(right(store, caller, project_id))
        finally:
            store.write(lambda tx: tx.execute(busy.delete().where(of_project)))

    wrap(topology, "get_or_build", get_or_build)


table(
    entry("loser-keeps-network", "N-AAT-041", "N-AAT-040", row="DEF-C-051", race=True)(
        "A builder commits its network before it knows whether it won; a loser's stays behind.",
        _early()(lambda _tx, _caller, _early, winner: winner),
    ),
    entry("loser-answers-its-own", "N-AAT-041", "N-AAT-040", race=True)(
        "A builder that lost answers the id of the network it made in vain.",
        _early()(lambda _tx, _caller, early, _winner: early),
    ),
    entry("loser-crashes", "N-AAT-040", row="DEF-N-019", race=True)(
        "A builder that lost answers 500.", _early()(crash)
    ),
    entry("networks-are-up-too-early", "N-AAT-042", row="DEF-N-018", race=True)(
        "Each racing builder's network is up and in view until it knows whether it won.",
        _early(up=True, seconds=A_WHILE)(_removed),
    ),
)


@fault("N-AAT-040", row="DEF-C-051", race=True)
def no_unique_key() -> None:
    """Nothing arbitrates between racing builders: each builds and records a network of its own."""
    keyless = sa.Table(
        "net_topologies_keyless",
        tables.METADATA,
        *(sa.Column(column.name, column.type, nullable=True) for column in tables.topologies.columns),
        *(  # a topology that is deleted part by part has no record any more
            sa.ForeignKeyConstraint([key.parent.name], [key.target_fullname], ondelete=key.ondelete)
            for key in tables.topologies.foreign_keys
        ),
    )
    replace(topology, "topologies", keyless)
    of_project = keyless.c.project_id == sa.bindparam("project")
    replace(topology, "RECORD", sa.select(keyless).where(of_project))
    replace(topology, "GONE", keyless.delete().where(of_project))
    replace(topology, "COMPLETED", keyless.update().where(of_project))
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


@fault("N-AAT-040", "N-AAT-041", at=_early(), row="DEF-N-036", race=True)
def loser_answers_409(_tx: Connection, _caller: Caller, early: str, _winner: str) -> str:
    """A builder that lost answers 409 for its own network."""
    raise error("NetworkInUse", id=early, ports="")


@fault("N-AAT-041", "N-AAT-040", at=_early(), row="DEF-N-014", race=True)
def loser_keeps_router(tx: Connection, caller: Caller, early: str, winner: str) -> str:
    """A builder that lost leaves its router behind, unplugged."""
    routers.create(tx, caller, posted(routers.RESOURCE, caller, {"name": f"{topology.NAME}_router"}))
    return _removed(tx, caller, early, winner)


@fault("N-AAT-041", at=_early(), race=True)
def loser_keeps_port(tx: Connection, caller: Caller, early: str, winner: str) -> str:
    """A builder that lost leaves a port on the winner's network."""
    ports.add_port(tx, routers.port_of("", winner, "", project_id=caller.project_id))
    return _removed(tx, caller, early, winner)


@fault(
    "N-AAT-001",
    at=around(topology, "get_or_build"),
    row="DEF-N-038",
    race=True,
    live=("neutron-2025.2", "neutron-2026.2"),
)
def get_looks_twice(right: Wrapper, store: Store, caller: Caller, project_id: str) -> str | None:
    """A GET reads the record, and a while later its network; if a DELETE came in between, it answers null."""
    network = str(right(store, caller, project_id))
    time.sleep(A_WHILE)
    with store.read() as tx:
        network_row = tx.execute(sa.select(tables.networks.c.id).where(tables.networks.c.id == network)).first()
    return network if network_row else None


@fault("N-AAT-051", race=True)
def a_get_remembers_too_late() -> None:
    """A GET caches its answer, but only after a while, when a DELETE may have come in between."""
    remembered = sa.Table(
        "net_remembered",
        tables.METADATA,
        sa.Column("project_id", sa.String(255), primary_key=True),
        sa.Column("network_id", sa.String(36), nullable=False),
    )
    take_down = topology.take_down

    def get_or_build(right: Wrapper, store: Store, caller: Caller, project_id: str) -> str:
        of_project = remembered.c.project_id == project_id
        with store.read() as tx:
            earlier = tx.execute(sa.select(remembered.c.network_id).where(of_project)).scalar()
        if earlier:
            return str(earlier)
        network = str(right(store, caller, project_id))
        time.sleep(5 * A_WHILE)  # long enough for a volley's DELETEs to be over

        def remember(tx: Connection) -> None:
            tx.execute(remembered.delete().where(of_project))
            tx.execute(remembered.insert(), {"project_id": project_id, "network_id": network})

        store.write(remember)
        return network

    def forget(tx: Connection, project_id: str) -> None:
        tx.execute(remembered.delete().where(remembered.c.project_id == project_id))
        take_down(tx, project_id)

    wrap(topology, "get_or_build", get_or_build)
    replace(topology, "take_down", forget)


@fault("N-AAT-043", row="DEF-N-045", race=True)
def refused_once_refused_for_ever() -> None:
    """A project that was refused in a crowd is refused whenever it asks again."""
    marked = sa.Table("net_marked", tables.METADATA, sa.Column("project_id", sa.String(255), primary_key=True))

    def is_marked(tx: Connection, project_id: str) -> bool:
        return tx.execute(sa.select(marked).where(marked.c.project_id == project_id)).first() is not None

    def mark(tx: Connection, _caller: Caller, project_id: str) -> None:
        if not is_marked(tx, project_id):
            tx.execute(marked.insert(), {"project_id": project_id})

    _refuse_crowds(mark)

    def get_or_build(right: Wrapper, store: Store, caller: Caller, project_id: str) -> str:
        with store.read() as tx:
            if is_marked(tx, project_id):
                raise IN_USE
        return str(right(store, caller, project_id))

    wrap(topology, "get_or_build", get_or_build)


@fault("N-AAT-043", row="DEF-N-013", race=True)
def refusals_leave_a_network() -> None:
    """A project that is refused in a crowd keeps the network that was made for it in vain."""

    def leave(tx: Connection, caller: Caller, project_id: str) -> None:
        body = {"name": f"{topology.NAME}_network", "project_id": project_id}
        networks.create(tx, caller, posted(networks.RESOURCE, caller, body))

    _refuse_crowds(leave)
