"""Faults in which a topology, or a mere GET, creates additional objects (N-AAT-032), or its DELETE deletes such objects
(N-AAT-050).
"""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from reference.catalogue import Plant
from reference.faults.catalogue import entry, fault, table
from reference.faults.seams import ADMINISTRATOR, Wrapper, around
from reference.faults.topology.seams import after_build, is_dry_run
from reference.network import tables, topology
from reference.network.handlers.topology import Topology
from reference.network.resources import floatingips, networks, ports, rbac, security_groups, subnetpools
from reference.network.rest.resource import Resource, posted
from reference.store import Store
from reference.wsgi.context import Caller
from reference.wsgi.routes import Answer, Call

NOBODY = "9" * 32  # the id of no project


def _create(tx: Connection, resource: Resource, project: str, **body: Any) -> None:
    values = posted(resource, ADMINISTRATOR, {"project_id": project, **body})
    resource.create(tx, ADMINISTRATOR, dict(values))


def _floating_ip(tx: Connection, project: str, _network: str = "") -> None:
    external = tx.execute(sa.select(tables.networks.c.id).where(tables.networks.c.default_slot.is_not(None))).scalar()
    _create(tx, floatingips.RESOURCE, project, floating_network_id=external)


def _subnet_pool(tx: Connection, project: str, _network: str) -> None:
    _create(tx, subnetpools.RESOURCE, project, name="auto_allocated_pool", prefixes=["192.0.2.0/24"])


def _network(tx: Connection, project: str, _network: str) -> None:
    _create(tx, networks.RESOURCE, project, name="auto_allocated_spare")


def _port(tx: Connection, project: str, network: str) -> None:
    _create(tx, ports.RESOURCE, project, network_id=network, fixed_ips=[])


def _group(tx: Connection, project: str, _network: str) -> None:
    _create(tx, security_groups.RESOURCE, project, name="auto_allocated_group")


def _rule(tx: Connection, project: str, _network: str) -> None:
    group = security_groups.ensure_default(tx, project)
    rule = {"direction": "ingress", "protocol": "tcp", "port_range_min": 22, "port_range_max": 22}
    _create(tx, security_groups.RULES, project, security_group_id=group, **rule)


def _policy(tx: Connection, project: str, network: str) -> None:
    target = {"object_type": "network", "object_id": network, "target_tenant": NOBODY}
    _create(tx, rbac.RESOURCE, project, action="access_as_shared", **target)


def _taking_along(kind: sa.Table, *conditions: sa.ColumnElement[bool]) -> Plant:
    """Let a DELETE also delete the project's rows of that table for which the conditions hold."""

    def take_down(right: Wrapper, tx: Connection, project_id: str) -> None:
        right(tx, project_id)
        tx.execute(kind.delete().where(kind.c.project_id == project_id, *conditions))

    return around(topology, "take_down")(take_down)


table(
    entry("first-get-brings-a-floating-ip", "N-AAT-032")(
        "The first GET also allocates a floating IP for the project.", after_build(_floating_ip)
    ),
    entry("first-get-brings-a-subnet-pool", "N-AAT-032")(
        "The first GET also makes a subnet pool for the project.", after_build(_subnet_pool)
    ),
    entry("first-get-brings-a-network", "N-AAT-032")(
        "The first GET also makes a second network for the project.", after_build(_network)
    ),
    entry("first-get-brings-a-port", "N-AAT-032")(
        "The first GET also makes a port that nothing uses.", after_build(_port)
    ),
    entry("first-get-brings-a-security-group", "N-AAT-032")(
        "The first GET also makes a security group beside the default one.", after_build(_group)
    ),
    entry("first-get-opens-the-default-group", "N-AAT-032")(
        "The first GET also lets everybody reach the project's servers by SSH.", after_build(_rule)
    ),
    entry("first-get-shares-the-network", "N-AAT-032")(
        "The first GET also shares the network with another project.", after_build(_policy)
    ),
)


@fault("N-AAT-032", at=around(topology, "get_or_build"))
def second_get_brings_a_floating_ip(right: Wrapper, store: Store, caller: Caller, project_id: str) -> str:
    """A further GET allocates a floating IP for the project."""
    with store.read() as tx:
        is_built = topology.recorded(tx, project_id) is not None
    if is_built:
        store.write(lambda tx: _floating_ip(tx, project_id))
    return str(right(store, caller, project_id))


@fault("N-AAT-032", at=around(Topology, "show"))
def dry_run_brings_a_floating_ip(right: Wrapper, self: Topology, call: Call) -> Answer:
    """A dry run allocates a floating IP for the project."""
    if is_dry_run(call):
        self.store.write(lambda tx: _floating_ip(tx, call.caller.project_id))
    answer: Answer = right(self, call)
    return answer


table(
    entry("delete-takes-other-networks-along", "N-AAT-050")(
        "DELETE removes every unused network of the project.",
        _taking_along(tables.networks, tables.networks.c.id.not_in(sa.select(tables.ports.c.network_id))),
    ),
    entry("delete-takes-free-floating-ips-along", "N-AAT-050")(
        "DELETE removes the floating IPs of the project that have no port.",
        _taking_along(tables.floatingips, tables.floatingips.c.port_id.is_(None)),
    ),
    entry("delete-takes-security-groups-along", "N-AAT-050")(
        "DELETE removes the security groups that the user has made.",
        _taking_along(tables.security_groups, tables.security_groups.c.default_of.is_(None)),
    ),
    entry("delete-takes-subnet-pools-along", "N-AAT-050")(
        "DELETE removes the subnet pools of the project.", _taking_along(tables.subnetpools)
    ),
)
