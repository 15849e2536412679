"""A router's interfaces: plugged into a subnet, or made of an existing port (N-RTR-007 to 016)."""

import ipaddress
from collections.abc import Sequence
from itertools import product
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from reference.network.ipam import addressing
from reference.network.ipam.fixed_ips import fixed_ips_of
from reference.network.resources import ports as port_api
from reference.network.resources import routers, subnets
from reference.network.resources.ports import INTERFACE
from reference.network.rest.errors import error
from reference.network.rest.resource import Values
from reference.network.rest.rows import change, fetch
from reference.network.tables import addresses, floatingips, ports
from reference.network.tables import subnets as subnet_table
from reference.wsgi.context import Caller

_ROUTER = ports.c.device_id == sa.bindparam("router")
_SUBNET = (subnet_table.c.id, subnet_table.c.cidr, subnet_table.c.ip_version, ports.c.network_id, ports.c.device_owner)
_REACHED = sa.union_all(
    sa.select(*_SUBNET, ports.c.id.label("port_id"))
    .join(addresses, addresses.c.subnet_id == subnet_table.c.id)
    .join(ports, ports.c.id == addresses.c.port_id)
    .where(_ROUTER, ports.c.device_owner == INTERFACE),
    sa.select(*_SUBNET, ports.c.id.label("port_id"))
    .join(ports, ports.c.network_id == subnet_table.c.network_id)
    .where(_ROUTER, ports.c.device_owner == port_api.GATEWAY),
)
_BEHIND = sa.select(addresses.c.subnet_id).where(addresses.c.port_id.in_(sa.bindparam("interfaces", expanding=True)))
# subnets of those interfaces with an address to which a floating IP of the router leads
_FLOATING = (
    sa.select(addresses.c.subnet_id)
    .join(floatingips, floatingips.c.port_id == addresses.c.port_id)
    .where(floatingips.c.router_id == sa.bindparam("router"), addresses.c.subnet_id.in_(_BEHIND))
    .where(floatingips.c.fixed_ip_address == addresses.c.ip_address)
)


def add(tx: Connection, caller: Caller, router: Row[Any], side: Values) -> Values:
    """The answer of adding the subnet or the port of `side`. Raises Problem (400, 404, 409)."""
    if len(side) == 2:
        text = "Cannot specify both subnet-id and port-id"
        raise error("BadRequest", resource="router", text=text)
    if "port_id" in side:
        return _add_port(tx, caller, router, side["port_id"])
    subnet = fetch(tx, subnets.RESOURCE, caller, side["subnet_id"])
    if subnet.gateway_ip is None:
        raise error("BadRequest", resource="router", text="Subnet for router interface must have a gateway IP")
    return plug(tx, router, subnet)


def plug(tx: Connection, router: Row[Any], subnet: Row[Any]) -> Values:
    """Attach the subnet to the router at the subnet's gateway address; IPv6 subnets of one network share a port.

    Raises Problem: 400 where its prefix overlaps one that the router reaches already; 409 where the address is in use.
    """
    reached = _reached(tx, router)
    refuse_overlap([subnet], reached)
    for other in reached:
        alike = (6, subnet.network_id, INTERFACE) == (other.ip_version, other.network_id, other.device_owner)
        if alike and subnet.ip_version == 6:
            addressing.take(tx, [addressing.Claim(other.port_id, [subnet], subnet.gateway_ip)])
            return described(router, other.port_id, subnet.network_id, subnet.id)
    [port] = port_api.add_ports(tx, ports_for(router.id, router.project_id, [subnet]), [subnet])
    return described(router, port, subnet.network_id, subnet.id)


def ports_for(router: str, project: str, subnets: Sequence[Any]) -> list[Values]:
    """Bodies for `add_ports` that attach each of the subnets to the project's router, at its gateway address."""
    return [
        routers.port_of(
            router,
            subnet.network_id,
            INTERFACE,
            project_id=project,
            fixed_ips=[{"subnet_id": subnet.id, "ip_address": subnet.gateway_ip}],
        )
        for subnet in subnets
    ]


def refuse_while_floating(tx: Connection, router: Row[Any], port_ids: Sequence[str]) -> None:
    """Refuse to remove interfaces that a floating IP is reached through (N-RTR-016). Raises Problem (409)."""
    subnet = tx.execute(_FLOATING, {"router": router.id, "interfaces": list(port_ids)}).scalar()
    if subnet is not None:
        raise error("RouterInterfaceInUseByFloatingIP", id=router.id, subnet=subnet)


def _add_port(tx: Connection, caller: Caller, router: Row[Any], port_id: str) -> Values:
    """The answer of making a port an interface. Raises Problem (400, 404, 409)."""
    port = fetch(tx, port_api.RESOURCE, caller, port_id)
    if port.device_id:
        raise error("PortInUse", id=port.id, device=port.device_id)
    fixed_ips = fixed_ips_of(tx, [port.id])[port.id]
    if not fixed_ips:
        raise error("BadRequest", resource="router", text="Router port must have at least one fixed IP")
    for fixed_ip in fixed_ips:
        row = tx.execute(sa.select(subnet_table).where(subnet_table.c.id == fixed_ip["subnet_id"])).one()
        refuse_overlap([row], _reached(tx, router))
    change(tx, ports, port.id, {"device_id": router.id, "device_owner": INTERFACE, "status": "ACTIVE"})
    return described(router, port.id, port.network_id, fixed_ips[0]["subnet_id"])


def remove(tx: Connection, caller: Caller, router: Row[Any], side: Values) -> Values:
    """The answer of removing the subnet or the port of `side`. Raises Problem (404, 409)."""
    statement = sa.select(ports.c.id, ports.c.network_id, addresses.c.subnet_id).join(
        addresses, addresses.c.port_id == ports.c.id
    )
    statement = statement.where(ports.c.device_id == router.id, ports.c.device_owner == INTERFACE)
    if "subnet_id" in side:
        fetch(tx, subnets.RESOURCE, caller, side["subnet_id"])
        statement = statement.where(addresses.c.subnet_id == side["subnet_id"])
    if "port_id" in side:
        statement = statement.where(ports.c.id == side["port_id"])
    row = tx.execute(statement).first()
    if row is None and "port_id" in side:
        raise error("RouterInterfaceNotFound", id=router.id, port=side["port_id"])
    if row is None:
        raise error("RouterInterfaceNotFoundForSubnet", id=router.id, subnet=side["subnet_id"])
    others = [fixed_ip for fixed_ip in fixed_ips_of(tx, [row.id])[row.id] if fixed_ip["subnet_id"] != row.subnet_id]
    if others and "port_id" not in side:  # the port remains, for its other subnets
        tx.execute(addresses.delete().where(addresses.c.port_id == row.id, addresses.c.subnet_id == row.subnet_id))
    else:
        refuse_while_floating(tx, router, [row.id])
        port_api.remove_ports(tx, [row.id])
    return described(router, row.id, row.network_id, row.subnet_id)


def refuse_overlap(subnets: Sequence[Any], reached: Sequence[Any]) -> None:
    """Refuse subnets whose prefixes overlap those that are reached already (N-RTR-011). Raises Problem (400)."""
    for subnet, other in product(subnets, reached):
        if ipaddress.ip_network(subnet.cidr).overlaps(ipaddress.ip_network(other.cidr)):
            text = f"Cidr {subnet.cidr} of subnet {subnet.id} overlaps with cidr {other.cidr} of subnet {other.id}"
            raise error("BadRequest", resource="router", text=text)


def _reached(tx: Connection, router: Row[Any]) -> Sequence[Row[Any]]:
    """The subnets of the router's interfaces and of its gateway's network."""
    return tx.execute(_REACHED, {"router": router.id}).all()


def described(router: Row[Any], port_id: str, network_id: str, subnet_id: str) -> Values:
    return {
        "id": router.id,
        "project_id": router.project_id,
        "tenant_id": router.project_id,
        "port_id": port_id,
        "network_id": network_id,
        "subnet_id": subnet_id,
        "subnet_ids": [subnet_id],
    }
