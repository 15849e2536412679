"""Faults in who may do what, in sharing, and in the limits of a project."""

import dataclasses
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from reference.catalogue import Plant
from reference.faults.catalogue import entry, fault, table
from reference.faults.seams import Wrapper, around, as_role, body_of, changed, instead_of, replaced, with_role, without
from reference.network import tables
from reference.network.access import quotas, sharing
from reference.network.handlers import collection
from reference.network.handlers.quotas import Quotas
from reference.network.handlers.topology import Topology
from reference.network.resources import rbac
from reference.network.rest.resource import Resource
from reference.wsgi.context import Caller
from reference.wsgi.routes import Answer, Call


def _unlimited(answer: Answer) -> Answer:
    body = body_of(answer)
    return Answer({"quota": {name: {**detail, "limit": -1} for name, detail in body["quota"].items()}})


def _counting_one_more(name: str) -> Plant:
    return changed(quotas, "all_used", lambda used: {**used, name: used[name] + 1})


table(
    entry("readers-are-members", "N-RBAC-001")(
        "A reader may change what the project owns.", as_role(collection, "require", "member")
    ),
    entry("what-is-lent-may-be-taken-back", "N-RBAC-008")(
        "What is shared may be taken back while it is used.", without(rbac, "refuse_in_use")
    ),
    entry("members-share-with-everyone", "N-RBAC-011")(
        "A member may share a network with every project.", without(rbac, "refuse_wildcard")
    ),
    entry("limits-do-not-hold", "N-QUOTA-001")("Limits are kept, and not looked at.", without(quotas, "check_quota")),
    entry("limits-allow-one-more", "N-QUOTA-001")(
        "A project may have one more of everything than its limit.",
        around(quotas, "check_quota")(
            lambda right, tx, project, resource, more=1: right(tx, project, resource, more - 1)
        ),
    ),
    entry("limits-are-not-kept", "N-QUOTA-003")(
        "Limits that an administrator sets are accepted and not stored.", without(quotas, "set_limits")
    ),
    entry("limits-are-given-up-again-and-again", "N-QUOTA-003")(
        "Giving up limits that there are not answers 204.",
        around(quotas, "reset")(lambda right, tx, project: right(tx, project) or 1),
    ),
    entry("members-set-their-limits", "N-QUOTA-003b", "N-RBAC-002")(
        "A member may set limits.", replaced(Quotas, "project_to_change", lambda _self, call: call.params["project"])
    ),
    *(
        entry(f"one-{name.replace('_', '-')}-more-is-used", "N-QUOTA-002")(
            f"The details of a quota count one {name} too many.", _counting_one_more(name)
        )
        for name in ("floatingip", "security_group", "security_group_rule", "subnetpool")
    ),
    entry("details-lack-the-limit", "N-QUOTA-002")(
        "The use of a limit is reported as if it were unlimited.", changed(Quotas, "details", _unlimited)
    ),
)


@fault("N-RBAC-010", at=around(Topology, "delete"))
def readers_take_topologies_away(right: Wrapper, self: Topology, call: Call) -> Answer:
    """A reader may delete the project's topology."""
    call.request.context.caller = with_role(call.caller, "member")
    return right(self, call)  # type: ignore[no-any-return]


@fault("N-RBAC-004", at=around(collection, "require"))
def administrators_change_their_own(right: Wrapper, resource: Resource, caller: Caller, *operation: Any) -> None:
    """An administrator sees what other projects have, and may not change it."""
    right(resource, dataclasses.replace(caller, roles=frozenset({"member"})), *operation)


@fault("N-RBAC-007", at=around(sharing, "add"))
def what_is_lent_stays_hidden(
    right: Wrapper, tx: Connection, kind: Any, item: str, action: str, project: str, target: str
) -> str:
    """Only its owner sees a network that is shared with one project."""
    own = target if target == sharing.ALL else project
    return right(tx, kind, item, action, project, own)  # type: ignore[no-any-return]


@fault("N-RBAC-007b", at=instead_of(sharing, "is_external"), live=("neutron-2025.2", "neutron-2026.2"))
def external_for_one_is_external_to_all(_caller: Caller) -> sa.ColumnElement[bool]:
    """A network that is external for one project is shown so to whoever sees it."""
    rbac = tables.rbac.c
    return sa.exists().where(rbac.network_id == tables.networks.c.id, rbac.action == sharing.EXTERNAL)


@fault("N-QUOTA-005", at=around(quotas, "all_used"))
def gateway_ports_count(right: Wrapper, tx: Connection, project: str) -> dict[str, int]:
    """The gateway port of a router counts as the project's."""
    used = right(tx, project)
    return {**used, "port": used["port"] + used["router"]}


@fault("N-QUOTA-006", "N-AAT-046", at=around(Topology, "show"), row="DEF-N-030")
def limits_stop_topologies(right: Wrapper, self: Topology, call: Call) -> Answer:
    """A project at its limit of networks gets no topology."""
    self.store.write(lambda tx: quotas.check_quota(tx, call.caller.project_id, "network"))
    return right(self, call)  # type: ignore[no-any-return]
