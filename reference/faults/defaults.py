"""Faults in the operator's defaults, and in what becomes of a build where they are missing or exhausted."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from sqlalchemy.engine import Connection, Row

from reference.compute import allocation
from reference.compute.network_client import Networks
from reference.faults.catalogue import defect
from reference.faults.seam import around, replace
from reference.faults.topology_seam import is_dry_run
from reference.network import topology
from reference.network.handlers import topology as api
from reference.network.resources import networks, subnetpools, subnets
from reference.network.rest.errors import error
from reference.network.rest.resource import Resource, Values, posted
from reference.network.rest.rows import change
from reference.network.tables import networks as network_table
from reference.network.tables import routers as router_table
from reference.network.tables import subnetpools as pool_table
from reference.store import Store
from reference.wsgi.context import Caller
from reference.wsgi.errors import Problem
from reference.wsgi.routes import Answer, Call


def _updating(resource: Resource, instead: Any) -> None:
    """Let `instead(right, tx, caller, row, values)` answer a PUT of the resource."""
    right = resource.update
    object.__setattr__(resource, "update", lambda *arguments: instead(right, *arguments))


@defect("N-NET-003", row="DEF-N-073")
def default_network_stays_default() -> None:
    """An update of the default external network ignores what it says of is_default."""

    def update(right: Any, tx: Connection, caller: Caller, row: Row[Any], values: Values) -> None:
        right(tx, caller, row, {name: value for name, value in values.items() if name != "is_default"})

    _updating(networks.RESOURCE, update)


@defect("N-NET-005")
def default_network_is_taken_over() -> None:
    """A second default external network takes the place of the first."""
    taken = network_table.update().where(network_table.c.default_slot == networks.DEFAULT).values(default_slot=None)
    replace(networks, "_claim_default", lambda tx, _id: tx.execute(taken))


@defect("N-SP-011")
def default_pool_is_taken_over() -> None:
    """A second default pool of an IP version takes the place of the first."""

    def claim(tx: Connection, _pool: str, version: int) -> None:
        slot = subnetpools.slot(version)
        tx.execute(pool_table.update().where(pool_table.c.default_slot == slot).values(default_slot=None))

    replace(subnetpools, "_claim_default", claim)


@defect("N-NET-006")
def default_network_once_more_is_refused() -> None:
    """To make the default external network the default once more is refused with 409."""

    def update(right: Any, tx: Connection, caller: Caller, row: Row[Any], values: Values) -> None:
        if values.get("is_default") and row.default_slot:
            raise error("DefaultExternalNetworkExists", id=row.id)
        right(tx, caller, row, values)

    _updating(networks.RESOURCE, update)


@defect("N-SP-013")
def default_pool_once_more_is_refused() -> None:
    """To make the default pool the default once more is refused with 400."""

    def update(right: Any, tx: Connection, caller: Caller, row: Row[Any], values: Values) -> None:
        if values.get("is_default") and row.default_slot:
            raise error("InvalidInput", text="A default subnetpool for this IP family has already been set")
        right(tx, caller, row, values)

    _updating(subnetpools.RESOURCE, update)


@defect("N-NET-013")
def default_outlives_being_internal() -> None:
    """A default external network that becomes internal is remembered, and is the default when it is external again."""

    def update(right: Any, tx: Connection, caller: Caller, row: Row[Any], values: Values) -> None:
        right(tx, caller, row, dict(values))
        if row.default_slot and "is_default" not in values:
            change(tx, network_table, row.id, {"default_slot": row.default_slot})

    _updating(networks.RESOURCE, update)


def _dry_run_overlooks(reason: str) -> None:
    """Let a dry run pass that is refused for this reason."""

    def show(right: Any, self: api.Topology, call: Call) -> Answer:
        try:
            return right(self, call)  # type: ignore[no-any-return]
        except Problem as refused:
            if is_dry_run(call) and reason in refused.message:
                return api._described(self._project(call), f"{api.DRY_RUN}=pass")
            raise

    around(api.Topology, "show", show)


@defect("N-AAT-011", "C-NET-023")
def dry_run_overlooks_the_network() -> None:
    """The dry run passes without a default external network."""
    _dry_run_overlooks(topology.NO_EXTERNAL)


@defect("N-AAT-012", "C-NET-023")
def dry_run_overlooks_the_pools() -> None:
    """The dry run passes without a default subnet pool."""
    _dry_run_overlooks(topology.NO_POOLS)


@defect("N-AAT-004")
def topology_needs_its_defaults() -> None:
    """A topology is answered only while the defaults are there."""

    def get_or_build(right: Any, store: Store, caller: Caller, project_id: str) -> str:
        with store.read() as tx:
            topology.prerequisites(tx, caller)
        return str(right(store, caller, project_id))

    around(topology, "get_or_build", get_or_build)


@defect("N-AAT-031")
def routers_follow_the_default() -> None:
    """When the default external network is taken away, the routers on it lose their gateway."""

    def update(right: Any, tx: Connection, caller: Caller, row: Row[Any], values: Values) -> None:
        right(tx, caller, row, dict(values))
        if values.get("is_default") is False:
            tx.execute(router_table.update().values(gateway_port_id=None))

    _updating(networks.RESOURCE, update)


def _leaving_the_network(reason: str) -> None:
    """Let a build that is refused for this reason leave its network behind."""

    def get_or_build(right: Any, store: Store, caller: Caller, project_id: str) -> str:
        try:
            return str(right(store, caller, project_id))
        except Problem as refused:
            if reason in refused.message:
                body = {"project_id": project_id, "name": f"{topology.NAME}_network", "admin_state_up": False}
                values = posted(networks.RESOURCE, caller, body)
                store.write(lambda tx: networks.create(tx, caller, dict(values)))
            raise

    around(topology, "get_or_build", get_or_build)


@defect("N-AAT-020")
def without_external_a_network_stays() -> None:
    """A build without a default external network leaves the network it began with."""
    _leaving_the_network(topology.NO_EXTERNAL)


@defect("N-AAT-021", "N-AAT-044")
def without_pools_a_network_stays() -> None:
    """A build without a default subnet pool leaves the network it began with."""
    _leaving_the_network(topology.NO_POOLS)


@defect("N-AAT-044", row="DEF-N-013")
def exhausted_pool_leaves_a_network() -> None:
    """A build that finds its pool exhausted leaves the network it began with."""
    _leaving_the_network(topology.NO_NETWORK)


@defect("N-AAT-045", row="DEF-N-013")
def exhausted_pool_is_a_server_error() -> None:
    """A build that finds its pool exhausted answers 500."""

    def get_or_build(right: Any, store: Store, caller: Caller, project_id: str) -> str:
        try:
            return str(right(store, caller, project_id))
        except Problem as refused:
            if topology.NO_NETWORK in refused.message:
                raise Problem(500, "HTTPInternalServerError", "Request Failed: internal server error.") from None
            raise

    around(topology, "get_or_build", get_or_build)


@defect("N-AAT-024")
def one_subnet_will_do() -> None:
    """Where one IP version's subnet cannot be had, the topology is built without it."""

    def take(right: Any, tx: Connection, mtu: int, asked: Any) -> list[Any]:
        made: list[Any] = []
        for each in asked:
            with suppress(Problem):
                made += right(tx, mtu, [each])
        return made

    around(subnets, "take_subnets", take)


@defect("N-AAT-009")
def administrators_build_for_themselves() -> None:
    """An administrator who asks for the topology of another project gets one of his own."""

    def get_or_build(right: Any, store: Store, caller: Caller, project_id: str) -> str:
        return str(right(store, caller, caller.project_id if caller.is_admin else project_id))

    around(topology, "get_or_build", get_or_build)


@defect("C-NET-023", row="DEF-C-029")
def auto_is_accepted_untried() -> None:
    """Auto is accepted without a look at whether a network could be had."""
    replace(Networks, "allocatable", lambda _self, _project: True)


@defect("C-NET-026")
def shared_networks_do_not_count() -> None:
    """A shared network is no choice for a server that names none."""
    around(
        Networks,
        "available",
        lambda right, self, project, **only: [n for n in right(self, project, **only) if not n["shared"]],
    )


@defect("C-BUILD-004", row="DEF-C-053")
def without_a_network_a_server_is_active() -> None:
    """A server whose topology is refused when it is built becomes ACTIVE without a network."""

    def allocate(right: Any, *arguments: Any, **named: Any) -> Any:
        try:
            return right(*arguments, **named)
        except allocation.Abort:
            return []

    around(allocation, "allocate", allocate)
