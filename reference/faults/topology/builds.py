"""Faults in what a first GET of the topology builds, and in what a build that fails leaves behind."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace as with_changes
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from reference.catalogue import Plant
from reference.faults.catalogue import entry, fault, table
from reference.faults.seams import (
    Wrapper,
    around,
    broken,
    changed,
    refusing,
    replaced,
    seen_by_all,
    without,
    without_keys,
)
from reference.faults.topology.seams import after_build
from reference.network import tables, topology
from reference.network.access import sharing
from reference.network.resources import (
    networks,
    ports,
    router_interfaces,
    routers,
    security_groups,
    subnet_prefixes,
    subnets,
)
from reference.network.rest.resource import posted
from reference.network.rest.rows import change
from reference.store import Store
from reference.wsgi.context import Caller
from reference.wsgi.errors import Problem


def _network_with(**values: object) -> Plant:
    return after_build(lambda tx, _project, network: change(tx, tables.networks, network, values))


def _network_given_to_all(action: str) -> Plant:
    """Let an RBAC policy of that action give the network to every project."""
    return after_build(
        lambda tx, project, network: sharing.add(tx, sharing.NETWORK, network, action, project, sharing.ALL)
    )


def _subnets_with(*conditions: sa.ColumnElement[bool], **values: object) -> Plant:
    """Give these values to the topology's subnets for which the conditions hold."""
    update = tables.subnets.update().where(*conditions).values(**values)
    return after_build(lambda tx, _project, network: tx.execute(update.where(tables.subnets.c.network_id == network)))


def _router_with(**values: object) -> Plant:
    update = tables.routers.update().values(**values)
    return after_build(lambda tx, project, _network: tx.execute(update.where(tables.routers.c.project_id == project)))


def _from_pools(choice: Callable[[Sequence[Row[Any]]], Sequence[Row[Any]]]) -> Plant:
    """Let subnets be built from `choice(pools)`, the pools being the default ones."""
    return changed(topology, "prerequisites", lambda ready: with_changes(ready, pools=choice(ready.pools)))


def _leaving_the_network(reason: str) -> Plant:
    """Let a build that is refused for this reason leave its network behind."""

    def get_or_build(right: Wrapper, store: Store, caller: Caller, project_id: str) -> str:
        try:
            return str(right(store, caller, project_id))
        except Problem as problem:
            if reason in problem.message:
                body = {"project_id": project_id, "name": f"{topology.NAME}_network", "admin_state_up": False}
                values = posted(networks.RESOURCE, caller, body)
                store.write(lambda tx: networks.create(tx, caller, dict(values)))
            raise

    return around(topology, "get_or_build")(get_or_build)


table(
    entry("network-stays-down", "N-AAT-022")(
        "The network is never set up (admin_state_up stays false).", _network_with(admin_state_up=False)
    ),
    entry("network-of-another-name", "N-AAT-022")(
        "The network is not named auto_allocated_network.", _network_with(name="auto-allocated-network")
    ),
    entry("network-is-shared", "N-AAT-022")(
        "The network is shared with every project.", _network_given_to_all(sharing.SHARED)
    ),
    entry("network-is-external", "N-AAT-022", "N-AAT-001")(
        "The network is built as an external one.", _network_given_to_all(sharing.EXTERNAL)
    ),
    entry("network-belongs-to-nobody", "N-AAT-001", "N-AAT-022")(
        "The network does not belong to the project that asked.", _network_with(project_id="nobody")
    ),
    entry("subnets-of-another-name", "N-AAT-023")(
        "The subnets carry no IP version in their names.", _subnets_with(name="auto_allocated_subnet")
    ),
    entry("subnets-without-dhcp", "N-AAT-023")("The subnets have DHCP switched off.", _subnets_with(enable_dhcp=False)),
    entry("subnets-without-gateway", "N-AAT-023", "N-AAT-026")(
        "The subnets have no gateway address.", _subnets_with(gateway_ip=None)
    ),
    entry("subnets-with-a-name-server", "N-AAT-023")(
        "The subnets name a name server.", _subnets_with(dns_nameservers=["203.0.113.53"])
    ),
    entry("subnets-with-a-route", "N-AAT-023")(
        "The subnets of IPv4 have a route of the cloud's.",
        _subnets_with(
            tables.subnets.c.ip_version == 4, host_routes=[{"destination": "203.0.113.0/24", "nexthop": "203.0.113.1"}]
        ),
    ),
    entry("subnets-of-no-pool", "N-AAT-023")(
        "The subnets do not say which pool they came from.", _subnets_with(subnetpool_id=None)
    ),
    entry("one-ip-version-only", "N-AAT-023", row="DEF-N-024")(
        "Of several default pools only the first is used.", _from_pools(lambda pools: pools[:1])
    ),
    entry("router-of-another-name", "N-AAT-025")(
        "The router is not named auto_allocated_router.", _router_with(name="router")
    ),
    entry("router-is-down", "N-AAT-025")("The router's admin_state_up is false.", _router_with(admin_state_up=False)),
    entry("router-without-gateway", "N-AAT-025", "N-AAT-028", row="DEF-N-051")(
        "The router has no gateway to the external network.", _router_with(gateway_port_id=None)
    ),
    entry("router-is-not-plugged-in", "N-AAT-026", "N-AAT-028")(
        "The router has a gateway but no interface on the subnets.",
        replaced(router_interfaces, "ports_for", lambda *_router_and_subnets: []),
    ),
    entry("no-default-security-group", "N-AAT-029", row="DEF-N-050")(
        "A new network does not bring the project its default security group.",
        without(security_groups, "ensure_default"),
    ),
    entry(
        "topology-without-ipv6-modes", "N-AAT-033", "D-ADDR-002", "D-V6-001", live=("neutron-2025.2", "neutron-2026.2")
    )(
        "The router of a topology does not advertise, so that no server gets the IPv6 address that is shown for it.",
        replaced(topology, "ipv6_modes", lambda _pool: {}),
    ),
    entry("ipv6-addresses-without-advertisements", "N-AAT-033")(
        "The IPv6 subnet of a topology has a mode for addresses, but its router does not advertise it.",
        changed(topology, "ipv6_modes", lambda modes: without_keys(modes, "ipv6_ra_mode")),
    ),
    entry("ipv6-advertisements-without-addresses", "N-AAT-033")(
        "The router of a topology points to DHCPv6 for addresses, and there is none.",
        changed(topology, "ipv6_modes", lambda modes: {"ipv6_ra_mode": "dhcpv6-stateful"} if modes else {}),
    ),
    entry("two-subnets-of-one-pool", "N-AAT-023")(
        "The network gets a second subnet out of the first pool.", _from_pools(lambda pools: [*pools, pools[0]])
    ),
    entry("the-first-subnet-alone-is-plugged-in", "N-AAT-026")(
        "The router has an interface on the IPv4 subnet alone.",
        around(router_interfaces, "ports_for")(
            lambda right, router, project, subnets: right(router, project, [s for s in subnets if s.ip_version == 4])
        ),
    ),
    entry("networks-are-seen-by-all", "N-AAT-030", "N-AAT-022")(
        "Every project sees every network.", seen_by_all(networks.RESOURCE)
    ),
    entry("routers-are-seen-by-all", "N-AAT-030")("Every project sees every router.", seen_by_all(routers.RESOURCE)),
    entry("without-external-a-network-stays", "N-AAT-020")(
        "A build without a default external network leaves the network it began with.",
        _leaving_the_network(topology.NO_EXTERNAL),
    ),
    entry("without-pools-a-network-stays", "N-AAT-021", "N-AAT-044")(
        "A build without a default subnet pool leaves the network it began with.",
        _leaving_the_network(topology.NO_POOLS),
    ),
    entry("exhausted-pool-leaves-a-network", "N-AAT-044", row="DEF-N-013")(
        "A build that finds its pool exhausted leaves the network it began with.",
        _leaving_the_network(topology.NO_NETWORK),
    ),
    entry("exhausted-pool-is-a-server-error", "N-AAT-045", row="DEF-N-013")(
        "A build that finds its pool exhausted answers 500.",
        refusing(topology, "get_or_build")(
            lambda problem: broken() if topology.NO_NETWORK in problem.message else problem
        ),
    ),
)


@fault("N-AAT-023", at=around(subnet_prefixes, "allocate"))
def one_bit_longer_prefixes(right: Wrapper, tx: Connection, pool: Any, values: Any, prefixlen: Any) -> Any:
    """The IPv4 subnets are half as large as the pool's default says."""
    if prefixlen is None and pool.ip_version == 4:  # not IPv6, as SLAAC needs a /64
        prefixlen = min(int(pool.max_prefixlen), int(pool.default_prefixlen) + 1)
    return right(tx, pool, values, prefixlen)


@fault("N-AAT-025", "N-AAT-028", at=after_build)
def no_router(tx: Connection, project: str, network: str) -> None:
    """A topology is a network and its subnets alone; there is no way out."""
    router = tx.execute(sa.select(tables.routers).where(tables.routers.c.project_id == project)).one()
    inner = sa.select(tables.ports.c.id).where(tables.ports.c.network_id == network)
    ports.remove_ports(tx, tx.execute(inner).scalars().all())
    routers.remove_router(tx, router)


@fault("N-AAT-026", at=around(router_interfaces, "ports_for"))
def router_has_some_address(right: Wrapper, *router_and_subnets: Any) -> Any:
    """The interfaces take any free address, not the subnet's gateway address."""
    return [
        {**port, "fixed_ips": [{"subnet_id": address["subnet_id"]} for address in port["fixed_ips"]]}
        for port in right(*router_and_subnets)
    ]


@fault("N-AAT-027", at=after_build)
def gateway_port_is_the_projects(tx: Connection, project: str, _network: str) -> None:
    """The router's gateway port belongs to the project, which can see and delete it."""
    gateways = sa.select(tables.routers.c.gateway_port_id).where(tables.routers.c.project_id == project)
    tx.execute(tables.ports.update().where(tables.ports.c.id.in_(gateways)).values(project_id=project))


@fault("N-AAT-025", at=around(topology, "build"))
def a_second_router(right: Wrapper, tx: Connection, caller: Caller, project_id: str) -> str:
    """A second router is built as well, without gateway and interfaces."""
    values = posted(routers.RESOURCE, caller, {"project_id": project_id, "name": f"{topology.NAME}_router"})
    routers.create(tx, caller, values)
    return str(right(tx, caller, project_id))


@fault("N-AAT-024", at=around(subnets, "take_subnets"))
def one_subnet_will_do(right: Wrapper, tx: Connection, mtu: int, requests: Any) -> list[Any]:
    """If the subnet of one IP version cannot be built, the topology is built without it."""
    built: list[Any] = []
    for request in requests:
        with suppress(Problem):
            built += right(tx, mtu, [request])
    return built
