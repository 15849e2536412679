"""Faults in the choice of a boot's network, and in the checks before a boot is accepted."""

from collections.abc import Callable
from typing import Any

from reference.catalogue import Plant
from reference.compute import admission, allocation
from reference.compute.admission import AUTO, NONE
from reference.compute.errors import fault as compute_error
from reference.compute.handlers.create import Create
from reference.compute.microversion import version_of
from reference.compute.network_client import Networks
from reference.compute.schemas.servers import CREATE
from reference.faults.catalogue import entry, fault, table
from reference.faults.compute.boot_schema import requested
from reference.faults.seams import Wrapper, around, changed, forgiving, instead_of, refusing, replaced
from reference.wsgi.routes import Answer, Call


def _unnamed(check: Callable[[Networks, str, Any], object]) -> Plant:
    """Call `check(networks, project, attachment)` where no network is named; it may raise Problem."""

    def ports(right: Wrapper, networks: Networks, project: str, attachment: Any) -> int:
        check(networks, project, attachment)
        return int(right(networks, project, attachment))

    return around(admission, "ports_of_unnamed")(ports)


def _refused_where_one_is(networks: Networks, project: str, *, refused: bool) -> None:
    if refused and networks.available(project, only_up=False):
        raise compute_error(409, "there is one")


table(
    entry("the-first-network-will-do", "C-NET-024", "C-ERR-010", row="DEF-C-020")(
        "Where several networks could be meant the first one is taken.",
        changed(Networks, "available", lambda networks: networks[:1]),
    ),
    entry("ambiguous-is-400", "C-ERR-010", "C-NET-024", row="DEF-C-022")(
        "Where several networks could be meant the request is refused with 400.",
        refusing(admission, "ports_of_unnamed")(
            lambda problem: compute_error(400, problem.message) if problem.status == 409 else problem
        ),
    ),
    entry("ambiguous-is-for-the-builder", "C-NET-024")(
        "Where several networks could be meant the request is accepted.",
        forgiving(admission, "ports_of_unnamed", 1, status=409),
    ),
    entry("networks-that-are-down-do-not-count", "C-NET-025", row="DEF-C-025")(
        "When the request is looked at, a network that is down does not count.",
        around(Networks, "available")(lambda right, self, project, **_only: right(self, project, only_up=True)),
    ),
    entry("networks-that-are-down-are-built-on", "C-BUILD-011", "C-NET-025", row="DEF-C-069")(
        "Auto builds on a network that is down.",
        around(Networks, "available")(lambda right, self, project, **_only: right(self, project, only_up=False)),
    ),
    entry("auto-always-allocates", "C-NET-021")(
        "Auto asks for the topology though there is a network.",
        replaced(
            allocation,
            "automatic_network",
            lambda networks, server: networks.network(networks.topology(server.project_id)),
        ),
    ),
    entry("looking-allocates", "C-NET-033", row="DEF-C-030")(
        "To check whether a topology can be built, it is built.",
        _unnamed(lambda networks, project, attachment: attachment == AUTO and networks.topology(project)),
    ),
    entry("a-project-without-network-is-refused", "C-NET-022", row="DEF-N-010")(
        "Auto is refused where the project has no network yet.",
        replaced(Networks, "allocatable", lambda _self, _project: False),
    ),
    entry("none-is-auto", "C-NET-027", "C-BUILD-003", row="DEF-C-038")(
        "None gets a network, as auto does.",
        requested(lambda items: AUTO if items == NONE else items),
    ),
    entry("the-second-auto-is-refused", "C-NET-022", "C-NET-021")(
        "Auto is refused where the project has a network.",
        _unnamed(
            lambda networks, project, attachment: _refused_where_one_is(networks, project, refused=attachment == AUTO)
        ),
    ),
    entry("one-network-is-not-enough", "C-NET-020")(
        "Where nothing is asked for and one network is there, the request is refused.",
        _unnamed(
            lambda networks, project, attachment: _refused_where_one_is(networks, project, refused=attachment != AUTO)
        ),
    ),
    entry("auto-is-accepted-untried", "C-NET-023", row="DEF-C-029")(
        "Auto is accepted without a look at whether a network could be had.",
        replaced(Networks, "allocatable", lambda _self, _project: True),
    ),
    entry("shared-networks-do-not-count", "C-NET-026")(
        "A server that names no network never gets a shared one.",
        changed(Networks, "available", lambda networks: [network for network in networks if not network["shared"]]),
    ),
)


@fault("C-NET-022", "C-BUILD-002", at=around(allocation, "chosen_networks"))
def auto_gets_no_network(right: Wrapper, networks: Networks, server: Any) -> Any:
    """Auto in a project without a network boots without one."""
    available = networks.available(server.project_id, only_up=True)
    return [] if server.networks == AUTO and not available else right(networks, server)


@fault("C-NET-028", at=around(admission, "room"), row="DEF-C-037")
def none_must_not_be_ambiguous(right: Wrapper, networks: Networks, project: str, attachment: Any, most: int) -> int:
    """None is refused where the project has several networks."""
    if attachment == NONE:
        admission.ports_of_unnamed(networks, project, attachment)
    return int(right(networks, project, attachment, most))


@fault("C-MULTI-008", "C-MULTI-009", "C-CW-02", at=instead_of(allocation, "automatic_network"))
def each_server_allocates_for_itself(networks: Networks, server: Any) -> Any:
    """The servers of one request each make a network for themselves and boot on it."""
    available = networks.available(server.project_id, only_up=True)
    if available and server.launch_index == 0:
        return available[0]
    body = {"network": {"name": f"{server.name}-net"}}
    network = networks.item("POST", "networks", body)
    subnet = {"network_id": network["id"], "ip_version": 4, "use_default_subnetpool": True}
    networks.item("POST", "subnets", {"subnet": subnet})
    return networks.network(network["id"])


@fault("C-NET-037", at=around(Create, "create"))
def auto_is_refused_at_later_versions(right: Wrapper, self: Create, call: Call) -> Answer:
    """Auto is refused from 2.58 on."""
    if version_of(call) >= (2, 58) and CREATE.body(call)["server"].get("networks") == AUTO:
        raise compute_error(400, "networks: auto is no list")
    return right(self, call)  # type: ignore[no-any-return]
