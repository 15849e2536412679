"""A topology that stays in a project for the next test that needs one as it was built; between them it is checked.

Building one takes a cloud seconds, and deleting it as well.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from conformance.projects.inventory import FLOATING_IPS, NETWORKS, POOLS, PORTS, ROUTERS, ports_without_agents
from conformance.projects.usage import COUNTED, Usage
from conformance.target.cloud import Account

# kind -> how many of it a project with a topology alone has; it has as many subnets and ports as there are pools
ALONE = {NETWORKS: 1, ROUTERS: 1, FLOATING_IPS: 0, POOLS: 0}


@dataclass(frozen=True)
class AsBuilt:
    """A project with nothing but a topology: how many it has of each kind, and the ids of ports that are no agents'."""

    counts: Mapping[str, int]
    ports: frozenset[str]


def topology_alone(account: Account, usage: Usage) -> AsBuilt | None:
    """What the project has, where that is a topology and nothing else; None for anything else, and where the cloud does
    not count it. What was edited does not show. Raises ApiError.
    """
    used = usage.used()
    counts = {kind: used.get(name, -1) for kind, name in COUNTED.items() if kind != PORTS}
    if any(counts[kind] != number for kind, number in ALONE.items()):
        return None
    return AsBuilt(counts, ports_without_agents(account))
