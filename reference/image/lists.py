"""The images a caller sees, and lists of them: filters, order, pages (G-002, G-003)."""

from typing import Any
from urllib.parse import urlencode

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from reference.image.tables import images
from reference.store import pages
from reference.store.pages import Order
from reference.wsgi.errors import Problem
from reference.wsgi.reading import whole
from reference.wsgi.routes import STRING, Call, Schema

EXACT = ("name", "status", "visibility", "owner", "id")  # "in:one,two" names several
_BOUNDS = {"size_min": images.c.size.__ge__, "size_max": images.c.size.__le__}
_SORT_KEYS = ("created_at", "id", "min_disk", "min_ram", "name", "size", "status", "visibility")
LARGEST = 1000  # entries on one page
_MOST = 2**63 - 1  # the most characters of the column
PARAMETERS: dict[str, Schema] = {
    **dict.fromkeys((*EXACT, "marker", "sort"), STRING),
    **{name: {"type": "integer", "minimum": 0} for name in (*_BOUNDS, "limit")},
    "sort_key": {"type": "array", "items": {"enum": list(_SORT_KEYS)}},
    "sort_dir": {"type": "array", "items": {"enum": ["asc", "desc"]}},
}


def visible(call: Call) -> sa.Select[Any]:
    """Public images and those of the caller's project; for admins all."""
    statement = sa.select(images)
    if call.caller.is_admin:
        return statement
    return statement.where(sa.or_(images.c.visibility == "public", images.c.owner == call.caller.project_id))


def page(tx: Connection, call: Call) -> tuple[list[sa.Row[Any]], dict[str, str]]:
    """The images of the page the query asks for, and the links to the first page and the next, by their names.

    A full page links to a next one, which may be empty. Raises Problem (400).
    """
    statement, order = visible(call).where(*_filters(call)), _order(call)
    limit = min([LARGEST, *(_whole("limit", text) for text in call.query("limit")[-1:])])
    marker = None
    for image in call.query("marker")[-1:]:
        marker = pages.find_marker(tx, visible(call), order, images.c.id, image)
        if marker is None:
            raise Problem(400, "Bad Request", f"Marker {image} could not be found.")
    rows, _more = pages.page(tx, statement, order, limit, marker)
    query = call.parameters("marker")
    links = {"first": f"/v2/images?{urlencode(query)}" if query else "/v2/images"}
    if rows and len(rows) == limit:
        links["next"] = f"/v2/images?{urlencode([*query, ('marker', rows[-1].id)])}"
    return rows, links


def _filters(call: Call) -> list[sa.ColumnElement[bool]]:
    """The conditions of the query's filters; of several values of one, the last counts. Raises Problem (400)."""
    conditions: list[sa.ColumnElement[bool]] = []
    for name in EXACT:
        for text in call.query(name)[-1:]:
            values = text.removeprefix("in:").split(",") if text.startswith("in:") else [text]
            conditions.append(images.c[name].in_(values))
    for name, bound in _BOUNDS.items():
        conditions += [bound(_whole(name, text)) for text in call.query(name)[-1:]]
    return conditions


def _order(call: Call) -> Order:
    """The order that `sort`, or `sort_key` and `sort_dir`, ask for, the id last. Raises Problem (400)."""
    pairs = [pair.partition(":") for text in call.query("sort")[-1:] for pair in text.split(",")]
    keys = [key for key, _, _ in pairs] or call.query("sort_key") or ["created_at"]
    directions = [direction or "desc" for _, _, direction in pairs] or call.query("sort_dir") or ["desc"]
    is_sortable = set(keys) <= set(_SORT_KEYS) and set(directions) <= {"asc", "desc"}
    if not is_sortable or len(directions) not in (1, len(keys)):
        raise Problem(400, "Bad Request", "This is no order that images have.")
    directions = directions * len(keys) if len(directions) == 1 else directions
    columns = [images.c[key] for key in (*keys, "id")]
    return [(column, way == "asc") for column, way in zip(columns, [*directions, directions[-1]], strict=True)]


def _whole(name: str, text: str) -> int:
    number = whole(text, _MOST)
    if number is None:
        raise Problem(400, "Bad Request", f"{name} must be a number, from 0 up.")
    return number
