"""A resource of Networking as data: its attributes, who may set them, how its rows are seen and changed.

The generic handlers in `crud` read these tables; a resource's own module holds only what is particular to it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from reference.network.rest import validators
from reference.network.rest.errors import bad_request, error
from reference.network.rest.validators import Check
from reference.store import Store
from reference.wsgi.context import Caller
from reference.wsgi.routes import Call

REQUIRED: Any = object()  # the default of an attribute that a POST must give
ABSENT: Any = object()  # the default of one that may be left out: the resource then decides

Values = dict[str, Any]
Filter = Callable[[Caller, list[str]], sa.ColumnElement[bool]]
Visible = Callable[[Caller], sa.ColumnElement[bool]]
Relative = Callable[[Caller], Sequence[sa.ColumnElement[Any]]]


@dataclass(frozen=True)
class Attribute:
    """One attribute: its check, whether POST and PUT may give it, its default, and whether only admins may set it."""

    name: str
    check: Check = validators.text
    post: bool = True
    put: bool = True
    default: Any = ABSENT
    admin: bool = False
    kind: str = "HTTPBadRequest"  # the error type of a bad value


@dataclass(frozen=True, eq=False)
class Resource:
    """A collection. `create`, `update` and `delete` run inside one transaction and raise to refuse.

    `visible` narrows a SELECT to what the caller may see, `relative` adds columns that depend on who looks; `view`
    renders rows; `filters` adds to the list filters that come with the columns; `quota` names the limit an ordinary
    create counts against; `prepare` runs before a list, for what must be there when somebody looks.
    """

    singular: str
    plural: str
    table: sa.Table
    attributes: Sequence[Attribute]
    missing: str
    visible: Visible
    view: Callable[[Connection, Caller, Sequence[Row[Any]]], list[Values]]
    create: Callable[[Connection, Caller, Values], str]
    update: Callable[[Connection, Caller, Row[Any], Values], None]
    delete: Callable[[Connection, Caller, Row[Any]], None]
    relative: Relative = lambda _caller: ()
    filters: Mapping[str, Filter] = field(default_factory=dict)
    bulk: bool = True
    quota: str | None = None
    prepare: Callable[[Store, Call], None] | None = None

    @cached_property
    def by_name(self) -> dict[str, Attribute]:
        return {attribute.name: attribute for attribute in self.attributes}

    @property
    def path(self) -> str:
        return f"/v2.0/{self.plural.replace('_', '-')}"

    def rows(self, caller: Caller, *conditions: sa.ColumnElement[bool]) -> sa.Select[Any]:
        """The rows for which the conditions hold, as `view` wants them, seen or not."""
        return sa.select(self.table, *self.relative(caller)).where(*conditions)


@lru_cache(maxsize=512)
def prepared(make: Callable[..., sa.Select[Any]], roles: frozenset[str], *more: Any) -> sa.Select[Any]:
    """The statement `make(caller, *more)` for any caller with those roles; the project is its parameter `me`.

    It is made once: to make one takes longer than to run it.
    """
    return make(Caller("", cast(str, sa.bindparam("me")), roles, ""), *more)


def visible_where(theirs: Callable[[Caller], sa.ColumnElement[bool]]) -> Visible:
    """Admins see all, readers what is `theirs`, and whoever may not even read nothing (N-RBAC-001, N-RBAC-009)."""

    def visible(caller: Caller) -> sa.ColumnElement[bool]:
        if caller.is_admin:
            return sa.true()
        return theirs(caller) if caller.is_reader else sa.false()

    return visible


def owned(table: sa.Table) -> Visible:
    """Visible to its project."""
    return visible_where(lambda caller: table.c.project_id == caller.project_id)


def flag(holds: Callable[[Caller], sa.ColumnElement[bool]]) -> Filter:
    """The list filter of something that is so or not, for this caller. Errors: 400 InvalidInput (N-NET-017)."""

    def condition(caller: Caller, values: list[str]) -> sa.ColumnElement[bool]:
        try:
            wanted = {validators.boolean(value) for value in values}
        except ValueError as wrong:
            raise error("InvalidInput", text=str(wrong).removesuffix(".")) from None
        return sa.or_(*(holds(caller) if value else sa.not_(holds(caller)) for value in wanted))

    return condition


def ownership(row: Row[Any]) -> Values:
    """Both names of the owner (N-NET-036)."""
    return {"project_id": row.project_id, "tenant_id": row.project_id}


def shown(row: Row[Any], *columns: str) -> Values:
    """What every resource with a name shows, and those columns."""
    names = ("id", "name", "description", "tags", *columns)
    return {**{name: row._mapping[name] for name in names}, **ownership(row)}


def posted(resource: Resource, caller: Caller, body: Mapping[str, Any]) -> Values:
    """The values of a POST: owner, given attributes checked, defaults filled in.

    Errors: 400 for what is unknown, read-only, missing or bad; 403 for what only admins may set.
    """
    known = resource.by_name
    values: Values = {"project_id": _owner(caller, body)}
    given = {name: value for name, value in body.items() if name not in ("project_id", "tenant_id")}
    _refuse_unknown(resource, given)
    for name in given:
        if not known[name].post:
            raise bad_request(f"Attribute '{name}' not allowed in POST")
    for name, attribute in known.items():
        if name in given:
            values[name] = _checked(attribute, given[name])
        elif attribute.default is REQUIRED:
            raise bad_request(f"Failed to parse request. Required attribute '{name}' not specified")
        elif attribute.default is not ABSENT:
            values[name] = attribute.default
    for name in given:
        # only a value that differs from the default needs the right to set it (N-RBAC-006)
        if known[name].admin and not caller.is_admin and values[name] != known[name].default:
            raise error("PolicyNotAuthorized", rule=f"create_{resource.singular}:{name}")
    return values


def put(resource: Resource, caller: Caller, body: Mapping[str, Any]) -> Values:
    """The values of a PUT, checked. Errors: as for a POST; any attribute named counts as set (N-RBAC-006)."""
    known = resource.by_name
    for name in ("project_id", "tenant_id"):
        if name in body:
            raise bad_request(f"Cannot update read-only attribute {name}")
    _refuse_unknown(resource, body)
    for name in body:
        if not known[name].put:
            raise bad_request(f"Cannot update read-only attribute {name}")
    values = {name: _checked(known[name], value) for name, value in body.items()}
    for name in values:
        if known[name].admin and not caller.is_admin:
            raise error("PolicyNotAuthorized", rule=f"update_{resource.singular}:{name}")
    return values


def _checked(attribute: Attribute, value: Any) -> Any:
    try:
        return attribute.check(value)
    except ValueError as wrong:
        if attribute.kind == "InvalidInput":
            raise error("InvalidInput", text=str(wrong).removesuffix(".")) from None
        raise bad_request(f"Invalid input for {attribute.name}. Reason: {wrong}") from None


def _refuse_unknown(resource: Resource, given: Mapping[str, Any]) -> None:
    unknown = sorted(set(given) - set(resource.by_name))
    if unknown:
        raise bad_request(f"Unrecognized attribute(s) '{', '.join(unknown)}'")


def _owner(caller: Caller, body: Mapping[str, Any]) -> str:
    """The project a new object belongs to (N-NET-037, N-ERR-022)."""
    try:
        named = {validators.text(body[name]) for name in ("project_id", "tenant_id") if name in body}
    except ValueError as wrong:
        raise bad_request(f"Invalid input for project_id. Reason: {wrong}") from None
    if len(named) > 1:
        raise bad_request("'project_id' and 'tenant_id' do not match")
    owner = named.pop() if named else caller.project_id
    if owner != caller.project_id and not caller.is_admin:
        raise bad_request(
            "Specifying 'project_id' other than the authenticated project in request is not allowed for the "
            "current user."
        )
    return owner
