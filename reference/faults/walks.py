"""Faults that show only after several steps, each of which is right by itself."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from reference.faults.catalogue import defect
from reference.faults.seam import around
from reference.network import topology
from reference.network.tables import networks, topologies


@defect("N-AAT-051")
def renamed_networks_stay() -> None:
    """A DELETE of the topology takes its network for the user's own once it has another name, and leaves it."""

    def take_down(right: Any, tx: Connection, project_id: str) -> None:
        mine = sa.select(topologies.c.network_id).where(topologies.c.project_id == project_id).scalar_subquery()
        name = tx.execute(sa.select(networks.c.name).where(networks.c.id == mine)).scalar()
        if name in (None, f"{topology.NAME}_network"):
            right(tx, project_id)
        else:
            tx.execute(topologies.delete().where(topologies.c.project_id == project_id))

    around(topology, "take_down", take_down)
