"""Faults in what later GETs of the topology answer, and in what they do to it."""

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from reference.faults.catalogue import fault
from reference.faults.seams import Wrapper, around, instead_of, wrap
from reference.faults.topology.seams import record_of
from reference.network import tables, topology
from reference.network.rest.errors import error
from reference.network.rest.rows import change
from reference.store import Store
from reference.wsgi.context import Caller


@fault("N-AAT-028", "N-AAT-001", "N-AAT-022", at=around(topology, "get_or_build"), row="DEF-N-039")
def answered_before_it_is_whole(right: Wrapper, store: Store, caller: Caller, project_id: str) -> str:
    """The first GET answers while the network is still down; the second one sets it up."""
    with store.read() as tx:
        built = topology.recorded(tx, project_id) is not None
    network = str(right(store, caller, project_id))
    store.write(lambda tx: change(tx, tables.networks, network, {"admin_state_up": built}))
    return network


@fault("N-AAT-003", "N-AAT-040", at=instead_of(topology, "get_or_build"))
def builds_every_time(store: Store, caller: Caller, project_id: str) -> str:
    """Each GET builds another topology."""

    def build_anew(tx: Connection) -> str:
        tx.execute(tables.topologies.delete().where(tables.topologies.c.project_id == project_id))
        return topology.build(tx, caller, project_id)

    return store.write(build_anew)


@fault("N-AAT-003", at=around(topology, "get_or_build"))
def second_get_renames(right: Wrapper, store: Store, caller: Caller, project_id: str) -> str:
    """A further GET puts the network's name back and adds a description."""
    with store.read() as tx:
        before = topology.recorded(tx, project_id)
    if before is not None:
        store.write(lambda tx: change(tx, tables.networks, before, {"description": "again"}))
    return str(right(store, caller, project_id))


@fault("N-AAT-005", at=around(topology, "get_or_build"))
def repairs_what_its_owner_changed(right: Wrapper, store: Store, caller: Caller, project_id: str) -> str:
    """A further GET sets a network up that its owner has set down, and gives it its old name."""
    network = str(right(store, caller, project_id))
    values = {"admin_state_up": True, "name": f"{topology.NAME}_network"}
    store.write(lambda tx: change(tx, tables.networks, network, values))
    return network


@fault("N-AAT-030", at=around(topology, "get_or_build"))
def one_network_for_all(right: Wrapper, store: Store, caller: Caller, project_id: str) -> str:
    """All projects get the network of the first one."""
    with store.read() as tx:
        row = tx.execute(sa.select(tables.topologies.c.network_id)).first()
    return str(row.network_id) if row else str(right(store, caller, project_id))


@fault("N-AAT-060")
def answers_a_network_that_is_gone() -> None:
    """After its owner deleted the network, GET still answers the old id."""
    ghosts = sa.Table(
        "net_ghosts",
        tables.METADATA,
        sa.Column("project_id", sa.String(255), primary_key=True),
        sa.Column("id", sa.String(36)),
    )

    def get_or_build(right: Wrapper, store: Store, caller: Caller, project_id: str) -> str:
        with store.read() as tx:
            network = tx.execute(sa.select(ghosts.c.id).where(ghosts.c.project_id == project_id)).scalar()
        if network is None:
            network = right(store, caller, project_id)
            store.write(lambda tx: tx.execute(ghosts.insert(), {"project_id": project_id, "id": network}))
        return str(network)

    wrap(topology, "get_or_build", get_or_build)


@fault("N-AAT-061", at=around(topology, "recorded"), row="DEF-N-023")
def get_fails_without_its_router(right: Wrapper, tx: Connection, project_id: str) -> str | None:
    """GET answers 404 once the user has deleted the router."""
    record = record_of(tx, project_id)
    if record is not None and record.router_id is None:
        raise error("RouterNotFound", id="None")
    return right(tx, project_id)  # type: ignore[no-any-return]


@fault("N-AAT-004", at=around(topology, "get_or_build"))
def topology_needs_its_defaults(right: Wrapper, store: Store, caller: Caller, project_id: str) -> str:
    """A topology is answered only while the defaults are there."""
    with store.read() as tx:
        topology.prerequisites(tx, caller)
    return str(right(store, caller, project_id))


@fault("N-AAT-009", at=around(topology, "get_or_build"))
def administrators_build_for_themselves(right: Wrapper, store: Store, caller: Caller, project_id: str) -> str:
    """An administrator who asks for the topology of another project gets one of his own."""
    return str(right(store, caller, caller.project_id if caller.is_admin else project_id))
