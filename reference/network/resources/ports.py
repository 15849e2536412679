"""Ports: an address per IP version of their network, the device they belong to, their security groups (N-PORT)."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from reference.network.access import visibility
from reference.network.ipam import addressing
from reference.network.ipam.fixed_ips import REQUESTED, claims, fixed_ips_of, follow_mac, reassign
from reference.network.resources import interface_ports, port_filters, port_macs, security_groups
from reference.network.resources import subnets as subnet_api
from reference.network.rest import validators
from reference.network.rest.address_checks import mac_address
from reference.network.rest.errors import error
from reference.network.rest.resource import REQUIRED, Attribute, Resource, Values, shown, visible_where
from reference.network.rest.rows import change, fetch
from reference.network.tables import floatingips, networks, port_groups, ports, routers, subnets
from reference.network.tables import security_groups as groups_table
from reference.store.ids import new_id
from reference.store.plans import insert
from reference.wsgi.context import Caller

INTERFACE, GATEWAY, FLOATING = addressing.INTERFACE, "network:router_gateway", "network:floatingip"
_SERVED = {INTERFACE: routers, GATEWAY: routers, FLOATING: floatingips}  # owner of a port -> what its device is
_NICS = """accelerator-direct accelerator-direct-physical baremetal direct direct-physical macvtap normal
    remote-managed smart-nic vdpa virtio-forwarder""".split()  # noqa: SIM905 - words, not a column of strings
# attribute of a body -> its column; all but vnic_type are for admins (N-PORT-004)
_BINDING = {"binding:host_id": "host_id", "binding:profile": "profile", "binding:vnic_type": "vnic_type"}

ATTRIBUTES = (
    Attribute("id", post=False, put=False),
    Attribute("name", validators.name, default=""),
    Attribute("description", default="", sort=False),
    Attribute("network_id", validators.uuid_text, put=False, default=REQUIRED),
    Attribute("mac_address", validators.or_null(mac_address), default=None),
    Attribute("admin_state_up", validators.boolean, default=True),
    Attribute("status", post=False, put=False),
    Attribute("device_id", default=""),
    Attribute("device_owner", default=""),
    Attribute("fixed_ips", REQUESTED),
    Attribute("security_groups", validators.or_empty(validators.distinct(validators.list_of(validators.uuid_text)))),
    Attribute("allowed_address_pairs", validators.none_of),
    Attribute("binding:host_id", validators.or_null(validators.text), admin=True),
    Attribute("binding:profile", validators.or_null(validators.mapping), admin=True),
    Attribute("binding:vnic_type", validators.one_of(*_NICS), default="normal"),
    Attribute("tags", validators.distinct(validators.list_of(validators.tag)), put=False, default=[]),
    Attribute("revision_number", validators.integer(0), post=False, put=False, sort=False),
)
_SHOWN = ("network_id", "mac_address", "admin_state_up", "status", "device_id", "device_owner")

_SUBNETS = sa.select(subnets).where(subnets.c.network_id == sa.bindparam("network")).order_by(subnets.c.id)
_OWN_GROUPS = sa.select(groups_table.c.id).where(
    groups_table.c.id.in_(sa.bindparam("groups", expanding=True)), groups_table.c.project_id == sa.bindparam("project")
)
_GROUPS = sa.select(port_groups).where(port_groups.c.port_id.in_(sa.bindparam("ports", expanding=True)))
_IDS: sa.BindParameter[Any] = sa.bindparam("ids", expanding=True)
_FLOATING = sa.select(floatingips.c.fixed_ip_address).where(floatingips.c.port_id == sa.bindparam("port"))
_DELETE = ports.delete().where(ports.c.id.in_(_IDS))
_DISASSOCIATE = (
    floatingips.update()
    .where(floatingips.c.port_id.in_(_IDS))
    .values(port_id=None, router_id=None, fixed_ip_address=None)
)


def _own(caller: Caller) -> sa.ColumnElement[bool]:
    """The SQL condition for ports of the caller's project, and for all ports on its networks (N-PORT-015)."""
    own_networks = sa.select(networks.c.id).where(networks.c.project_id == caller.project_id)
    return sa.or_(ports.c.project_id == caller.project_id, ports.c.network_id.in_(own_networks))


def view(tx: Connection, caller: Caller, rows: Sequence[Row[Any]]) -> list[Values]:
    ids = [row.id for row in rows]
    groups: dict[str, list[str]] = defaultdict(list)
    for row in tx.execute(_GROUPS, {"ports": ids}):
        groups[row.port_id].append(row.group_id)
    addressed = fixed_ips_of(tx, ids)
    return [
        {
            **shown(row, *_SHOWN),
            "fixed_ips": addressed[row.id],
            "security_groups": groups[row.id],
            "allowed_address_pairs": [],
            "binding:vnic_type": row.vnic_type,
            **(_binding(row) if caller.is_admin else {}),
        }
        for row in rows
    ]


def _binding(row: Row[Any]) -> Values:
    bound = "ovs" if row.host_id else "unbound"
    return {
        "binding:host_id": row.host_id,
        "binding:profile": row.profile,
        "binding:vif_type": bound,
        "binding:vif_details": {},
    }


def create(tx: Connection, caller: Caller, values: Values) -> str:
    """The id of a new port. Raises Problem: 403 on another project's network, 404, and what `add_ports` raises."""
    network = visibility.network(tx, caller, values["network_id"])
    if not visibility.owns(caller, network) and not network.shared:
        raise error("PolicyNotAuthorized", rule="create_port")
    refuse_on_foreign_network(tx, caller, network.id, "create", values)
    for name, column in _BINDING.items():
        values[column] = values.pop(name, None) or ("" if column == "host_id" else {})
    refuse_foreign_router(tx, caller, values)
    refuse_other_subnets(tx, caller, network.id, values, subnets_of(tx, network.id) if "fixed_ips" in values else ())
    values.pop("allowed_address_pairs", None)
    return add_port(tx, values)


def add_port(tx: Connection, values: Values) -> str:
    """The id of a new port, with its addresses and groups. Raises what `add_ports` raises."""
    return add_ports(tx, [values], subnets_of(tx, values["network_id"]))[0]


def add_ports(tx: Connection, bodies: Sequence[Values], within: Sequence[Any]) -> list[str]:
    """The ids of new ports, added all at once with their addresses and groups; `within` are their networks' subnets.

    Raises Problem: 400 for an invalid address, 404 for an unknown group, 409 for a MAC or IP address in use, or where
    no address is free.
    """
    rows: list[Values] = []
    needed: list[addressing.Claim] = []
    groups_by_port: list[tuple[Values, list[str]]] = []
    for values in bodies:
        network_subnets = [subnet for subnet in within if subnet.network_id == values["network_id"]]
        fixed_ips, groups = values.pop("fixed_ips", None), values.pop("security_groups", None)
        mac = values.pop("mac_address", None)
        if mac and port_macs.is_in_use(tx, values["network_id"], mac):
            raise error("MacAddressInUse", id=values["network_id"], mac=mac)
        row = {"id": new_id(), "mac_address": mac or port_macs.random_mac(), **values}
        rows.append({**row, "status": status_for(values["device_owner"])})
        needed += claims(row, fixed_ips, network_subnets)
        if groups is None and values["project_id"] and not values["device_owner"].startswith("network:"):
            groups = [security_groups.ensure_default(tx, values["project_id"])]
        groups_by_port.append((row, groups or []))
    tx.execute(insert(ports), rows)
    addressing.take(tx, needed)
    for row, groups in groups_by_port:
        _add_groups(tx, row["id"], row["project_id"], groups)
    return [row["id"] for row in rows]


def update(tx: Connection, caller: Caller, row: Row[Any], values: Values) -> None:
    """Change the port. Raises Problem (400, 403, 404, 409)."""
    values.pop("allowed_address_pairs", None)
    refuse_on_foreign_network(tx, caller, row.network_id, "update", values)
    if "fixed_ips" in values:
        refuse_while_floating(tx, row.id, values["fixed_ips"])
    owner = values.get("device_owner") or row.device_owner
    if "mac_address" in values:
        values["mac_address"] = port_macs.changed(tx, caller, row, values["mac_address"], owner)
    device = values.get("device_id") or row.device_id
    refuse_foreign_router(tx, caller, {"device_owner": owner, "device_id": device})
    within = subnets_of(tx, row.network_id) if {"fixed_ips", "mac_address"} & values.keys() else ()
    if "fixed_ips" in values:
        interface_ports.refuse_ip_change(tx, row, values["fixed_ips"], within)
    refuse_other_subnets(tx, caller, row.network_id, values, within)
    fixed_ips, groups = values.pop("fixed_ips", None), values.pop("security_groups", None)
    for name, column in _BINDING.items():
        if name in values:
            values[column] = values.pop(name) or ("" if column == "host_id" else {})
    if "device_owner" in values:
        values["status"] = status_for(values["device_owner"])
    change(tx, ports, row.id, values)
    mac = values.get("mac_address", row.mac_address)
    if fixed_ips is not None or mac != row.mac_address:
        if mac != row.mac_address:
            fixed_ips = follow_mac(row._mapping, fixed_ips_of(tx, [row.id])[row.id], fixed_ips, within)
        reassign(tx, {**row._mapping, "mac_address": mac}, fixed_ips or [], within)
    if groups is not None:
        tx.execute(port_groups.delete().where(port_groups.c.port_id == row.id))
        _add_groups(tx, row.id, row.project_id, groups)


def refuse_while_floating(tx: Connection, port_id: str, fixed_ips: Sequence[Mapping[str, str]]) -> None:
    """Refuse addresses without one that a floating IP leads to: it has to be named again. Raises Problem (400)."""
    named = {fixed_ip.get("ip_address") for fixed_ip in fixed_ips}
    if not set(tx.execute(_FLOATING, {"port": port_id}).scalars()) <= named:
        text = f"Cannot update the fixed_ips of the port {port_id}, because a floating IP leads to one of them"
        raise error("BadRequest", resource="port", text=text)


def refuse_on_foreign_network(tx: Connection, caller: Caller, network: str, operation: str, values: Values) -> None:
    """Refuse values that only the network's owner and admins may set for its ports. Raises Problem (403)."""
    owners_only = {
        "mac_address": bool(values.get("mac_address")),
        "fixed_ips:ip_address": any("ip_address" in fixed_ip for fixed_ip in values.get("fixed_ips", ())),
        "device_owner": values.get("device_owner", "").startswith("network:"),
    }
    attribute = next((name for name, is_set in owners_only.items() if is_set), None)
    if attribute and not _owns_network(tx, caller, network):
        raise error("PolicyNotAuthorized", rule=f"{operation}_port:{attribute}")


def refuse_other_subnets(
    tx: Connection, caller: Caller, network: str, values: Values, within: Sequence[Row[Any]]
) -> None:
    """Refuse addresses in other subnets than those `within` the network. Raises Problem: 404 for one not seen, else
    400.
    """
    subnet_ids = [fixed_ip["subnet_id"] for fixed_ip in values.get("fixed_ips", ()) if "subnet_id" in fixed_ip]
    own = {subnet.id for subnet in within}
    for subnet in (subnet for subnet in subnet_ids if subnet not in own):
        fetch(tx, subnet_api.RESOURCE, caller, subnet)
        text = f"Failed to create port on network {network}, because fixed_ips included invalid subnet {subnet}"
        raise error("InvalidInput", text=text)


def deletable(tx: Connection, caller: Caller, row: Row[Any]) -> bool:
    """Whether the caller may delete another project's port: it may on its own network."""
    return _owns_network(tx, caller, row.network_id)


def _owns_network(tx: Connection, caller: Caller, network: str) -> bool:
    return caller.is_admin or tx.execute(visibility.OWNER, {"network": network}).scalar() == caller.project_id


def refuse_foreign_router(tx: Connection, caller: Caller, values: Mapping[str, Any]) -> None:
    """Refuse an interface for another project's router (N-PORT-016). Raises Problem (409)."""
    if values["device_owner"] != INTERFACE or not values["device_id"] or caller.is_admin:
        return
    owner = tx.execute(sa.select(routers.c.project_id).where(routers.c.id == values["device_id"])).scalar()
    if owner not in (None, caller.project_id):
        raise error("DeviceIDNotOwnedByTenant", id=values["device_id"])


def delete(tx: Connection, _caller: Caller, row: Row[Any]) -> None:
    """Delete the port. Raises Problem: 409 where it belongs to a router or a floating IP that is there."""
    if row.device_owner in _SERVED:
        served = _SERVED[row.device_owner]
        if tx.execute(sa.select(served.c.id).where(served.c.id == row.device_id)).first() is not None:
            raise error("ServicePortInUse", id=row.id, owner=row.device_owner)
    remove_ports(tx, [row.id])


def remove_ports(tx: Connection, port_ids: Sequence[str]) -> None:
    """Delete the ports; their addresses are free at once, and their floating IPs are disassociated."""
    if port_ids:
        parameters = {"ids": list(port_ids)}
        tx.execute(_DISASSOCIATE, parameters)
        tx.execute(_DELETE, parameters)


def status_for(device_owner: str) -> str:
    """The status of a port: ACTIVE as soon as a server or a router has it, as nothing is wired here (N-RTR-013).

    The port that holds a floating IP's address is never wired, and has no status.
    """
    if device_owner == FLOATING:
        return "N/A"
    return "ACTIVE" if device_owner.startswith(("compute:", "network:router")) else "DOWN"


def subnets_of(tx: Connection, network_id: str) -> Sequence[Row[Any]]:
    """The rows of the network's subnets, in order of their ids."""
    return tx.execute(_SUBNETS, {"network": network_id}).all()


def _add_groups(tx: Connection, port_id: str, project_id: str, groups: list[str]) -> None:
    """Add security groups to the port. Raises Problem: 404 for one that is not the project's."""
    if not groups:
        return
    ids = list(dict.fromkeys(groups))
    own_groups = set(tx.execute(_OWN_GROUPS, {"groups": ids, "project": project_id}).scalars())
    for group in ids:
        if group not in own_groups:
            raise error("SecurityGroupNotFound", id=group)
    tx.execute(insert(port_groups), [{"port_id": port_id, "group_id": group} for group in ids])


RESOURCE = Resource(
    singular="port",
    plural="ports",
    table=ports,
    attributes=ATTRIBUTES,
    missing="PortNotFound",
    visible=visible_where(_own),
    view=view,
    create=create,
    update=update,
    delete=delete,
    quota="port",
    deletable=deletable,
    strict_show=True,
    filters={
        "fixed_ips": port_filters.by_address,
        "security_groups": port_filters.by_group,
        "binding:host_id": lambda _caller, values: ports.c.host_id.in_(values),
    },
)
