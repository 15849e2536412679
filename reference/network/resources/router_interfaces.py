"""A router's interfaces: plugged into a subnet, or made of a port that is there (N-RTR-007 to 016)."""

import ipaddress
from collections.abc import Sequence
from itertools import product
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from reference.network.ipam import addressing
from reference.network.ipam.fixed_ips import held
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
# subnets behind those interfaces with an address that a floating IP of the router stands for
_FLOATING = (
    sa.select(addresses.c.subnet_id)
    .join(floatingips, floatingips.c.port_id == addresses.c.port_id)
    .where(floatingips.c.router_id == sa.bindparam("router"), addresses.c.subnet_id.in_(_BEHIND))
    .where(floatingips.c.fixed_ip_address == addresses.c.ip_address)
)


def add(tx: Connection, caller: Caller, router: Row[Any], named: Values) -> Values:
    if len(named) == 2:
        text = "Cannot specify both subnet-id and port-id"
        raise error("BadRequest", resource="router", text=text)
    if "port_id" in named:
        return _add_port(tx, caller, router, named["port_id"])
    subnet = fetch(tx, subnets.RESOURCE, caller, named["subnet_id"])
    if subnet.gateway_ip is None:
        raise error("BadRequest", resource="router", text="Subnet for router interface must have a gateway IP")
    return plug(tx, router, subnet)


def plug(tx: Connection, router: Row[Any], subnet: Row[Any]) -> Values:
    """Attach the subnet to the router at the subnet's gateway address; IPv6 subnets of one network share a port.

    Errors: 400 where its prefix overlaps what the router reaches already; 409 where the address is in use.
    """
    reached = _reached(tx, router)
    refuse_overlap([subnet], reached)
    for other in reached:
        alike = (6, subnet.network_id, INTERFACE) == (other.ip_version, other.network_id, other.device_owner)
        if alike and subnet.ip_version == 6:
            addressing.take(tx, [addressing.Claim(other.port_id, [subnet], subnet.gateway_ip)])
            return _described(router, other.port_id, subnet.network_id, subnet.id)
    [port] = port_api.add_ports(tx, ports_for(router.id, router.project_id, [subnet]), [subnet])
    return _described(router, port, subnet.network_id, subnet.id)


def ports_for(router: str, project: str, subnets: Sequence[Any]) -> list[Values]:
    """What `add_ports` needs to attach each of the subnets to the project's router, at the subnet's gateway address."""
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
    """Errors: 409 while a floating IP is reached through one of those interfaces (N-RTR-016)."""
    subnet = tx.execute(_FLOATING, {"router": router.id, "interfaces": list(port_ids)}).scalar()
    if subnet is not None:
        raise error("RouterInterfaceInUseByFloatingIP", id=router.id, subnet=subnet)


def _add_port(tx: Connection, caller: Caller, router: Row[Any], port_id: str) -> Values:
    port = fetch(tx, port_api.RESOURCE, caller, port_id)
    if port.device_id:
        raise error("PortInUse", id=port.id, device=port.device_id)
    addressed = held(tx, [port.id])[port.id]
    if not addressed:
        raise error("BadRequest", resource="router", text="Router port must have at least one fixed IP")
    for each in addressed:
        row = tx.execute(sa.select(subnet_table).where(subnet_table.c.id == each["subnet_id"])).one()
        refuse_overlap([row], _reached(tx, router))
    change(tx, ports, port.id, {"device_id": router.id, "device_owner": INTERFACE, "status": "ACTIVE"})
    return _described(router, port.id, port.network_id, addressed[0]["subnet_id"])


def remove(tx: Connection, caller: Caller, router: Row[Any], named: Values) -> Values:
    attached = sa.select(ports.c.id, ports.c.network_id, addresses.c.subnet_id).join(
        addresses, addresses.c.port_id == ports.c.id
    )
    attached = attached.where(ports.c.device_id == router.id, ports.c.device_owner == INTERFACE)
    if "subnet_id" in named:
        fetch(tx, subnets.RESOURCE, caller, named["subnet_id"])
        attached = attached.where(addresses.c.subnet_id == named["subnet_id"])
    if "port_id" in named:
        attached = attached.where(ports.c.id == named["port_id"])
    row = tx.execute(attached).first()
    if row is None and "port_id" in named:
        raise error("RouterInterfaceNotFound", id=router.id, port=named["port_id"])
    if row is None:
        raise error("RouterInterfaceNotFoundForSubnet", id=router.id, subnet=named["subnet_id"])
    others = [each for each in held(tx, [row.id])[row.id] if each["subnet_id"] != row.subnet_id]
    if others and "port_id" not in named:  # the port stays for the other subnets it is in
        tx.execute(addresses.delete().where(addresses.c.port_id == row.id, addresses.c.subnet_id == row.subnet_id))
    else:
        refuse_while_floating(tx, router, [row.id])
        port_api.remove_ports(tx, [row.id])
    return _described(router, row.id, row.network_id, row.subnet_id)


def refuse_overlap(subnets: Sequence[Any], reached: Sequence[Any]) -> None:
    """No prefix may be reachable two ways: by two interfaces, or by one and the gateway (N-RTR-011). Errors: 400."""
    for subnet, other in product(subnets, reached):
        if ipaddress.ip_network(subnet.cidr).overlaps(ipaddress.ip_network(other.cidr)):
            text = f"Cidr {subnet.cidr} of subnet {subnet.id} overlaps with cidr {other.cidr} of subnet {other.id}"
            raise error("BadRequest", resource="router", text=text)


def _reached(tx: Connection, router: Row[Any]) -> Sequence[Row[Any]]:
    """The subnets of the router's interfaces and of its gateway's network."""
    return tx.execute(_REACHED, {"router": router.id}).all()


def _described(router: Row[Any], port_id: str, network_id: str, subnet_id: str) -> Values:
    return {
        "id": router.id,
        "project_id": router.project_id,
        "tenant_id": router.project_id,
        "port_id": port_id,
        "network_id": network_id,
        "subnet_id": subnet_id,
        "subnet_ids": [subnet_id],
    }
