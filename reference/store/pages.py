"""Keyset paging: a list in a total order, one page at a time; each begins behind the last row of the one before.

A marker is the key of a row. The page after it has the rows that sort behind that row. So a page costs
the same wherever it is, and rows that come or go meanwhile shift no other row from one page to the next.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

# columns to sort by, each with True for ascending; none of them null, the last one unique
Order = Sequence[tuple[sa.ColumnElement[Any], bool]]
_MOST = "most_rows"  # the parameter for the most rows of a page


def page(
    tx: Connection,
    statement: sa.Select[Any],
    order: Order,
    limit: int | None,
    marker: Row[Any] | None = None,
    parameters: Mapping[str, Any] | None = None,
) -> tuple[list[Row[Any]], bool]:
    """At most `limit` rows (None: all) of `statement` in that order, and whether there are more.

    `marker` is a row from `find_marker`; the page begins behind it. `parameters` are those of the statement.
    """
    order = tuple(_distinct(order))
    if marker is None:
        statement = _first_page(statement, order, limit is not None)
    else:
        statement = _arranged(statement.where(_behind(order, marker)), order, limit is not None)
    if limit is None:
        return list(tx.execute(statement, parameters)), False
    # one row more than the page shows whether there is another page
    rows = list(tx.execute(statement, {**(parameters or {}), _MOST: limit + 1}))
    return rows[:limit], 0 < limit < len(rows)


def _arranged(statement: sa.Select[Any], order: Order, limited: bool) -> sa.Select[Any]:
    """The statement in that order; if `limited`, with a limit that is the parameter `_MOST`."""
    statement = statement.order_by(*(_directed(column, ascending) for column, ascending in order))
    return statement.limit(sa.bindparam(_MOST, type_=sa.Integer)) if limited else statement


_first_page = lru_cache(maxsize=512)(_arranged)  # the same statement object for the same list


def find_marker(
    tx: Connection,
    statement: sa.Select[Any],
    order: Order,
    key: sa.Column[Any],
    marker: str,
    parameters: Mapping[str, Any] | None = None,
) -> Row[Any] | None:
    """The values of the order's columns in the row whose `key` is `marker`; None where `statement` finds no such
    row.
    """
    values: sa.Select[Any] = statement.with_only_columns(*(column for column, _ in _distinct(order)))
    return tx.execute(values.where(key == marker), parameters).first()


@lru_cache(maxsize=512)
def _directed(column: sa.ColumnElement[Any], ascending: bool) -> sa.ColumnElement[Any]:
    return column.asc() if ascending else column.desc()


def _distinct(order: Order) -> Order:
    """The order without its repeated columns, which change nothing: clients may send any number of them."""
    return list({id(column): (column, ascending) for column, ascending in reversed(order)}.values())[::-1]


def _behind(order: Order, marker: Sequence[Any]) -> sa.ColumnElement[bool]:
    """Rows behind the marker: equal to it in the first columns, beyond it in the next."""
    alternatives = []
    equal: list[sa.ColumnElement[bool]] = []
    for (column, ascending), value in zip(order, marker, strict=True):
        bound = sa.literal(value, column.type)
        alternatives.append(sa.and_(*equal, column > bound if ascending else column < bound))
        equal.append(column == bound)
    return sa.or_(*alternatives)
