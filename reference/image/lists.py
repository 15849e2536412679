"""Which images a caller sees, and lists of them: found by what, in which order, a page at a time (G-002, G-003)."""

from typing import Any
from urllib.parse import urlencode

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from reference.image.tables import images
from reference.wsgi.errors import Problem
from reference.wsgi.routes import Call

_EXACT = ("name", "status", "visibility", "owner", "id")  # "in:one,two" names several
_BOUNDS = {"size_min": images.c.size.__ge__, "size_max": images.c.size.__le__}
_SORT_KEYS = ("created_at", "id", "min_disk", "min_ram", "name", "size", "status", "visibility")
LARGEST = 1000  # entries on one page


def visible(call: Call) -> sa.Select[Any]:
    statement = sa.select(images)
    if call.caller.is_admin:
        return statement
    return statement.where(sa.or_(images.c.visibility == "public", images.c.owner == call.caller.project_id))


def page(tx: Connection, call: Call) -> tuple[list[sa.Row[Any]], dict[str, str]]:
    """The images of the page the query asks for, and the links to the first page and the next. Errors: 400."""
    statement, order, limit = visible(call).where(*_filters(call)), _order(call), _limit(call)
    for marker in call.query("marker")[-1:]:
        statement = statement.where(_behind(tx, call, order, marker))
    columns = [images.c[key].asc() if up else images.c[key].desc() for key, up in order]
    rows = list(tx.execute(statement.order_by(*columns).limit(limit)))
    query = [(name, value) for name in call.request.params if name != "marker" for value in call.query(name)]
    links = {"first": f"/v2/images?{urlencode(query)}" if query else "/v2/images"}
    if rows and len(rows) == limit:
        links["next"] = f"/v2/images?{urlencode([*query, ('marker', rows[-1].id)])}"
    return rows, links


def _filters(call: Call) -> list[sa.ColumnElement[bool]]:
    """What the query asks of an image. Errors: 400."""
    conditions = []
    for name in _EXACT:
        for value in call.query(name)[-1:]:
            several = value.removeprefix("in:").split(",") if value.startswith("in:") else [value]
            conditions.append(images.c[name].in_(several))
    bounds = [(name, bound, value) for name, bound in _BOUNDS.items() for value in call.query(name)[-1:]]
    return [*conditions, *(bound(_whole(name, value)) for name, bound, value in bounds)]


def _order(call: Call) -> list[tuple[str, bool]]:
    """The keys to sort by, whether each goes up, the id last. Errors: 400."""
    given = [each.partition(":") for value in call.query("sort")[-1:] for each in value.split(",")]
    keys = [key for key, _, _ in given] or call.query("sort_key") or ["created_at"]
    ways = [way or "desc" for _, _, way in given] or call.query("sort_dir") or ["desc"]
    if not set(keys) <= set(_SORT_KEYS) or not set(ways) <= {"asc", "desc"} or len(ways) not in (1, len(keys)):
        raise Problem(400, "Bad Request", "This is no order that images have.")
    ways = ways * len(keys) if len(ways) == 1 else ways
    return [(key, way == "asc") for key, way in zip([*keys, "id"], [*ways, ways[-1]], strict=True)]


def _limit(call: Call) -> int:
    """How many entries a page has. Errors: 400."""
    given = [_whole("limit", value) for value in call.query("limit")[-1:]]
    return min([LARGEST, *given])


def _whole(name: str, value: str) -> int:
    if not (value.isascii() and value.isdigit()):
        raise Problem(400, "Bad Request", f"{name} must be a number, from 0 up.")
    return int(value)


def _behind(tx: Connection, call: Call, order: list[tuple[str, bool]], marker: str) -> sa.ColumnElement[bool]:
    """Images behind the marker: equal to it in the first keys, beyond it in the next. Errors: 400."""
    row = tx.execute(visible(call).where(images.c.id == marker)).first()
    if row is None:
        raise Problem(400, "Bad Request", f"Marker {marker} could not be found.")
    beyond: list[sa.ColumnElement[bool]] = []
    same: sa.ColumnElement[bool] = sa.true()
    for key, up in order:
        column, value = images.c[key], row._mapping[key]
        beyond.append(sa.and_(same, column > value if up else column < value))
        same = sa.and_(same, column == value)
    return sa.or_(*beyond)
