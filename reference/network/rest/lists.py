"""Lists: filters, sorting, pages and chosen fields, from the columns and filters of a resource (N-NET-023 to 035)."""

import json
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, cast
from urllib.parse import urlencode

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from reference.network.rest import validators
from reference.network.rest.errors import bad_request, error
from reference.network.rest.resource import Resource, Values, prepared
from reference.store import pages
from reference.wsgi.context import Caller
from reference.wsgi.reading import whole
from reference.wsgi.routes import Call

_CONTROL = ("fields", "limit", "marker", "page_reverse", "sort_key", "sort_dir")
# filter -> how the conditions of its tags are joined, and whether rows that meet them are listed, or the others
_TAGS = {
    "tags": (sa.and_, True),
    "tags-any": (sa.or_, True),
    "not-tags": (sa.and_, False),
    "not-tags-any": (sa.or_, False),
}
_MOST_TAGS = 100  # in one filter; databases bound how many conditions a statement may have
_MOST = 1 << 30  # a limit above it is cut to it
_NUMBER = validators.integer(-_MOST, _MOST)
_READ = {sa.Boolean: validators.boolean, sa.Integer: _NUMBER, sa.BigInteger: _NUMBER}


def page(tx: Connection, resource: Resource, call: Call, url: str) -> Values:
    """The body of a list's answer: the page the query asks for, and links to its neighbours where there is a limit.

    Raises Problem: 400 for invalid parameters, the resource's 404 for an unknown marker.
    """
    caller = call.caller
    conditions, values = filter_conditions(resource, call, caller)
    statement = _narrowed(prepared(_all, caller.roles, resource), tuple(conditions))
    limit, backwards = page_limit(call), is_backwards(call)
    order = [(_sortable(resource, key), up) for key, up in sort_order(resource, call, backwards)]
    marker = marker_row(tx, resource, call, caller, order) if limit else None  # without pages there are no markers
    rows, has_more = pages.page(tx, statement, order, limit or None, marker, {**values, "me": caller.project_id})
    rows = rows[::-1] if backwards else rows
    body: Values = {resource.plural: [chosen(call, item) for item in resource.view(tx, caller, rows)]}
    if limit:
        came_from = marker is not None  # behind the marker there is another page
        forward, back = (came_from, has_more) if backwards else (has_more, came_from)
        body[f"{resource.plural}_links"] = page_links(call, url, rows, forward=forward, back=back)
    return body


def _all(caller: Caller, resource: Resource) -> sa.Select[Any]:
    return resource.rows(caller, resource.visible(caller))


@lru_cache(maxsize=512)
def _narrowed(statement: sa.Select[Any], conditions: tuple[sa.ColumnElement[bool], ...]) -> sa.Select[Any]:
    """The statement with those conditions; cached, as its plan is."""
    return statement.where(*conditions)


def chosen(call: Call, item: Values) -> Values:
    """The item with the keys that the query's `fields` name; all of it without."""
    fields = {name for name in call.query("fields") if name}
    return {name: value for name, value in item.items() if name in fields} if fields else item


def refuse_parameters(resource: Resource, call: Call) -> None:
    """Refuse what a list of the resource would refuse, too. Raises Problem (400)."""
    filter_conditions(resource, call, call.caller)
    sort_order(resource, call, backwards=False)


def filterable(resource: Resource) -> list[str]:
    """The names a list can be filtered by: the attributes kept in a column, tags, and what the resource adds."""
    columns = [name for name in (*resource.by_name, "project_id", "tenant_id") if _column(resource, name) is not None]
    return [*dict.fromkeys([*columns, *(_TAGS if "tags" in resource.table.c else ()), *resource.filters])]


def filter_conditions(
    resource: Resource, call: Call, caller: Caller
) -> tuple[list[sa.ColumnElement[bool]], dict[str, list[Any]]]:
    """The conditions of the query's filters, and the values of the parameters in them. Raises Problem (400)."""
    conditions, parameters, unknown = [], {}, []
    for name, values in filters_of(call).items():
        if name in _CONTROL:
            continue
        column = _column(resource, name)
        if name in resource.filters:
            conditions.append(_added(resource, name, caller.roles, tuple(values)))
        elif name in _TAGS and "tags" in resource.table.c:
            conditions.append(_tagged(resource.table.c.tags, name, values))
        elif column is not None:
            read = resource.by_name[name].read if name in resource.by_name else None
            conditions.append(_among(column, f"{name}_in"))
            parameters[f"{name}_in"] = [converted(column, value, read) for value in values]
        else:
            unknown.append(name)
    if unknown:
        raise bad_request(f"{unknown} is invalid attribute for filtering")
    return conditions, parameters


@lru_cache(maxsize=256)
def _added(resource: Resource, name: str, roles: frozenset[str], values: tuple[str, ...]) -> sa.ColumnElement[bool]:
    """The condition of a filter that the resource adds, for any caller with those roles, see `prepared`."""
    return resource.filters[name](Caller("", cast(str, sa.bindparam("me")), roles, ""), list(values))


@lru_cache(maxsize=256)
def _among(column: sa.Column[Any], parameter: str) -> sa.ColumnElement[bool]:
    return column.in_(sa.bindparam(parameter, expanding=True))


def _column(resource: Resource, name: str) -> sa.Column[Any] | None:
    """The column that rows are filtered and sorted by under that name; None where they are not."""
    column = resource.table.c.get("project_id" if name == "tenant_id" else name)
    is_attribute = name in {*resource.by_name, "id", "project_id", "tenant_id"}
    plain = column is not None and not isinstance(column.type, sa.JSON)
    return column if is_attribute and plain else None


def _tagged(column: sa.Column[Any], name: str, values: Sequence[str]) -> sa.ColumnElement[bool]:
    """The condition of tags, which are searched in their stored text by REPLACE, case-sensitive in every database."""
    join, with_tags = _TAGS[name]
    text = sa.cast(column, sa.Text)
    tags = list(dict.fromkeys(tag for value in values for tag in value.split(",")))
    if len(tags) > _MOST_TAGS:
        raise bad_request(f"At most {_MOST_TAGS} tags can be asked for")
    condition = join(*(sa.func.replace(text, json.dumps(tag), "") != text for tag in tags))
    return condition if with_tags else sa.not_(condition)


def filters_of(call: Call) -> Mapping[str, list[str]]:
    """The query's parameters, each with its values in order; an empty value is one, too."""
    return {name: call.query(name) for name in call.request.params}


def converted(column: sa.Column[Any], value: str, read: validators.Check | None = None) -> Any:
    """A filter's value as the column holds it. Raises Problem: 400 InvalidInput (N-NET-017)."""
    try:
        return (read or _READ.get(type(column.type), str))(value)
    except ValueError as reason:
        raise error("InvalidInput", text=str(reason).removesuffix(".")) from None


def is_backwards(call: Call) -> bool:
    """Whether the query asks for the page before the marker."""
    return any(value.lower() == "true" for value in call.query("page_reverse")[-1:])


def page_limit(call: Call) -> int:
    """How many rows a page has, 0 where there is no limit. Raises Problem (400)."""
    text = (call.query("limit") or ["0"])[-1]
    limit = whole(text, _MOST)
    if limit is None:
        raise error("BadRequest", resource="limit", text=f"Limit must be an integer 0 or greater and not '{text}'")
    return limit


def sort_order(resource: Resource, call: Call, backwards: bool) -> list[tuple[str, bool]]:
    """Names of columns, each with True for ascending; the id last, so that the order is total (N-NET-033).

    Raises Problem (400).
    """
    keys, directions = call.query("sort_key"), call.query("sort_dir")
    if len(directions) != len(keys) or not set(directions) <= {"asc", "desc"}:
        raise bad_request("The number of sort_keys and sort_dirs must be same, each sort_dir asc or desc")
    order = []
    for key, direction in zip(keys, directions, strict=True):
        if key not in sort_keys(resource):
            raise bad_request(f"['{key}'] is invalid attribute for sort_keys")
        order.append((key, direction == "asc"))
    if "id" not in keys:
        order.append(("id", True))
    return [(key, up != backwards) for key, up in order]


@lru_cache(maxsize=32)
def sort_keys(resource: Resource) -> frozenset[str]:
    """The names a list can be sorted by: attributes kept in a column, most of them, and what the resource adds."""
    names = {
        name for name, attribute in resource.by_name.items() if attribute.sort and _column(resource, name) is not None
    }
    return frozenset({*names, "project_id", "tenant_id", *resource.orders} if resource.sortable else ())


@lru_cache(maxsize=256)
def _sortable(resource: Resource, key: str) -> sa.ColumnElement[Any]:
    """The expression by which the key sorts: null comes before everything."""
    if key in resource.orders:
        return resource.orders[key]
    column = resource.table.c["project_id" if key == "tenant_id" else key]
    least: Any = -1 if isinstance(column.type, sa.Integer) else ""
    return sa.func.coalesce(column, least) if column.nullable else column


def marker_row(tx: Connection, resource: Resource, call: Call, caller: Caller, order: pages.Order) -> Row[Any] | None:
    """The values of the marker's row in that order; None without a marker that applies. Raises Problem (404)."""
    names = call.query("marker")
    if not names or not names[-1]:
        return None
    statement, parameters = prepared(_all, caller.roles, resource), {"me": caller.project_id}
    marker = pages.find_marker(tx, statement, order, resource.table.c.id, names[-1], parameters)
    if marker is None and resource.strict_marker:
        raise error(resource.missing, id=names[-1])
    return marker


def page_links(call: Call, url: str, rows: Sequence[Row[Any]], *, forward: bool, back: bool) -> list[dict[str, str]]:
    """Links {"rel", "href"}: the first page has no previous one, the last no next; backwards likewise (N-NET-030)."""
    links = []
    if forward and rows:
        links.append({"rel": "next", "href": page_link(call, url, rows[-1].id, reverse=False)})
    if back and rows:
        links.append({"rel": "previous", "href": page_link(call, url, rows[0].id, reverse=True)})
    return links


def page_link(call: Call, url: str, marker: str, *, reverse: bool) -> str:
    query = [(name, value) for name, values in filters_of(call).items() for value in values]
    query = [(name, value) for name, value in query if name not in ("marker", "page_reverse")]
    query.append(("marker", marker))
    if reverse:
        query.append(("page_reverse", "True"))
    return f"{url}?{urlencode(query)}"
