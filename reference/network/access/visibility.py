"""The networks that a caller sees, for networks themselves and for objects that depend on one."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from reference.network.access import sharing
from reference.network.rest.errors import error
from reference.network.rest.resource import owned_by, prepared, visible_where
from reference.network.tables import networks
from reference.wsgi.context import Caller

# the caller's networks, and those that an entry shares or makes external (N-NET-021, N-NET-022, N-RBAC-003)
visible = visible_where(
    lambda caller: sa.or_(networks.c.project_id == caller.project_id, sharing.given(sharing.NETWORK, caller))
)
is_shared = sharing.is_shared(sharing.NETWORK)
# the owner of the network of an id, whether the caller sees it or not
OWNER = sa.select(networks.c.project_id).where(networks.c.id == sa.bindparam("network"))


def relative(caller: Caller) -> Sequence[sa.ColumnElement[bool]]:
    """The columns `shared` and `external` of a network, as this caller sees it."""
    return is_shared(caller).label("shared"), sharing.is_external(caller).label("external")


def _one(caller: Caller) -> sa.Select[Any]:
    return sa.select(networks, *relative(caller)).where(networks.c.id == sa.bindparam("network"), visible(caller))


def network(tx: Connection, caller: Caller, network_id: str | None) -> Row[Any]:
    """The network of that id. Raises Problem (404)."""
    row = tx.execute(prepared(_one, caller.roles), {"network": network_id, "me": caller.project_id}).first()
    if row is None:
        raise error("NetworkNotFound", id=network_id)
    return row


def within(caller: Caller) -> sa.Select[Any]:
    """A SELECT of the ids of networks whose subnets the caller sees: its own, shared and external ones."""
    accessible = sharing.given(sharing.NETWORK, caller)
    return sa.select(networks.c.id).where(sa.or_(networks.c.project_id == caller.project_id, accessible))


def shared_ids(caller: Caller) -> sa.Select[Any]:
    """A SELECT of the ids of networks that are shared with the caller."""
    return sa.select(networks.c.id).where(is_shared(caller))


def external_ids(caller: Caller) -> sa.Select[Any]:
    """A SELECT of the ids of networks that are external for the caller."""
    return sa.select(networks.c.id).where(sharing.is_external(caller))


def owns(caller: Caller, row: Row[Any]) -> bool:
    """Whether the caller may change the network: its owner and admins may."""
    return owned_by(caller, row)
