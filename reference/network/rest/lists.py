"""Lists: filters, sorting, pages and chosen fields, from the columns and filters of a resource (N-NET-023 to 035)."""

import json
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from reference.network.rest import validators
from reference.network.rest.errors import bad_request, error
from reference.network.rest.resource import Resource, Values, prepared
from reference.wsgi.context import Caller
from reference.wsgi.reading import whole
from reference.wsgi.routes import Call

_CONTROL = ("fields", "limit", "marker", "page_reverse", "sort_key", "sort_dir")
# filter -> whether every tag is asked for or any will do, and whether rows with them are wanted or those without
_TAGS = {
    "tags": (sa.and_, True),
    "tags-any": (sa.or_, True),
    "not-tags": (sa.and_, False),
    "not-tags-any": (sa.or_, False),
}
_MOST = 1 << 30  # a limit above it is cut to it
_NUMBER = validators.integer(-_MOST, _MOST)
_READ = {sa.Boolean: validators.boolean, sa.Integer: _NUMBER, sa.BigInteger: _NUMBER}


def page(tx: Connection, resource: Resource, call: Call, url: str) -> Values:
    """The body of a list answer: the page the query asks for, with links to its neighbours when it asks for pages."""
    caller = call.caller
    conditions, values = _conditions(resource, call, caller)
    statement = prepared(_all, caller.roles, resource).where(*conditions)
    limit, backwards = _limit(call), _backwards(call)
    order = _order(resource, call, backwards)
    marker = _marker(tx, resource, call, caller)
    if marker is not None:
        statement = statement.where(_after(resource.table, order, marker))
    statement = statement.order_by(*(_direction(resource.table.c[key], up) for key, up in order))
    if limit:
        statement = statement.limit(limit + 1)  # one more tells whether there is another page
    rows = list(tx.execute(statement, {**values, "me": caller.project_id}))
    more = bool(limit) and len(rows) > limit
    rows = rows[:limit] if limit else rows
    rows = rows[::-1] if backwards else rows
    body: Values = {resource.plural: [chosen(call, item) for item in resource.view(tx, caller, rows)]}
    if limit:
        behind = marker is not None  # there is a page where the marker came from
        forward, back = (behind, more) if backwards else (more, behind)
        body[f"{resource.plural}_links"] = _links(call, url, rows, forward=forward, back=back)
    return body


def _all(caller: Caller, resource: Resource) -> sa.Select[Any]:
    return resource.rows(caller, resource.visible(caller))


def chosen(call: Call, item: Values) -> Values:
    """The item with the keys `fields` names only; all of it without."""
    fields = {name for name in call.query("fields") if name}
    return {name: value for name, value in item.items() if name in fields} if fields else item


def filterable(resource: Resource) -> list[str]:
    """The names a list can be filtered by: the attributes kept in a column, tags, and what the resource adds."""
    named = [name for name in (*resource.by_name, "project_id", "tenant_id") if _column(resource, name) is not None]
    return [*dict.fromkeys([*named, *(_TAGS if "tags" in resource.table.c else ()), *resource.filters])]


def _conditions(
    resource: Resource, call: Call, caller: Caller
) -> tuple[list[sa.ColumnElement[bool]], dict[str, list[Any]]]:
    """What the filters ask for, and the values of the parameters in it."""
    conditions, known, unknown = [], {}, []
    for name, values in _query(call).items():
        if name in _CONTROL:
            continue
        column = _column(resource, name)
        if name in resource.filters:
            conditions.append(resource.filters[name](caller, values))
        elif name in _TAGS and "tags" in resource.table.c:
            conditions.append(_tagged(resource.table.c.tags, name, values))
        elif column is not None:
            conditions.append(_among(column, f"{name}_in"))
            known[f"{name}_in"] = [_converted(column, value) for value in values]
        else:
            unknown.append(name)
    if unknown:
        raise bad_request(f"{unknown} is invalid attribute for filtering")
    return conditions, known


@lru_cache(maxsize=256)
def _among(column: sa.Column[Any], parameter: str) -> sa.ColumnElement[bool]:
    return column.in_(sa.bindparam(parameter, expanding=True))


def _column(resource: Resource, name: str) -> sa.Column[Any] | None:
    """The column that rows are found and sorted by under that name, where they are."""
    column = resource.table.c.get("project_id" if name == "tenant_id" else name)
    known = name in {*resource.by_name, "id", "project_id", "tenant_id"}
    return column if known and column is not None and not isinstance(column.type, sa.JSON) else None


def _tagged(column: sa.Column[Any], name: str, values: Sequence[str]) -> sa.ColumnElement[bool]:
    """Tags are found in the text they are kept as: every database replaces text, and minds its case."""
    joined, wanted = _TAGS[name]
    text = sa.cast(column, sa.Text)
    tags = [tag for value in values for tag in value.split(",")]
    found = joined(*(sa.func.replace(text, json.dumps(tag), "") != text for tag in tags))
    return found if wanted else sa.not_(found)


def _query(call: Call) -> Mapping[str, list[str]]:
    return {name: values for name in call.request.params if (values := [value for value in call.query(name) if value])}


def _converted(column: sa.Column[Any], value: str) -> Any:
    """A filter's value as the column holds it. Errors: 400 InvalidInput (N-NET-017)."""
    try:
        return _READ.get(type(column.type), str)(value)
    except ValueError as wrong:
        raise error("InvalidInput", text=str(wrong).removesuffix(".")) from None


def _backwards(call: Call) -> bool:
    return any(value.lower() == "true" for value in call.query("page_reverse")[-1:])


def _limit(call: Call) -> int:
    text = (call.query("limit") or ["0"])[-1]
    limit = whole(text, _MOST)
    if limit is None:
        raise error("BadRequest", resource="limit", text=f"Limit must be an integer 0 or greater and not '{text}'")
    return limit


def _order(resource: Resource, call: Call, backwards: bool) -> list[tuple[str, bool]]:
    """Sort keys, each with True for ascending; the id last, so that the order is total (N-NET-033)."""
    keys, directions = call.query("sort_key"), call.query("sort_dir")
    if len(directions) != len(keys) or not set(directions) <= {"asc", "desc"}:
        raise bad_request("The number of sort_keys and sort_dirs must be same, each sort_dir asc or desc")
    order = []
    for key, direction in zip(keys, directions, strict=True):
        column = _column(resource, key)
        if column is None:
            raise bad_request(f"['{key}'] is invalid attribute for sort_keys")
        order.append((column.name, direction == "asc"))
    if "id" not in keys:
        order.append(("id", True))
    return [(key, up != backwards) for key, up in order]


def _sorted(column: sa.Column[Any]) -> sa.ColumnElement[Any]:
    """What stands for the column in an order: nothing comes before everything."""
    least: Any = -1 if isinstance(column.type, sa.Integer) else ""
    return sa.func.coalesce(column, least) if column.nullable else column


@lru_cache(maxsize=256)
def _direction(column: sa.Column[Any], up: bool) -> sa.ColumnElement[Any]:
    return _sorted(column).asc() if up else _sorted(column).desc()


def _marker(tx: Connection, resource: Resource, call: Call, caller: Caller) -> Row[Any] | None:
    names = call.query("marker")
    if not names or not names[-1]:
        return None
    statement = prepared(_all, caller.roles, resource).where(resource.table.c.id == names[-1])
    row = tx.execute(statement, {"me": caller.project_id}).first()
    if row is None:
        raise error(resource.missing, id=names[-1])
    return row


def _after(table: sa.Table, order: Sequence[tuple[str, bool]], marker: Row[Any]) -> sa.ColumnElement[bool]:
    """Rows behind the marker in this order: equal in the first keys, beyond it in the next."""
    beyond = []
    same: list[sa.ColumnElement[bool]] = []
    for key, up in order:
        column, value = _sorted(table.c[key]), marker._mapping[key]
        if value is None:
            value = -1 if isinstance(table.c[key].type, sa.Integer) else ""
        here = sa.literal(value, table.c[key].type)
        beyond.append(sa.and_(*same, column > here if up else column < here))
        same.append(column == here)
    return sa.or_(*beyond)


def _links(call: Call, url: str, rows: Sequence[Row[Any]], *, forward: bool, back: bool) -> list[dict[str, str]]:
    """The first page forwards has no previous, the last no next; backwards likewise (N-NET-030)."""
    links = []
    if forward and rows:
        links.append({"rel": "next", "href": _link(call, url, rows[-1].id, reverse=False)})
    if back and rows:
        links.append({"rel": "previous", "href": _link(call, url, rows[0].id, reverse=True)})
    return links


def _link(call: Call, url: str, marker: str, *, reverse: bool) -> str:
    query = [(name, value) for name, values in _query(call).items() for value in values]
    query = [(name, value) for name, value in query if name not in ("marker", "page_reverse")]
    query.append(("marker", marker))
    if reverse:
        query.append(("page_reverse", "True"))
    return f"{url}?{urlencode(query)}"
