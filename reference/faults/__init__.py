"""Faults that can be planted in a running reference, so that a suite can be seen to find them.

Each defect is a small function that replaces one named thing at a seam that exists for its own sake; the reference's
own code knows nothing of it. They are planted before the workers are forked, by `gman serve --defect ID`. A new one is
a function in the module of its family; what it breaks stands in its decorator, and `tools/prove` sees whether the suite
finds it by that.
"""

from __future__ import annotations

from reference.faults import (
    accounts,
    attachments,
    boot_items,
    boot_limits,
    boot_networks,
    boot_races,
    boot_refusals,
    boot_requests,
    boot_tags,
    builds,
    crowds,
    defaults,
    discovery,
    dry_runs,
    firsts,
    multi_create,
    network_answers,
    network_lists,
    network_networks,
    network_pools,
    network_ports,
    network_roles,
    network_routers,
    network_subnets,
    pools,
    races,
    server_answers,
    server_reads,
    topology_again,
    topology_answers,
    topology_builds,
    topology_deletes,
    topology_in_use,
    transport,
    walks,
)
from reference.faults.catalogue import CATALOGUE, Defect

FAMILIES = (
    topology_builds,
    topology_again,
    topology_deletes,
    topology_in_use,
    topology_answers,
    dry_runs,
    firsts,
    transport,
    boot_requests,
    boot_tags,
    boot_items,
    boot_networks,
    builds,
    server_answers,
    discovery,
    boot_refusals,
    server_reads,
    attachments,
    boot_limits,
    accounts,
    multi_create,
    network_networks,
    network_lists,
    network_pools,
    network_subnets,
    network_routers,
    network_ports,
    network_answers,
    network_roles,
    pools,
    crowds,
    defaults,
    races,
    boot_races,
    walks,
)
# name of a release -> what it is known to get wrong
EMULATIONS = {
    release: tuple(each.id for each in CATALOGUE.values() if each.live == release)
    for release in sorted({each.live for each in CATALOGUE.values() if each.live})
}

__all__ = ["CATALOGUE", "EMULATIONS", "FAMILIES", "Defect"]
