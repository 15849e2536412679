"""Networking's tables. Unique keys decide between racing requests of which only one can succeed.

`default_slot` has a value only on a default and is unique over all rows, so that there is at most one default external
network, and one default pool per IP version. `default_of` does the same for a project's default security group, and the
primary key of `topologies` for a project's topology. Addresses are unique per subnet, MAC addresses per network,
prefixes per pool. Networks and pools are shared or external by entries of `rbac` alone.
"""

from typing import Any

import sqlalchemy as sa

METADATA = sa.MetaData()
_UUID = sa.String(36)
_NAME = sa.String(255)


def _table(name: str, *columns: Any) -> sa.Table:
    return sa.Table(name, METADATA, sa.Column("id", _UUID, primary_key=True), *columns)


def _owned() -> list[sa.Column[Any]]:
    return [
        sa.Column("project_id", _NAME, nullable=False, index=True),
        sa.Column("name", _NAME, nullable=False),
        sa.Column("description", _NAME, nullable=False),
        sa.Column("tags", sa.JSON, nullable=False, default=list),
        _revision(),
    ]


def _revision() -> sa.Column[Any]:
    """The number of the changes to a row."""
    return sa.Column("revision_number", sa.Integer, nullable=False, default=0)


def _ref(
    name: str, target: str, *, nullable: bool = False, ondelete: str | None = "CASCADE", index: bool = True
) -> sa.Column[Any]:
    """A foreign key; it needs no index of its own where a unique key begins with it."""
    return sa.Column(name, _UUID, sa.ForeignKey(target, ondelete=ondelete), nullable=nullable, index=index)


networks = _table(
    "net_networks",
    *_owned(),
    sa.Column("admin_state_up", sa.Boolean, nullable=False),
    sa.Column("default_slot", sa.String(8), nullable=True, unique=True),
    sa.Column("mtu", sa.Integer, nullable=False),
)

subnetpools = _table(
    "net_subnetpools",
    *_owned(),
    sa.Column("ip_version", sa.Integer, nullable=False),
    sa.Column("prefixes", sa.JSON, nullable=False),
    sa.Column("default_prefixlen", sa.Integer, nullable=False),
    sa.Column("min_prefixlen", sa.Integer, nullable=False),
    sa.Column("max_prefixlen", sa.Integer, nullable=False),
    sa.Column("default_quota", sa.BigInteger, nullable=True),
    sa.Column("default_slot", sa.String(8), nullable=True, unique=True),
)

# a network or a pool, shared with one project or (target `*`) with all
rbac = _table(
    "net_rbac",
    sa.Column("project_id", _NAME, nullable=False, index=True),
    _ref("network_id", "net_networks.id", nullable=True, index=False),
    _ref("subnetpool_id", "net_subnetpools.id", nullable=True, index=False),
    sa.Column("action", sa.String(32), nullable=False),
    sa.Column("target", _NAME, nullable=False),
    sa.UniqueConstraint("network_id", "action", "target"),
    sa.UniqueConstraint("subnetpool_id", "action", "target"),
)

# the free blocks of a pool, disjoint; `first` is an address as 32 hex digits, so that text sorts as addresses do
pool_blocks = sa.Table(
    "net_pool_blocks",
    METADATA,
    sa.Column("pool_id", _UUID, sa.ForeignKey("net_subnetpools.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("first", sa.String(32), primary_key=True),
    sa.Column("prefixlen", sa.Integer, nullable=False),
    sa.Index("net_pool_blocks_fit", "pool_id", "prefixlen", "first"),
)

subnets = _table(
    "net_subnets",
    *_owned(),
    _ref("network_id", "net_networks.id"),
    _ref("subnetpool_id", "net_subnetpools.id", nullable=True, ondelete=None, index=False),
    sa.Column("ip_version", sa.Integer, nullable=False),
    sa.Column("cidr", sa.String(64), nullable=False),
    sa.Column("gateway_ip", sa.String(64), nullable=True),
    sa.Column("allocation_pools", sa.JSON, nullable=False),
    sa.Column("dns_nameservers", sa.JSON, nullable=False),
    sa.Column("host_routes", sa.JSON, nullable=False),
    sa.Column("enable_dhcp", sa.Boolean, nullable=False),
    sa.Column("ipv6_ra_mode", sa.String(16), nullable=True),
    sa.Column("ipv6_address_mode", sa.String(16), nullable=True),
    sa.UniqueConstraint("subnetpool_id", "cidr"),
)

ports = _table(
    "net_ports",
    *_owned(),
    _ref("network_id", "net_networks.id", index=False),
    sa.Column("mac_address", sa.String(32), nullable=False),
    sa.Column("admin_state_up", sa.Boolean, nullable=False),
    sa.Column("status", sa.String(16), nullable=False),
    sa.Column("device_id", _NAME, nullable=False, index=True),
    sa.Column("device_owner", _NAME, nullable=False),
    sa.Column("host_id", _NAME, nullable=False),
    sa.Column("vnic_type", sa.String(64), nullable=False),
    sa.Column("profile", sa.JSON, nullable=False),
    sa.UniqueConstraint("network_id", "mac_address"),
)

addresses = sa.Table(
    "net_addresses",
    METADATA,
    sa.Column("subnet_id", _UUID, sa.ForeignKey("net_subnets.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("ip_address", sa.String(64), primary_key=True),
    _ref("port_id", "net_ports.id"),
)

routers = _table(
    "net_routers",
    *_owned(),
    sa.Column("admin_state_up", sa.Boolean, nullable=False),
    sa.Column("enable_snat", sa.Boolean, nullable=False),
    _ref("gateway_port_id", "net_ports.id", nullable=True, ondelete="SET NULL"),
)

# `floating_port_id` has the external address, `port_id` is the port that it leads to
floatingips = _table(
    "net_floatingips",
    *_owned(),
    _ref("floating_network_id", "net_networks.id", ondelete=None),
    _ref("floating_port_id", "net_ports.id", ondelete=None),
    _ref("port_id", "net_ports.id", nullable=True, ondelete="SET NULL"),
    _ref("router_id", "net_routers.id", nullable=True, ondelete="SET NULL"),
    sa.Column("fixed_ip_address", sa.String(64), nullable=True),
)

topologies = sa.Table(
    "net_topologies",
    METADATA,
    sa.Column("project_id", _NAME, primary_key=True),
    _ref("network_id", "net_networks.id"),
    _ref("router_id", "net_routers.id", nullable=True, ondelete="SET NULL"),
)

security_groups = _table(
    "net_security_groups",
    *_owned(),
    sa.Column("default_of", _NAME, nullable=True, unique=True),
)

security_group_rules = _table(
    "net_security_group_rules",
    sa.Column("project_id", _NAME, nullable=False, index=True),
    sa.Column("description", _NAME, nullable=False),
    _revision(),
    _ref("security_group_id", "net_security_groups.id"),
    _ref("remote_group_id", "net_security_groups.id", nullable=True),
    sa.Column("direction", sa.String(8), nullable=False),
    sa.Column("ethertype", sa.String(8), nullable=False),
    sa.Column("protocol", sa.String(32), nullable=True),
    sa.Column("port_range_min", sa.Integer, nullable=True),
    sa.Column("port_range_max", sa.Integer, nullable=True),
    sa.Column("remote_ip_prefix", sa.String(64), nullable=True),
)

port_groups = sa.Table(
    "net_port_groups",
    METADATA,
    sa.Column("port_id", _UUID, sa.ForeignKey("net_ports.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("group_id", _UUID, sa.ForeignKey("net_security_groups.id"), primary_key=True, index=True),
)

quotas = sa.Table(
    "net_quotas",
    METADATA,
    sa.Column("project_id", _NAME, primary_key=True),
    sa.Column("resource", sa.String(32), primary_key=True),
    sa.Column("limit", sa.Integer, nullable=False),
)
