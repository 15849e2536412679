"""A resource of Networking as data: its attributes, who may set them, how its rows are shown and changed.

The generic handlers in `handlers.collection` read these tables; a resource's own module has only its particular rules.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from reference.network.rest import validators
from reference.network.rest.errors import bad_request, error, unrecognized
from reference.network.rest.validators import Check
from reference.store import Store
from reference.wsgi.context import Caller
from reference.wsgi.routes import Call

REQUIRED: Any = object()  # the default of an attribute that a POST must have
ABSENT: Any = object()  # the default of an attribute whose value `create` chooses where a POST has none

Values = dict[str, Any]
Filter = Callable[[Caller, list[str]], sa.ColumnElement[bool]]
Visible = Callable[[Caller], sa.ColumnElement[bool]]
Together = Callable[[Connection, Caller, Sequence[Values]], None]
Relative = Callable[[Caller], Sequence[sa.ColumnElement[Any]]]


@dataclass(frozen=True)
class Attribute:
    """One attribute: its check, whether POST and PUT may set it, its default, and whether only admins may set it.

    Where it has a column, lists can be filtered by it, and unless `sort` is false, sorted.
    """

    name: str
    check: Check = validators.text
    post: bool = True
    put: bool = True
    default: Any = ABSENT
    admin: bool = False
    sort: bool = True
    read: Check | None = None  # converts a filter's text to a value of the column; None: by the type of the column


@dataclass(frozen=True, eq=False)
class Resource:
    """A collection. `create`, `update` and `delete` run inside one transaction, and raise Problem to refuse.

    - `visible`: the SQL condition for rows that the caller may see; `relative`: columns that depend on the caller.
    - `view`: renders rows as the items of an answer.
    - `filters`, `orders`: filters and sort keys of lists that are not simply columns. With `sortable` false there are
      no sort keys at all.
    - `strict_marker`: whether an unknown marker is refused, not ignored; `strict_show`: whether a show refuses the
      query parameters that a list refuses.
    - `together`: refuses objects that cannot be created by one request.
    - `quota`: the limit that a create counts against, None for no limit.
    - `prepare`: runs before a list, to create what the list has to show.
    - `deletable`: whether the caller may delete another project's row; None: only admins may.
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
    deletable: Callable[[Connection, Caller, Row[Any]], bool] | None = None
    filters: Mapping[str, Filter] = field(default_factory=dict)
    orders: Mapping[str, sa.ColumnElement[Any]] = field(default_factory=dict)
    sortable: bool = True
    strict_marker: bool = True
    strict_show: bool = False
    bulk: bool = True
    together: Together | None = None
    quota: str | None = None
    prepare: Callable[[Store, Call], None] | None = None

    @cached_property
    def by_name(self) -> dict[str, Attribute]:
        return {attribute.name: attribute for attribute in self.attributes}

    @property
    def path(self) -> str:
        return f"/v2.0/{self.plural.replace('_', '-')}"

    def rows(self, caller: Caller, *conditions: sa.ColumnElement[bool]) -> sa.Select[Any]:
        """A SELECT of the rows with those conditions, as `view` needs them, visible or not."""
        return sa.select(self.table, *self.relative(caller)).where(*conditions)


@lru_cache(maxsize=512)
def prepared(make: Callable[..., sa.Select[Any]], roles: frozenset[str], *more: Any) -> sa.Select[Any]:
    """The statement `make(caller, *more)` for any caller with those roles, whose project is its parameter `me`.

    Cached, as building a statement takes longer than executing it.
    """
    return make(Caller("", cast(str, sa.bindparam("me")), roles, ""), *more)


def visible_where(own: Callable[[Caller], sa.ColumnElement[bool]]) -> Visible:
    """Visibility where admins see all, readers what is `own`, and others nothing (N-RBAC-001, N-RBAC-009)."""

    def visible(caller: Caller) -> sa.ColumnElement[bool]:
        if caller.is_admin:
            return sa.true()
        return own(caller) if caller.is_reader else sa.false()

    return visible


def owned(table: sa.Table) -> Visible:
    """Visibility for the owning project, and admins."""
    return visible_where(lambda caller: table.c.project_id == caller.project_id)


def flag(holds: Callable[[Caller], sa.ColumnElement[bool]]) -> Filter:
    """The list filter of a boolean; `holds(caller)` is the SQL condition for rows in which it is true.

    The filter raises Problem: 400 InvalidInput for values that are not booleans (N-NET-017).
    """

    def condition(caller: Caller, values: list[str]) -> sa.ColumnElement[bool]:
        try:
            flags = {validators.boolean(value) for value in values}
        except ValueError as reason:
            raise error("InvalidInput", text=str(reason).removesuffix(".")) from None
        return sa.or_(*(holds(caller) if value else sa.not_(holds(caller)) for value in flags))

    return condition


def owned_by(caller: Caller, row: Row[Any]) -> bool:
    """Whether the row belongs to the caller's project; to admins all do."""
    return caller.is_admin or bool(row.project_id == caller.project_id)


def ownership(row: Row[Any]) -> Values:
    """The owner, under both its names (N-NET-036)."""
    return {"project_id": row.project_id, "tenant_id": row.project_id}


def shown(row: Row[Any], *columns: str) -> Values:
    """The attributes that every resource with a name has, and those columns."""
    names = ("id", "name", "description", "tags", "revision_number", *columns)
    return {**{name: row._mapping[name] for name in names}, **ownership(row)}


def posted(resource: Resource, caller: Caller, body: Mapping[str, Any]) -> Values:
    """The values of a POST: the owner, the body's attributes as their checks return them, and defaults of the others.

    Raises Problem: 400 for unknown, read-only, missing or invalid attributes; 403 for those only admins may set.
    """
    known_attributes = resource.by_name
    values: Values = {"project_id": owner_of(caller, body)}
    attributes = {name: value for name, value in body.items() if name not in ("project_id", "tenant_id")}
    refuse_unknown(resource, attributes)
    for name in attributes:
        if not known_attributes[name].post:
            raise bad_request(f"Attribute '{name}' not allowed in POST")
    for name, attribute in known_attributes.items():
        if name in attributes:
            values[name] = checked(name, attribute.check, attributes[name])
        elif attribute.default is REQUIRED:
            raise bad_request(f"Failed to parse request. Required attribute '{name}' not specified")
        elif attribute.default is not ABSENT:
            values[name] = attribute.default
    for name in attributes:
        # everybody may set an attribute to its default (N-RBAC-006)
        if known_attributes[name].admin and not caller.is_admin and values[name] != known_attributes[name].default:
            raise error("PolicyNotAuthorized", rule=f"create_{resource.singular}:{name}")
    return values


def put(resource: Resource, body: Mapping[str, Any]) -> Values:
    """The values of a PUT, checked. Raises Problem: 400 for unknown, read-only or invalid attributes."""
    known_attributes = resource.by_name
    for name in ("project_id", "tenant_id"):
        if name in body:
            raise bad_request(f"Cannot update read-only attribute {name}")
    refuse_unknown(resource, body)
    for name in body:
        if not known_attributes[name].put:
            raise bad_request(f"Cannot update read-only attribute {name}")
    return {name: checked(name, known_attributes[name].check, value) for name, value in body.items()}


def require_settable(resource: Resource, caller: Caller, values: Values) -> None:
    """Refuse attributes that only admins may set; any that a PUT names counts as set (N-RBAC-006).

    Raises Problem (403).
    """
    for name in values:
        if resource.by_name[name].admin and not caller.is_admin:
            raise error("PolicyNotAuthorized", rule=f"update_{resource.singular}:{name}")


def checked(name: str, check: Check, value: Any) -> Any:
    """The value of a request as its check returns it; `name` is what the client calls it. Raises Problem (400)."""
    try:
        return check(value)
    except validators.NotConvertible as reason:
        raise error("InvalidInput", text=str(reason).removesuffix(".")) from None
    except ValueError as reason:
        raise bad_request(f"Invalid input for {name}. Reason: {reason}") from None


def refuse_unknown(resource: Resource, names: Mapping[str, Any]) -> None:
    """Refuse names that are no attributes. Raises Problem (400)."""
    unknown = sorted(set(names) - set(resource.by_name))
    if unknown:
        raise unrecognized(unknown)


def owner_of(caller: Caller, body: Mapping[str, Any]) -> str:
    """The project of a new object (N-NET-037, N-ERR-022). Raises Problem (400)."""
    names = {checked("project_id", validators.text, body[name]) for name in ("project_id", "tenant_id") if name in body}
    if len(names) > 1:
        raise bad_request("'project_id' and 'tenant_id' do not match")
    owner = names.pop() if names else caller.project_id
    if owner != caller.project_id and not caller.is_admin:
        raise bad_request(
            "Specifying 'project_id' other than the authenticated project in request is not allowed for the "
            "current user."
        )
    return owner
