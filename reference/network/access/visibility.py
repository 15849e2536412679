"""Which networks a caller sees, and as what: asked by networks themselves and by all that lives on one."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from reference.network.access import sharing
from reference.network.rest.errors import error
from reference.network.rest.resource import prepared, visible_where
from reference.network.tables import networks
from reference.wsgi.context import Caller

# own networks, and those an entry gives, shared or external (N-NET-021, N-NET-022, N-RBAC-003)
visible = visible_where(
    lambda caller: sa.or_(networks.c.project_id == caller.project_id, sharing.given(sharing.NETWORK, caller))
)
is_shared = sharing.is_shared(sharing.NETWORK)


def relative(caller: Caller) -> Sequence[sa.ColumnElement[bool]]:
    """What a network is to this caller, in columns `shared` and `external`."""
    return is_shared(caller).label("shared"), sharing.is_external(caller).label("external")


def _one(caller: Caller, hold: bool) -> sa.Select[Any]:
    seen = networks.c.id == sa.bindparam("network"), visible(caller)
    statement = sa.select(networks, *relative(caller)).where(*seen)
    return statement.with_for_update() if hold else statement


def network(tx: Connection, caller: Caller, network_id: str | None, *, hold: bool = False) -> Row[Any]:
    """The network of that id; with `hold` its row stays as it is until the transaction ends. Errors: 404."""
    wanted = {"network": network_id, "me": caller.project_id}
    row = tx.execute(prepared(_one, caller.roles, hold), wanted).first()
    if row is None:
        raise error("NetworkNotFound", id=network_id)
    return row


def within(caller: Caller) -> sa.Select[Any]:
    """The ids of the networks whose subnets the caller sees: its own and those shared with it."""
    return sa.select(networks.c.id).where(sa.or_(networks.c.project_id == caller.project_id, is_shared(caller)))


def shared_ids(caller: Caller) -> sa.Select[Any]:
    return sa.select(networks.c.id).where(is_shared(caller))


def owns(caller: Caller, row: Row[Any]) -> bool:
    """Whether the caller may do with it as it likes."""
    return caller.is_admin or bool(row.project_id == caller.project_id)
