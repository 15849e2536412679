"""A router's interfaces: plugged into a subnet, or made of an existing port (N-RTR-007 to 016)."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from reference.network.access import sharing
from reference.network.ipam import addressing
from reference.network.ipam.fixed_ips import fixed_ips_of
from reference.network.resources import interface_ports, routers, subnets
from reference.network.resources import ports as port_api
from reference.network.resources.ports import INTERFACE
from reference.network.rest.errors import error
from reference.network.rest.resource import Values, owned_by
from reference.network.rest.rows import change, fetch
from reference.network.tables import addresses, floatingips, ports
from reference.wsgi.context import Caller

_INTERFACES = (
    sa.select(ports.c.id, ports.c.project_id, ports.c.network_id, addresses.c.subnet_id)
    .join(addresses, addresses.c.port_id == ports.c.id)
    .where(ports.c.device_id == sa.bindparam("router"), ports.c.device_owner == INTERFACE)
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
    _refuse_shared_with_all(tx, caller, subnet)
    _refuse_other_advertiser(subnet)
    return plug(tx, router, subnet)


def plug(tx: Connection, router: Row[Any], subnet: Row[Any]) -> Values:
    """Attach the subnet to the router at the subnet's gateway address; IPv6 subnets of one network share a port.

    Raises Problem: 400 where its prefix overlaps one that the router reaches already; 409 where the address is in use.
    """
    reached = routers.reached(tx, router)
    routers.refuse_overlap([subnet], reached)
    for other in reached:
        alike = (6, subnet.network_id, INTERFACE) == (other.ip_version, other.network_id, other.device_owner)
        if alike and subnet.ip_version == 6:
            addressing.take(tx, [addressing.Claim(other.port_id, [subnet], subnet.gateway_ip)])
            return described(router, router.project_id, other.port_id, subnet.network_id, [subnet.id])
    [port] = port_api.add_ports(tx, ports_for(router.id, router.project_id, [subnet]), [subnet])
    return described(router, router.project_id, port, subnet.network_id, [subnet.id])


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
    subnet_of = {subnet.id: subnet for subnet in port_api.subnets_of(tx, port.network_id)}
    behind = [subnet_of[fixed_ip["subnet_id"]] for fixed_ip in fixed_ips]
    for subnet in behind:
        _refuse_other_advertiser(subnet)
    reached = routers.reached(tx, router)
    routers.refuse_overlap(behind, reached)
    _refuse_mixture(port, behind, reached)
    _refuse_beside_pools(caller, fixed_ips, behind)
    change(tx, ports, port.id, {"device_id": router.id, "device_owner": INTERFACE, "status": "ACTIVE"})
    return described(router, port.project_id, port.id, port.network_id, [subnet.id for subnet in behind])


def _refuse_shared_with_all(tx: Connection, caller: Caller, subnet: Row[Any]) -> None:
    """Refuse another project's subnet, unless its network is shared with the caller's project by name (N-RTR-022).

    Raises Problem (400).
    """
    if owned_by(caller, subnet):
        return
    entries = sharing.entries_of(tx, sharing.NETWORK, subnet.network_id, sharing.SHARED)
    if caller.project_id not in {entry.target for entry in entries}:
        text = f"Cannot add interface to router because subnet {subnet.id} is not owned by project making the request"
        raise error("BadRequest", resource="router", text=text)


def _refuse_other_advertiser(subnet: Row[Any]) -> None:
    """Refuse an IPv6 subnet whose prefix another router than this one is to advertise. Raises Problem (400)."""
    if subnet.ipv6_address_mode is not None and subnet.ipv6_ra_mode is None:
        text = f"IPv6 subnet {subnet.id} configured to receive RAs from an external router cannot be added to a router"
        raise error("BadRequest", resource="router", text=text)


def _refuse_mixture(port: Row[Any], behind: Sequence[Row[Any]], reached: Sequence[Row[Any]]) -> None:
    """Refuse a port with several IPv4 addresses, and a second port for IPv6 on one network. Raises Problem (400)."""
    versions = [subnet.ip_version for subnet in behind]
    if versions.count(4) > 1:
        raise error("BadRequest", resource="router", text="Cannot have multiple IPv4 subnets on router port")
    if 6 in versions and any((6, port.network_id) == (other.ip_version, other.network_id) for other in reached):
        text = f"Router already contains an IPv6 port of network {port.network_id}"
        raise error("BadRequest", resource="router", text=text)


def _refuse_beside_pools(caller: Caller, fixed_ips: Sequence[Values], behind: Sequence[Row[Any]]) -> None:
    """Refuse an address beside the pools of another project's subnet. Raises Problem (400)."""
    for fixed_ip, subnet in zip(fixed_ips, behind, strict=True):
        if not owned_by(caller, subnet) and not addressing.in_pools(subnet, fixed_ip["ip_address"]):
            text = f"Cannot add interface to router because an address is not in a pool of subnet {subnet.id}"
            raise error("BadRequest", resource="router", text=text)


def remove(tx: Connection, caller: Caller, router: Row[Any], side: Values) -> Values:
    """The answer of removing the subnet or the port of `side`. Raises Problem (400, 404, 409)."""
    if "port_id" in side:
        return _remove_port(tx, router, side["port_id"], side.get("subnet_id"))
    subnet = fetch(tx, subnets.RESOURCE, caller, side["subnet_id"])
    row = tx.execute(_INTERFACES.where(addresses.c.subnet_id == subnet.id), {"router": router.id}).first()
    if row is None:
        raise error("RouterInterfaceNotFoundForSubnet", id=router.id, subnet=subnet.id)
    remaining = [item for item in fixed_ips_of(tx, [row.id])[row.id] if item["subnet_id"] != subnet.id]
    if remaining and subnet.ip_version == 6:  # the port remains, for its other subnets
        tx.execute(addresses.delete().where(addresses.c.port_id == row.id, addresses.c.subnet_id == subnet.id))
    else:
        refuse_while_floating(tx, router, [row.id])
        if remaining:
            raise interface_ports.ip_change_refused(row.id)
        port_api.remove_ports(tx, [row.id])
    return described(router, row.project_id, row.id, row.network_id, [subnet.id])


def _remove_port(tx: Connection, router: Row[Any], port_id: str, subnet_id: str | None) -> Values:
    """The answer of removing that port, which has to have an address in the subnet, where that is named.

    Raises Problem (400, 404, 409).
    """
    rows = tx.execute(_INTERFACES.where(ports.c.id == port_id), {"router": router.id}).all()
    if not rows:
        raise error("RouterInterfaceNotFound", id=router.id, port=port_id)
    behind = list(dict.fromkeys(row.subnet_id for row in rows))
    if subnet_id is not None and subnet_id not in behind:
        raise error("SubnetMismatchForPort", id=port_id, subnet=subnet_id)
    refuse_while_floating(tx, router, [port_id])
    port_api.remove_ports(tx, [port_id])
    return described(router, rows[0].project_id, port_id, rows[0].network_id, behind[::-1])


def described(router: Row[Any], project: str, port: str, network: str, behind: Sequence[str]) -> Values:
    """The answer to adding or removing the project's port on that network; the last of the subnets `behind` it is
    `subnet_id`.
    """
    return {
        "id": router.id,
        "project_id": project,
        "tenant_id": project,
        "port_id": port,
        "network_id": network,
        "subnet_id": behind[-1],
        "subnet_ids": list(behind),
    }
