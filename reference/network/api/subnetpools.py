"""Subnet pools: the prefixes projects get their subnets from, and the default one of each IP version (N-SP)."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from reference.network import checks, prefixes
from reference.network.crud import change
from reference.network.errors import error
from reference.network.resource import REQUIRED, Attribute, Resource, Values, flag, ownership, visible_where
from reference.network.tables import subnetpools, subnets
from reference.wsgi.context import Caller

SHORTEST = {4: 8, 6: 64}  # min_prefixlen, and so default_prefixlen, of a pool that names none (N-SP-003)

ATTRIBUTES = (
    Attribute("id", post=False, put=False),
    Attribute("name", checks.name, default=REQUIRED),
    Attribute("description", default=""),
    Attribute("prefixes", checks.list_of(checks.cidr), default=REQUIRED),
    Attribute("ip_version", checks.integer(4, 6), post=False, put=False),
    Attribute("default_prefixlen", checks.integer(0), default=None),
    Attribute("min_prefixlen", checks.integer(0), default=None),
    Attribute("max_prefixlen", checks.integer(0), default=None),
    Attribute("default_quota", checks.integer(0), default=None),
    Attribute("shared", checks.boolean, put=False, default=False, admin=True, kind="InvalidInput"),
    Attribute("is_default", checks.boolean, default=False, admin=True, kind="InvalidInput"),
)


def slot(version: int) -> str:
    """The unique key the default pool of an IP version holds."""
    return f"v{version}"


# own pools and shared ones; being a default shows a pool to nobody (N-SP-008)
visible = visible_where(lambda caller: sa.or_(subnetpools.c.project_id == caller.project_id, subnetpools.c.shared))


def view(_tx: Connection, _caller: Caller, rows: Sequence[Row[Any]]) -> list[Values]:
    return [
        {
            "id": row.id,
            "name": row.name,
            "description": row.description,
            **ownership(row),
            "prefixes": row.prefixes,
            "ip_version": row.ip_version,
            # clients compare these as text (N-SP-004)
            **{name: str(row._mapping[name]) for name in ("default_prefixlen", "min_prefixlen", "max_prefixlen")},
            "default_quota": row.default_quota,
            "address_scope_id": None,
            "shared": row.shared,
            "is_default": row.default_slot is not None,
        }
        for row in rows
    ]


def create(tx: Connection, _caller: Caller, values: Values) -> str:
    item = str(uuid.uuid4())
    blocks = _blocks(values.pop("prefixes"))
    version = blocks[0].version
    if values.pop("is_default"):
        _claim_default(tx, item, version)
        values["default_slot"] = slot(version)
    lengths = _lengths(version, {name: values.pop(f"{name}_prefixlen") for name in ("min", "max", "default")})
    row = {"id": item, "ip_version": version, "prefixes": [str(block) for block in blocks], **lengths, **values}
    tx.execute(subnetpools.insert(), row)
    prefixes.add(tx, item, blocks)
    return item


def update(tx: Connection, _caller: Caller, row: Row[Any], values: Values) -> None:
    if "is_default" in values:
        default = values.pop("is_default")
        if default and not row.default_slot:
            _claim_default(tx, row.id, row.ip_version)
        values["default_slot"] = slot(row.ip_version) if default else None
    if "prefixes" in values:
        values["prefixes"] = _grown(tx, row, values["prefixes"])
    given = {name: values.pop(f"{name}_prefixlen", None) for name in ("min", "max", "default")}
    kept = {name: row._mapping[f"{name}_prefixlen"] if length is None else length for name, length in given.items()}
    change(tx, subnetpools, row.id, {**values, **_lengths(row.ip_version, kept)})


def delete(tx: Connection, _caller: Caller, row: Row[Any]) -> None:
    prefixes.lock(tx, row.id)
    if tx.execute(sa.select(subnets.c.id).where(subnets.c.subnetpool_id == row.id)).first() is not None:
        raise error("SubnetPoolDeleteError")
    tx.execute(subnetpools.delete().where(subnetpools.c.id == row.id))


def _blocks(given: list[str]) -> list[checks.Network]:
    """The pool's prefixes, compacted, of one IP version (N-SP-005, N-SP-006)."""
    if not given:
        raise error("EmptySubnetPoolPrefixList")
    if len({":" in prefix for prefix in given}) > 1:
        raise error("PrefixVersionMismatch")
    return prefixes.compact(given)


def _lengths(version: int, given: dict[str, int | None]) -> Values:
    """Prefix lengths with their defaults, in order: min <= default <= max <= an address (N-SP-003, N-SP-007)."""
    longest = prefixes.longest(version)
    low = SHORTEST[version] if given["min"] is None else given["min"]
    high = longest if given["max"] is None else given["max"]
    default = low if given["default"] is None else given["default"]
    if not low <= default <= high <= longest:
        text = f"min_prefixlen {low}, default_prefixlen {default}, max_prefixlen {high}, at most {longest}"
        raise error("IllegalSubnetPoolPrefixBounds", text=text)
    return {"min_prefixlen": low, "max_prefixlen": high, "default_prefixlen": default}


def _grown(tx: Connection, row: Row[Any], given: list[str]) -> list[str]:
    """The new prefixes, which contain all old ones (N-SP-015); what is new becomes free."""
    blocks = _blocks(given)
    if blocks[0].version != row.ip_version:
        raise error("IllegalSubnetPoolPrefixUpdate", text="a pool keeps its IP version")
    old = prefixes.compact(row.prefixes)
    if not all(any(_within(kept, block) for block in blocks) for kept in old):
        text = "Existing prefixes must be a subset of the new prefixes"
        raise error("IllegalSubnetPoolPrefixUpdate", text=text)
    prefixes.lock(tx, row.id)
    prefixes.add(tx, row.id, _without(blocks, old))
    return [str(block) for block in blocks]


def _within(inner: Any, outer: Any) -> bool:
    return bool(inner.subnet_of(outer))


def _without(blocks: list[Any], taken: list[Any]) -> list[Any]:
    """The blocks less those parts of them."""
    rest = list(blocks)
    for part in taken:
        around = next(block for block in rest if _within(part, block))
        rest.remove(around)
        rest.extend(around.address_exclude(part))
    return rest


def _claim_default(tx: Connection, pool_id: str, version: int) -> None:
    """Refuse a second default of an IP version (N-SP-011); the unique key decides between two who ask at once."""
    holder = sa.select(subnetpools.c.id).where(subnetpools.c.default_slot == slot(version), subnetpools.c.id != pool_id)
    if tx.execute(holder).first() is not None:
        text = "A default subnetpool for this IP family has already been set. Only one default may exist per IP family"
        raise error("InvalidInput", text=text)


def defaults(tx: Connection, caller: Caller) -> Sequence[Row[Any]]:
    """The default pools the caller may see, IPv4 before IPv6."""
    statement = sa.select(subnetpools).where(subnetpools.c.default_slot.is_not(None), visible(caller))
    return tx.execute(statement.order_by(subnetpools.c.ip_version)).all()


def find_default(tx: Connection, caller: Caller, version: int) -> Row[Any] | None:
    """The default pool of the IP version, where the caller may see it."""
    statement = sa.select(subnetpools).where(subnetpools.c.default_slot == slot(version), visible(caller))
    return tx.execute(statement).first()


RESOURCE = Resource(
    singular="subnetpool",
    plural="subnetpools",
    table=subnetpools,
    attributes=ATTRIBUTES,
    missing="SubnetPoolNotFound",
    visible=visible,
    view=view,
    create=create,
    update=update,
    delete=delete,
    bulk=False,
    quota="subnetpool",
    filters={"is_default": flag(subnetpools.c.default_slot.is_not(None))},
)
