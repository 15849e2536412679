"""Networks, and the one external network that is the default (N-NET)."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from reference.network import checks, seeing
from reference.network.api import security_groups
from reference.network.api.ports import remove_ports
from reference.network.api.subnets import release_prefix
from reference.network.crud import change
from reference.network.errors import error
from reference.network.resource import Attribute, Resource, Values, flag, ownership
from reference.network.tables import networks, ports, subnets
from reference.wsgi.context import Caller

MTU = 1450
EXTERNAL = "external"  # the slot the default external network holds; unique, so there can be one
# ports that go along with their network when it is deleted (N-AAT-057)
AUTO_DELETE_OWNERS = ("network:dhcp", "network:distributed", "network:floatingip_agent_gateway")

ATTRIBUTES = (
    Attribute("id", post=False, put=False),
    Attribute("name", default=""),
    Attribute("description", default=""),
    Attribute("admin_state_up", checks.boolean, default=True, kind="InvalidInput"),
    Attribute("status", post=False, put=False),
    Attribute("shared", checks.boolean, default=False, admin=True, kind="InvalidInput"),
    Attribute("router:external", checks.boolean, default=False, admin=True, kind="InvalidInput"),
    Attribute("is_default", checks.boolean, default=False, admin=True, kind="InvalidInput"),
    Attribute("mtu", checks.integer(0, 65535), default=MTU),
    Attribute("subnets", post=False, put=False),
)
_PORTS = sa.select(ports.c.id, ports.c.device_owner).where(ports.c.network_id == sa.bindparam("network"))
_SUBNETS = sa.select(subnets).where(subnets.c.network_id == sa.bindparam("network"))
_REMOVED = networks.delete().where(networks.c.id == sa.bindparam("network"))


def view(tx: Connection, _caller: Caller, rows: Sequence[Row[object]]) -> list[Values]:
    ids = [row.id for row in rows]
    within: dict[str, list[str]] = {each: [] for each in ids}
    for subnet in tx.execute(sa.select(subnets.c.id, subnets.c.network_id).where(subnets.c.network_id.in_(ids))):
        within[subnet.network_id].append(subnet.id)
    return [
        {
            "id": row.id,
            "name": row.name,
            "description": row.description,
            **ownership(row),
            "admin_state_up": row.admin_state_up,
            "status": "ACTIVE",
            "shared": row.shared,
            "router:external": row.external,
            # the flag means nothing on an internal network and is not shown there (N-NET-012)
            **({"is_default": row.default_slot is not None} if row.external else {}),
            "mtu": row.mtu,
            "subnets": within[row.id],
        }
        for row in rows
    ]


def create(tx: Connection, _caller: Caller, values: Values) -> str:
    item = str(uuid.uuid4())
    external, default = values.pop("router:external"), values.pop("is_default")
    if default:
        _claim_default(tx, item)
    slot = EXTERNAL if default and external else None
    tx.execute(networks.insert(), {"id": item, "external": external, "default_slot": slot, **values})
    security_groups.ensure_default(tx, values["project_id"])
    return item


def update(tx: Connection, _caller: Caller, row: Row[object], values: Values) -> None:
    external = values.pop("router:external", row.external)
    default = values.pop("is_default", row.default_slot is not None)
    if row.external and not external and has_gateways(tx, row.id):
        raise error("ExternalNetworkInUse", id=row.id)
    slot = EXTERNAL if external and default else None
    if slot and not row.default_slot:
        _claim_default(tx, row.id)
    change(tx, networks, row.id, {**values, "external": external, "default_slot": slot})


def delete(tx: Connection, _caller: Caller, row: Row[object]) -> None:
    remove_network(tx, str(row.id))


def remove_network(tx: Connection, network_id: str) -> None:
    """Delete the network with its subnets. Errors: 409 NetworkInUse while it has ports that do not go along."""
    found = tx.execute(_PORTS, {"network": network_id}).all()
    in_use = [port.id for port in found if port.device_owner not in AUTO_DELETE_OWNERS]
    if in_use:
        raise error("NetworkInUse", id=network_id, ports=", ".join(sorted(in_use)))
    if found:
        remove_ports(tx, [port.id for port in found])
    for subnet in tx.execute(_SUBNETS, {"network": network_id}).all():
        release_prefix(tx, subnet)
    tx.execute(_REMOVED, {"network": network_id})


def has_gateways(tx: Connection, network_id: str) -> bool:
    gateway = sa.select(ports.c.id).where(
        ports.c.network_id == network_id, ports.c.device_owner == "network:router_gateway"
    )
    return tx.execute(gateway).first() is not None


def _claim_default(tx: Connection, network_id: str) -> None:
    """Refuse a second default (N-NET-005). Two who ask at once are told apart by the unique key behind it."""
    holder = sa.select(networks.c.id).where(networks.c.default_slot == EXTERNAL, networks.c.id != network_id)
    row = tx.execute(holder).first()
    if row is not None:
        raise error("DefaultExternalNetworkExists", id=row.id)


RESOURCE = Resource(
    singular="network",
    plural="networks",
    table=networks,
    attributes=ATTRIBUTES,
    missing="NetworkNotFound",
    visible=seeing.visible,
    view=view,
    create=create,
    update=update,
    delete=delete,
    quota="network",
    filters={
        "router:external": flag(networks.c.external),
        "is_default": flag(networks.c.default_slot.is_not(None)),
        "status": lambda _caller, values: sa.true() if "ACTIVE" in values else sa.false(),
    },
)
