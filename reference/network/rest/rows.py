"""One row of a resource: found for its caller, and changed."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from reference.network.rest.errors import error
from reference.network.rest.resource import Resource, prepared
from reference.wsgi.context import Caller


def fetch(tx: Connection, resource: Resource, caller: Caller, item: str, *, hold: bool = False) -> Row[Any]:
    """The row of that id; with `hold`, it is locked until the transaction ends, also against new references to it.

    Raises Problem: the resource's 404 where it does not exist or the caller cannot see it.
    """
    statement = prepared(_one, caller.roles, resource, hold)
    row = tx.execute(statement, {"item": item, "me": caller.project_id}).first()
    if row is None:
        raise error(resource.missing, id=item)
    return row


def _one(caller: Caller, resource: Resource, hold: bool) -> sa.Select[Any]:
    statement = resource.rows(caller, resource.table.c.id == sa.bindparam("item"), resource.visible(caller))
    return statement.with_for_update() if hold else statement


def change(tx: Connection, table: sa.Table, item: str, values: Mapping[str, Any]) -> None:
    """Set those columns of one row, which is one more revision of it; there may be none."""
    if values:
        tx.execute(_changed(table), {"changed": item, **values})


@lru_cache(maxsize=32)
def _changed(table: sa.Table) -> sa.Update:
    statement = table.update().where(table.c.id == sa.bindparam("changed"))
    if "revision_number" not in table.c:
        return statement
    return statement.values(revision_number=table.c.revision_number + 1)
