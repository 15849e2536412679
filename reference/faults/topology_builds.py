"""Faults in what a first GET of the topology builds."""

from __future__ import annotations

from dataclasses import replace as with_changes
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from reference.faults.catalogue import defect
from reference.faults.seam import around, nothing, replace
from reference.faults.topology_seam import after_build
from reference.network import topology
from reference.network.access import sharing
from reference.network.resources import networks, ports, router_interfaces, routers, security_groups, subnets
from reference.network.rest.resource import posted
from reference.network.rest.rows import change
from reference.network.tables import networks as network_table
from reference.network.tables import ports as port_table
from reference.network.tables import routers as router_table
from reference.network.tables import subnets as subnet_table
from reference.wsgi.context import Caller


def _network(**values: object) -> None:
    after_build(lambda tx, _project, network: change(tx, network_table, network, values))


def _given(action: str) -> None:
    """Let an entry give the network to all."""

    def spoil(tx: Connection, project: str, network: str) -> None:
        sharing.add(tx, sharing.NETWORK, network, action, project, sharing.ALL)

    after_build(spoil)


def _subnet(**values: object) -> None:
    of_network = subnet_table.c.network_id == sa.bindparam("network")
    after_build(
        lambda tx, _project, network: _run(
            tx, subnet_table.update().where(of_network).values(**values), network=network
        )
    )


def _router(**values: object) -> None:
    of_project = router_table.c.project_id == sa.bindparam("project")
    after_build(
        lambda tx, project, _network: _run(
            tx, router_table.update().where(of_project).values(**values), project=project
        )
    )


def _run(tx: Connection, statement: Any, **values: object) -> None:
    tx.execute(statement, values)


@defect("N-AAT-022")
def network_stays_down() -> None:
    """The network is never set up (admin_state_up stays false)."""
    _network(admin_state_up=False)


@defect("N-AAT-022")
def network_of_another_name() -> None:
    """The network is not named auto_allocated_network."""
    _network(name="auto-allocated-network")


@defect("N-AAT-022")
def network_is_shared() -> None:
    """The network is shared with every project."""
    _given(sharing.SHARED)


@defect("N-AAT-022", "N-AAT-001")
def network_is_external() -> None:
    """The network is built as an external one."""
    _given(sharing.EXTERNAL)


@defect("N-AAT-001", "N-AAT-022")
def network_belongs_to_nobody() -> None:
    """The network does not belong to the project that asked."""
    _network(project_id="nobody")


@defect("N-AAT-023")
def subnets_of_another_name() -> None:
    """The subnets carry no IP version in their names."""
    _subnet(name="auto_allocated_subnet")


@defect("N-AAT-023")
def subnets_without_dhcp() -> None:
    """The subnets have DHCP switched off."""
    _subnet(enable_dhcp=False)


@defect("N-AAT-023", "N-AAT-026")
def subnets_without_gateway() -> None:
    """The subnets have no gateway address."""
    _subnet(gateway_ip=None)


@defect("N-AAT-023")
def subnets_of_no_pool() -> None:
    """The subnets do not say which pool they came from."""
    _subnet(subnetpool_id=None)


@defect("N-AAT-023", row="DEF-N-024")
def one_ip_version_only() -> None:
    """Of several default pools only the first is used."""
    around(topology, "prerequisites", lambda right, *given: _first_pool(right(*given)))


def _first_pool(ready: topology.Prerequisites) -> topology.Prerequisites:
    return with_changes(ready, pools=ready.pools[:1])


@defect("N-AAT-023")
def one_bit_longer_prefixes() -> None:
    """The subnets are half as large as the pool's default says."""

    def allocate(right: Any, tx: Connection, pool: Any, values: Any, wanted: Any) -> Any:
        longer = min(int(pool.max_prefixlen), int(pool.default_prefixlen) + 1)
        return right(tx, pool, values, longer if wanted is None else wanted)

    around(subnets, "allocate", allocate)


@defect("N-AAT-025")
def router_of_another_name() -> None:
    """The router is not named auto_allocated_router."""
    _router(name="router")


@defect("N-AAT-025")
def router_is_down() -> None:
    """The router's admin_state_up is false."""
    _router(admin_state_up=False)


@defect("N-AAT-025", "N-AAT-028", row="DEF-N-051")
def router_without_gateway() -> None:
    """The router has no gateway to the external network."""
    _router(gateway_port_id=None)


@defect("N-AAT-025", "N-AAT-028")
def no_router() -> None:
    """A topology is a network and its subnets alone; there is no way out."""

    def spoil(tx: Connection, project: str, network: str) -> None:
        router = tx.execute(sa.select(router_table).where(router_table.c.project_id == project)).one()
        inner = sa.select(port_table.c.id).where(port_table.c.network_id == network)
        ports.remove_ports(tx, tx.execute(inner).scalars().all())
        routers.remove_router(tx, router)

    after_build(spoil)


@defect("N-AAT-026", "N-AAT-028")
def router_is_not_plugged_in() -> None:
    """The router has a gateway but no interface on the subnets."""
    replace(router_interfaces, "ports_for", lambda *_router_and_subnets: [])


@defect("N-AAT-026")
def router_has_some_address() -> None:
    """The interfaces take any free address, not the subnet's gateway address."""

    def ports_for(right: Any, *router_and_subnets: Any) -> Any:
        return [
            {**port, "fixed_ips": [{"subnet_id": each["subnet_id"]} for each in port["fixed_ips"]]}
            for port in right(*router_and_subnets)
        ]

    around(router_interfaces, "ports_for", ports_for)


@defect("N-AAT-027")
def gateway_port_is_the_projects() -> None:
    """The router's gateway port belongs to the project, which can see and delete it."""

    gateways = sa.select(router_table.c.gateway_port_id).where(router_table.c.project_id == sa.bindparam("project"))
    after_build(
        lambda tx, project, _network: _run(
            tx,
            port_table.update().where(port_table.c.id.in_(gateways)).values(project_id=project),
            project=project,
        )
    )


@defect("N-AAT-029", row="DEF-N-050")
def no_default_security_group() -> None:
    """A new network does not bring the project its default security group."""
    replace(security_groups, "ensure_default", nothing)


@defect("N-AAT-023")
def addresses_by_router_advertisement() -> None:
    """The IPv6 subnet lets its servers make up their addresses (SLAAC)."""
    after_build(
        lambda tx, _project, network: _run(
            tx,
            subnet_table.update()
            .where(subnet_table.c.network_id == sa.bindparam("network"), subnet_table.c.ip_version == 6)
            .values(ipv6_ra_mode="slaac", ipv6_address_mode="slaac"),
            network=network,
        )
    )


@defect("N-AAT-023")
def two_subnets_of_one_pool() -> None:
    """The network gets a second subnet out of the first pool."""
    around(topology, "prerequisites", lambda right, *given: _twice(right(*given)))


def _twice(ready: topology.Prerequisites) -> topology.Prerequisites:
    return with_changes(ready, pools=[*ready.pools, ready.pools[0]])


@defect("N-AAT-025")
def a_second_router() -> None:
    """A router without anything is built as well."""

    def build(right: Any, tx: Connection, caller: Caller, project_id: str) -> str:
        values = posted(routers.RESOURCE, caller, {"project_id": project_id, "name": f"{topology.NAME}_router"})
        routers.create(tx, caller, values)
        return str(right(tx, caller, project_id))

    around(topology, "build", build)


@defect("N-AAT-026")
def the_first_subnet_alone_is_plugged_in() -> None:
    """The router has an interface on the IPv4 subnet alone."""

    def ports_for(right: Any, router: str, project: str, inside: Any) -> Any:
        return right(router, project, [subnet for subnet in inside if subnet.ip_version == 4])

    around(router_interfaces, "ports_for", ports_for)


@defect("N-AAT-030", "N-AAT-022")
def networks_are_seen_by_all() -> None:
    """Every project sees every network."""
    object.__setattr__(networks.RESOURCE, "visible", lambda _caller: sa.true())


@defect("N-AAT-030")
def routers_are_seen_by_all() -> None:
    """Every project sees every router."""
    object.__setattr__(routers.RESOURCE, "visible", lambda _caller: sa.true())
