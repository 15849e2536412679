"""Faults in networks: who may make them what they are, what they show, what keeps them."""

from __future__ import annotations

import dataclasses
from typing import Any

from sqlalchemy.engine import Connection, Row

from reference.faults.catalogue import defect
from reference.faults.network_seam import attribute, doing, replace_error, shown, status_of, unfiltered
from reference.faults.seam import around, replace
from reference.network.access import visibility
from reference.network.handlers import collection
from reference.network.resources import networks
from reference.network.rest import resource as resources
from reference.network.rest.errors import error
from reference.network.rest.resource import Resource, Values
from reference.wsgi.context import Caller

RESOURCE = networks.RESOURCE


@defect("N-NET-020")
def networks_start_down() -> None:
    """A network that does not say so is not up."""
    attribute(RESOURCE, "admin_state_up", default=False)


@defect("N-NET-025")
def networks_keep_their_name() -> None:
    """An update does not change a network's name."""

    def update(right: Any, tx: Connection, caller: Caller, row: Row[Any], values: Values) -> None:
        right(tx, caller, row, {name: value for name, value in values.items() if name != "name"})

    doing(RESOURCE, "update", update)


@defect("N-NET-025", "N-RBAC-002")
def members_share_networks() -> None:
    """A member may share a network with everybody."""
    attribute(RESOURCE, "shared", admin=False)


@defect("N-NET-029", "N-RBAC-002")
def members_make_external_networks() -> None:
    """A member may make an external network."""
    attribute(RESOURCE, "router:external", admin=False)


@defect("N-NET-008", "N-RBAC-002")
def members_ask_for_the_default() -> None:
    """A member may ask for a default network."""
    attribute(RESOURCE, "is_default", admin=False)


@defect("N-NET-008", "N-RBAC-006")
def no_default_is_a_privilege() -> None:
    """A member may not say that a network is no default."""

    def posted(right: Any, resource: Resource, caller: Caller, body: Values) -> Values:
        if "is_default" in body and not caller.is_admin:
            raise error("PolicyNotAuthorized", rule="create_network:is_default")
        return right(resource, caller, body)  # type: ignore[no-any-return]

    around(collection, "posted", posted)


@defect("N-NET-009", "N-RBAC-006")
def updates_of_is_default_are_dropped() -> None:
    """A member's is_default is dropped from an update, and the rest of it done."""

    def put(right: Any, resource: Resource, caller: Caller, body: Values) -> Values:
        mine = {} if caller.is_admin else {"is_default"}
        return right(resource, caller, {name: body[name] for name in body if name not in mine})  # type: ignore[no-any-return]

    around(collection, "put", put)


@defect("N-NET-038")
def what_is_seen_can_be_changed() -> None:
    """A member may change whatever it sees."""
    around(
        collection, "require", lambda right, resource, caller, operation, _row=None: right(resource, caller, operation)
    )


@defect("N-NET-027")
def ports_do_not_keep_a_network() -> None:
    """A network is deleted with the ports on it."""
    replace(networks, "AUTO_DELETE_OWNERS", (*networks.AUTO_DELETE_OWNERS, ""))


@defect("N-NET-027")
def network_in_use_in_other_words() -> None:
    """The refusal to delete a network in use does not say what clients look for."""
    replace_error("NetworkInUse", (409, "Network {id} is needed by {ports}."))


@defect("N-NET-021", "N-PORT-003", "N-ERR-011")
def unknown_networks_are_bad_requests() -> None:
    """A network that there is not is answered 400."""
    status_of("NetworkNotFound", 400)


@defect("N-NET-021b")
def everybody_sees_every_network() -> None:
    """Networks of other projects are seen."""
    everything = Caller("", "", frozenset({"admin"}), "")
    doing(RESOURCE, "visible", lambda right, _caller: right(everything))


@defect("N-NET-016", row="DEF-N-004", live="neutron-2025.2")
def default_filter_is_ignored() -> None:
    """The filter is_default of the list of networks is taken and not applied."""
    unfiltered(RESOURCE, "is_default")


@defect("N-NET-024")
def shared_filter_is_ignored() -> None:
    """The filter shared of the list of networks is taken and not applied."""
    unfiltered(RESOURCE, "shared")


@defect("N-NET-012")
def internal_networks_show_is_default() -> None:
    """Internal networks show is_default."""
    shown(RESOURCE, lambda item: item.setdefault("is_default", False))


@defect("N-NET-019", row="DEF-N-003")
def is_default_may_be_null() -> None:
    """is_default of an external network that is not the default is null."""

    def change(item: Values) -> None:
        if item.get("is_default") is False:
            item["is_default"] = None

    shown(RESOURCE, change)


@defect("N-NET-014")
def gateways_do_not_keep_a_network_external() -> None:
    """A network that routers lead to may be made internal."""
    replace(networks, "has_gateways", lambda _tx, _network: False)


@defect("N-NET-022")
def members_do_not_see_what_is_external() -> None:
    """router:external is for administrators to see."""

    def view(right: Any, tx: Connection, caller: Caller, rows: list[Row[Any]]) -> list[Values]:
        hidden = set() if caller.is_admin else {"router:external"}
        return [{name: item[name] for name in item if name not in hidden} for item in right(tx, caller, rows)]

    doing(RESOURCE, "view", view)


@defect("N-PORT-014", "N-SUB-021")
def everybody_builds_on_the_external_network() -> None:
    """A member may make ports and subnets on an external network."""
    around(visibility, "owns", lambda right, caller, row: right(caller, row) or row.external)


@defect("N-NET-036")
def networks_have_no_tenant() -> None:
    """Networks do not show tenant_id."""
    shown(RESOURCE, lambda item: item.pop("tenant_id"))


@defect("N-NET-037")
def members_make_networks_for_others() -> None:
    """A member may name any project as the owner of what it makes."""
    admin = frozenset({"admin"})
    around(resources, "owner_of", lambda right, caller, body: right(dataclasses.replace(caller, roles=admin), body))


@defect("N-ERR-022")
def project_id_goes_before_tenant_id() -> None:
    """Of two names of the owner that differ one is taken."""

    def owner(right: Any, caller: Caller, body: Values) -> Any:
        return right(caller, {name: body[name] for name in body if name != "tenant_id" or "project_id" not in body})

    around(resources, "owner_of", owner)


@defect("N-NET-037b")
def administrators_own_what_they_make() -> None:
    """What an administrator makes for a project is the administrator's."""
    around(resources, "owner_of", lambda right, caller, body: right(caller, body) and caller.project_id)


@defect("N-NET-028", "N-SUB-022")
def of_several_the_first_is_made() -> None:
    """Of a list in one request the first is made."""
    around(collection, "several", lambda right, body, resource: right(body, resource)[:1])


@defect("N-NET-028")
def of_several_what_can_be_is_made() -> None:
    """Of a list in one request those that are in order are made."""

    def several(right: Any, body: Values, resource: Resource) -> list[Values]:
        return [each for each in right(body, resource) if set(each) <= set(resource.by_name)]

    around(collection, "several", several)


@defect("N-NET-004", row="DEF-N-001")
def edits_take_the_default_away() -> None:
    """An update that does not name is_default takes it for false."""

    def update(right: Any, tx: Connection, caller: Caller, row: Row[Any], values: Values) -> None:
        right(tx, caller, row, {"is_default": False, **values})

    doing(RESOURCE, "update", update)


@defect("N-NET-002", "N-NET-003", row="DEF-N-002")
def is_default_goes_with_router_external() -> None:
    """An update that names is_default without router:external does not change it."""

    def update(right: Any, tx: Connection, caller: Caller, row: Row[Any], values: Values) -> None:
        if "router:external" not in values:
            values = {name: value for name, value in values.items() if name != "is_default"}
        right(tx, caller, row, values)

    doing(RESOURCE, "update", update)
