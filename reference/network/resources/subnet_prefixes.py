"""Where the prefix of a new subnet comes from: a pool, or the request alone (N-SUB-003 to 013)."""

import ipaddress
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from reference.network.ipam import free_blocks
from reference.network.resources import subnet_rules
from reference.network.resources import subnetpools as pools
from reference.network.rest.address_checks import Network
from reference.network.rest.errors import error
from reference.network.rest.resource import Values
from reference.network.rest.rows import fetch
from reference.network.tables import networks, subnets
from reference.wsgi.context import Caller

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


def _bad(text: str) -> Exception:
    return error("BadRequest", resource="subnets", text=text)
