"""Subnets: with a cidr of their own, or out of a pool (N-SUB)."""

import ipaddress
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from reference.network.access import visibility
from reference.network.ipam import addressing, free_blocks
from reference.network.resources import subnet_rules
from reference.network.resources import subnetpools as pools
from reference.network.rest import validators
from reference.network.rest.address_checks import Network, any_cidr, cidr, exact_cidr, ip_address
from reference.network.rest.errors import error
from reference.network.rest.resource import REQUIRED, Attribute, Resource, Values, flag, shown, visible_where
from reference.network.rest.rows import change, fetch
from reference.network.tables import addresses, networks, ports, subnets
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
_PREFIXES = sa.select(subnets.c.cidr).where(subnets.c.network_id == sa.bindparam("network"))

# a row for each of the network's subnets of that IP version, or one row without a subnet
_ALONGSIDE = (
    sa.select(networks.c.mtu, subnets.c.id, subnets.c.subnetpool_id)
    .join_from(
        networks,
        subnets,
        sa.and_(subnets.c.network_id == networks.c.id, subnets.c.ip_version == sa.bindparam("version")),
        isouter=True,
    )
    .where(networks.c.id == sa.bindparam("network"))
)
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
    pool, prefix = pool_and_prefix(tx, caller, values)
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
    rows = [made_of(values, pool, allocate(tx, pool, values, None)) for pool, values in requested]
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


def pool_and_prefix(tx: Connection, caller: Caller, values: Values) -> tuple[Row[Any] | None, Network]:
    """The pool, None without one, and the prefix of a new subnet (N-SUB-003 to 013). Raises Problem (400, 404, 409)."""
    cidr, length, version = values.pop("cidr", None), values.pop("prefixlen", None), values.pop("ip_version")
    values["chosen"] = bool(cidr)
    pool = pool_for(tx, caller, values, version)
    if cidr and length is not None:
        raise _bad("cidr and prefixlen must not be supplied together")
    if pool is None:
        if not cidr:
            raise _bad("a subnetpool must be specified in the absence of a cidr")
        prefix = ipaddress.ip_network(cidr)
        if prefix.version != version:
            raise error("InvalidInput", text=f"cidr '{cidr}' does not match the ip_version '{version}'")
        subnet_rules.require_usable(prefix, values["enable_dhcp"])
        require_same_pool(tx, values["network_id"], prefix.version, None)
        refuse_overlap(tx, values["network_id"], prefix)
        return None, prefix
    for named_version in (version, ipaddress.ip_network(cidr).version if cidr else version):
        if pool.ip_version != named_version:
            raise _bad(f"Cannot allocate IPv{named_version} subnet from IPv{pool.ip_version} subnet pool")
    if not cidr and "allocation_pools" in values:
        raise _bad("allocation_pools allowed only for specific subnet requests")
    if cidr:
        subnet_rules.require_usable(ipaddress.ip_network(cidr), values["enable_dhcp"])
    elif values.get("gateway_ip"):  # the pool's block has to contain the subnet (N-SUB-010)
        cidr = f"{values['gateway_ip']}/{pool.default_prefixlen if length is None else length}"
    require_same_pool(tx, values["network_id"], pool.ip_version, pool.id)
    return pool, allocate(tx, pool, values, _block(cidr) if cidr else length)


def _block(text: str) -> Network:
    try:
        return ipaddress.ip_network(text, strict=False)
    except ValueError as reason:
        raise _bad(str(reason)) from None


def require_same_pool(tx: Connection, network_id: str, version: int, pool_id: str | None) -> None:
    """Require one pool, or none, for all subnets of an IP version on a network (N-SUB-013), and IPv6's least MTU.

    Raises Problem (400, 409).
    """
    alongside = tx.execute(_ALONGSIDE, {"network": network_id, "version": version}).all()
    if any(other.id is not None and other.subnetpool_id != pool_id for other in alongside):
        raise error("NetworkSubnetPoolAffinityError")
    for other in alongside:
        subnet_rules.require_mtu(version, other.mtu)


def allocate(tx: Connection, pool: Row[Any], values: Values, requested: Network | int | None) -> Network:
    """A prefix from the pool for the project in `values`: the block or length `requested`, or for None the default
    length. Raises Problem: 400 for a length out of bounds, 409 where the quota or the space does not suffice.
    """
    if requested is None:
        requested = int(pool.default_prefixlen)
    length = requested if isinstance(requested, int) else requested.prefixlen
    if length > pool.max_prefixlen:
        raise error("MaxPrefixSubnetAllocationError", length=length, bound=pool.max_prefixlen)
    if length < pool.min_prefixlen:
        raise error("MinPrefixSubnetAllocationError", length=length, bound=pool.min_prefixlen)
    free_blocks.lock(tx, pool.id)
    check_pool_quota(tx, pool, values["project_id"], length)
    if isinstance(requested, int):
        prefix = free_blocks.allocate(tx, pool, requested)
        if prefix is None:
            reason = f"Insufficient prefix space to allocate subnet size /{length}"
            raise error("SubnetAllocationError", reason=reason)
        return prefix
    if not free_blocks.allocate_exactly(tx, pool, requested):
        reason = "Cannot allocate requested subnet from the available set of prefixes"
        raise error("SubnetAllocationError", reason=reason)
    return requested


def pool_for(tx: Connection, caller: Caller, values: Values, version: int) -> Row[Any] | None:
    """The pool that the values name, or the default one of the IP version; None where they name none."""
    pool_id, use_default = values.pop("subnetpool_id", None), values.pop("use_default_subnetpool", False)
    if pool_id and use_default:
        raise _bad("subnetpool_id and use_default_subnetpool cannot both be specified")
    if use_default:
        default = pools.find_default(tx, caller, version)
        if default is None:
            raise _bad(f"No default subnetpool found for IPv{version}")
        return default
    return fetch(tx, pools.RESOURCE, caller, pool_id) if pool_id else None


def check_pool_quota(tx: Connection, pool: Row[Any], project_id: str, length: int) -> None:
    """Refuse a prefix beyond the pool's quota, which is per project; 0 means no quota (N-SP-019 to 021)."""
    if not pool.default_quota:
        return
    statement = sa.select(subnets.c.cidr).where(subnets.c.subnetpool_id == pool.id, subnets.c.project_id == project_id)
    units = sum(free_blocks.quota_units(ipaddress.ip_network(cidr)) for cidr in tx.execute(statement).scalars())
    requested = 1 << max(0, (32 if pool.ip_version == 4 else 64) - length)
    if units + requested > pool.default_quota:
        raise error("SubnetPoolQuotaExceeded")


def refuse_overlap(tx: Connection, network_id: str, prefix: Network) -> None:
    """Refuse a prefix that overlaps another subnet of the network. Raises Problem (400)."""
    others = tx.execute(_PREFIXES, {"network": network_id}).scalars()
    for other in others:
        if prefix.overlaps(ipaddress.ip_network(other)):
            text = f"Requested subnet with cidr: {prefix} for network: {network_id} overlaps with another subnet"
            raise error("InvalidInput", text=text)


def gateway_user(tx: Connection, row: Row[Any]) -> str | None:
    """The id of the router port that has the subnet's gateway address, None without one."""
    statement = sa.select(ports.c.id).join(addresses, addresses.c.port_id == ports.c.id)
    at_gateway = addresses.c.subnet_id == row.id, addresses.c.ip_address == row.gateway_ip
    statement = statement.where(*at_gateway, ports.c.device_owner == addressing.INTERFACE)
    return tx.execute(statement).scalar()


def _bad(text: str) -> Exception:
    return error("BadRequest", resource="subnets", text=text)


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
