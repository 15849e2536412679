"""Subnets: with a cidr of their own, or out of a pool (N-SUB)."""

import ipaddress
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from reference.network.access import visibility
from reference.network.ipam import addressing, free_blocks
from reference.network.resources import subnet_prefixes, subnet_rules
from reference.network.rest import validators
from reference.network.rest.address_checks import Network, any_cidr, cidr, exact_cidr, ip_address
from reference.network.rest.errors import error
from reference.network.rest.resource import REQUIRED, Attribute, Resource, Values, flag, shown, visible_where
from reference.network.rest.rows import change
from reference.network.tables import addresses, ports, subnets
from reference.store.ids import new_id
from reference.store.plans import insert, locking
from reference.wsgi.context import Caller

_MODES = ("dhcpv6-stateful", "dhcpv6-stateless", "slaac")
_RANGE = validators.record(("start", "end"), start=ip_address, end=ip_address)
_ROUTE = validators.record(("destination", "nexthop"), destination=exact_cidr, nexthop=ip_address)

ATTRIBUTES = (
    Attribute("id", post=False, put=False),
    Attribute("name", validators.name, default=""),
    Attribute("description", default="", sort=False),
    Attribute("network_id", validators.uuid_text, put=False, default=REQUIRED),
    Attribute("ip_version", validators.ip_version, put=False, default=REQUIRED),
    Attribute("cidr", validators.or_null(any_cidr), put=False, read=cidr),
    Attribute("prefixlen", validators.integer(0, None), put=False),
    Attribute("subnetpool_id", validators.or_null(validators.uuid_text), put=False),
    Attribute("use_default_subnetpool", validators.boolean, put=False),
    Attribute("gateway_ip", validators.or_null(ip_address)),
    Attribute("allocation_pools", validators.or_empty(validators.list_of(_RANGE))),
    Attribute("dns_nameservers", validators.or_empty(validators.distinct(validators.list_of(ip_address))), default=[]),
    Attribute("host_routes", validators.or_empty(validators.distinct(validators.list_of(_ROUTE))), default=[]),
    Attribute("enable_dhcp", validators.boolean, default=True),
    Attribute("ipv6_ra_mode", validators.or_null(validators.one_of(*_MODES)), put=False, default=None),
    Attribute("ipv6_address_mode", validators.or_null(validators.one_of(*_MODES)), put=False, default=None),
    Attribute("tags", post=False, put=False),
    Attribute("revision_number", validators.integer(0), post=False, put=False, sort=False),
)
_SHOWN = [a.name for a in ATTRIBUTES if a.name not in ("prefixlen", "use_default_subnetpool", "revision_number")]

# ports that forbid a subnet's deletion: those with an address of it, except for its own services
HOLDERS = (
    sa.select(ports.c.id, ports.c.device_owner)
    .join(addresses, addresses.c.port_id == ports.c.id)
    .where(addresses.c.subnet_id == sa.bindparam("subnet"), ports.c.device_owner.not_in(addressing.AUTO_DELETE_OWNERS))
)


def _theirs(caller: Caller) -> sa.ColumnElement[bool]:
    """The condition of the caller's own subnets, and of those on networks that it sees."""
    return sa.or_(subnets.c.project_id == caller.project_id, subnets.c.network_id.in_(visibility.within(caller)))


def view(_tx: Connection, _caller: Caller, rows: Sequence[Row[Any]]) -> list[Values]:
    return [{**shown(row, *_SHOWN), "router:external": row.external} for row in rows]


def create(tx: Connection, caller: Caller, values: Values) -> str:
    """The id of a new subnet. Raises Problem (400, 403, 404, 409)."""
    _locate(tx, caller, values["network_id"])
    pool, prefix = subnet_prefixes.pool_and_prefix(tx, caller, values)
    row = made_of(values, pool, prefix)
    tx.execute(insert(subnets), row)
    if addressing.is_automatic(SimpleNamespace(**row)):
        addressing.give_automatic(tx, row["id"], row["cidr"], row["network_id"])
    return str(row["id"])


def take_subnets(tx: Connection, mtu: int, requested: Sequence[tuple[Row[Any], Values]]) -> list[Any]:
    """The rows of new subnets, one of each pool's default length, on a network of that MTU that has none yet.

    Raises what `require_mtu` and `allocate` raise.
    """
    for pool, _values in requested:
        subnet_rules.require_mtu(pool.ip_version, mtu)
    rows = [made_of(values, pool, subnet_prefixes.allocate(tx, pool, values, None)) for pool, values in requested]
    tx.execute(insert(subnets), rows)
    return [SimpleNamespace(**row) for row in rows]


def made_of(values: Values, pool: Row[Any] | None, prefix: Network) -> Values:
    """The row of a subnet with that prefix; gateway and allocation pools follow from it unless `values` has them.

    `values["chosen"]` is whether a user has chosen it. Raises Problem: 400 or 409 for values that do not fit it.
    """
    ranges, chosen = values.pop("allocation_pools", None), values.pop("chosen", False)
    gateway = values.pop("gateway_ip", addressing.default_gateway(prefix, chosen=chosen))
    row = {
        **values,
        "id": new_id(),
        "cidr": str(prefix),
        "ip_version": prefix.version,
        "subnetpool_id": pool.id if pool is not None else None,
        "gateway_ip": gateway,
        "allocation_pools": ranges or addressing.default_pools(prefix, gateway),
    }
    subnet_rules.consistent(prefix, row)
    return row


def update(tx: Connection, _caller: Caller, row: Row[Any], values: Values) -> None:
    """Change the subnet. Raises Problem (400, 409)."""
    if values.get("enable_dhcp") and not row.enable_dhcp:
        subnet_rules.require_usable(ipaddress.ip_network(row.cidr), enabled=True)
    subnet_rules.consistent(ipaddress.ip_network(row.cidr), {**row._mapping, **values})
    if values.get("gateway_ip", row.gateway_ip) != row.gateway_ip:
        user = gateway_user(tx, row)
        if user is not None:
            raise error("GatewayIpInUse", ip=row.gateway_ip, id=user)
    change(tx, subnets, row.id, values)


def delete(tx: Connection, _caller: Caller, row: Row[Any]) -> None:
    """Delete the subnet (N-SUB-017, N-SUB-018). Raises Problem: 409 while addresses, but automatic ones, are in use."""
    holders = tx.execute(HOLDERS, {"subnet": row.id}).all()
    if addressing.is_automatic(row):
        holders = [port for port in holders if port.device_owner == addressing.INTERFACE]
    if holders:
        raise error("SubnetInUse", id=row.id)
    release_prefix(tx, row)
    tx.execute(subnets.delete().where(subnets.c.id == row.id))


def release_prefix(tx: Connection, row: Row[Any]) -> None:
    """Return the subnet's prefix to its pool; all else of it is deleted with its row."""
    if row.subnetpool_id is not None:
        free_blocks.lock(tx, row.subnetpool_id)
        free_blocks.release(tx, row.subnetpool_id, ipaddress.ip_network(row.cidr))


def _locate(tx: Connection, caller: Caller, network_id: str) -> None:
    """Require a network of the caller's own (N-SUB-021); it is locked, so that no two subnets can overlap.

    Raises Problem: 403 for another's, seen or not, 404 where there is none.
    """
    row = tx.execute(locking(visibility.OWNER), {"network": network_id}).first()
    if row is None:
        raise error("NetworkNotFound", id=network_id)
    if not visibility.owns(caller, row):
        raise error("PolicyNotAuthorized", rule="create_subnet")


def gateway_user(tx: Connection, row: Row[Any]) -> str | None:
    """The id of the router port that has the subnet's gateway address, None without one."""
    statement = sa.select(ports.c.id).join(addresses, addresses.c.port_id == ports.c.id)
    at_gateway = addresses.c.subnet_id == row.id, addresses.c.ip_address == row.gateway_ip
    statement = statement.where(*at_gateway, ports.c.device_owner == addressing.INTERFACE)
    return tx.execute(statement).scalar()


RESOURCE = Resource(
    singular="subnet",
    plural="subnets",
    table=subnets,
    attributes=ATTRIBUTES,
    missing="SubnetNotFound",
    visible=visible_where(_theirs),
    relative=lambda caller: [subnets.c.network_id.in_(visibility.external_ids(caller)).label("external")],
    view=view,
    create=create,
    update=update,
    delete=delete,
    quota="subnet",
    strict_marker=False,
    strict_show=True,
    filters={
        "shared": flag(lambda caller: subnets.c.network_id.in_(visibility.shared_ids(caller))),
        "router:external": flag(lambda caller: subnets.c.network_id.in_(visibility.external_ids(caller))),
    },
)
