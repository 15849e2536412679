"""Compute's tables: flavors, servers, their actions, and work that is still to be done. A row of `work` is what a 202
has promised: it stays until some builder has done it.
"""

from typing import Any

import sqlalchemy as sa

METADATA = sa.MetaData()
_ID = sa.String(64)
_NAME = sa.String(255)
_TIME = sa.String(32)


def _text(name: str, *, null: bool = False, length: int = 255, index: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.String(length), nullable=null, index=index)


def _json(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.JSON(none_as_null=True), nullable=True)


flavors = sa.Table(
    "cmp_flavors",
    METADATA,
    sa.Column("id", _NAME, primary_key=True),
    _text("name"),
    sa.Column("vcpus", sa.Integer, nullable=False),
    sa.Column("ram", sa.Integer, nullable=False),  # MiB
    sa.Column("disk", sa.Integer, nullable=False),  # GiB
    sa.Column("description", sa.Text, nullable=True),
)

servers = sa.Table(
    "cmp_servers",
    METADATA,
    sa.Column("id", _ID, primary_key=True),
    _text("project_id", length=64, index=True),
    _text("user_id", length=64),
    _text("name"),
    _text("hostname"),
    _text("description", null=True),
    _text("reservation_id", length=32, index=True),
    sa.Column("launch_index", sa.Integer, nullable=False),
    sa.Column("created_at", _TIME, nullable=False),
    sa.Column("updated_at", _TIME, nullable=False),
    sa.Column("launched_at", _TIME, nullable=True),
    _text("vm_state", length=16),
    _text("task_state", null=True, length=32),
    _text("host", null=True),
    _text("zone", null=True),  # the availability zone the request named
    _text("image_id", length=64),
    _json("flavor"),  # as it was when the server was made
    _text("flavor_id"),
    _json("metadata"),
    sa.Column("tags", sa.Text, nullable=False),  # ",one,two,": a tag holds no comma
    _text("config_drive", length=8),
    sa.Column("user_data", sa.Text, nullable=True),
    _text("access_ip_v4", length=64),
    _text("access_ip_v6", length=64),
    _text("disk_config", length=8),
    _json("trusted_image_certificates"),
    _json("scheduler_hints"),
    _json("networks"),  # what the request asked for: "auto", "none", or a list of items
    _json("security_groups"),  # their names or ids, as the request gave them
    _json("nics"),  # [{"port_id", "made", "tag"}] in order; "made" where Compute created the port
    _json("fault"),  # {"code", "message", "created", "details"}
    _text("key_name", null=True),
    _text("locked_by", null=True, length=8),  # "owner" or "admin", while it is locked
    _text("locked_reason", null=True),
)

actions = sa.Table(
    "cmp_actions",
    METADATA,
    sa.Column("server_id", _ID, sa.ForeignKey(servers.c.id, ondelete="CASCADE"), primary_key=True),
    sa.Column("request_id", _ID, primary_key=True),
    _text("action", length=32),
    _text("user_id", length=64),
    _text("project_id", length=64),
    sa.Column("started_at", _TIME, nullable=False),
    sa.Column("finished_at", _TIME, nullable=True),
    _text("event", null=True),  # the event of the builder's work, and its host
    _text("host", null=True),
)

work = sa.Table(
    "cmp_work",
    METADATA,
    sa.Column("server_id", _ID, sa.ForeignKey(servers.c.id, ondelete="CASCADE"), primary_key=True),
    _text("kind", length=8),  # "build" or "delete"
    _text("request_id", length=64),
    sa.Column("token", sa.Text, nullable=False),  # the requester's token, encrypted; deleted with the row
    sa.Column("admin", sa.Boolean, nullable=False),  # whether the requester is an admin
    sa.Column("due", sa.Double, nullable=False),  # not before this moment, in seconds since 1970
    _text("owner", null=True, index=True),  # the builder that works on it
    sa.Column("lease", sa.Double, nullable=False),  # the end of its lease: then any builder may take it
    sa.Column("claims", sa.Integer, nullable=False),  # how often a builder has begun it
    sa.Column("failures", sa.Integer, nullable=False),
    _text("only", null=True),  # the one host that may build it, where the request named one
    _text("avoid", null=True),  # the host where it failed last; another one comes first
)

hosts = sa.Table(
    "cmp_hosts",
    METADATA,
    sa.Column("host", _NAME, primary_key=True),
    sa.Column("seen_at", _TIME, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),  # of the program that builds there
)

quotas = sa.Table(
    "cmp_quotas",
    METADATA,
    sa.Column("project_id", _ID, primary_key=True),
    sa.Column("resource", _ID, primary_key=True),
    sa.Column("most", sa.Integer, nullable=False),  # -1 for no limit
)

keypairs = sa.Table(
    "cmp_keypairs",
    METADATA,
    sa.Column("user_id", _ID, primary_key=True),
    sa.Column("name", _NAME, primary_key=True),
    _text("type", length=8),
    sa.Column("public_key", sa.Text, nullable=False),
    _text("fingerprint", length=64),
    sa.Column("created_at", _TIME, nullable=False),
)
