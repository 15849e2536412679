"""Faults in who may do what, in what is lent, and in the limits of a project."""

from __future__ import annotations

import dataclasses
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from reference.faults.catalogue import defect
from reference.faults.network_seam import with_role
from reference.faults.seam import around, nothing, replace
from reference.network.access import quotas, sharing
from reference.network.handlers import collection
from reference.network.handlers.quotas import Quotas
from reference.network.handlers.topology import Topology
from reference.network.resources import rbac
from reference.network.rest.resource import Resource
from reference.network.tables import networks
from reference.network.tables import rbac as rbac_table
from reference.wsgi.context import Caller
from reference.wsgi.routes import Answer, Call


@defect("N-RBAC-001")
def readers_are_members() -> None:
    """A reader may change what the project owns."""

    def require(right: Any, resource: Resource, caller: Caller, operation: str, row: Row[Any] | None = None) -> None:
        right(resource, with_role(caller, "member"), operation, row)

    around(collection, "require", require)


@defect("N-RBAC-010")
def readers_take_topologies_away() -> None:
    """A reader may delete the project's topology."""

    def delete(right: Any, self: Topology, call: Call) -> Answer:
        call.request.context.caller = with_role(call.caller, "member")
        return right(self, call)  # type: ignore[no-any-return]

    around(Topology, "delete", delete)


@defect("N-RBAC-004")
def administrators_change_their_own() -> None:
    """An administrator sees what other projects have, and may not change it."""

    def require(right: Any, resource: Resource, caller: Caller, operation: str, row: Row[Any] | None = None) -> None:
        right(resource, dataclasses.replace(caller, roles=frozenset({"member"})), operation, row)

    around(collection, "require", require)


@defect("N-RBAC-007")
def what_is_lent_stays_hidden() -> None:
    """A network that is shared with one project is seen by its owner alone."""

    def add(right: Any, tx: Connection, kind: Any, item: str, action: str, project: str, target: str) -> str:
        return right(tx, kind, item, action, project, target if target == sharing.ALL else project)  # type: ignore[no-any-return]

    around(sharing, "add", add)


@defect("N-RBAC-007b", live="neutron-2025.2")
def external_for_one_is_external_to_all() -> None:
    """A network that is external for one project is shown so to whoever sees it."""

    def external(_caller: Caller) -> sa.ColumnElement[bool]:
        return sa.exists().where(rbac_table.c.network_id == networks.c.id, rbac_table.c.action == sharing.EXTERNAL)

    replace(sharing, "is_external", external)


@defect("N-RBAC-008")
def what_is_lent_may_be_taken_back() -> None:
    """What is shared may be taken back while it is used."""
    replace(rbac, "_refuse_in_use", nothing)


@defect("N-RBAC-011")
def members_share_with_everyone() -> None:
    """A member may share a network with every project."""
    replace(rbac, "_refuse_wildcard", nothing)


@defect("N-QUOTA-001")
def limits_do_not_hold() -> None:
    """Limits are kept, and not looked at."""
    replace(collection, "check_quota", nothing)


@defect("N-QUOTA-001")
def limits_allow_one_more() -> None:
    """A project may have one more of everything than its limit."""

    def check(right: Any, tx: Connection, project: str, resource: str | None, more: int = 1) -> None:
        right(tx, project, resource, more - 1)

    around(collection, "check_quota", check)


@defect("N-QUOTA-003")
def limits_are_not_kept() -> None:
    """Limits that an administrator sets are taken and not kept."""
    replace(quotas, "set_limits", nothing)


@defect("N-QUOTA-003")
def limits_are_given_up_again_and_again() -> None:
    """Giving up limits that there are not answers 204."""
    around(quotas, "reset", lambda right, tx, project: right(tx, project) or 1)


@defect("N-QUOTA-003b", "N-RBAC-002")
def members_set_their_limits() -> None:
    """A member may set limits."""
    around(Quotas, "_changed", lambda _right, _self, call: call.params["project"])


@defect("N-QUOTA-002")
def details_lack_the_limit() -> None:
    """What is used of a limit is told as if there were none."""
    around(Quotas, "details", lambda right, self, call: _unlimited(right(self, call)))


def _unlimited(answer: Answer) -> Answer:
    shown: Any = answer.body
    return Answer({"quota": {name: {**each, "limit": -1} for name, each in shown["quota"].items()}})


@defect("N-QUOTA-005")
def gateway_ports_count() -> None:
    """The gateway port of a router counts as the project's."""

    def used(right: Any, tx: Connection, project: str, resource: str) -> int:
        routers = right(tx, project, "router") if resource == "port" else 0
        return int(right(tx, project, resource)) + int(routers)

    around(quotas, "used", used)


@defect("N-QUOTA-006", "N-AAT-046", row="DEF-N-030")
def limits_stop_topologies() -> None:
    """A project at its limit of networks gets no topology."""

    def show(right: Any, self: Topology, call: Call) -> Answer:
        self.store.write(lambda tx: quotas.check_quota(tx, call.caller.project_id, "network"))
        return right(self, call)  # type: ignore[no-any-return]

    around(Topology, "show", show)
