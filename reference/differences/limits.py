"""How much a project may have, which every cloud decides for itself."""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from reference import bootstrap
from reference.compute import quotas as compute_quotas
from reference.compute.tables import quotas as quota_table
from reference.differences.catalogue import difference
from reference.faults.seams import replace, wrap
from reference.identity.tables import projects
from reference.network.access import quotas as network_quotas

QUOTAS = "what a project may have"
SERVERS = {
    "instances": 5,
    "cores": 8,
    "ram": 16384,
    "key_pairs": 10,
}  # limits until an operator raises them
NETWORKS = {"network": 5, "subnet": 10, "router": 2, "port": 50, "floatingip": 2}


@difference("clouds without limits", QUOTAS)
def no_limits() -> None:
    """A project may have as much of everything as it likes: each of its limits is -1."""
    networking_gives(dict.fromkeys(network_quotas.LIMITED, -1))


@difference("Nova with unified limits, which are Identity's", QUOTAS)
def unified_limits() -> None:
    """Compute answers that it has set a project's limits, and sets none."""
    replace(compute_quotas, "change", lambda *_arguments, **_named: None)


@difference("clouds that give a new project little", QUOTAS)
def small_quotas() -> None:
    """A project may have five servers, five networks and two routers, unless its operator gives it more."""
    compute_gives(SERVERS)
    networking_gives(NETWORKS)


@difference("clouds where billing or a form gives quotas", QUOTAS)
def no_quotas() -> None:
    """A new project may have nothing at all, until its operator gives it something."""

    def come_up(right: Any, tx: Connection, accounts: Any) -> None:
        right(tx, accounts)
        for project in tx.execute(sa.select(projects.c.id)).scalars():
            network_quotas.set_limits(tx, project, usual)
            compute_quotas.change(tx, project, dict.fromkeys(compute_quotas.COUNTED, -1), force=True)

    usual = {name: most for name, (_counted, most) in network_quotas.LIMITED.items()}
    compute_gives(dict.fromkeys(compute_quotas.COUNTED, 0))
    networking_gives(dict.fromkeys(network_quotas.LIMITED, 0))
    wrap(bootstrap, "set_up_identity", come_up)


def compute_gives(most: Mapping[str, int]) -> None:
    """Make these Compute's default limits of a project."""

    def limits(right: Any, tx: Connection, project: str, **more: Any) -> dict[str, int]:
        set_names = set(
            tx.execute(sa.select(quota_table.c.resource).where(quota_table.c.project_id == project)).scalars()
        )
        limits: dict[str, int] = right(tx, project, **more)
        return {name: limit if name in set_names else most.get(name, limit) for name, limit in limits.items()}

    wrap(compute_quotas, "limits", limits)


def networking_gives(most: Mapping[str, int]) -> None:
    """Make these Networking's default limits of a project."""
    for name, limit in most.items():
        counted, _usual = network_quotas.LIMITED[name]
        network_quotas.LIMITED[name] = (counted, limit)
