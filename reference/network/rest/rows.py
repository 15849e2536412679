"""One row of a resource: fetching it for a caller, and changing it."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from reference.network.rest.errors import error
from reference.network.rest.resource import Resource, prepared
from reference.wsgi.context import Caller


def fetch(tx: Connection, resource: Resource, caller: Caller, item: str, *, hold: bool = False) -> Row[Any]:
    """The row whose id is `item`.

    With `hold` it is locked until the transaction ends; nor can other transactions insert rows that refer to it.
    Raises Problem: the resource's 404 where it does not exist or the caller cannot see it.
    """
    statement = prepared(_query, caller.roles, resource, hold)
    row = tx.execute(statement, {"item": item, "me": caller.project_id}).first()
    if row is None:
        raise error(resource.missing, id=item)
    return row


def _query(caller: Caller, resource: Resource, hold: bool) -> sa.Select[Any]:
    statement = resource.rows(caller, resource.table.c.id == sa.bindparam("item"), resource.visible(caller))
    return statement.with_for_update() if hold else statement


def change(tx: Connection, table: sa.Table, item: str, values: Mapping[str, Any]) -> None:
    """Set the columns in `values` of the row whose id is `item`, and raise its revision number.

    Without values, nothing is done.
    """
    if values:
        tx.execute(_update(table), {"changed": item, **values})


@lru_cache(maxsize=32)
def _update(table: sa.Table) -> sa.Update:
    statement = table.update().where(table.c.id == sa.bindparam("changed"))  # no column has this name
    if "revision_number" not in table.c:
        return statement
    return statement.values(revision_number=table.c.revision_number + 1)
