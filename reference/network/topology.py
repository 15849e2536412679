"""Get me a network: a project's network, subnets, router and uplink, built and taken down in one transaction.

Only the primary key, the project's id, decides which of several builds at the same time commits. The store rolls the
others back and runs them again; they find the record and answer its network. Nobody ever sees a part of a topology.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from reference.network.access import visibility
from reference.network.pause_points import reached
from reference.network.resources import networks, ports, router_interfaces, routers, subnetpools, subnets
from reference.network.resources.subnet_rules import EUI64
from reference.network.rest.errors import error
from reference.network.rest.resource import Resource, Values, posted, prepared
from reference.network.tables import networks as network_table
from reference.network.tables import ports as port_table
from reference.network.tables import routers as router_table
from reference.network.tables import topologies
from reference.store import Store, hold
from reference.store.ids import new_id
from reference.store.plans import insert, locking
from reference.wsgi.context import Caller
from reference.wsgi.errors import Problem

NAME = "auto_allocated"
NO_EXTERNAL = "No default router:external network"
NO_POOLS = "No default subnetpools defined"
NO_NETWORK = "Unable to provide project private network"
NO_UPLINK = "Unable to provide external connectivity"

_OF_PROJECT = topologies.c.project_id == sa.bindparam("project")
RECORD = sa.select(topologies).where(_OF_PROJECT)
GONE = topologies.delete().where(_OF_PROJECT)
COMPLETED = topologies.update().where(_OF_PROJECT)
_ROUTER = sa.select(router_table).where(router_table.c.id == sa.bindparam("router"))
_NETWORK = sa.select(network_table.c.id).where(network_table.c.id == sa.bindparam("network"))
_INTERFACES = sa.select(port_table.c.id).where(
    port_table.c.device_id == sa.bindparam("router"), port_table.c.network_id == sa.bindparam("network")
)


@dataclass(frozen=True)
class Prerequisites:
    """The operator's set-up: an external network and a pool per IP version, IPv4 first."""

    external: Row[Any]
    pools: Sequence[Row[Any]]


def _external(caller: Caller) -> sa.Select[Any]:
    """The default external network, with `seen`, whether this caller can see it."""
    is_visible = visibility.visible(caller).label("seen")
    return sa.select(network_table, is_visible, *visibility.relative(caller)).where(
        network_table.c.default_slot == networks.DEFAULT
    )


def prerequisites(tx: Connection, caller: Caller) -> Prerequisites:
    """The prerequisites of a build. Raises Problem: 409 AutoAllocationFailure where one is missing (N-AAT-011, 012)."""
    external = tx.execute(prepared(_external, caller.roles), {"me": caller.project_id}).first()
    if external is None:
        raise error("AutoAllocationFailure", reason=NO_EXTERNAL)
    pools = subnetpools.defaults(tx, caller)
    if not pools:
        raise error("AutoAllocationFailure", reason=NO_POOLS)
    return Prerequisites(external, pools)


def get_or_build(store: Store, caller: Caller, project_id: str) -> str:
    """The id of the project's network, built where there is none (N-AAT-001, 003, 040, 041).

    Raises Problem: 409 with the reason where it cannot be built, in which case nothing remains of it (N-AAT-044).
    """
    with store.read() as tx:
        network = recorded(tx, project_id)
    return network or store.write(lambda tx: build(tx, caller, project_id))


def recorded(tx: Connection, project_id: str) -> str | None:
    """The id of the network in the project's record; None without one."""
    row = tx.execute(RECORD, {"project": project_id}).first()
    return str(row.network_id) if row is not None else None


def build(tx: Connection, caller: Caller, project_id: str) -> str:
    """Build the topology, unless another request has built it meanwhile; the id of its network.

    The record comes first, so that the losers of a race stop early. Raises Problem (400, 404, 409).
    """
    existing = recorded(tx, project_id)
    if existing is not None:
        return existing
    reached("begun")
    ready = prerequisites(tx, caller)

    def values(resource: Resource, name: str, **body: object) -> Values:
        attributes = {"project_id": project_id, "name": f"{NAME}_{name}", **body}
        return posted(resource, caller, attributes)

    network_values = values(networks.RESOURCE, "network")
    network = networks.create(tx, caller, network_values)
    tx.execute(insert(topologies), {"project_id": project_id, "network_id": network})
    reached("claimed")
    try:
        requested = [
            (
                pool,
                values(
                    subnets.RESOURCE,
                    f"subnet_v{pool.ip_version}",
                    network_id=network,
                    ip_version=pool.ip_version,
                    **ipv6_modes(pool),
                ),
            )
            for pool in ready.pools
        ]
        inside = subnets.take_subnets(tx, network_values["mtu"], requested)
    except Problem as problem:
        raise _explained(problem, NO_NETWORK) from None
    reached("subnets")
    try:
        router = _connect(tx, values(routers.RESOURCE, "router"), ready.external, inside)
    except Problem as problem:
        raise _explained(problem, NO_UPLINK) from None
    reached("router")
    tx.execute(COMPLETED, {"project": project_id, "router_id": router})
    reached("built")
    return network


def ipv6_modes(pool: Row[Any]) -> dict[str, str]:
    """The IPv6 modes of a subnet from that pool, by which servers get the addresses that Networking shows (N-AAT-033).

    That is SLAAC, which any system understands, where the prefix is a /64; else DHCPv6.
    """
    if pool.ip_version == 4:
        return {}
    mode = "slaac" if pool.default_prefixlen == EUI64 else "dhcpv6-stateful"
    return {"ipv6_ra_mode": mode, "ipv6_address_mode": mode}


def _connect(tx: Connection, values: Values, external: Row[Any], inside: Sequence[Any]) -> str:
    """The id of a new router between the external network and the subnets `inside`. Raises Problem (400, 404, 409)."""
    if not external.seen:
        raise error("NetworkNotFound", id=external.id)
    routers.require_external(external, "router")
    outside = ports.subnets_of(tx, external.id)
    routers.refuse_overlap(inside, outside)
    router = new_id()
    gateway = routers.gateway_port(router, external.id)
    plugged = router_interfaces.ports_for(router, values["project_id"], inside)
    uplink = ports.add_ports(tx, [gateway, *plugged], [*outside, *inside])[0]
    reached("ports")
    del values["external_gateway_info"]
    gateway_values = {"gateway_port_id": uplink, "enable_snat": routers.TRANSLATES}
    tx.execute(insert(router_table), {"id": router, **gateway_values, **values})
    return router


def take_down(tx: Connection, project_id: str) -> None:
    """Delete the project's topology, if there is one (N-AAT-050, 052).

    Raises Problem: 409 while something else uses a part of it, in which case all of it remains (N-AAT-053 to 056).
    """
    record = tx.execute(locking(RECORD), {"project": project_id}).first()
    if record is None:
        return
    tx.execute(GONE, {"project": project_id})
    if record.router_id is not None:
        router = tx.execute(locking(_ROUTER), {"router": record.router_id}).one()
        interfaces = tx.execute(_INTERFACES, {"router": router.id, "network": record.network_id}).scalars().all()
        router_interfaces.refuse_while_floating(tx, router, interfaces)
        routers.remove_router(tx, router, interfaces)
    hold(tx, _NETWORK, {"network": record.network_id})
    networks.remove_network(tx, record.network_id)


def _explained(problem: Problem, reason: str) -> Problem:
    """The problem to show to clients: unchanged for some types, else a general AutoAllocationFailure (N-AAT-045)."""
    disclosed = ("SubnetPoolQuotaExceeded", "NetworkMTUSubnetConflict", "IpAddressGenerationFailure", "NetworkNotFound")
    return problem if problem.kind in disclosed else error("AutoAllocationFailure", reason=reason)
