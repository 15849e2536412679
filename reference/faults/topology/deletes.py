"""Faults in what a DELETE of the topology answers and deletes, and in what keeps it from being deleted."""

import time
from collections.abc import Callable
from threading import local
from typing import Any, NoReturn

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from reference.catalogue import Plant
from reference.faults.catalogue import entry, fault, table
from reference.faults.seams import (
    A_WHILE,
    Wrapper,
    answering,
    around,
    crash,
    instead_of,
    refused_as,
    replaced,
    without,
    wrap,
)
from reference.faults.topology.seams import before_take_down, interfaces_of, is_on, record_of
from reference.network import tables, topology
from reference.network.handlers import topology as api
from reference.network.handlers.topology import Topology
from reference.network.resources import networks, ports, router_interfaces, routers
from reference.network.rest.errors import error
from reference.network.rest.rows import change
from reference.wsgi.context import Caller
from reference.wsgi.errors import Problem
from reference.wsgi.routes import Answer, Call


def _where_there_is_none(act: Callable[[], object]) -> Plant:
    """Let a DELETE without a topology call `act` first."""

    def take_down(right: Wrapper, tx: Connection, project_id: str) -> None:
        if record_of(tx, project_id) is None:
            act()
        right(tx, project_id)

    return around(topology, "take_down")(take_down)


def _after_refusal(spoil: Callable[[Connection, Row[Any]], object]) -> Plant:
    """Let `spoil(tx, record)` work on the topology whose DELETE has just been refused."""

    def delete(right: Wrapper, self: Topology, call: Call) -> Answer:
        with self.store.read() as tx:
            record = record_of(tx, call.caller.project_id)
        try:
            return right(self, call)  # type: ignore[no-any-return]
        except Problem:
            self.store.write(lambda tx: record and spoil(tx, record))
            raise

    return around(Topology, "delete")(delete)


def _forget(tx: Connection, project_id: str) -> None:
    """Forget that the project has a topology, and leave its parts."""
    tx.execute(tables.topologies.delete().where(tables.topologies.c.project_id == project_id))


def _remove_ports(tx: Connection, network: str, *conditions: sa.ColumnElement[bool]) -> None:
    tx.execute(tables.ports.delete().where(tables.ports.c.network_id == network, *conditions))


def _remove_router(tx: Connection, record: Row[Any]) -> None:
    """Remove the topology's router, if there is one yet, with its interfaces on the network.

    Raises Problem 409 while it is used otherwise.
    """
    if record.router_id is None:
        return
    router = tx.execute(sa.select(tables.routers).where(tables.routers.c.id == record.router_id)).one()
    own = [port for port in interfaces_of(tx, router.id) if is_on(tx, port, record.network_id)]
    router_interfaces.refuse_while_floating(tx, router, own)
    routers.remove_router(tx, router, own)


def _refuse(kind: str, **values: object) -> NoReturn:
    raise error(kind, **values)


table(
    entry("delete-is-not-implemented", "N-AAT-050", row="DEF-N-011")(
        "DELETE ends in 500.", replaced(Topology, "delete", crash)
    ),
    entry("delete-answers-200", "N-AAT-050")(
        "DELETE answers 200 with a body.", answering(Topology, "delete")(lambda _call, _answer: Answer({}, 200))
    ),
    entry("delete-does-nothing", "N-AAT-050", "N-AAT-051")(
        "DELETE answers 204 and deletes nothing.", without(topology, "take_down")
    ),
    entry("delete-forgets-only-the-record", "N-AAT-050", "N-AAT-051")(
        "DELETE forgets whose topology it was and leaves all its parts.", replaced(topology, "take_down", _forget)
    ),
    entry("delete-of-nothing-crashes", "N-AAT-052")(
        "DELETE where there is no topology ends in 500.", _where_there_is_none(crash)
    ),
    entry("delete-takes-a-body", "N-AAT-059")("DELETE with a body is carried out.", without(api, "no_body")),
    entry("delete-fails-without-its-router", "N-AAT-061")(
        "DELETE answers 404 once the user has deleted the router.",
        before_take_down(lambda _tx, record: record.router_id or _refuse("RouterNotFound", id="None")),
    ),
    entry("delete-looks-at-fields", "N-AAT-050", row="DEF-N-012")(
        "DELETE answers 400, for it looks the topology up with a field that topologies lack.",
        replaced(
            Topology,
            "delete",
            lambda *_call: _refuse("BadRequest", resource="auto_allocate", text="Unrecognized field"),
        ),
    ),
    entry("repeated-delete-is-409", "N-AAT-052")(
        "DELETE where there is no topology is refused as a conflict.",
        _where_there_is_none(lambda: _refuse("AutoAllocationFailure", reason="there is none")),
    ),
    entry("delete-ignores-ports-of-the-user", "N-AAT-053")(
        "DELETE removes the network although a port of the user is on it.",
        before_take_down(
            lambda tx, record: _remove_ports(tx, record.network_id, tables.ports.c.device_owner != ports.INTERFACE)
        ),
    ),
    entry("network-in-use-has-another-type", "N-AAT-053", "N-AAT-062")(
        "What is in use is refused as a conflict of no particular type.", refused_as("NetworkInUse", "HTTPConflict")
    ),
    entry("delete-ignores-floating-ips", "N-AAT-054")(
        "DELETE removes the router although a floating IP needs it.",
        without(router_interfaces, "refuse_while_floating"),
    ),
    entry("dhcp-ports-hold-delete-up", "N-AAT-057")(
        "DELETE is refused while the network has a port of the DHCP service.",
        replaced(networks, "AUTO_DELETE_OWNERS", ()),
    ),
    entry("router-can-be-deleted-in-use", "N-AAT-062", row="DEF-N-062")(
        "DELETE of a router takes its interfaces along.",
        around(routers, "remove_router")(
            lambda right, tx, row, *_interfaces: right(tx, row, interfaces_of(tx, row.id))
        ),
    ),
    entry("refused-delete-forgets-the-record", "N-AAT-053")(
        "DELETE refuses, and forgets whose topology it was.",
        _after_refusal(lambda tx, record: _forget(tx, record.project_id)),
    ),
    entry("refused-delete-sets-the-network-down", "N-AAT-053")(
        "DELETE refuses, and has set the network down.",
        _after_refusal(lambda tx, record: change(tx, tables.networks, record.network_id, {"admin_state_up": False})),
    ),
    entry("refused-delete-unplugs", "N-AAT-053")(
        "DELETE refuses, and has unplugged the router from the network.",
        _after_refusal(lambda tx, record: ports.remove_ports(tx, interfaces_of(tx, record.router_id))),
    ),
    entry("refused-delete-drops-the-gateway", "N-AAT-055", "N-AAT-053", row="DEF-N-062")(
        "DELETE refuses, and has taken the router's gateway away.",
        _after_refusal(lambda tx, record: change(tx, tables.routers, record.router_id, {"gateway_port_id": None})),
    ),
    entry("floating-ips-are-refused-by-another-type", "N-AAT-054")(
        "What a floating IP needs is refused as a router in use.",
        refused_as("RouterInterfaceInUseByFloatingIP", "RouterInUse"),
    ),
)


@fault("N-AAT-050", "N-AAT-061", at=instead_of(topology, "take_down"))
def delete_keeps_the_router(tx: Connection, project_id: str) -> None:
    """DELETE leaves the router behind, without interfaces."""
    if record := record_of(tx, project_id):
        _forget(tx, project_id)
        ports.remove_ports(tx, interfaces_of(tx, record.router_id))
        networks.remove_network(tx, record.network_id)


@fault("N-AAT-050", at=instead_of(topology, "take_down"))
def delete_keeps_the_network(tx: Connection, project_id: str) -> None:
    """DELETE removes router and interfaces and leaves the network."""
    if record := record_of(tx, project_id):
        _forget(tx, project_id)
        _remove_router(tx, record)


@fault("N-AAT-052", at=around(Topology, "delete"), row="DEF-N-020")
def delete_of_nothing_builds(right: Wrapper, self: Topology, call: Call) -> Answer:
    """DELETE where there is no topology builds one."""
    with self.store.read() as tx:
        record = record_of(tx, call.caller.project_id)
    if record is None:
        topology.get_or_build(self.store, call.caller, call.caller.project_id)
        return Answer(status=204)
    return right(self, call)  # type: ignore[no-any-return]


@fault("N-AAT-058", row="DEF-N-017", race=True, live=("neutron-2025.2",))
def delete_expects_no_twin() -> None:
    """A DELETE ends in 500 if another one has deleted the topology meanwhile."""
    thread = local()

    def delete(right: Wrapper, self: Topology, call: Call) -> Answer:
        with self.store.read() as tx:
            thread.was_there = record_of(tx, call.caller.project_id) is not None
        time.sleep(A_WHILE)
        return right(self, call)  # type: ignore[no-any-return]

    def take_down(right: Wrapper, tx: Connection, project_id: str) -> None:
        if thread.was_there and record_of(tx, project_id) is None:
            crash()
        right(tx, project_id)

    wrap(Topology, "delete", delete)
    wrap(topology, "take_down", take_down)


@fault("N-AAT-051")
def no_second_topology() -> None:
    """A project whose topology was deleted gets no other."""
    deleted = sa.Table("net_deleted", tables.METADATA, sa.Column("project_id", sa.String(255), primary_key=True))

    def take_down(right: Wrapper, tx: Connection, project_id: str) -> None:
        if record_of(tx, project_id) is not None:
            right(tx, project_id)
            tx.execute(deleted.insert(), {"project_id": project_id})

    def build(right: Wrapper, tx: Connection, caller: Caller, project_id: str) -> str:
        if tx.execute(sa.select(deleted).where(deleted.c.project_id == project_id)).first() is not None:
            raise error("AutoAllocationFailure", reason="there was one")
        return str(right(tx, caller, project_id))

    wrap(topology, "take_down", take_down)
    wrap(topology, "build", build)


@fault("N-AAT-051", at=around(topology, "take_down"))
def renamed_networks_stay(right: Wrapper, tx: Connection, project_id: str) -> None:
    """A DELETE of the topology leaves its network if that was renamed, as if the user had created it."""
    record = record_of(tx, project_id)
    network = record.network_id if record else ""
    name = tx.execute(sa.select(tables.networks.c.name).where(tables.networks.c.id == network)).scalar()
    unchanged = name in (None, f"{topology.NAME}_network")
    (right if unchanged else _forget)(tx, project_id)


@fault("N-AAT-053", at=around(Topology, "delete"), row="DEF-N-022", live=("neutron-2025.2", "neutron-2026.2"))
def refused_delete_takes_the_router(right: Wrapper, self: Topology, call: Call) -> Answer:
    """DELETE unplugs and deletes the router before it finds the network in use and refuses."""

    def early(tx: Connection) -> None:
        record = record_of(tx, call.caller.project_id)
        if record is not None:
            _remove_router(tx, record)

    self.store.write(early)
    return right(self, call)  # type: ignore[no-any-return]


@fault("N-AAT-055", at=before_take_down)
def delete_unplugs_other_subnets(tx: Connection, record: Row[Any]) -> None:
    """DELETE unplugs what the user has plugged into the router, too."""
    outside = [port for port in interfaces_of(tx, record.router_id) if not is_on(tx, port, record.network_id)]
    ports.remove_ports(tx, outside)


@fault("N-AAT-056", "N-AAT-053", at=before_take_down)
def delete_unplugs_other_routers(tx: Connection, record: Row[Any]) -> None:
    """DELETE unplugs another router of the user from the network and goes on."""
    of_others = (tables.ports.c.device_owner == ports.INTERFACE, tables.ports.c.device_id != record.router_id)
    _remove_ports(tx, record.network_id, *of_others)


@fault("N-AAT-057", at=before_take_down)
def added_subnets_hold_delete_up(tx: Connection, record: Row[Any]) -> None:
    """DELETE is refused when the user has added a subnet to the network."""
    subnet = tables.subnets.c
    added = (subnet.network_id == record.network_id, subnet.name.not_like(f"{topology.NAME}%"))
    if tx.execute(sa.select(subnet.id).where(*added)).first() is not None:
        raise error("NetworkInUse", id=record.network_id, ports="")
