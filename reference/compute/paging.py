"""A query's parameters for pages and their order, in Compute's dialect; `reference.store.pages` reads the pages."""

from collections.abc import Container, Iterable, Mapping
from typing import Any
from urllib.parse import urlencode

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from reference.compute.errors import bad_query, fault
from reference.store import pages
from reference.store.pages import Order
from reference.wsgi.reading import whole
from reference.wsgi.routes import STRING, Call, Schema

LARGEST = 1000  # entries on one page

Columns = Mapping[str, sa.ColumnElement[Any] | None]  # by the sort key that asks for it


def parameters(keys: Iterable[str] = ()) -> dict[str, Schema]:
    """The schemas of the parameters for pages, and for their order where there are keys to sort by."""
    paged: dict[str, Schema] = {"limit": {"type": "integer", "minimum": 0}, "marker": STRING}
    sorting: dict[str, Schema] = {
        "sort_key": {"type": "array", "items": {"enum": list(keys)}},
        "sort_dir": {"type": "array", "items": {"enum": ["asc", "desc"]}},
    }
    return paged | (sorting if keys else {})


def limit(call: Call) -> int:
    """How many entries the caller wants on a page, LARGEST at most. Raises Problem (400)."""
    for text in call.query("limit"):
        number = whole(text, LARGEST)
        if number is None:
            raise bad_query("limit", text, f"'{text}' does not match '^[0-9]+$'")
        return number
    return LARGEST


def order(
    call: Call, columns: Columns, default: str, *, ascending: bool, ignored: Container[str] = frozenset()
) -> Order:
    """The order of `sort_key` and `sort_dir`; a key without a column sorts nothing. Raises Problem (400).

    An `ignored` key is left out, and the direction at its place with it.
    """
    keys, directions = call.query("sort_key"), call.query("sort_dir")
    left_out = [place for place, key in enumerate(keys) if key in ignored]
    directions = [direction for place, direction in enumerate(directions) if place not in left_out]
    keys = [key for key in keys if key not in ignored] or [default]
    for key in keys:
        if key not in columns:
            raise bad_query("sort_key", key, f"'{key}' is not one of {list(columns)}")
    if not set(directions) <= {"asc", "desc"}:
        raise fault(400, "Invalid input received: Unknown sort direction, must be 'desc' or 'asc'")
    if len(directions) > len(keys):
        raise fault(400, "Invalid input received: Sort direction size exceeds sort key size")
    ups = [direction == "asc" for direction in directions]
    ups += [ups[-1] if ups else ascending] * (len(keys) - len(ups))
    pairs = [(columns[key], up) for key, up in zip(keys, ups, strict=True)]
    return [(column, up) for column, up in pairs if column is not None]


def page(
    tx: Connection,
    call: Call,
    statement: sa.Select[Any],
    key: sa.Column[Any],
    order: Order,
    parameters: Mapping[str, Any] | None = None,
) -> tuple[list[Row[Any]], bool]:
    """The rows of the page the query asks for, in that order and then by `key`, and whether there are more.

    `parameters` are the statement's.
    Raises Problem: 400 for an unknown marker or an invalid limit.
    """
    total = [*order, (key, True)]
    name = (call.query("marker") or [""])[-1]
    marker = pages.find_marker(tx, statement, total, key, name, parameters) if name else None
    if name and marker is None:
        raise fault(400, f"marker [{name}] not found")
    return pages.page(tx, statement, total, limit(call), marker, parameters)


def following(call: Call, url: str, last: str) -> list[dict[str, str]]:
    """The link to the next page: the same query, with the key `last` as its marker."""
    return [{"rel": "next", "href": f"{url}?{urlencode([*call.parameters('marker'), ('marker', last)])}"}]
