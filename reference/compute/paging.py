"""Pages of a list: a limit, a marker, an order that is total because it ends with the id."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from reference.compute.errors import bad_query, fault
from reference.wsgi.reading import whole
from reference.wsgi.routes import STRING, Call, Schema

LARGEST = 1000  # entries on one page

Columns = Mapping[str, sa.ColumnElement[Any] | None]  # by the key that asks for it
Order = Sequence[tuple[sa.ColumnElement[Any], bool]]  # what to sort by, and whether ascending


def parameters(keys: Iterable[str] = ()) -> dict[str, Schema]:
    """What a query may say of pages, and of their order where there are keys to sort by."""
    pages: dict[str, Schema] = {"limit": {"type": "integer", "minimum": 0}, "marker": STRING}
    sorting: dict[str, Schema] = {
        "sort_key": {"type": "array", "items": {"enum": list(keys)}},
        "sort_dir": {"type": "array", "items": {"enum": ["asc", "desc"]}},
    }
    return pages | (sorting if keys else {})


def limit(call: Call) -> int:
    """How many entries the caller wants on a page. Errors: 400."""
    for text in call.query("limit"):
        wanted = whole(text, LARGEST)
        if wanted is None:
            raise bad_query("limit", text, f"'{text}' does not match '^[0-9]+$'")
        return wanted
    return LARGEST


def order(call: Call, columns: Columns, default: str, *, ascending: bool) -> Order:
    """What `sort_key` and `sort_dir` ask for; a key that has no column sorts nothing. Errors: 400."""
    keys = call.query("sort_key") or [default]
    directions = call.query("sort_dir")
    for key in keys:
        if key not in columns:
            raise bad_query("sort_key", key, f"'{key}' is not one of {list(columns)}")
    if not set(directions) <= {"asc", "desc"}:
        raise fault(400, "Invalid input received: Unknown sort direction, must be 'desc' or 'asc'")
    if len(directions) > len(keys):
        raise fault(400, "Invalid input received: Sort direction size exceeds sort key size")
    ups = [direction == "asc" for direction in directions]
    ups += [ups[-1] if ups else ascending] * (len(keys) - len(ups))
    found = [(columns[key], up) for key, up in zip(keys, ups, strict=True)]
    return [(column, up) for column, up in found if column is not None]


def page(
    tx: Connection, call: Call, statement: sa.Select[Any], key: sa.Column[Any], ordered: Order
) -> tuple[list[Row[Any]], bool]:
    """The rows of the page the query asks for, and whether there are more. Errors: 400 for an unknown marker."""
    total = [*ordered, (key, True)]
    marker = (call.query("marker") or [""])[-1]
    if marker:
        # what the marker's row has in the columns of the order
        ends = tx.execute(statement.with_only_columns(*(column for column, _ in total)).where(key == marker)).first()
        if ends is None:
            raise fault(400, f"marker [{marker}] not found")
        statement = statement.where(_after(total, ends))
    wanted = limit(call)
    rows = tx.execute(
        statement.order_by(*(column.asc() if up else column.desc() for column, up in total)).limit(wanted + 1)
    ).all()
    return list(rows[:wanted]), 0 < wanted < len(rows)


def following(call: Call, url: str, last: str) -> list[dict[str, str]]:
    """The link to the next page: the same query from `last` on."""
    query = [(name, value) for name in call.request.params if name != "marker" for value in call.query(name)]
    return [{"rel": "next", "href": f"{url}?{urlencode([*query, ('marker', last)])}"}]


def _after(ordered: Order, ends: Row[Any]) -> sa.ColumnElement[bool]:
    """Rows behind the marker: equal in the first columns, beyond it in the next."""
    beyond = []
    same: list[sa.ColumnElement[bool]] = []
    for (column, up), value in zip(ordered, ends, strict=True):
        beyond.append(sa.and_(*same, column > value if up else column < value))
        same.append(column == value)
    return sa.or_(*beyond)
