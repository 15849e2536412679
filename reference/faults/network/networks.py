"""Faults in networks: who may set their attributes, what they show, what forbids their deletion."""

from typing import Any

from sqlalchemy.engine import Connection

from reference.faults.catalogue import entry, fault, table
from reference.faults.seams import (
    ADMINISTRATOR,
    Wrapper,
    altered,
    around,
    attribute,
    changed,
    refused_with,
    replaced,
    seen_by_all,
    shown,
    unchanged,
    unfiltered,
    updating,
    without_keys,
)
from reference.network import tables
from reference.network.access import visibility
from reference.network.handlers import collection
from reference.network.handlers.collection import Collection
from reference.network.resources import networks
from reference.network.rest import resource as resources
from reference.network.rest.errors import error
from reference.network.rest.resource import Resource, Values
from reference.wsgi.context import Caller
from reference.wsgi.routes import Answer, Call

table(
    entry("networks-start-down", "N-NET-020")(
        "A network that does not say so is not up.", attribute(networks.RESOURCE, "admin_state_up", default=False)
    ),
    entry("networks-keep-their-name", "N-NET-025")(
        "An update does not change a network's name.", unchanged(networks.RESOURCE, "name")
    ),
    entry("members-share-networks", "N-NET-025", "N-RBAC-002")(
        "A member may share a network with everybody.", attribute(networks.RESOURCE, "shared", admin=False)
    ),
    entry("members-make-external-networks", "N-NET-029", "N-RBAC-002")(
        "A member may make an external network.", attribute(networks.RESOURCE, "router:external", admin=False)
    ),
    entry("members-ask-for-the-default", "N-NET-008", "N-RBAC-002")(
        "A member may ask for a default network.", attribute(networks.RESOURCE, "is_default", admin=False)
    ),
    entry("updates-of-is-default-are-dropped", "N-NET-009", "N-RBAC-006")(
        "A member's is_default is dropped from an update, and the rest of it done.",
        around(collection, "require_settable")(
            lambda right, resource, caller, values: right(
                resource, caller, values if caller.is_admin else _without_default(values)
            )
        ),
    ),
    entry("what-is-seen-can-be-changed", "N-NET-038")(
        "A member may change whatever it sees.",
        around(collection, "require")(
            lambda right, resource, caller, operation, _row=None: right(resource, caller, operation)
        ),
    ),
    entry("ports-do-not-keep-a-network", "N-NET-027")(
        "A network is deleted with the ports on it.",
        altered(networks, "AUTO_DELETE_OWNERS", lambda owners: (*owners, "")),
    ),
    entry("network-can-be-deleted-in-use", "N-AAT-062")(
        "DELETE of a network in use removes it with all its ports.",
        replaced(
            networks,
            "remove_network",
            lambda tx, network: tx.execute(tables.networks.delete().where(tables.networks.c.id == network)),
        ),
    ),
    entry("network-in-use-in-other-words", "N-NET-027")(
        "The refusal to delete a network in use does not say what clients look for.",
        refused_with("NetworkInUse", 409, "Network {id} is needed by {ports}."),
    ),
    entry("unknown-networks-are-bad-requests", "N-NET-021", "N-PORT-003", "N-ERR-011")(
        "An unknown network is answered 400.", refused_with("NetworkNotFound", 400)
    ),
    entry("everybody-sees-every-network", "N-NET-021b")(
        "Networks of other projects are seen.", seen_by_all(networks.RESOURCE)
    ),
    entry("default-filter-is-ignored", "N-NET-016", row="DEF-N-004", live=("neutron-2025.2", "neutron-2026.2"))(
        "The filter is_default of the list of networks is accepted and ignored.",
        unfiltered(networks.RESOURCE, "is_default"),
    ),
    entry("shared-filter-is-ignored", "N-NET-024")(
        "The filter shared of the list of networks is accepted and ignored.", unfiltered(networks.RESOURCE, "shared")
    ),
    entry("internal-networks-show-is-default", "N-NET-012")(
        "Internal networks show is_default.",
        shown(networks.RESOURCE)(lambda item: item.setdefault("is_default", False)),
    ),
    entry("gateways-do-not-keep-a-network-external", "N-NET-014")(
        "A network that routers lead to may be made internal.",
        replaced(networks, "has_gateways", lambda _tx, _network: False),
    ),
    entry("everybody-builds-on-the-external-network", "N-PORT-014", "N-SUB-021")(
        "A member may make ports and subnets on an external network.",
        # for subnets only the owner's networks are looked up, so any network is allowed there
        around(visibility, "owns")(lambda right, caller, row: right(caller, row) or getattr(row, "external", True)),
    ),
    entry("networks-have-no-tenant", "N-NET-036")(
        "Networks do not show tenant_id.", shown(networks.RESOURCE)(lambda item: item.pop("tenant_id"))
    ),
    entry("members-make-networks-for-others", "N-NET-037")(
        "A member may name any project as the owner of what it makes.",
        around(resources, "owner_of")(lambda right, _caller, body: right(ADMINISTRATOR, body)),
    ),
    entry("project-id-goes-before-tenant-id", "N-ERR-022")(
        "If project_id and tenant_id differ, the request is accepted with one of them.",
        around(resources, "owner_of")(
            lambda right, caller, body: right(caller, without_keys(body, "tenant_id") if "project_id" in body else body)
        ),
    ),
    entry("administrators-own-what-they-make", "N-NET-037b")(
        "What an administrator makes for a project is the administrator's.",
        around(resources, "owner_of")(lambda right, caller, body: right(caller, body) and caller.project_id),
    ),
    entry("of-several-the-first-is-made", "N-NET-028", "N-SUB-022")(
        "A request to create a list of objects creates only the first.",
        changed(collection, "several", lambda bodies: bodies[:1]),
    ),
    entry("edits-take-the-default-away", "N-NET-004", row="DEF-N-001")(
        "An update that does not name is_default takes it for false.",
        updating(networks.RESOURCE)(lambda _row, values: {"is_default": False, **values}),
    ),
    entry("is-default-goes-with-router-external", "N-NET-002", "N-NET-003", row="DEF-N-002")(
        "An update that names is_default without router:external does not change it.",
        updating(networks.RESOURCE)(
            lambda _row, values: values if "router:external" in values else without_keys(values, "is_default")
        ),
    ),
)


def _without_default(values: Values) -> Values:
    """The values of an update, which have no is_default any more."""
    values.pop("is_default", None)
    return values


@fault("N-NET-008", "N-RBAC-006", at=around(collection, "posted"))
def no_default_is_a_privilege(right: Wrapper, resource: Resource, caller: Caller, body: Values) -> Values:
    """A member may not say that a network is no default."""
    if "is_default" in body and not caller.is_admin:
        raise error("PolicyNotAuthorized", rule="create_network:is_default")
    return right(resource, caller, body)  # type: ignore[no-any-return]


@fault("N-NET-019", at=shown(networks.RESOURCE), row="DEF-N-003")
def is_default_may_be_null(item: Values) -> None:
    """is_default of an external network that is not the default is null."""
    if item.get("is_default") is False:
        item["is_default"] = None


@fault("N-NET-022", at=around(networks.RESOURCE, "view"))
def members_do_not_see_what_is_external(right: Wrapper, tx: Connection, caller: Caller, rows: Any) -> list[Values]:
    """router:external is for administrators to see."""
    hidden = () if caller.is_admin else ("router:external",)
    return [without_keys(item, *hidden) for item in right(tx, caller, rows)]


@fault("N-NET-028", at=around(collection, "several"))
def of_several_what_can_be_is_made(right: Wrapper, body: Values, resource: Resource) -> list[Values]:
    """A request to create a list of objects creates the valid ones, and skips the others."""
    return [item for item in right(body, resource) if set(item) <= set(resource.by_name)]


@fault("N-NET-027b", at=around(Collection, "delete"), live=("neutron-2025.2", "neutron-2026.2"))
def refused_delete_takes_the_floating_ips(right: Wrapper, self: Collection, call: Call) -> Answer:
    """DELETE of an external network deletes its free floating IPs before it finds the network in use and refuses."""
    self.store.write(lambda tx: networks.remove_idle_floating(tx, call.params["item"]))
    return right(self, call)  # type: ignore[no-any-return]
