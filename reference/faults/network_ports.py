"""Faults in ports and security groups."""

from __future__ import annotations

from typing import Any

from sqlalchemy.engine import Connection, Row

from reference.faults.catalogue import defect
from reference.faults.network_seam import attribute, doing, status_of, unfiltered, with_role
from reference.faults.seam import around
from reference.network.resources import ports, security_groups
from reference.network.rest.resource import Values, owned
from reference.network.tables import ports as table
from reference.wsgi.context import Caller

RESOURCE = ports.RESOURCE


@defect("N-PORT-001")
def ports_have_no_groups() -> None:
    """A port that names no security group has none."""

    def add(right: Any, tx: Connection, values: Values, *more: Any, **named: Any) -> str:
        return right(tx, {"security_groups": [], **values}, *more, **named)  # type: ignore[no-any-return]

    around(ports, "add_port", add)


@defect("N-PORT-004", "N-RBAC-002")
def members_bind_ports() -> None:
    """A member may say where a port is bound."""
    attribute(RESOURCE, "binding:host_id", admin=False)


@defect("N-PORT-004")
def members_see_where_ports_are_bound() -> None:
    """A member sees where a port is bound."""
    doing(RESOURCE, "view", lambda right, tx, caller, rows: right(tx, with_role(caller, "admin"), rows))


@defect("N-PORT-002")
def ports_are_not_bound() -> None:
    """Where a port is bound is taken and not kept."""

    def update(right: Any, tx: Connection, caller: Caller, row: Row[Any], values: Values) -> None:
        right(tx, caller, row, {name: value for name, value in values.items() if name != "binding:host_id"})

    doing(RESOURCE, "update", update)


@defect("N-PORT-005")
def ports_are_not_told_by_their_address() -> None:
    """The filter fixed_ips of the list of ports is taken and not applied."""
    unfiltered(RESOURCE, "fixed_ips")


@defect("N-PORT-005")
def ports_are_not_told_by_their_device() -> None:
    """The filter device_id of the list of ports is taken and not applied."""
    unfiltered(RESOURCE, "device_id")


@defect("N-PORT-006")
def ports_stay_with_their_device() -> None:
    """An empty device_id does not detach a port."""

    def update(right: Any, tx: Connection, caller: Caller, row: Row[Any], values: Values) -> None:
        right(tx, caller, row, {name: value for name, value in values.items() if name != "device_id" or value})

    doing(RESOURCE, "update", update)


@defect("N-PORT-006")
def unknown_ports_are_deleted() -> None:
    """A port that there is not is answered 410."""
    status_of("PortNotFound", 410)


@defect("N-PORT-007")
def addresses_in_use_are_bad_requests() -> None:
    """An address in use is refused with 400."""
    status_of("IpAddressAlreadyAllocated", 400)


@defect("N-PORT-007")
def macs_in_use_are_bad_requests() -> None:
    """A MAC address in use is refused with 400."""
    status_of("MacAddressInUse", 400)


@defect("N-PORT-015")
def owners_of_networks_see_their_own_ports() -> None:
    """The owner of a network sees its own ports on it, and not those of others."""
    doing(RESOURCE, "visible", lambda _right, caller: owned(table)(caller))


@defect("N-PORT-015")
def everybody_sees_every_port() -> None:
    """Ports of other projects are seen."""
    everything = Caller("", "", frozenset({"admin"}), "")
    doing(RESOURCE, "visible", lambda right, _caller: right(everything))


@defect("N-PORT-011")
def default_groups_let_nothing_in() -> None:
    """The default security group has rules for what goes out alone."""
    around(
        security_groups,
        "add_rules",
        lambda right, tx, project, group, allowed: right(tx, project, group, allowed[:1]),
    )


@defect("N-PORT-013")
def members_delete_the_default_group() -> None:
    """A member may delete its default security group."""
    doing(
        security_groups.RESOURCE,
        "delete",
        lambda right, tx, caller, row: right(tx, with_role(caller, "admin"), row),
    )
