"""Floating IPs: an external address that leads to a port behind a router (N-RTR-005, N-RTR-016, N-AAT-054)."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from reference.network.ipam.fixed_ips import fixed_ips_of
from reference.network.resources import ports as port_api
from reference.network.resources.ports import FLOATING, INTERFACE, add_port, remove_ports
from reference.network.resources.routers import external_network, port_of
from reference.network.rest import validators
from reference.network.rest.address_checks import ip_address
from reference.network.rest.errors import error
from reference.network.rest.resource import REQUIRED, Attribute, Resource, Values, owned, ownership
from reference.network.rest.rows import change, fetch
from reference.network.tables import addresses, floatingips, ports, routers, subnets
from reference.store.ids import new_id
from reference.store.plans import insert
from reference.wsgi.context import Caller

ATTRIBUTES = (
    Attribute("id", post=False, put=False),
    Attribute("description", default="", sort=False),
    Attribute("floating_network_id", validators.uuid_text, put=False, default=REQUIRED),
    Attribute("floating_ip_address", validators.or_null(ip_address), put=False, default=None, admin=True),
    Attribute("port_id", validators.or_null(validators.uuid_text), default=None, sort=False),
    Attribute("fixed_ip_address", validators.or_null(ip_address), default=None),
    Attribute("subnet_id", validators.or_null(validators.uuid_text), put=False, default=None),
    Attribute("router_id", post=False, put=False),
    Attribute("tags", post=False, put=False),
    Attribute("revision_number", validators.integer(0), post=False, put=False, sort=False),
)
# what a floating IP shows of the port that it leads to
_DETAILS = ("name", "network_id", "mac_address", "admin_state_up", "status", "device_id", "device_owner")
_PORTS = sa.select(ports.c.id, *(ports.c[name] for name in _DETAILS)).where(
    ports.c.id.in_(sa.bindparam("ports", expanding=True))
)
_TAKEN = sa.select(floatingips.c.id).where(
    floatingips.c.port_id == sa.bindparam("port"),
    floatingips.c.fixed_ip_address == sa.bindparam("address"),
    floatingips.c.id != sa.bindparam("item"),
)
_STATUS = sa.case((floatingips.c.port_id.is_(None), "DOWN"), else_="ACTIVE")
_ADDRESS = (
    sa.select(sa.func.min(addresses.c.ip_address))
    .where(addresses.c.port_id == floatingips.c.floating_port_id)
    .scalar_subquery()
)
_SHOWN = (
    "id",
    "description",
    "tags",
    "revision_number",
    "floating_network_id",
    "port_id",
    "fixed_ip_address",
    "router_id",
)


def view(tx: Connection, _caller: Caller, rows: Sequence[Row[Any]]) -> list[Values]:
    fixed_ips = fixed_ips_of(tx, [row.floating_port_id for row in rows])
    details = _port_details(tx, [row.port_id for row in rows if row.port_id])
    return [
        {
            **{name: row._mapping[name] for name in _SHOWN},
            **ownership(row),
            # None where an admin has removed the address from its port
            "floating_ip_address": next((ip["ip_address"] for ip in fixed_ips[row.floating_port_id]), None),
            "status": "ACTIVE" if row.port_id else "DOWN",
            "port_details": details.get(row.port_id),
        }
        for row in rows
    ]


def _port_details(tx: Connection, port_ids: list[str]) -> dict[str, Values]:
    """Port id -> what a floating IP shows of the port that it leads to."""
    rows = tx.execute(_PORTS, {"ports": port_ids}) if port_ids else ()
    return {row.id: {name: row._mapping[name] for name in _DETAILS} for row in rows}


def create(tx: Connection, caller: Caller, values: Values) -> str:
    """The id of a new floating IP. Raises Problem (400, 404, 409)."""
    item, address, subnet = new_id(), values.pop("floating_ip_address"), values.pop("subnet_id")
    network = external_network(tx, caller, values["floating_network_id"], "floatingip")
    if subnet:
        _require_subnet_of(tx, subnet, network.id)
    place = {name: value for name, value in (("subnet_id", subnet), ("ip_address", address)) if value}
    fixed_ips = [place] if place else None
    port = add_port(tx, port_of(item, network.id, FLOATING, project_id="", fixed_ips=fixed_ips))
    _refuse_without_ipv4(tx, port, network.id)
    target = _behind(tx, caller, network.id, values.pop("port_id"), values.pop("fixed_ip_address"))
    tx.execute(insert(floatingips), {"id": item, "name": "", "floating_port_id": port, **values, **target})
    return item


def update(tx: Connection, caller: Caller, row: Row[Any], values: Values) -> None:
    """Change the floating IP; nothing at all to change, or a null port, takes it off its port. Raises Problem."""
    named = set(values)
    port, address = values.pop("port_id", None), values.pop("fixed_ip_address", None)
    if "port_id" in named or address or not named:
        values |= _behind(tx, caller, row.floating_network_id, port, address, item=row.id)
    change(tx, floatingips, row.id, values)


def delete(tx: Connection, _caller: Caller, row: Row[Any]) -> None:
    tx.execute(floatingips.delete().where(floatingips.c.id == row.id))
    remove_ports(tx, [row.floating_port_id])


def _behind(
    tx: Connection, caller: Caller, network_id: str, port_id: str | None, address: str | None, item: str = ""
) -> Values:
    """The columns of a floating IP for that port: its id, its address, the router between it and the external network.

    `item` is the id of the floating IP, empty for a new one. Raises Problem (400, 404, 409).
    """
    if port_id is None:
        if address is not None:
            text = "fixed_ip_address cannot be specified without a port_id"
            raise error("BadRequest", resource="floatingip", text=text)
        return {"port_id": None, "fixed_ip_address": None, "router_id": None}
    # locked, so that of two floating IPs for it at once the second is refused
    port = fetch(tx, port_api.RESOURCE, caller, port_id, hold=True)
    candidates = [candidate for candidate in fixed_ips_of(tx, [port.id])[port.id] if ":" not in candidate["ip_address"]]
    if address is None and len(candidates) > 1:
        text = f"Port {port_id} has multiple fixed IPv4 addresses. Must provide a specific IPv4 address"
        raise error("BadRequest", resource="floatingip", text=text)
    fixed_ip = next((candidate for candidate in candidates if address in (None, candidate["ip_address"])), None)
    if fixed_ip is None:
        text = f"port {port_id} has no fixed IPv4 address {address or ''}".rstrip()
        raise error("BadRequest", resource="floatingip", text=text)
    taken = tx.execute(_TAKEN, {"port": port.id, "address": fixed_ip["ip_address"], "item": item}).scalar()
    if taken is not None:
        raise error("FloatingIPPortAlreadyAssociated", id=taken, port=port.id, address=fixed_ip["ip_address"])
    router = tx.execute(_between(network_id, fixed_ip["subnet_id"])).scalar()
    if router is None:
        raise error("ExternalGatewayForFloatingIPNotFound", id=network_id, subnet=fixed_ip["subnet_id"], port=port_id)
    return {"port_id": port.id, "fixed_ip_address": fixed_ip["ip_address"], "router_id": router}


def _require_subnet_of(tx: Connection, subnet_id: str, network_id: str) -> None:
    """Refuse a subnet that does not exist, or is of another network. Raises Problem (400, 404)."""
    network = tx.execute(sa.select(subnets.c.network_id).where(subnets.c.id == subnet_id)).scalar()
    if network is None:
        raise error("SubnetNotFound", id=subnet_id)
    if network != network_id:
        text = f"Failed to create port on network {network_id}, because fixed_ips included invalid subnet {subnet_id}"
        raise error("InvalidInput", text=text)


def _between(network_id: str, subnet_id: str) -> sa.Select[Any]:
    """A SELECT of the ids of routers with an interface on the subnet and their gateway on the network."""
    gateway, interface = ports.alias(), ports.alias()
    return (
        sa.select(routers.c.id)
        .join(gateway, gateway.c.id == routers.c.gateway_port_id)
        .join(interface, interface.c.device_id == routers.c.id)
        .join(addresses, addresses.c.port_id == interface.c.id)
        .where(
            gateway.c.network_id == network_id,
            interface.c.device_owner == INTERFACE,
            addresses.c.subnet_id == subnet_id,
        )
    )


def _refuse_without_ipv4(tx: Connection, port_id: str, network_id: str) -> None:
    """Refuse a port without an IPv4 address, and remove its others: a floating IP is one IPv4 address.

    Raises Problem (400).
    """
    fixed_ips = fixed_ips_of(tx, [port_id])[port_id]
    if not fixed_ips or ":" in fixed_ips[0]["ip_address"]:
        if any(subnet.ip_version == 4 for subnet in port_api.subnets_of(tx, network_id)):
            raise error("ExternalIpAddressExhausted", id=network_id)
        text = f"Network {network_id} does not contain any IPv4 subnet"
        raise error("BadRequest", resource="floatingip", text=text)
    spare = [fixed_ip["ip_address"] for fixed_ip in fixed_ips[1:]]
    tx.execute(addresses.delete().where(addresses.c.port_id == port_id, addresses.c.ip_address.in_(spare)))


RESOURCE = Resource(
    singular="floatingip",
    plural="floatingips",
    table=floatingips,
    attributes=ATTRIBUTES,
    missing="FloatingIPNotFound",
    visible=owned(floatingips),
    view=view,
    create=create,
    update=update,
    delete=delete,
    quota="floatingip",
    bulk=False,
    strict_marker=False,
    orders={"status": _STATUS, "floating_ip_address": sa.func.coalesce(_ADDRESS, "")},
    filters={
        "status": lambda _caller, values: _STATUS.in_(values),
        "floating_ip_address": lambda _caller, values: _ADDRESS.in_(values),
    },
)
