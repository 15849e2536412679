"""Faults in which network a boot gets, and in what Networking is asked before a boot is accepted."""

from __future__ import annotations

from typing import Any

from reference.compute import admission, allocation, groups
from reference.compute.admission import AUTO, NONE
from reference.compute.errors import fault
from reference.compute.handlers import create
from reference.compute.network_client import Networks
from reference.faults.catalogue import defect
from reference.faults.seam import around, nothing, replace
from reference.wsgi.errors import Problem


def _unnamed(instead: Any) -> None:
    """Let `instead(right, networks, project, wanted)` choose where no network is named."""
    around(admission, "ports_of_unnamed", instead)


def _refused_as(holder: Any, name: str, status: int, by: int) -> None:
    """Let what that function refuses with one status be refused with another."""

    def instead(right: Any, *arguments: Any) -> Any:
        try:
            return right(*arguments)
        except Problem as refused:
            raise fault(by, refused.message) if refused.status == status else refused from None

    around(holder, name, instead)


def _accepted(holder: Any, name: str, status: int, answer: Any) -> None:
    """Let what that function refuses with the status be accepted."""

    def instead(right: Any, *arguments: Any) -> Any:
        try:
            return right(*arguments)
        except Problem as refused:
            if refused.status != status:
                raise
            return answer

    around(holder, name, instead)


@defect("C-NET-024", "C-ERR-010", row="DEF-C-020")
def the_first_network_will_do() -> None:
    """Where several networks could be meant the first one is taken."""
    around(Networks, "available", lambda right, self, project, *, only_up: right(self, project, only_up=only_up)[:1])


@defect("C-ERR-010", "C-NET-024", row="DEF-C-022")
def ambiguous_is_400() -> None:
    """Where several networks could be meant the request is refused with 400."""
    _refused_as(admission, "ports_of_unnamed", 409, 400)


@defect("C-NET-024")
def ambiguous_is_for_the_builder() -> None:
    """Where several networks could be meant the request is accepted."""
    _accepted(admission, "ports_of_unnamed", 409, 1)


@defect("C-NET-025", row="DEF-C-025")
def networks_that_are_down_do_not_count() -> None:
    """When the request is looked at, a network that is down does not count."""
    around(Networks, "available", lambda right, self, project, *, only_up: right(self, project, only_up=True))


@defect("C-BUILD-011", "C-NET-025", row="DEF-C-069")
def networks_that_are_down_are_built_on() -> None:
    """Auto builds on a network that is down."""
    around(Networks, "available", lambda right, self, project, *, only_up: right(self, project, only_up=False))


@defect("C-NET-021")
def auto_always_allocates() -> None:
    """Auto asks for the topology though there is a network."""

    def automatic(networks: Networks, server: Any) -> Any:
        return networks.network(networks.topology(server.project_id))

    replace(allocation, "automatic_network", automatic)


@defect("C-NET-033", row="DEF-C-030")
def looking_allocates() -> None:
    """Whether a topology can be had is found out by having it built."""

    def unnamed(right: Any, networks: Networks, project: str, wanted: Any) -> int:
        if wanted == AUTO:
            networks.topology(project)
        return int(right(networks, project, wanted))

    _unnamed(unnamed)


@defect("C-NET-022", row="DEF-N-010")
def a_project_without_network_is_refused() -> None:
    """Auto is refused where the project has no network yet."""
    replace(Networks, "allocatable", lambda _self, _project: False)


@defect("C-NET-022", "C-BUILD-002")
def auto_gets_no_network() -> None:
    """Auto in a project without a network boots without one."""

    def chosen(right: Any, networks: Networks, server: Any) -> Any:
        there = networks.available(server.project_id, only_up=True)
        return [] if server.networks == AUTO and not there else right(networks, server)

    around(allocation, "chosen_networks", chosen)


@defect("C-NET-027", "C-BUILD-003", row="DEF-C-038")
def none_is_auto() -> None:
    """None gets a network, as auto does."""
    around(admission, "requested", lambda right, items: right(AUTO if items == NONE else items))


@defect("C-NET-028", row="DEF-C-037")
def none_must_not_be_ambiguous() -> None:
    """None is refused where the project has several networks."""

    def room(right: Any, networks: Networks, project: str, wanted: Any, most: int) -> int:
        if wanted == NONE:
            admission.ports_of_unnamed(networks, project, wanted)
        return int(right(networks, project, wanted, most))

    around(admission, "room", room)


@defect("C-NET-029")
def none_takes_any_group() -> None:
    """With none a security group that does not exist is passed over."""
    _accepted(groups, "resolve", 400, [])


@defect("C-ERR-011")
def unknown_networks_are_accepted() -> None:
    """A network that does not exist is found missing by the builder alone."""
    _accepted(admission, "ports_of_named", 400, 1)


@defect("C-ERR-011")
def unknown_networks_are_404() -> None:
    """A network that does not exist is refused with 404."""
    _refused_as(admission, "ports_of_named", 400, 404)


@defect("C-ERR-012")
def networks_need_no_subnet() -> None:
    """A network without a subnet is accepted."""

    def named(right: Any, networks: Networks, wanted: Any) -> int:
        try:
            return int(right(networks, wanted))
        except Problem as refused:
            if "requires a subnet" not in refused.message:
                raise
            return 1

    around(admission, "ports_of_named", named)


@defect("C-ERR-013")
def unknown_ports_are_404() -> None:
    """A port that does not exist is refused with 404."""
    _refused_as(admission, "require_usable_port", 400, 404)


@defect("C-ERR-014")
def ports_in_use_are_accepted() -> None:
    """A port that has a device is taken from it."""
    _accepted(admission, "require_usable_port", 409, None)


@defect("C-ERR-014")
def ports_in_use_are_400() -> None:
    """A port that has a device is refused with 400."""
    _refused_as(admission, "require_usable_port", 409, 400)


@defect("C-ERR-018", row="DEF-C-021")
def external_networks_are_refused_at_once() -> None:
    """An external network that is not shared is refused with 403."""

    def named(right: Any, networks: Networks, wanted: Any) -> int:
        for network in networks.networks(item["uuid"] for item in wanted if item.get("uuid")):
            if network.get("router:external"):
                raise fault(403, "external")
        return int(right(networks, wanted))

    around(admission, "ports_of_named", named)


@defect("C-ERR-027")
def any_key_will_do() -> None:
    """A key pair that does not exist is passed over."""
    replace(create, "refuse_key", nothing)


@defect("C-MULTI-008", "C-MULTI-009", "C-CW-02")
def each_server_allocates_for_itself() -> None:
    """The servers of one request each make a network for themselves and boot on it."""

    def automatic(networks: Networks, server: Any) -> Any:
        there = networks.available(server.project_id, only_up=True)
        if there and server.launch_index == 0:
            return there[0]
        body = {"network": {"name": f"{server.name}-net"}}
        made = networks.item("POST", "networks", body)
        subnet = {"network_id": made["id"], "ip_version": 4, "use_default_subnetpool": True}
        networks.item("POST", "subnets", {"subnet": subnet})
        return networks.network(made["id"])

    replace(allocation, "automatic_network", automatic)


@defect("C-NET-022", "C-NET-021")
def the_second_auto_is_refused() -> None:
    """Auto is refused where the project has a network."""

    def unnamed(right: Any, networks: Networks, project: str, wanted: Any) -> int:
        if wanted == AUTO and networks.available(project, only_up=False):
            raise fault(409, "there is one")
        return int(right(networks, project, wanted))

    _unnamed(unnamed)


@defect("C-NET-020")
def one_network_is_not_enough() -> None:
    """Where nothing is asked for and one network is there, the request is refused."""

    def unnamed(right: Any, networks: Networks, project: str, wanted: Any) -> int:
        if wanted != AUTO and networks.available(project, only_up=False):
            raise fault(409, "name it")
        return int(right(networks, project, wanted))

    _unnamed(unnamed)
