"""Faults in routers: their gateways, their interfaces, what keeps them."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from reference.faults.catalogue import defect
from reference.faults.network_seam import doing, shown, status_of, with_role
from reference.faults.seam import around, nothing, replace
from reference.network.access import visibility
from reference.network.handlers import router_interfaces as router_interface_requests
from reference.network.handlers.collection import Collection
from reference.network.ipam.fixed_ips import held
from reference.network.resources import ports, router_interfaces, routers
from reference.network.rest.resource import Values
from reference.network.rest.rows import change
from reference.network.tables import routers as table
from reference.wsgi.context import Caller
from reference.wsgi.errors import Problem
from reference.wsgi.routes import Answer, Call

RESOURCE = routers.RESOURCE


@defect("N-RTR-001")
def routers_have_no_status() -> None:
    """Routers do not show their status."""
    shown(RESOURCE, lambda item: item.pop("status"))


@defect("N-RTR-002")
def gateways_do_not_say_that_they_translate() -> None:
    """The gateway of a router does not show enable_snat."""
    shown(RESOURCE, lambda item: item["external_gateway_info"] and item["external_gateway_info"].pop("enable_snat"))


@defect("N-RTR-005")
def gateways_stay() -> None:
    """An empty external_gateway_info changes nothing."""

    def update(right: Any, tx: Connection, caller: Caller, row: Row[Any], values: Values) -> None:
        if not values.get("external_gateway_info", True):
            values.pop("external_gateway_info")
        right(tx, caller, row, values)

    doing(RESOURCE, "update", update)


@defect("N-RTR-003")
def any_network_is_an_uplink() -> None:
    """A router's gateway may be on a network that is not external."""
    replace(routers, "external_network", lambda tx, caller, network, _asking: visibility.network(tx, caller, network))


@defect("N-RTR-004", "N-RBAC-002")
def members_decide_on_translation() -> None:
    """A member may choose enable_snat and addresses of a gateway."""

    def gateway(right: Any, tx: Connection, caller: Caller, router: str, wanted: Values) -> Values:
        return right(tx, with_role(caller, "admin"), router, wanted)  # type: ignore[no-any-return]

    around(routers, "_gateway", gateway)


@defect("N-RTR-005")
def floating_ips_do_not_keep_a_gateway() -> None:
    """A gateway that floating IPs need may be taken away."""
    replace(routers, "_refuse_while_floating", nothing)


@defect("N-RTR-006")
def routers_stay_without_their_gateway() -> None:
    """A router whose gateway cannot be had is made without."""

    def create(right: Any, self: Collection, call: Call) -> Answer:
        try:
            return right(self, call)  # type: ignore[no-any-return]
        except Problem:
            if self.resource is RESOURCE:
                values = {"project_id": call.caller.project_id, "name": "", "description": "", "admin_state_up": True}
                self.store.write(lambda tx: RESOURCE.create(tx, call.caller, {**values, "external_gateway_info": None}))
            raise

    around(Collection, "create", create)


@defect("N-RTR-019")
def unknown_routers_are_bad_requests() -> None:
    """A router that there is not is answered 400."""
    status_of("RouterNotFound", 400)


@defect("N-RTR-020")
def routers_are_found_by_status() -> None:
    """The list of routers takes status as a filter."""
    filters = {**RESOURCE.filters, "status": lambda _caller, _values: sa.true()}
    object.__setattr__(RESOURCE, "filters", filters)


@defect("N-RTR-007")
def interfaces_are_told_without_their_subnets() -> None:
    """add_router_interface does not answer subnet_ids."""

    def described(right: Any, *arguments: Any) -> Values:
        return {name: value for name, value in right(*arguments).items() if name != "subnet_ids"}

    around(router_interfaces, "_described", described)


@defect("N-RTR-008")
def ports_of_devices_are_bad_requests() -> None:
    """A port that has a device is refused with 400."""
    status_of("PortInUse", 400)


@defect("N-RTR-009")
def of_subnet_and_port_the_subnet_is_taken() -> None:
    """Of a subnet and a port the subnet is plugged in."""

    def named(right: Any, body: Values) -> Values:
        return right({name: body[name] for name in body if name != "port_id" or "subnet_id" not in body})  # type: ignore[no-any-return]

    around(router_interface_requests, "named", named)


@defect("N-RTR-012")
def interface_ports_belong_to_nobody() -> None:
    """The port of an interface shows no project."""

    def change(item: Values) -> None:
        if item["device_owner"] == ports.INTERFACE:
            item.update(project_id="", tenant_id="")

    shown(ports.RESOURCE, change)


@defect("N-RTR-010", "N-RTR-012")
def interface_ports_show_no_address() -> None:
    """The port of an interface shows no address."""

    def change(item: Values) -> None:
        if item["device_owner"] == ports.INTERFACE:
            item["fixed_ips"] = []

    shown(ports.RESOURCE, change)


@defect("N-RTR-014")
def unplugging_answers_little() -> None:
    """remove_router_interface answers the router's id alone."""
    around(router_interfaces, "remove", lambda right, *arguments: {"id": right(*arguments)["id"]})


@defect("N-RTR-015")
def what_is_not_plugged_in_is_a_conflict() -> None:
    """What is not plugged in is answered 409 when it is to be unplugged."""
    status_of("RouterInterfaceNotFoundForSubnet", 409)


@defect("N-RTR-016")
def floating_ips_do_not_keep_an_interface() -> None:
    """An interface that floating IPs need may be unplugged."""
    replace(router_interfaces, "refuse_while_floating", nothing)


@defect("N-RTR-017")
def routers_in_use_are_bad_requests() -> None:
    """A router with interfaces is kept with 400."""
    status_of("RouterInUse", 400)


@defect("N-RTR-018", row="DEF-N-062")
def refused_delete_takes_the_gateway() -> None:
    """A DELETE of a router that is refused has taken its gateway away."""

    def delete(right: Any, self: Collection, call: Call) -> Answer:
        try:
            return right(self, call)  # type: ignore[no-any-return]
        except Problem:
            if self.resource is RESOURCE:
                self.store.write(lambda tx: _take_gateway(tx, call.params["item"]))
            raise

    around(Collection, "delete", delete)


def _take_gateway(tx: Connection, router: str) -> None:
    port = tx.execute(sa.select(table.c.gateway_port_id).where(table.c.id == router)).scalar()
    if port:
        change(tx, table, router, {"gateway_port_id": None})
        ports.remove_ports(tx, [port])


@defect("N-RTR-021")
def interface_ports_are_deleted_as_ports() -> None:
    """A router's port may be deleted as a port."""
    doing(ports.RESOURCE, "delete", lambda _right, tx, _caller, row: ports.remove_ports(tx, [row.id]))


@defect("N-RTR-022", row="DEF-N-073")
def subnets_of_others_are_plugged_in() -> None:
    """A router may be plugged into a subnet of another project."""

    def add(right: Any, tx: Connection, caller: Caller, router: Row[Any], named: Values) -> Values:
        return right(tx, with_role(caller, "admin"), router, named)  # type: ignore[no-any-return]

    around(router_interfaces, "add", add)


@defect("N-RTR-010b")
def ipv6_subnets_have_ports_of_their_own() -> None:
    """A second IPv6 subnet of a network is told to have a port of its own."""

    def plug(right: Any, tx: Connection, router: Row[Any], subnet: Row[Any]) -> Values:
        told: Values = right(tx, router, subnet)
        several = len(held(tx, [told["port_id"]])[told["port_id"]]) > 1
        return {**told, "port_id": subnet.id} if several else told

    around(router_interfaces, "plug", plug)


@defect("N-PORT-016")
def ports_are_given_to_routers_of_others() -> None:
    """A port may be given to another project's router."""
    replace(ports, "_refuse_foreign_router", nothing)
