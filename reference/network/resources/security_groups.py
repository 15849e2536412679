"""Security groups and their rules; each project's `default` is created when first needed (N-PORT-011 to 013)."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from reference.network.access import quotas
from reference.network.resources import rule_values
from reference.network.rest import validators
from reference.network.rest.errors import error
from reference.network.rest.resource import (
    REQUIRED,
    Attribute,
    Resource,
    Values,
    owned,
    owned_by,
    ownership,
    shown,
    visible_where,
)
from reference.network.rest.rows import change
from reference.network.tables import port_groups, security_group_rules, security_groups
from reference.store import Store
from reference.store.ids import new_id
from reference.store.plans import insert
from reference.wsgi.context import Caller
from reference.wsgi.routes import Call

ATTRIBUTES = (
    Attribute("id", post=False, put=False),
    Attribute("name", default=""),
    Attribute("description", default="", sort=False),
    Attribute("security_group_rules", post=False, put=False),
    Attribute("tags", post=False, put=False),
    Attribute("revision_number", validators.integer(0), post=False, put=False, sort=False),
)
RULE_ATTRIBUTES = (
    Attribute("id", post=False, put=False),
    Attribute("security_group_id", validators.id_text, put=False, default=REQUIRED),
    Attribute("remote_group_id", validators.or_null(validators.nonempty_text), put=False, default=None),
    Attribute("direction", validators.one_of("ingress", "egress"), put=False, default=REQUIRED),
    Attribute("ethertype", rule_values.ethertype, put=False, default="IPv4", read=rule_values.ethertype),
    Attribute("protocol", rule_values.protocol, put=False, default=None, read=rule_values.protocol),
    Attribute("port_range_min", rule_values.port, put=False, default=None, read=rule_values.port),
    Attribute("port_range_max", rule_values.port, put=False, default=None, read=rule_values.port),
    Attribute("remote_ip_prefix", rule_values.prefix, put=False, default=None, read=rule_values.prefix),
    Attribute("description", put=False, default="", sort=False),
    Attribute("revision_number", validators.integer(0), post=False, put=False, sort=False),
)
DEFAULT = "default"
_RULES_OF = sa.select(security_group_rules).where(
    security_group_rules.c.security_group_id.in_(sa.bindparam("groups", expanding=True))
)
_DEFAULT = sa.select(security_groups.c.id).where(security_groups.c.default_of == sa.bindparam("project"))


def ensure_default(tx: Connection, project_id: str) -> str:
    """The id of the project's default group, created on first use; racing first uses get the same one."""
    existing = tx.execute(_DEFAULT, {"project": project_id}).scalar()
    if existing is not None:
        return str(existing)
    item = new_id()
    values = {"project_id": project_id, "name": DEFAULT, "description": "Default security group"}
    tx.execute(insert(security_groups), {"id": item, "default_of": project_id, **values})
    add_rules(tx, project_id, item, [("egress", None), ("ingress", item)])
    return item


def prepare(store: Store, call: Call) -> None:
    """Create the default group of a project whose groups or rules are to be listed, if it is missing (N-PORT-012)."""
    caller = call.caller
    projects = [*call.query("project_id"), *call.query("tenant_id")] if caller.is_admin else []
    project = next((name for name in projects if 0 < len(name) <= 255), caller.project_id)
    with store.read() as tx:
        exists = tx.execute(_DEFAULT, {"project": project}).first() is not None
    if caller.is_reader and not exists:
        store.write(lambda tx: ensure_default(tx, project))


def view(tx: Connection, caller: Caller, rows: Sequence[Row[Any]]) -> list[Values]:
    ids = [row.id for row in rows]
    rules: dict[str, list[Values]] = {id_: [] for id_ in ids}
    for rule in view_rules(tx, caller, tx.execute(_RULES_OF, {"groups": ids}).all()):
        rules[rule["security_group_id"]].append(rule)
    return [{**shown(row), "security_group_rules": rules[row.id]} for row in rows]


def _of_own_groups(caller: Caller) -> sa.ColumnElement[bool]:
    """The condition of rules in groups of the caller, whoever has added the rules."""
    own = sa.select(security_groups.c.id).where(security_groups.c.project_id == caller.project_id)
    return security_group_rules.c.security_group_id.in_(own)


def view_rules(_tx: Connection, _caller: Caller, rows: Sequence[Row[Any]]) -> list[Values]:
    return [{**row._mapping, **ownership(row)} for row in rows]


def create(tx: Connection, _caller: Caller, values: Values) -> str:
    """The id of a new group, which allows all egress. Raises Problem (409)."""
    ensure_default(tx, values["project_id"])
    _refuse_default_name(values)
    item = new_id()
    tx.execute(insert(security_groups), {"id": item, **values})
    add_rules(tx, values["project_id"], item, [("egress", None)])
    return item


def update(tx: Connection, _caller: Caller, row: Row[Any], values: Values) -> None:
    """Change the group. Raises Problem: 409 for a new name of the default group, and for that group's name."""
    _refuse_default_name(values)
    if "name" in values and row.default_of is not None:
        raise error("SecurityGroupCannotUpdateDefault")
    change(tx, security_groups, row.id, values)


def _refuse_default_name(values: Values) -> None:
    if values.get("name", "").lower() == DEFAULT:
        raise error("SecurityGroupDefaultAlreadyExists")


def delete(tx: Connection, caller: Caller, row: Row[Any]) -> None:
    """Delete the group. Raises Problem: 409 while ports have it, or for the default one, except for admins."""
    if row.default_of is not None and not caller.is_admin:
        raise error("SecurityGroupCannotRemoveDefault")
    if tx.execute(sa.select(port_groups).where(port_groups.c.group_id == row.id)).first() is not None:
        raise error("SecurityGroupInUse", id=row.id)
    tx.execute(security_groups.delete().where(security_groups.c.id == row.id))


def create_rule(tx: Connection, caller: Caller, values: Values) -> str:
    """The id of a new rule. Raises Problem: 400, 403, 404, and 409 for one that the group has already."""
    rule = rule_values.canonical(values)
    own_group, remote_group = values["security_group_id"], values["remote_group_id"]
    _require_own(tx, caller, own_group)
    rule_values.consistent(rule)
    for group in (own_group, *([remote_group] if remote_group else [])):
        _lock(tx, caller, group)
    for other in tx.execute(_RULES_OF, {"groups": [own_group]}):
        if rule_values.key(dict(other._mapping)) == rule_values.key(rule):
            raise error("SecurityGroupRuleExists", id=other.id)
    item = new_id()
    tx.execute(insert(security_group_rules), {"id": item, **rule})
    return item


def refuse_rules_together(tx: Connection, caller: Caller, bodies: Sequence[Values]) -> None:
    """Refuse a request with rules of several groups, an invalid rule, or a rule twice. Raises Problem."""
    if len({values["security_group_id"] for values in bodies}) > 1:
        raise error("SecurityGroupNotSingleGroupRules")
    _require_own(tx, caller, bodies[0]["security_group_id"])
    rules = [rule_values.canonical(values) for values in bodies]
    for rule in rules:
        rule_values.consistent(rule)
    if len({rule_values.key(rule) for rule in rules}) < len(rules):
        raise error("DuplicateSecurityGroupRuleInPost")


def _require_own(tx: Connection, caller: Caller, group: str) -> None:
    """Require the group of a new rule to be the caller's, before the rule is looked at. Raises Problem (403, 404)."""
    if caller.is_admin:
        return
    row = tx.execute(sa.select(security_groups.c.project_id).where(security_groups.c.id == group)).first()
    if row is None:
        raise error("SecurityGroupNotFound", id=group)
    if not owned_by(caller, row):
        raise error("PolicyNotAuthorized", rule="create_security_group_rule")


def _lock(tx: Connection, caller: Caller, group: str) -> None:
    """Lock the group, so that of two equal rules at once the second is refused. Raises Problem (404)."""
    statement = sa.select(security_groups.c.id).where(security_groups.c.id == group, owned(security_groups)(caller))
    if tx.execute(statement.with_for_update()).first() is None:
        raise error("SecurityGroupNotFound", id=group)


def delete_rule(tx: Connection, _caller: Caller, row: Row[Any]) -> None:
    tx.execute(security_group_rules.delete().where(security_group_rules.c.id == row.id))


def add_rules(tx: Connection, project_id: str, group: str, allowed: list[tuple[str, str | None]]) -> None:
    """Add rules that allow each (direction, remote group or None), for both IP versions. Raises Problem (409)."""
    rules = [
        {
            "id": new_id(),
            "project_id": project_id,
            "description": "",
            "security_group_id": group,
            "direction": direction,
            "ethertype": ethertype,
            "remote_group_id": remote,
        }
        for direction, remote in allowed
        for ethertype in ("IPv4", "IPv6")
    ]
    quotas.check_quota(tx, project_id, "security_group_rule", len(rules))
    tx.execute(insert(security_group_rules), rules)


RESOURCE = Resource(
    singular="security_group",
    plural="security_groups",
    table=security_groups,
    attributes=ATTRIBUTES,
    missing="SecurityGroupNotFound",
    visible=owned(security_groups),
    view=view,
    create=create,
    update=update,
    delete=delete,
    quota="security_group",
    strict_marker=False,
    prepare=prepare,
)
RULES = Resource(
    singular="security_group_rule",
    plural="security_group_rules",
    table=security_group_rules,
    attributes=RULE_ATTRIBUTES,
    missing="SecurityGroupRuleNotFound",
    visible=visible_where(_of_own_groups),
    view=view_rules,
    create=create_rule,
    update=update,
    delete=delete_rule,
    deletable=lambda _tx, _caller, _row: True,
    together=refuse_rules_together,
    quota="security_group_rule",
    strict_marker=False,
    prepare=prepare,
)
