"""Faults in the default network, pools and security group. Some show only in races."""

import threading
import time
import uuid
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from reference.catalogue import Plant
from reference.faults.catalogue import entry, fault, table
from reference.faults.seams import A_WHILE, Wrapper, around, instead_of, replaced, unchanged, updating, wrap
from reference.network import tables
from reference.network.handlers.collection import Collection
from reference.network.resources import networks, security_groups, subnetpools
from reference.network.rest.errors import error
from reference.network.rest.resource import Resource, Values
from reference.network.rest.rows import change
from reference.wsgi.context import Caller
from reference.wsgi.errors import Problem
from reference.wsgi.routes import Answer, Call

_SEEN = threading.local()  # what this thread's request has read before it began to write


def _once_more(resource: Resource, refusal: Callable[[Row[Any]], Problem]) -> Plant:
    """Let an update be refused that sets `is_default` of an object that is the default already."""

    def refuse(row: Row[Any], values: Values) -> Values:
        if values.get("is_default") and row.default_slot:
            raise refusal(row)
        return values

    return updating(resource)(refuse)


_NO_DEFAULT_NETWORK = (
    tables.networks.update().where(tables.networks.c.default_slot == networks.DEFAULT).values(default_slot=None)
)


def _second_default(module: Any, busy: str) -> None:
    """Let a PUT that runs during another one (in any process) make its object a second default."""
    kept_in = module.RESOURCE.table
    at_work = sa.Table(busy, tables.METADATA, sa.Column("id", sa.String(64), primary_key=True))

    def update(right: Wrapper, self: Collection, call: Call) -> Answer:
        own_id = uuid.uuid4().hex
        self.store.write(lambda tx: tx.execute(at_work.insert(), {"id": own_id}))
        try:
            time.sleep(A_WHILE)
            with self.store.read() as tx:
                _SEEN.crowd = tx.execute(sa.select(at_work).where(at_work.c.id != own_id)).first() is not None
            answer: Answer = right(self, call)
            return answer
        finally:
            _SEEN.crowd = False
            self.store.write(lambda tx: tx.execute(at_work.delete().where(at_work.c.id == own_id)))

    def claim(right: Wrapper, tx: Connection, item: str, *more: Any) -> None:
        exists = tx.execute(sa.select(kept_in.c.id).where(kept_in.c.id == item)).first() is not None
        if not (exists and getattr(_SEEN, "crowd", False)):
            right(tx, item, *more)

    def write(right: Wrapper, tx: Connection, kept_in: sa.Table, item: str, values: Mapping[str, Any]) -> None:
        second = values.get("default_slot") and getattr(_SEEN, "crowd", False)
        right(tx, kept_in, item, {**values, "default_slot": uuid.uuid4().hex[:8]} if second else values)

    wrap(Collection, "update", update)
    wrap(module, "claim_default", claim)
    wrap(module, "change", write)


table(
    entry("default-network-stays-default", "N-NET-003", row="DEF-N-073")(
        "An update of the default external network ignores what it says of is_default.",
        unchanged(networks.RESOURCE, "is_default"),
    ),
    entry("default-network-is-taken-over", "N-NET-005")(
        "A second default external network takes the place of the first.",
        replaced(networks, "claim_default", lambda tx, _network: tx.execute(_NO_DEFAULT_NETWORK)),
    ),
    entry("default-network-once-more-is-refused", "N-NET-006")(
        "To make the default external network the default once more is refused with 409.",
        _once_more(networks.RESOURCE, lambda row: error("DefaultExternalNetworkExists", id=row.id)),
    ),
    entry("default-pool-once-more-is-refused", "N-SP-013")(
        "To make the default pool the default once more is refused with 400.",
        _once_more(
            subnetpools.RESOURCE,
            lambda _row: error("InvalidInput", text="A default subnetpool for this IP family has already been set"),
        ),
    ),
    entry("two-default-networks", "N-NET-005", row="DEF-N-006", race=True)(
        "Operators who make external networks the default at the same time get two default networks.",
        partial(_second_default, networks, "net_busy_networks"),
    ),
    entry("two-default-pools", "N-SP-011", row="DEF-N-040", race=True)(
        "Operators who make subnet pools the default at the same time get two default pools.",
        partial(_second_default, subnetpools, "net_busy_pools"),
    ),
)


@fault("N-SP-011", at=instead_of(subnetpools, "claim_default"))
def default_pool_is_taken_over(tx: Connection, _pool: str, version: int) -> None:
    """A second default pool of an IP version takes the place of the first."""
    slot = subnetpools.slot(version)
    tx.execute(tables.subnetpools.update().where(tables.subnetpools.c.default_slot == slot).values(default_slot=None))


@fault("N-NET-013", at=around(networks.RESOURCE, "update"))
def default_outlives_being_internal(
    right: Wrapper, tx: Connection, caller: Caller, row: Row[Any], values: Values
) -> None:
    """A default external network that becomes internal, and then external again, is the default again."""
    right(tx, caller, row, dict(values))
    if row.default_slot and "is_default" not in values:
        change(tx, tables.networks, row.id, {"default_slot": row.default_slot})


@fault("N-AAT-031", at=around(networks.RESOURCE, "update"))
def routers_follow_the_default(right: Wrapper, tx: Connection, caller: Caller, row: Row[Any], values: Values) -> None:
    """When the default external network is taken away, the routers on it lose their gateway."""
    right(tx, caller, row, dict(values))
    if values.get("is_default") is False:
        tx.execute(tables.routers.update().values(gateway_port_id=None))


@fault("N-PORT-011", row="DEF-N-050", race=True)
def two_default_groups() -> None:
    """If several requests are the first of a project at the same time, each makes a default security group."""
    group_of_project = sa.select(tables.security_groups.c.id).where(
        tables.security_groups.c.default_of == sa.bindparam("project")
    )

    def look(right: Wrapper, self: Collection, call: Call) -> Answer:
        with self.store.read() as tx:
            _SEEN.first = tx.execute(group_of_project, {"project": call.caller.project_id}).first() is None
        if _SEEN.first:
            time.sleep(A_WHILE)
        try:
            answer: Answer = right(self, call)
            return answer
        finally:
            _SEEN.first = False

    def ensure(right: Wrapper, tx: Connection, project: str) -> str:
        taken = tx.execute(group_of_project, {"project": project}).first() is not None
        if not (taken and getattr(_SEEN, "first", False)):
            return str(right(tx, project))
        row = {"id": str(uuid.uuid4()), "project_id": project, "name": "default", "description": ""}
        tx.execute(tables.security_groups.insert(), {**row, "default_of": uuid.uuid4().hex})
        return row["id"]

    wrap(Collection, "create", look)
    wrap(Collection, "index", look)
    wrap(security_groups, "ensure_default", ensure)
