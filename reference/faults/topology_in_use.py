"""Faults in what keeps a topology, or a part of one, from being deleted while something uses it."""

from __future__ import annotations

from dataclasses import replace as with_changes
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from reference.faults.catalogue import defect
from reference.faults.seam import around, nothing, replace
from reference.faults.topology_seam import interfaces_of, is_on, record_of
from reference.network import topology
from reference.network.handlers import topology as api
from reference.network.resources import networks, ports, router_interfaces, routers, subnets
from reference.network.rest.errors import error
from reference.network.rest.rows import change
from reference.network.tables import networks as network_table
from reference.network.tables import ports as port_table
from reference.network.tables import routers as router_table
from reference.network.tables import subnets as subnet_table
from reference.network.tables import topologies
from reference.wsgi.context import Caller
from reference.wsgi.errors import Problem
from reference.wsgi.routes import Answer, Call


@defect("N-AAT-053", row="DEF-N-022", live="neutron-2025.2")
def refused_delete_takes_the_router() -> None:
    """DELETE unplugs and deletes the router before it finds the network in use and refuses."""

    def delete(right: Any, self: api.Topology, call: Call) -> Answer:
        project = call.caller.project_id

        def early(tx: Connection) -> None:
            record = record_of(tx, project)
            if record is None or record.router_id is None:
                return
            router = tx.execute(sa.select(router_table).where(router_table.c.id == record.router_id)).one()
            inside = [each for each in interfaces_of(tx, router.id) if is_on(tx, each, record.network_id)]
            router_interfaces.refuse_while_floating(tx, router, inside)
            routers.remove_router(tx, router, inside)

        self.store.write(early)
        return Answer(right(self, call).body, 204)

    around(api.Topology, "delete", delete)


@defect("N-AAT-053")
def delete_ignores_ports_of_the_user() -> None:
    """DELETE takes the network away under a port of the user."""

    def take_down(right: Any, tx: Connection, project_id: str) -> None:
        record = record_of(tx, project_id)
        if record is not None:
            tx.execute(
                port_table.delete().where(
                    port_table.c.network_id == record.network_id, port_table.c.device_owner != ports.INTERFACE
                )
            )
        right(tx, project_id)

    around(topology, "take_down", take_down)


@defect("N-AAT-053", "N-AAT-062")
def network_in_use_has_another_type() -> None:
    """What is in use is refused as a conflict of no particular type."""

    def error_of(right: Any, kind: str, **values: object) -> Any:
        problem = right(kind, **values)
        return with_changes(problem, kind="HTTPConflict") if kind == "NetworkInUse" else problem

    around(networks, "error", error_of)


@defect("N-AAT-054")
def delete_ignores_floating_ips() -> None:
    """DELETE takes the router away although a floating IP needs it."""
    replace(router_interfaces, "refuse_while_floating", nothing)


@defect("N-AAT-055")
def delete_unplugs_other_subnets() -> None:
    """DELETE unplugs what the user has plugged into the router, too."""

    def take_down(right: Any, tx: Connection, project_id: str) -> None:
        record = record_of(tx, project_id)
        if record is not None:
            outside = [each for each in interfaces_of(tx, record.router_id) if not is_on(tx, each, record.network_id)]
            ports.remove_ports(tx, outside)
        right(tx, project_id)

    around(topology, "take_down", take_down)


@defect("N-AAT-056", "N-AAT-053")
def delete_unplugs_other_routers() -> None:
    """DELETE unplugs another router of the user from the network and goes on."""

    def take_down(right: Any, tx: Connection, project_id: str) -> None:
        record = record_of(tx, project_id)
        if record is not None:
            tx.execute(
                port_table.delete().where(
                    port_table.c.network_id == record.network_id,
                    port_table.c.device_owner == ports.INTERFACE,
                    port_table.c.device_id != record.router_id,
                )
            )
        right(tx, project_id)

    around(topology, "take_down", take_down)


@defect("N-AAT-057")
def added_subnets_hold_delete_up() -> None:
    """DELETE is refused when the user has added a subnet to the network."""

    def take_down(right: Any, tx: Connection, project_id: str) -> None:
        record = record_of(tx, project_id)
        if record is not None:
            mine = sa.select(subnet_table.c.id).where(
                subnet_table.c.network_id == record.network_id, subnet_table.c.name.not_like(f"{topology.NAME}%")
            )
            if tx.execute(mine).first() is not None:
                raise error("NetworkInUse", id=record.network_id, ports="")
        right(tx, project_id)

    around(topology, "take_down", take_down)


@defect("N-AAT-057")
def dhcp_ports_hold_delete_up() -> None:
    """DELETE is refused while the network has a port of the DHCP service."""
    replace(networks, "AUTO_DELETE_OWNERS", ())


@defect("N-AAT-062")
def network_can_be_deleted_in_use() -> None:
    """DELETE of a network in use takes it away with all its ports."""

    def remove(tx: Connection, network_id: str) -> None:
        tx.execute(network_table.delete().where(network_table.c.id == network_id))

    replace(networks, "remove_network", remove)


@defect("N-AAT-062")
def subnet_can_be_deleted_in_use() -> None:
    """DELETE of a subnet in use takes it away with its addresses."""

    def delete(tx: Connection, _caller: Caller, row: Row[Any]) -> None:
        subnets.release_prefix(tx, row)
        tx.execute(subnet_table.delete().where(subnet_table.c.id == row.id))

    object.__setattr__(subnets.RESOURCE, "delete", delete)


@defect("N-AAT-062", row="DEF-N-062")
def router_can_be_deleted_in_use() -> None:
    """DELETE of a router takes its interfaces along."""

    def remove(right: Any, tx: Connection, row: Row[Any], *_interfaces: Any) -> None:
        right(tx, row, interfaces_of(tx, row.id))

    around(routers, "remove_router", remove)


@defect("N-AAT-062")
def interface_ports_can_be_deleted() -> None:
    """DELETE of a router's interface port takes it away."""
    object.__setattr__(ports.RESOURCE, "delete", lambda tx, _caller, row: ports.remove_ports(tx, [row.id]))


def _after_refusal(spoil: Any) -> None:
    """Let `spoil(tx, record)` work on the topology whose DELETE has just been refused."""

    def delete(right: Any, self: api.Topology, call: Call) -> Answer:
        with self.store.read() as tx:
            record = record_of(tx, call.caller.project_id)
        try:
            return right(self, call)  # type: ignore[no-any-return]
        except Problem:
            self.store.write(lambda tx: record and spoil(tx, record))
            raise

    around(api.Topology, "delete", delete)


@defect("N-AAT-053")
def refused_delete_forgets_the_record() -> None:
    """DELETE refuses, and forgets whose topology it was."""
    _after_refusal(
        lambda tx, record: tx.execute(topologies.delete().where(topologies.c.project_id == record.project_id))
    )


@defect("N-AAT-053")
def refused_delete_sets_the_network_down() -> None:
    """DELETE refuses, and has set the network down."""
    _after_refusal(lambda tx, record: change(tx, network_table, record.network_id, {"admin_state_up": False}))


@defect("N-AAT-053")
def refused_delete_unplugs() -> None:
    """DELETE refuses, and has unplugged the router from the network."""
    _after_refusal(lambda tx, record: ports.remove_ports(tx, interfaces_of(tx, record.router_id)))


@defect("N-AAT-055", "N-AAT-053", row="DEF-N-062")
def refused_delete_drops_the_gateway() -> None:
    """DELETE refuses, and has taken the router's gateway away."""
    _after_refusal(lambda tx, record: change(tx, router_table, record.router_id, {"gateway_port_id": None}))


@defect("N-AAT-054")
def floating_ips_are_refused_by_another_type() -> None:
    """What a floating IP needs is refused as a router in use."""

    def error_of(right: Any, kind: str, **values: object) -> Any:
        problem = right(kind, **values)
        return with_changes(problem, kind="RouterInUse") if kind == "RouterInterfaceInUseByFloatingIP" else problem

    around(router_interfaces, "error", error_of)
