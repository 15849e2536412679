"""Defects of the topology's build."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from reference.defects.seam import replace
from reference.network import tables, topology
from reference.network.api import networks
from reference.network.resource import posted
from reference.store import Store
from reference.wsgi.context import Caller


def no_unique_key() -> None:
    """Nothing arbitrates between racing builders: each builds and records a network of its own (N-AAT-040)."""
    keyless = sa.Table(
        "net_topologies_keyless",
        tables.METADATA,
        *(sa.Column(column.name, column.type, nullable=True) for column in tables.topologies.columns),
    )
    replace(topology, "topologies", keyless)
    look = topology.recorded

    def get_or_build(store: Store, caller: Caller, project_id: str) -> str:
        with store.read() as tx:
            network = look(tx, project_id)
        return network or store.write(lambda tx: topology.build(tx, caller, project_id))

    replace(topology, "get_or_build", get_or_build)
    replace(topology, "recorded", lambda _tx, _project_id: None)


def loser_keeps_network() -> None:
    """A builder commits its network before it knows whether it won; a loser's stays behind (N-AAT-041)."""

    def get_or_build(store: Store, caller: Caller, project_id: str) -> str:
        with store.read() as tx:
            network = topology.recorded(tx, project_id)
        if network is not None:
            return network
        body = {"name": f"{topology.NAME}_network", "admin_state_up": False}
        values = {**posted(networks.RESOURCE, caller, body), "project_id": project_id}
        early = store.write(lambda tx: networks.RESOURCE.create(tx, caller, dict(values)))

        def finish(tx: Connection) -> str:
            winner = topology.recorded(tx, project_id)
            if winner is not None:
                return winner
            networks.remove_network(tx, early)
            return topology.build(tx, caller, project_id)

        return store.write(finish)

    replace(topology, "get_or_build", get_or_build)


DEFECTS = {"no-unique-key": no_unique_key, "loser-keeps-network": loser_keeps_network}
