"""Which networks a caller sees: asked by networks themselves and by all that lives on one."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from reference.network.errors import error
from reference.network.resource import visible_where
from reference.network.tables import networks
from reference.wsgi.context import Caller

# own networks, shared ones, external ones (N-NET-021, N-NET-022, N-RBAC-003)
visible = visible_where(
    lambda caller: sa.or_(networks.c.project_id == caller.project_id, networks.c.shared, networks.c.external)
)


def network(tx: Connection, caller: Caller, network_id: str | None, *, hold: bool = False) -> Row[Any]:
    """The network of that id; with `hold` its row stays as it is until the transaction ends. Errors: 404."""
    statement = sa.select(networks).where(networks.c.id == network_id, visible(caller))
    row = tx.execute(statement.with_for_update() if hold else statement).first()
    if row is None:
        raise error("NetworkNotFound", id=network_id)
    return row


def owns(caller: Caller, row: Row[Any]) -> bool:
    """Whether the caller may do with it as it likes."""
    return caller.is_admin or bool(row.project_id == caller.project_id)
