"""Subnet pools: prefixes for the subnets of projects, with a default pool per IP version (N-SP)."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from reference.network.access import sharing
from reference.network.access.sharing import ALL, POOL, SHARED
from reference.network.ipam import free_blocks
from reference.network.rest import validators
from reference.network.rest.address_checks import Network, cidr
from reference.network.rest.errors import error
from reference.network.rest.resource import REQUIRED, Attribute, Resource, Values, flag, prepared, shown, visible_where
from reference.network.rest.rows import change
from reference.network.tables import subnetpools, subnets
from reference.store.ids import new_id
from reference.store.plans import insert
from reference.wsgi.context import Caller

SHORTEST = {4: 8, 6: 64}  # the default of min_prefixlen, and so of default_prefixlen (N-SP-003)
_LENGTH = validators.integer(0, None)  # the IP version's bound is checked with the prefixes


def _version(text: str) -> int:
    """The IP version of a filter; 0, which no pool has, for a text that is no number."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < len(str(validators.MOST)) else 0


ATTRIBUTES = (
    Attribute("id", post=False, put=False),
    Attribute("name", validators.nonempty_name, default=REQUIRED),
    Attribute("description", default="", sort=False),
    Attribute("prefixes", validators.distinct(validators.list_of(cidr)), default=REQUIRED),
    Attribute("ip_version", validators.integer(4, 6), post=False, put=False, read=_version),
    Attribute("default_prefixlen", _LENGTH, default=None),
    Attribute("min_prefixlen", _LENGTH, default=None),
    Attribute("max_prefixlen", _LENGTH, default=None),
    Attribute("default_quota", validators.integer(0, 2**31 - 1), default=None),
    Attribute("address_scope_id", validators.or_null(validators.uuid_text), default=None),
    Attribute("tags", post=False, put=False),
    Attribute("revision_number", validators.integer(0), post=False, put=False, sort=False),
    Attribute("shared", validators.boolean, put=False, default=False, admin=True),
    Attribute("is_default", validators.boolean, default=False, admin=True),
)


def slot(version: int) -> str:
    """The value of `default_slot` of the IP version's default pool."""
    return f"v{version}"


is_shared = sharing.is_shared(POOL)
# own pools and shared ones; being a default makes a pool not visible (N-SP-008)
visible = visible_where(lambda caller: sa.or_(subnetpools.c.project_id == caller.project_id, is_shared(caller)))


def view(_tx: Connection, _caller: Caller, rows: Sequence[Row[Any]]) -> list[Values]:
    return [
        {
            **shown(row, "prefixes", "ip_version", "default_quota", "shared"),
            # as text, which clients compare (N-SP-004)
            **{name: str(row._mapping[name]) for name in ("default_prefixlen", "min_prefixlen", "max_prefixlen")},
            "address_scope_id": None,
            "is_default": row.default_slot is not None,
        }
        for row in rows
    ]


def create(tx: Connection, _caller: Caller, values: Values) -> str:
    """The id of a new pool. Raises Problem (400, 404)."""
    item, shared = new_id(), values.pop("shared")
    _refuse_scope(values)
    blocks = _blocks(values.pop("prefixes"))
    version = blocks[0].version
    if values.pop("is_default"):
        claim_default(tx, item, version)
        values["default_slot"] = slot(version)
    lengths = prefix_lengths(version, {name: values.pop(f"{name}_prefixlen") for name in ("min", "max", "default")})
    row = {"id": item, "ip_version": version, "prefixes": [str(block) for block in blocks], **lengths, **values}
    tx.execute(insert(subnetpools), row)
    if shared:
        sharing.add(tx, POOL, item, SHARED, values["project_id"], ALL)
    free_blocks.add(tx, item, blocks)
    return item


def update(tx: Connection, _caller: Caller, row: Row[Any], values: Values) -> None:
    """Change the pool. Raises Problem (400, 404)."""
    _refuse_scope(values)
    if "is_default" in values:
        default = values.pop("is_default")
        if default and not row.default_slot:
            claim_default(tx, row.id, row.ip_version)
        values["default_slot"] = slot(row.ip_version) if default else None
    if "prefixes" in values:
        values["prefixes"] = grown(tx, row, values["prefixes"])
    new_lengths = {name: values.pop(f"{name}_prefixlen", None) for name in ("min", "max", "default")}
    old_lengths = {name: row._mapping[f"{name}_prefixlen"] for name in new_lengths}
    lengths = {name: old_lengths[name] if length is None else length for name, length in new_lengths.items()}
    change(tx, subnetpools, row.id, {**values, **prefix_lengths(row.ip_version, lengths)})


def delete(tx: Connection, _caller: Caller, row: Row[Any]) -> None:
    """Delete the pool. Raises Problem: 400 while it has subnets."""
    free_blocks.lock(tx, row.id)
    if tx.execute(sa.select(subnets.c.id).where(subnets.c.subnetpool_id == row.id)).first() is not None:
        raise error("SubnetPoolDeleteError")
    tx.execute(subnetpools.delete().where(subnetpools.c.id == row.id))


def _refuse_scope(values: Values) -> None:
    """Refuse any address scope, as there are none (N-SP-022). Raises Problem (404)."""
    scope = values.pop("address_scope_id", None)
    if scope is not None:
        raise error("AddressScopeNotFound", id=scope)


def _blocks(prefixes: list[str]) -> list[Network]:
    """The pool's prefixes, compacted, of one IP version (N-SP-005, N-SP-006). Raises Problem (400)."""
    if not prefixes:
        raise error("EmptySubnetPoolPrefixList")
    if len({":" in prefix for prefix in prefixes}) > 1:
        raise error("PrefixVersionMismatch")
    return free_blocks.compact(prefixes)


def prefix_lengths(version: int, lengths: dict[str, int | None]) -> Values:
    """The columns of prefix lengths, with defaults, where min <= default <= max <= an address (N-SP-003, N-SP-007).

    Raises Problem (400).
    """
    longest = free_blocks.longest(version)
    low = SHORTEST[version] if lengths["min"] is None else lengths["min"]
    high = longest if lengths["max"] is None else lengths["max"]
    default = low if lengths["default"] is None else lengths["default"]
    if not low <= default <= high <= longest:
        text = f"min_prefixlen {low}, default_prefixlen {default}, max_prefixlen {high}, at most {longest}"
        raise error("IllegalSubnetPoolPrefixBounds", text=text)
    return {"min_prefixlen": low, "max_prefixlen": high, "default_prefixlen": default}


def grown(tx: Connection, row: Row[Any], prefixes: list[str]) -> list[str]:
    """The new prefixes, compacted; they contain all old ones (N-SP-015), and the rest is free. Raises Problem (400)."""
    blocks = _blocks(prefixes) if prefixes else []
    if blocks and blocks[0].version != row.ip_version:
        raise error("IllegalSubnetPoolPrefixUpdate", text="a pool keeps its IP version")
    old = free_blocks.compact(row.prefixes)
    if not all(any(free_blocks.within(part, block) for block in blocks) for part in old):
        text = "Existing prefixes must be a subset of the new prefixes"
        raise error("IllegalSubnetPoolPrefixUpdate", text=text)
    free_blocks.lock(tx, row.id)
    free_blocks.add(tx, row.id, free_blocks.without(blocks, old))
    return [str(block) for block in blocks]


def claim_default(tx: Connection, pool_id: str, version: int) -> None:
    """Refuse a second default of an IP version (N-SP-011); the unique key decides between two requests at once."""
    holder = sa.select(subnetpools.c.id).where(subnetpools.c.default_slot == slot(version), subnetpools.c.id != pool_id)
    if tx.execute(holder).first() is not None:
        text = "A default subnetpool for this IP family has already been set. Only one default may exist per IP family"
        raise error("InvalidInput", text=text)


def defaults(tx: Connection, caller: Caller) -> Sequence[Row[Any]]:
    """The default pools that the caller sees, IPv4 before IPv6."""
    return tx.execute(prepared(_defaults, caller.roles), {"me": caller.project_id}).all()


def _defaults(caller: Caller) -> sa.Select[Any]:
    statement = sa.select(subnetpools).where(subnetpools.c.default_slot.is_not(None), visible(caller))
    return statement.order_by(subnetpools.c.ip_version)


def find_default(tx: Connection, caller: Caller, version: int) -> Row[Any] | None:
    """The default pool of the IP version, None where there is none that the caller sees."""
    return next((pool for pool in defaults(tx, caller) if pool.ip_version == version), None)


RESOURCE = Resource(
    singular="subnetpool",
    plural="subnetpools",
    table=subnetpools,
    attributes=ATTRIBUTES,
    missing="SubnetPoolNotFound",
    visible=visible,
    relative=lambda caller: [is_shared(caller).label("shared")],
    view=view,
    create=create,
    update=update,
    delete=delete,
    bulk=False,
    quota="subnetpool",
    strict_marker=False,
    orders={
        "is_default": sa.case((subnetpools.c.default_slot.is_not(None), 1), else_=0),
        "address_scope_id": sa.literal(""),
    },
    filters={
        "shared": flag(is_shared),
        "is_default": flag(lambda _caller: subnetpools.c.default_slot.is_not(None)),
        "address_scope_id": lambda _caller, _values: sa.false(),
    },
)
