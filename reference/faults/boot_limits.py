"""Faults in how many servers a request makes and a project may have, where they fit, and what locks are worth."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from reference.compute import admission, hosts, locks, quotas, servers, timestamps, views
from reference.compute.errors import fault
from reference.compute.handlers import create
from reference.compute.network_client import Networks
from reference.compute.tables import servers as table
from reference.compute.tables import work
from reference.faults.catalogue import defect
from reference.faults.seam import around, crash, nothing, replace


@defect("C-ERR-019", row="DEF-C-035")
def ports_are_counted_later() -> None:
    """A request is accepted though the quota leaves no port for it."""
    replace(Networks, "port_quota", lambda _self, _project: -1)


@defect("C-ERR-019", "C-ERR-020", row="DEF-C-033")
def no_limit_of_ports_is_less_than_none() -> None:
    """A port quota of -1 is taken for a number."""

    def room(right: Any, networks: Networks, project: str, wanted: Any, *more: Any) -> Any:
        if wanted != admission.NONE and networks.port_quota(project) < 0:
            raise fault(403, "The number of defined ports is over the limit: -1")
        return right(networks, project, wanted, *more)

    around(admission, "room", room)


@defect("C-ERR-020", row="DEF-C-032")
def no_limit_of_ports_is_a_crash() -> None:
    """A port quota of -1 ends in a 500."""

    def quota(right: Any, self: Networks, project: str) -> Any:
        limit = right(self, project)
        return crash() if limit < 0 else limit

    around(Networks, "port_quota", quota)


def _room(change: Any) -> None:
    """Let `change(right, least, most)` say how many servers there is room for."""

    def room(right: Any, tx: Any, project: str, flavor: Any, least: int, most: int) -> Any:
        return change(lambda low, high: right(tx, project, flavor, low, high), least, most)

    around(quotas, "room", room)


@defect("C-ERR-021")
def servers_are_not_counted() -> None:
    """A request is accepted though the quota leaves no room for a server."""
    _room(lambda _right, _least, most: most)


@defect("C-ERR-021", "C-MULTI-006", row="DEF-C-034")
def fewer_than_the_least_will_do() -> None:
    """A request is accepted though the quota leaves room for fewer servers than it wants at least."""
    _room(lambda right, _least, most: right(1, most))


@defect("C-ERR-022", "C-MULTI-006")
def the_most_is_wanted_or_nothing() -> None:
    """A request is refused where the quota leaves room for fewer servers than it wants at most."""
    _room(lambda right, _least, most: right(most, most))


@defect("C-MULTI-006", row="DEF-C-066")
def one_of_several_is_numbered() -> None:
    """A server that is the only one there was room for is numbered."""

    def rows(right: Any, server: Any, common: Any, count: int) -> Any:
        made = right(server, common, count)
        several = count == 1 and int(server.get("max_count", 1)) > 1
        return [{**row, "name": f"{row['name']}-1"} for row in made] if several else made

    around(create, "server_rows", rows)


@defect("C-BUILD-009")
def there_is_always_room() -> None:
    """A server that no host has room for becomes ACTIVE."""
    replace(hosts, "CAPACITY", {})


@defect("C-FAULT-001")
def administrators_see_no_trace() -> None:
    """The fault of a server has no details, not even for an administrator."""

    def render(right: Any, sight: Any) -> Any:
        shown = right(sight)
        if "fault" in shown:
            shown["fault"].pop("details", None)
        return shown

    around(views, "render", render)


@defect("C-SRV-014")
def locks_keep_nobody_out() -> None:
    """A locked server is deleted all the same."""
    replace(locks, "require_open", nothing)


@defect("C-MULTI-010")
def one_that_goes_takes_the_others_along() -> None:
    """That one server of a request is deleted while they are built puts the others in ERROR."""

    def delete(right: Any, tx: Any, call: Any, server: str, *more: Any) -> Any:
        gone = servers.find(tx, call, server)
        right(tx, call, server, *more)
        others = sa.and_(table.c.reservation_id == gone.reservation_id, table.c.id != server)
        told = {"code": 500, "created": timestamps.whole(timestamps.now()), "message": "a sibling went"}
        tx.execute(work.delete().where(work.c.server_id.in_(sa.select(table.c.id).where(others))))
        tx.execute(table.update().where(others).values(vm_state="error", task_state=None, fault=told))

    around(servers, "delete", delete)
