"""Networks, and the one external network that is the default (N-NET)."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from reference.network.access import sharing, visibility
from reference.network.access.sharing import ALL, EXTERNAL, NETWORK, SHARED
from reference.network.ipam import addressing
from reference.network.resources import security_groups
from reference.network.resources.ports import remove_ports
from reference.network.resources.subnet_rules import require_mtu
from reference.network.resources.subnets import release_prefix
from reference.network.rest import validators
from reference.network.rest.errors import error
from reference.network.rest.resource import Attribute, Resource, Values, flag, shown
from reference.network.rest.rows import change
from reference.network.tables import floatingips, networks, ports, rbac, subnets
from reference.store.ids import new_id
from reference.store.plans import insert
from reference.wsgi.context import Caller

MTU = 1450  # the MTU of VXLAN networks on links of 1500 octets: the default and the maximum
DEFAULT = "external"  # the slot of the default external network; it is unique, so that there is at most one
AUTO_DELETE_OWNERS = addressing.AUTO_DELETE_OWNERS  # owners of ports that are deleted with their network (N-AAT-057)

ATTRIBUTES = (
    Attribute("id", post=False, put=False),
    Attribute("name", validators.name, default=""),
    Attribute("description", default="", sort=False),
    Attribute("admin_state_up", validators.boolean, default=True),
    Attribute("status", post=False, put=False),
    Attribute("shared", validators.boolean, default=False, admin=True),
    Attribute("router:external", validators.boolean, default=False, admin=True),
    Attribute("is_default", validators.boolean, default=False, admin=True),
    Attribute("mtu", validators.integer(0, 1 << 62), default=MTU),
    Attribute("subnets", post=False, put=False),
    Attribute("tags", post=False, put=False),
    Attribute("revision_number", validators.integer(0), post=False, put=False, sort=False),
)
_PORTS = sa.select(ports.c.id, ports.c.device_owner).where(ports.c.network_id == sa.bindparam("network"))
_IDLE = sa.select(floatingips.c.id, floatingips.c.floating_port_id).where(
    floatingips.c.floating_network_id == sa.bindparam("network"), floatingips.c.port_id.is_(None)
)
_WITHIN = sa.select(subnets.c.id, subnets.c.network_id).where(
    subnets.c.network_id.in_(sa.bindparam("networks", expanding=True))
)
_SUBNETS = sa.select(subnets).where(subnets.c.network_id == sa.bindparam("network"))
_VERSIONS = sa.select(subnets.c.ip_version).where(subnets.c.network_id == sa.bindparam("network")).distinct()
_REMOVED = networks.delete().where(networks.c.id == sa.bindparam("network"))


def view(tx: Connection, _caller: Caller, rows: Sequence[Row[Any]]) -> list[Values]:
    ids = [row.id for row in rows]
    within: dict[str, list[str]] = {id_: [] for id_ in ids}
    for subnet in tx.execute(_WITHIN, {"networks": ids}):
        within[subnet.network_id].append(subnet.id)
    return [
        {
            **shown(row, "admin_state_up", "shared", "mtu"),
            "status": "ACTIVE",
            "router:external": row.external,
            # an internal network has no such attribute (N-NET-012)
            **({"is_default": row.default_slot is not None} if row.external else {}),
            "subnets": within[row.id],
        }
        for row in rows
    ]


def create(tx: Connection, _caller: Caller, values: Values) -> str:
    """The id of a new network. Raises Problem: 409 for a second default."""
    item = new_id()
    to_all = {SHARED: values.pop("shared"), EXTERNAL: values.pop("router:external")}
    default = values.pop("is_default")
    if default:
        claim_default(tx, item)
    slot = DEFAULT if default and to_all[EXTERNAL] else None
    values["mtu"] = _mtu(values["mtu"])
    tx.execute(insert(networks), {"id": item, "default_slot": slot, **values})
    for action in (action for action, is_so in to_all.items() if is_so):
        sharing.add(tx, NETWORK, item, action, values["project_id"], ALL)
    security_groups.ensure_default(tx, values["project_id"])
    return item


def _mtu(requested: int) -> int:
    """The MTU of a network for which that is requested; 0 asks for the default. Raises Problem (400)."""
    if requested > MTU:
        raise error("InvalidInput", text=f"Requested MTU is too big, maximum is {MTU}")
    return requested or MTU


def update(tx: Connection, _caller: Caller, row: Row[Any], values: Values) -> None:
    """Change the network. Raises Problem (409)."""
    external = values.pop("router:external", row.external)
    default = values.pop("is_default", row.default_slot is not None)
    if "shared" in values:
        refusal = error("InvalidSharedSetting", name=row.name)
        sharing.set_for_all(tx, NETWORK, row, SHARED, values.pop("shared"), refusal)
    if external != row.external:
        _set_external(tx, row, external)
    slot = DEFAULT if external and default else None
    if slot and not row.default_slot:
        claim_default(tx, row.id)
    if "mtu" in values:
        for version in tx.execute(_VERSIONS, {"network": row.id}).scalars():
            require_mtu(version, values["mtu"])  # refused for 0, too, where there are subnets, as in Neutron
        values["mtu"] = _mtu(values["mtu"])
    change(tx, networks, row.id, {**values, "default_slot": slot})


def _set_external(tx: Connection, row: Row[Any], external: bool) -> None:
    """Make the network external for all, or for no project (N-NET-013, N-NET-014). Raises Problem: 409 while in use."""
    if external:
        sharing.add(tx, NETWORK, row.id, EXTERNAL, row.project_id, ALL)
        return
    if has_gateways(tx, row.id):
        raise error("ExternalNetworkInUse", id=row.id)
    tx.execute(rbac.delete().where(rbac.c.network_id == row.id, rbac.c.action == EXTERNAL))


def delete(tx: Connection, _caller: Caller, row: Row[Any]) -> None:
    if row.external:
        remove_idle_floating(tx, row.id)
    remove_network(tx, str(row.id))


def remove_network(tx: Connection, network_id: str) -> None:
    """Delete the network with its subnets. Raises Problem: 409 NetworkInUse while it has ports of other owners."""
    rows = tx.execute(_PORTS, {"network": network_id}).all()
    in_use = [port.id for port in rows if port.device_owner not in AUTO_DELETE_OWNERS]
    if in_use:
        raise error("NetworkInUse", id=network_id, ports=", ".join(sorted(in_use)))
    remove_ports(tx, [port.id for port in rows])
    for subnet in tx.execute(_SUBNETS, {"network": network_id}).all():
        release_prefix(tx, subnet)
    tx.execute(_REMOVED, {"network": network_id})


def remove_idle_floating(tx: Connection, network_id: str) -> None:
    """Delete the floating IPs of the network that lead to no port: they do not forbid its deletion."""
    rows = tx.execute(_IDLE, {"network": network_id}).all()
    if rows:
        tx.execute(floatingips.delete().where(floatingips.c.id.in_([row.id for row in rows])))
        remove_ports(tx, [row.floating_port_id for row in rows])


def has_gateways(tx: Connection, network_id: str) -> bool:
    """Whether routers have their gateway on the network."""
    gateway = sa.select(ports.c.id).where(
        ports.c.network_id == network_id, ports.c.device_owner == "network:router_gateway"
    )
    return tx.execute(gateway).first() is not None


def claim_default(tx: Connection, network_id: str) -> None:
    """Refuse a second default (N-NET-005); the unique key decides between racing requests. Raises Problem (409)."""
    holder = sa.select(networks.c.id).where(networks.c.default_slot == DEFAULT, networks.c.id != network_id)
    row = tx.execute(holder).first()
    if row is not None:
        raise error("DefaultExternalNetworkExists", id=row.id)


RESOURCE = Resource(
    singular="network",
    plural="networks",
    table=networks,
    attributes=ATTRIBUTES,
    missing="NetworkNotFound",
    visible=visibility.visible,
    relative=visibility.relative,
    view=view,
    create=create,
    update=update,
    delete=delete,
    quota="network",
    strict_show=True,
    orders={"status": sa.literal("ACTIVE")},
    filters={
        "shared": flag(visibility.is_shared),
        "router:external": flag(sharing.is_external),
        "is_default": flag(lambda _caller: networks.c.default_slot.is_not(None)),
        "status": lambda _caller, values: sa.true() if "ACTIVE" in values else sa.false(),
    },
)
