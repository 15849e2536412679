"""Kinds of routers, and how operators configure them."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from reference.differences.catalogue import difference
from reference.faults.seams import replace, shown, wrap
from reference.network.ipam import addressing
from reference.network.resources import floatingips, networks, ports, routers
from reference.network.rest.resource import Values
from reference.network.tables import addresses, subnets
from reference.network.tables import ports as port_table
from reference.network.tables import routers as router_table

KINDS = "kind of router"
DISTRIBUTED, REPLICATED = "network:router_interface_distributed", "network:ha_router_replicated_interface"
CENTRAL = "network:router_centralized_snat"


@difference("Neutron with DVR", KINDS)
def distributed_routers() -> None:
    """Routers are distributed: interfaces show it, and a port of one node, in no project, translates each subnet."""
    _owner_of_interfaces(DISTRIBUTED)
    wrap(ports, "add_ports", _with_central_ports)
    for holder in (ports, routers, networks, floatingips):
        wrap(holder, "remove_ports", _and_central_ports)


@difference("Neutron with highly available routers", KINDS)
def replicated_routers() -> None:
    """Routers are highly available, and their interfaces say so."""
    _owner_of_interfaces(REPLICATED)


@difference("operators with addresses enough (enable_snat_by_default)")
def no_translation() -> None:
    """Gateways do not translate addresses unless an operator lets them."""
    replace(routers, "TRANSLATES", False)


def _owner_of_interfaces(owner: str) -> None:
    """Let interfaces be shown, and filtered, with that device_owner."""

    def renamed(item: Values) -> None:
        if item["device_owner"] == addressing.INTERFACE:
            item["device_owner"] = owner

    def by_owner(_caller: Any, values: list[str]) -> Any:
        owners = [
            addressing.INTERFACE if value == owner else value for value in values if value != addressing.INTERFACE
        ]
        return port_table.c.device_owner.in_(owners)

    shown(ports.RESOURCE)(renamed)()
    object.__setattr__(ports.RESOURCE, "filters", {**ports.RESOURCE.filters, "device_owner": by_owner})


def _with_central_ports(right: Any, tx: Connection, bodies: Sequence[Values], within: Sequence[Any]) -> list[str]:
    """Create the requested ports, then a central one on each subnet that is newly behind a gateway."""
    devices = {values["device_id"] for values in bodies if values["device_owner"] in (ports.GATEWAY, ports.INTERFACE)}
    led = {values["device_id"] for values in bodies if values["device_owner"] == ports.GATEWAY}
    ids: list[str] = right(tx, bodies, within)
    gateways = router_table.c.id.in_(devices), router_table.c.gateway_port_id.is_not(None)
    led |= set(tx.execute(sa.select(router_table.c.id).where(*gateways)).scalars())
    inside = _subnets_at(tx, led, ports.INTERFACE)
    served = {subnet.id for _router, subnet in _subnets_at(tx, led, CENTRAL)}
    missing = [(router, subnet) for router, subnet in inside if subnet.id not in served]
    if missing:
        right(tx, [_central(router, subnet) for router, subnet in missing], [subnet for _router, subnet in missing])
    return ids


def _and_central_ports(right: Any, tx: Connection, port_ids: Sequence[str]) -> None:
    """Remove the ports, and the central ports of subnets that are no longer behind a gateway."""
    gone = port_table.alias()
    behind = sa.or_(gone.c.device_owner == ports.GATEWAY, gone.c.network_id == port_table.c.network_id)
    central = (
        sa.select(port_table.c.id)
        .join(gone, gone.c.device_id == port_table.c.device_id)
        .where(port_table.c.device_owner == CENTRAL, gone.c.id.in_(port_ids), behind)
    )
    right(tx, list({*port_ids, *tx.execute(central).scalars()}))


def _subnets_at(tx: Connection, devices: set[str], owner: str) -> list[tuple[str, Any]]:
    """(router, subnet) for each port with that device_owner of those routers."""
    rows = tx.execute(
        sa.select(port_table.c.device_id, subnets)
        .join(addresses, addresses.c.subnet_id == subnets.c.id)
        .join(port_table, port_table.c.id == addresses.c.port_id)
        .where(port_table.c.device_id.in_(devices), port_table.c.device_owner == owner)
    )
    return [(row.device_id, row) for row in rows]


def _central(router: str, subnet: Any) -> Values:
    fixed_ips = [{"subnet_id": subnet.id}]
    return routers.port_of(router, subnet.network_id, CENTRAL, project_id="", fixed_ips=fixed_ips)
