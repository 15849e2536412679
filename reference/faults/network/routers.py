"""Faults in routers: their gateways, their interfaces, what forbids their deletion."""

from collections.abc import Callable
from functools import partial
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from reference.catalogue import Plant
from reference.faults.catalogue import entry, fault, table
from reference.faults.seams import (
    Wrapper,
    around,
    as_role,
    changed,
    lacking,
    refused_with,
    replaced,
    shown,
    unfiltered,
    updating,
    without,
    without_keys,
)
from reference.network import tables
from reference.network.access import visibility
from reference.network.handlers import router_interfaces as router_interface_requests
from reference.network.handlers.collection import Collection
from reference.network.ipam.fixed_ips import fixed_ips_of
from reference.network.resources import ports, router_interfaces, routers
from reference.network.rest.resource import Values
from reference.network.rest.rows import change
from reference.wsgi.errors import Problem
from reference.wsgi.routes import Answer, Call


def _after_refusal(operation: str, spoil: Callable[[Collection, Call], object]) -> Plant:
    """Let `spoil(collection, call)` work after a request for routers has been refused; the refusal is still
    answered.
    """

    def handler(right: Wrapper, self: Collection, call: Call) -> Answer:
        try:
            return right(self, call)  # type: ignore[no-any-return]
        except Problem:
            if self.resource is routers.RESOURCE:
                spoil(self, call)
            raise

    return around(Collection, operation)(handler)


def _interface_ports(**values: object) -> Plant:
    """Let the ports of interfaces be shown with those values."""
    return shown(ports.RESOURCE)(lambda item: item["device_owner"] == ports.INTERFACE and item.update(values))


_DELETABLE = replaced(ports.RESOURCE, "delete", lambda tx, _caller, row: ports.remove_ports(tx, [row.id]))

table(
    entry("routers-have-no-status", "N-RTR-001")(
        "Routers do not show their status.", shown(routers.RESOURCE)(lambda item: item.pop("status"))
    ),
    entry("gateways-do-not-say-that-they-translate", "N-RTR-002")(
        "The gateway of a router does not show enable_snat.",
        shown(routers.RESOURCE)(
            lambda item: item["external_gateway_info"] and item["external_gateway_info"].pop("enable_snat")
        ),
    ),
    entry("gateways-do-not-show-their-address", "N-AAT-025")(
        "The gateway of a router shows no address.",
        shown(routers.RESOURCE)(
            lambda item: item["external_gateway_info"] and item["external_gateway_info"].update(external_fixed_ips=[])
        ),
    ),
    entry("gateways-stay", "N-RTR-005")(
        "An empty external_gateway_info changes nothing.",
        updating(routers.RESOURCE)(
            lambda _row, values: (
                values if values.get("external_gateway_info", True) else without_keys(values, "external_gateway_info")
            )
        ),
    ),
    entry("any-network-is-an-uplink", "N-RTR-003")(
        "A router's gateway may be on a network that is not external.",
        replaced(
            routers, "external_network", lambda tx, caller, network, _requester: visibility.network(tx, caller, network)
        ),
    ),
    entry("members-decide-on-translation", "N-RTR-004", "N-RBAC-002")(
        "A member may choose enable_snat and addresses of a gateway.", as_role(routers, "gateway_network", "admin")
    ),
    entry("floating-ips-do-not-keep-a-gateway", "N-RTR-005")(
        "A gateway that floating IPs need may be taken away.", without(routers, "refuse_while_floating")
    ),
    entry("unknown-routers-are-bad-requests", "N-RTR-019")(
        "A request for an unknown router answers 400.", refused_with("RouterNotFound", 400)
    ),
    entry("routers-are-found-by-status", "N-RTR-020")(
        "The list of routers takes status as a filter.", unfiltered(routers.RESOURCE, "status")
    ),
    entry("interfaces-are-told-without-their-subnets", "N-RTR-007")(
        "add_router_interface does not answer subnet_ids.", lacking(router_interfaces, "described", "subnet_ids")
    ),
    entry("ports-of-devices-are-bad-requests", "N-RTR-008")(
        "A port that has a device is refused with 400.", refused_with("PortInUse", 400)
    ),
    entry("of-subnet-and-port-the-subnet-is-taken", "N-RTR-009")(
        "A request to add a subnet and a port adds the subnet.",
        around(router_interface_requests, "named")(
            lambda right, body: right(without_keys(body, "port_id") if "subnet_id" in body else body)
        ),
    ),
    entry("interface-ports-belong-to-nobody", "N-RTR-012")(
        "The port of an interface shows no project.", _interface_ports(project_id="", tenant_id="")
    ),
    entry("interface-ports-show-no-address", "N-RTR-010", "N-RTR-012")(
        "The port of an interface shows no address.", _interface_ports(fixed_ips=[])
    ),
    entry("unplugging-answers-little", "N-RTR-014")(
        "remove_router_interface answers the router's id alone.",
        changed(router_interfaces, "remove", lambda body: {"id": body["id"]}),
    ),
    entry("what-is-not-plugged-in-is-a-conflict", "N-RTR-015")(
        "Unplugging what is not plugged in is answered 409.",
        refused_with("RouterInterfaceNotFoundForSubnet", 409),
    ),
    entry("floating-ips-do-not-keep-an-interface", "N-RTR-016")(
        "An interface that floating IPs need may be unplugged.", without(router_interfaces, "refuse_while_floating")
    ),
    entry("routers-in-use-are-bad-requests", "N-RTR-017")(
        "DELETE of a router with interfaces answers 400.", refused_with("RouterInUse", 400)
    ),
    entry("interface-ports-are-deleted-as-ports", "N-RTR-021")("A router's port may be deleted as a port.", _DELETABLE),
    entry("interface-ports-can-be-deleted", "N-AAT-062")("DELETE of a router's interface port removes it.", _DELETABLE),
    entry("subnets-of-others-are-plugged-in", "N-RTR-022", row="DEF-N-073")(
        "A router may be plugged into a subnet of another project.", as_role(router_interfaces, "add", "admin")
    ),
    entry("ports-are-given-to-routers-of-others", "N-PORT-016")(
        "A port may be given to another project's router.", without(ports, "refuse_foreign_router")
    ),
    entry("interfaces-may-overlap", "N-RTR-011", row="DEF-N-048")(
        "Interfaces of one router may overlap.", without(routers, "refuse_overlap")
    ),
)


@fault("N-RTR-006", at=partial(_after_refusal, "create"))
def routers_stay_without_their_gateway(collection: Collection, call: Call) -> None:
    """A router whose gateway cannot be created is created without a gateway."""
    values = {"project_id": call.caller.project_id, "name": "", "description": "", "admin_state_up": True}
    bare = {**values, "external_gateway_info": None}
    collection.store.write(lambda tx: routers.create(tx, call.caller, bare))


@fault("N-RTR-018", at=partial(_after_refusal, "delete"), row="DEF-N-062")
def refused_delete_takes_the_gateway(collection: Collection, call: Call) -> None:
    """A refused DELETE of a router removes the router's gateway."""

    def take(tx: Connection) -> None:
        router = call.params["item"]
        gateway = sa.select(tables.routers.c.gateway_port_id).where(tables.routers.c.id == router)
        if port := tx.execute(gateway).scalar():
            change(tx, tables.routers, router, {"gateway_port_id": None})
            ports.remove_ports(tx, [port])

    collection.store.write(take)


@fault("N-RTR-010b", at=around(router_interfaces, "plug"))
def ipv6_subnets_have_ports_of_their_own(right: Wrapper, tx: Connection, router: Row[Any], subnet: Row[Any]) -> Values:
    """A second IPv6 subnet of a network is shown with a port of its own."""
    body: Values = right(tx, router, subnet)
    shared = len(fixed_ips_of(tx, [body["port_id"]])[body["port_id"]]) > 1
    return {**body, "port_id": subnet.id} if shared else body
