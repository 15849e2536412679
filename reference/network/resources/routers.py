"""Routers: a gateway to an external network and interfaces on the project's subnets (N-RTR)."""

import ipaddress
from collections.abc import Sequence
from itertools import product
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from reference.network.access import visibility
from reference.network.ipam.fixed_ips import REQUESTED, fixed_ips_of, reassign
from reference.network.resources.ports import GATEWAY, INTERFACE, add_port, remove_ports, subnets_of
from reference.network.rest import validators
from reference.network.rest.errors import error
from reference.network.rest.resource import Attribute, Resource, Values, owned, shown
from reference.network.rest.rows import change
from reference.network.tables import addresses, floatingips, ports, routers
from reference.network.tables import subnets as subnet_table
from reference.store.ids import new_id
from reference.store.plans import insert
from reference.wsgi.context import Caller

TRANSLATES = True  # the default of enable_snat (enable_snat_by_default)
_GATEWAY = validators.record(
    ("network_id",),
    network_id=validators.uuid_text,
    enable_snat=validators.boolean,
    external_fixed_ips=REQUESTED,
)


def _gateway_info(value: Any) -> Values:
    """The gateway's properties; {}, or whatever else is empty, means no gateway (N-RTR-001). Raises ValueError."""
    info: Values = _GATEWAY(value) if value else {}
    return info


ATTRIBUTES = (
    Attribute("id", post=False, put=False),
    Attribute("name", validators.name, default=""),
    Attribute("description", default="", sort=False),
    Attribute("admin_state_up", validators.boolean, default=True),
    Attribute("external_gateway_info", validators.or_null(_gateway_info), default=None),
    Attribute("routes", validators.none_of, post=False),
    Attribute("tags", post=False, put=False),
    Attribute("revision_number", validators.integer(0), post=False, put=False, sort=False),
)
_GATEWAYS = sa.select(ports.c.id, ports.c.network_id).where(ports.c.id.in_(sa.bindparam("gateways", expanding=True)))
_PORT = sa.select(ports).where(ports.c.id == sa.bindparam("port"))
_ATTACHED = sa.select(ports.c.id).where(ports.c.device_id == sa.bindparam("router"), ports.c.device_owner == INTERFACE)
_REMOVED = routers.delete().where(routers.c.id == sa.bindparam("router"))
_SUBNET = (subnet_table.c.id, subnet_table.c.cidr, subnet_table.c.ip_version, ports.c.network_id, ports.c.device_owner)
_BEHIND = (
    sa.select(*_SUBNET, ports.c.id.label("port_id"))
    .join(addresses, addresses.c.subnet_id == subnet_table.c.id)
    .join(ports, ports.c.id == addresses.c.port_id)
    .where(ports.c.device_id == sa.bindparam("router"), ports.c.device_owner == INTERFACE)
)
_REACHED = sa.union_all(
    _BEHIND,
    sa.select(*_SUBNET, ports.c.id.label("port_id"))
    .join(ports, ports.c.network_id == subnet_table.c.network_id)
    .where(ports.c.device_id == sa.bindparam("router"), ports.c.device_owner == GATEWAY),
)


def view(tx: Connection, _caller: Caller, rows: Sequence[Row[Any]]) -> list[Values]:
    gateways = [row.gateway_port_id for row in rows if row.gateway_port_id]
    network_of = {row.id: row.network_id for row in tx.execute(_GATEWAYS, {"gateways": gateways})}
    addresses_by_port = fixed_ips_of(tx, gateways)
    return [
        {
            **shown(row, "admin_state_up"),
            "status": "ACTIVE",
            "routes": [],
            "external_gateway_info": {
                "network_id": network_of[row.gateway_port_id],
                "enable_snat": row.enable_snat,
                "external_fixed_ips": addresses_by_port[row.gateway_port_id],
            }
            if row.gateway_port_id in network_of
            else None,
        }
        for row in rows
    ]


def create(tx: Connection, caller: Caller, values: Values) -> str:
    """The id of a new router. Raises Problem (400, 403, 404, 409)."""
    item = new_id()
    gateway = values.pop("external_gateway_info") or {}
    uplink = make_gateway(tx, item, gateway_network(tx, caller, gateway), gateway)
    tx.execute(insert(routers), {"id": item, **values, **uplink})
    return item


def update(tx: Connection, caller: Caller, row: Row[Any], values: Values) -> None:
    """Change the router, its gateway included. Raises Problem (400, 403, 404, 409)."""
    values.pop("routes", None)
    if "external_gateway_info" in values:
        values |= change_gateway(tx, caller, row, values.pop("external_gateway_info") or {})
    change(tx, routers, row.id, values)


def change_gateway(tx: Connection, caller: Caller, row: Row[Any], gateway: Values) -> Values:
    """The router's columns for that gateway, {} for none; on the same network its port stays, with its addresses.

    Raises Problem: as `gateway_network` and `make_gateway`; 409 while floating IPs need the present network, 400 where
    a prefix of the new one overlaps that of an interface.
    """
    present = tx.execute(_PORT, {"port": row.gateway_port_id}).first() if row.gateway_port_id else None
    network = gateway_network(tx, caller, gateway)
    if present is not None and present.network_id == network:
        if gateway.get("external_fixed_ips"):
            reassign(tx, present._mapping, gateway["external_fixed_ips"], subnets_of(tx, present.network_id))
        return {"enable_snat": gateway.get("enable_snat", TRANSLATES)}
    if present is not None:
        refuse_while_floating(tx, row)
        change(tx, routers, row.id, {"gateway_port_id": None})
        remove_ports(tx, [present.id])
    if network is not None:
        refuse_overlap(subnets_of(tx, network), tx.execute(_BEHIND, {"router": row.id}).all())
    return make_gateway(tx, row.id, network, gateway)


def delete(tx: Connection, _caller: Caller, row: Row[Any]) -> None:
    remove_router(tx, row)


def remove_router(tx: Connection, row: Row[Any], interfaces: Sequence[str] = ()) -> None:
    """Delete the router with its gateway and those interfaces, ids of ports.

    Raises Problem: 409 RouterInUse while it has other interfaces (N-RTR-017, N-RTR-018).
    """
    holding = sorted(set(tx.execute(_ATTACHED, {"router": row.id}).scalars()) - set(interfaces))
    if holding:
        raise error("RouterInUse", id=row.id, ports=", ".join(holding))
    tx.execute(_REMOVED, {"router": row.id})
    remove_ports(tx, [*interfaces, *([row.gateway_port_id] if row.gateway_port_id else [])])


def refuse_while_floating(tx: Connection, row: Row[Any]) -> None:
    """Refuse another gateway network while floating IPs need the present one (N-RTR-005). Raises Problem (409)."""
    leading = sa.select(floatingips.c.floating_network_id).where(floatingips.c.router_id == row.id)
    network = tx.execute(leading).scalar()
    if network is not None:
        raise error("RouterExternalGatewayInUseByFloatingIp", id=row.id, network=network)


def make_gateway(tx: Connection, router_id: str, network: str | None, gateway: Values) -> Values:
    """The router's columns for a new gateway port on that network; for None they say that there is no gateway.

    Raises Problem: 400 for invalid addresses, 409 where none is free (N-RTR-002 to 004).
    """
    if network is None:
        return {"enable_snat": TRANSLATES}
    port = add_port(tx, gateway_port(router_id, network, gateway.get("external_fixed_ips")))
    return {"gateway_port_id": port, "enable_snat": gateway.get("enable_snat", TRANSLATES)}


def gateway_network(tx: Connection, caller: Caller, gateway: Values) -> str | None:
    """The id of the external network of a gateway that the caller may ask for; None for {}, no gateway.

    Raises Problem: 403 for choices that only admins have, 404, 400 for an internal network, or for the address of the
    network's own gateway.
    """
    if not gateway:
        return None
    if not caller.is_admin and set(gateway) - {"network_id"}:
        attribute = min(set(gateway) - {"network_id"})
        raise error("PolicyNotAuthorized", rule=f"update_router:external_gateway_info:{attribute}")
    network = str(external_network(tx, caller, gateway["network_id"], "router").id)
    requested = {fixed_ip.get("ip_address") for fixed_ip in gateway.get("external_fixed_ips", ())} - {None}
    for subnet in subnets_of(tx, network) if requested else ():
        if subnet.gateway_ip in requested:
            text = f"External IP {subnet.gateway_ip} is the same as the gateway IP"
            raise error("BadRequest", resource="router", text=text)
    return network


def reached(tx: Connection, router: Row[Any]) -> Sequence[Row[Any]]:
    """The subnets of the router's interfaces and of its gateway's network."""
    return tx.execute(_REACHED, {"router": router.id}).all()


def refuse_overlap(subnets: Sequence[Any], reached: Sequence[Any]) -> None:
    """Refuse subnets whose prefixes overlap those that are reached already (N-RTR-011). Raises Problem (400)."""
    for subnet, other in product(subnets, reached):
        if ipaddress.ip_network(subnet.cidr).overlaps(ipaddress.ip_network(other.cidr)):
            text = f"Cidr {subnet.cidr} of subnet {subnet.id} overlaps with cidr {other.cidr} of subnet {other.id}"
            raise error("BadRequest", resource="router", text=text)


def gateway_port(router: str, network: str, fixed_ips: list[dict[str, str]] | None = None) -> Values:
    """The body for `add_port` of a router's gateway, which belongs to no project (N-AAT-027)."""
    return port_of(router, network, GATEWAY, project_id="", fixed_ips=fixed_ips)


def external_network(tx: Connection, caller: Caller, network_id: str | None, asking: str) -> Row[Any]:
    """The external network that the caller sees by that id. Raises Problem: 404, 400 if it is internal (N-RTR-003)."""
    network = visibility.network(tx, caller, network_id)
    require_external(network, asking)
    return network


def require_external(network: Row[Any], asking: str) -> None:
    """Refuse an internal network for the resource `asking`. Raises Problem (400)."""
    if not network.external:
        raise error("BadRequest", resource=asking, text=f"Network {network.id} is not an external network")


def port_of(device: str, network_id: str, owner: str, **more: Any) -> Values:
    """The body for `add_port` of a port that the service itself creates, for that device and owner, with `more`."""
    return {
        "name": "",
        "description": "",
        "network_id": network_id,
        "admin_state_up": True,
        "device_id": device,
        "device_owner": owner,
        "host_id": "",
        "vnic_type": "normal",
        "profile": {},
        "security_groups": [],
        **more,
    }


RESOURCE = Resource(
    singular="router",
    plural="routers",
    table=routers,
    attributes=ATTRIBUTES,
    missing="RouterNotFound",
    visible=owned(routers),
    view=view,
    create=create,
    update=update,
    delete=delete,
    bulk=False,
    quota="router",
    orders={"status": sa.literal("ACTIVE")},
)
