"""One row of a resource: found for its caller, and changed."""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from reference.network.rest.errors import error
from reference.network.rest.resource import Resource, prepared
from reference.wsgi.context import Caller


def fetch(tx: Connection, resource: Resource, caller: Caller, item: str, *, hold: bool = False) -> Row[Any]:
    """The row the caller names; with `hold` nobody else changes it, or refers to it anew, until the transaction ends.

    Errors: the resource's 404 where it is not there or not to be seen.
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
    """Write those columns of one row; nothing to write is fine."""
    if values:
        tx.execute(table.update().where(table.c.id == sa.bindparam("changed")), {"changed": item, **values})
