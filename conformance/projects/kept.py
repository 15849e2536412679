"""An unchanged topology that stays in a project for the next test that needs one; it is checked between the two.
Building and deleting a topology takes a cloud seconds.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from conformance.projects.inventory import FLOATING_IPS, NETWORKS, POOLS, PORTS, ROUTERS, ports_without_agents
from conformance.projects.usage import COUNTED, Usage
from conformance.target.cloud import Account

# kind -> its number in a project with a topology alone, which has a subnet and a port for each default pool
ALONE = {NETWORKS: 1, ROUTERS: 1, FLOATING_IPS: 0, POOLS: 0}


@dataclass(frozen=True)
class AsBuilt:
    """A project with a topology alone: the number of each kind, and the ids of all ports but agents'."""

    counts: Mapping[str, int]
    ports: frozenset[str]


def topology_alone(account: Account, usage: Usage) -> AsBuilt | None:
    """What the project has, if that is a topology and nothing else; None otherwise, and where the cloud does not count
    it. Edits of the topology are not noticed. Raises ApiError.
    """
    used = usage.used()
    counts = {kind: used.get(name, -1) for kind, name in COUNTED.items() if kind != PORTS}
    if any(counts[kind] != number for kind, number in ALONE.items()):
        return None
    return AsBuilt(counts, ports_without_agents(account))
