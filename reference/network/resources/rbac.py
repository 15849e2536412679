"""RBAC policies: a network or a pool shared with one project or all, by its owner or an admin (N-RBAC-007, 008)."""

import uuid
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from reference.network.access import sharing
from reference.network.access.sharing import ALL, EXTERNAL, KINDS, Shareable
from reference.network.rest import validators
from reference.network.rest.errors import error
from reference.network.rest.resource import REQUIRED, Attribute, Resource, Values, owned, ownership
from reference.network.rest.rows import change
from reference.network.tables import networks, rbac
from reference.wsgi.context import Caller

_KINDS_ELSEWHERE = (
    "address_group",
    "address_scope",
    "qos_policy",
    "security_group",
)  # accepted as filters, though no such objects exist here


@validators.takes(anyOf=[{"const": ALL}, {"type": "string", "format": "uuid"}])
def _target(value: Any) -> str:
    """All projects, or one by its id. Raises ValueError."""
    try:
        if value != ALL:
            uuid.UUID(validators.text(value))
        return str(value)
    except ValueError:
        raise ValueError(f"'{value}' is not a valid target project ID; expected a UUID or '*'") from None


@validators.takes(enum=list(KINDS), description="In capitals, too.")
def _kind(value: Any) -> str:
    """The name of a kind of object in small letters, without spaces around it. Raises ValueError."""
    folded = value.strip().lower() if isinstance(value, str) else value
    return str(validators.one_of(*KINDS)(folded))


ATTRIBUTES = (
    Attribute("id", post=False, put=False),
    Attribute("object_type", validators.converted(_kind), put=False, default=REQUIRED),
    Attribute("object_id", validators.uuid_text, put=False, default=REQUIRED),
    Attribute("action", put=False, default=REQUIRED),
    Attribute("target_tenant", validators.converted(_target), default=REQUIRED),
)


def view(_tx: Connection, _caller: Caller, rows: Sequence[Row[Any]]) -> list[Values]:
    return [
        {
            "id": row.id,
            **ownership(row),
            "object_type": name,
            "object_id": row._mapping[KINDS[name].column.name],
            "action": row.action,
            "target_tenant": row.target,
        }
        for row in rows
        for name in [_kind_of(row)]
    ]


def create(tx: Connection, caller: Caller, values: Values) -> str:
    """The id of a new entry. Raises Problem (400, 403, 409)."""
    kind, item, action = KINDS[values["object_type"]], values["object_id"], values["action"]
    target = values["target_tenant"]
    refuse_wildcard(caller, target, "create")
    if action not in kind.users:
        raise error("InvalidActionForType", action=action, object_type=values["object_type"], valid=tuple(kind.users))
    _object(tx, caller, kind, item)
    if target in {entry.target for entry in sharing.entries_of(tx, kind, item, action)}:
        raise error("DuplicateRbacPolicy")
    return sharing.add(tx, kind, item, action, values["project_id"], target)


def update(tx: Connection, caller: Caller, row: Row[Any], values: Values) -> None:
    """Change the entry's target. Raises Problem (403, 409)."""
    target = values.get("target_tenant", row.target)
    if target == row.target:
        return
    refuse_wildcard(caller, target, "update")
    kind, shared = _shared(tx, row)
    if target in {entry.target for entry in sharing.entries_of(tx, kind, shared.id, row.action)}:
        raise error("DuplicateRbacPolicy")
    refuse_in_use(tx, kind, shared, row, instead=target)
    change(tx, rbac, row.id, {"target": target})


def delete(tx: Connection, _caller: Caller, row: Row[Any]) -> None:
    """Delete the entry; an external network that loses its last one is no default any more. Raises Problem (409)."""
    kind, shared = _shared(tx, row)
    refuse_in_use(tx, kind, shared, row)
    tx.execute(rbac.delete().where(rbac.c.id == row.id))
    if row.action == EXTERNAL and not sharing.entries_of(tx, kind, shared.id, EXTERNAL):
        change(tx, networks, shared.id, {"default_slot": None})  # an internal network is no default


def _kind_of(row: Row[Any]) -> str:
    """The name in KINDS of the kind of object that the entry shares."""
    return next(name for name, kind in KINDS.items() if row._mapping[kind.column.name] is not None)


def _shared(tx: Connection, row: Row[Any]) -> tuple[Shareable, Row[Any]]:
    """The kind and the row of the entry's object; locked, so that it cannot become the default meanwhile."""
    kind = KINDS[_kind_of(row)]
    item = kind.table.c.id == row._mapping[kind.column.name]
    return kind, tx.execute(sa.select(kind.table).where(item).with_for_update()).one()


def _object(tx: Connection, caller: Caller, kind: Shareable, item: str) -> None:
    """Refuse an object that is not the caller's, or unknown. Raises Problem: the same 400 for both."""
    owner = tx.execute(sa.select(kind.table.c.project_id).where(kind.table.c.id == item)).scalar()
    if owner is None or not (caller.is_admin or owner == caller.project_id):
        raise error("InvalidInput", text="Only admins can manipulate policies on objects they do not own")


def refuse_wildcard(caller: Caller, target: str, operation: str) -> None:
    """Refuse sharing with all, except by admins. Raises Problem (403)."""
    if target == ALL and not caller.is_admin:
        raise error("PolicyNotAuthorized", rule=f"{operation}_rbac_policy:target_tenant")


def refuse_in_use(tx: Connection, kind: Shareable, shared: Row[Any], row: Row[Any], instead: str = "") -> None:
    """Refuse to remove an entry that projects need, or that of the default external network (N-NET-015).

    Raises Problem (409).
    """
    users = sharing.stranded(tx, kind, shared, row.action, row.target, instead)
    if users:
        raise error("RbacPolicyInUse", id=shared.id, details=f"it is used by {', '.join(sorted(users))}")
    if row.action == EXTERNAL and row.target == ALL and shared.default_slot:
        raise error("RbacPolicyInUse", id=shared.id, details="the default external network is shared to everyone")


def _of_kind(_caller: Caller, values: list[str]) -> sa.ColumnElement[bool]:
    """The condition of entries about objects of those kinds. Raises Problem: 400 for what is no kind anywhere."""
    folded = {value.strip().lower() for value in values}
    unknown = sorted(folded - {*KINDS, *_KINDS_ELSEWHERE})
    if unknown:
        raise error("InvalidInput", text=f"'{unknown[0]}' is not a valid RBAC object type")
    return sa.or_(sa.false(), *(kind.column.is_not(None) for name, kind in KINDS.items() if name in folded))


RESOURCE = Resource(
    singular="rbac_policy",
    plural="rbac_policies",
    table=rbac,
    attributes=ATTRIBUTES,
    missing="RbacPolicyNotFound",
    visible=owned(rbac),
    view=view,
    create=create,
    update=update,
    delete=delete,
    quota="rbac_policy",
    bulk=False,
    strict_marker=False,
    sortable=False,
    filters={
        "object_type": _of_kind,
        "object_id": lambda _caller, values: sa.or_(*(kind.column.in_(values) for kind in KINDS.values())),
        "target_tenant": lambda _caller, values: rbac.c.target.in_(values),
    },
)
