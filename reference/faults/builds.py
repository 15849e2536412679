"""Faults in how servers are built: their ports, states and faults."""

from __future__ import annotations

from typing import Any

from reference.compute import admission, allocation, builder, views
from reference.compute.allocation import Abort
from reference.compute.network_client import Networks
from reference.faults.catalogue import defect
from reference.faults.seam import around, nothing, replace


def _port(**values: Any) -> None:
    """Let ports that Compute makes have those values, and lack those that are `nothing`."""

    def port_values(right: Any, *arguments: Any) -> Any:
        made = {**right(*arguments), **values}
        return {name: value for name, value in made.items() if value is not nothing}

    around(allocation, "port_values", port_values)


@defect("C-BUILD-012", "C-BUILD-002", row="DEF-C-070")
def ports_name_no_device() -> None:
    """The port made for auto does not name the server as its device."""
    _port(device_id=nothing)


@defect("C-BUILD-012")
def ports_have_another_owner() -> None:
    """The port made for auto has a device_owner that is not Compute's."""
    _port(device_owner="network:server")


@defect("C-BUILD-002", "C-NET-022")
def active_before_its_network() -> None:
    """A server is ACTIVE without the interface it asked for."""
    around(builder, "finish", _without_ports)


def _without_ports(right: Any, tx: Any, task: Any, _nics: Any) -> None:
    right(tx, task, [])


@defect("C-BUILD-003", "C-SRV-009", row="DEF-C-080")
def none_has_an_address() -> None:
    """A server made with none shows an address."""

    def addresses(right: Any, self: Any, server: Any, *, extended: bool) -> Any:
        shown = right(self, server, extended=extended)
        return shown or {"none": []}

    around(views.Attachments, "addresses", addresses)


@defect("C-BUILD-008", row="DEF-C-058")
def failed_builds_keep_their_ports() -> None:
    """The ports of a build that failed remain."""
    replace(builder.Builder, "clean_up", nothing)


@defect("C-FAULT-001", "C-FAULT-002", row="DEF-C-053")
def errors_have_no_fault() -> None:
    """A server in ERROR does not say why."""
    around(views, "render", _without("fault"))


def _without(name: str) -> Any:
    def render(right: Any, sight: Any) -> Any:
        return {key: value for key, value in right(sight).items() if key != name}

    return render


@defect("C-FAULT-001")
def faults_have_no_message() -> None:
    """The fault of a server is a code alone."""

    def render(right: Any, sight: Any) -> Any:
        shown = right(sight)
        return {**shown, "fault": {"code": 500, "created": shown["updated"]}} if "fault" in shown else shown

    around(views, "render", render)


@defect("C-FAULT-001", row="DEF-C-094")
def traces_are_for_everyone() -> None:
    """The trace in a fault's details is shown to ordinary users."""

    def render(right: Any, sight: Any) -> Any:
        shown = right(sight)
        if "fault" in shown:
            shown["fault"]["details"] = 'Traceback (most recent call last):\n  File "x.py", line 1'
        return shown

    around(views, "render", render)


@defect("C-FAULT-002", "C-ERR-018")
def failed_builds_are_active() -> None:
    """A server whose network could not be had is ACTIVE all the same."""

    def allocate(right: Any, *arguments: Any, **named: Any) -> Any:
        try:
            return right(*arguments, **named)
        except Abort:
            return []

    around(allocation, "allocate", allocate)


@defect("C-NET-015", "C-BUILD-002")
def only_the_first_network_counts() -> None:
    """Of several networks of a request the server gets the first."""
    around(allocation, "chosen_networks", lambda right, networks, server: right(networks, server)[:1])


@defect("C-MULTI-008", "C-CW-02", row="DEF-C-050")
def later_servers_find_it_ambiguous() -> None:
    """The second and third server of a request do not see the network that the first one got, and give up."""

    def automatic(right: Any, networks: Networks, server: Any) -> Any:
        if server.launch_index:
            raise Abort("Multiple possible networks found")
        return right(networks, server)

    around(allocation, "automatic_network", automatic)


@defect("C-NET-020")
def nothing_asked_is_nothing_got() -> None:
    """Where nothing is asked for and one network is there, the server gets no interface."""
    around(admission, "requested", lambda right, items: right(items) or "none")


@defect("C-BUILD-008", row="DEF-C-059")
def a_failed_build_keeps_its_first_port() -> None:
    """Of the ports of a build that failed the first remains."""

    def clean(right: Any, self: Any, task: Any, networks: Networks) -> None:
        kept = {port["id"] for port in networks.ports_of([task.server_id])[:1]}
        delete = networks.delete_port
        networks.delete_port = lambda port: None if port in kept else delete(port)  # type: ignore[method-assign]
        right(self, task, networks)

    around(builder.Builder, "clean_up", clean)


@defect("C-FAULT-001")
def faults_have_no_code() -> None:
    """The fault of a server is a message alone."""

    def render(right: Any, sight: Any) -> Any:
        shown = right(sight)
        if "fault" in shown:
            shown["fault"].pop("code")
        return shown

    around(views, "render", render)


@defect("C-MULTI-008", "C-NET-030", "C-CW-02")
def the_first_server_alone_gets_a_port() -> None:
    """Of the servers of one request those after the first are ACTIVE without an interface."""

    def chosen(right: Any, networks: Networks, server: Any) -> Any:
        return [] if server.launch_index else right(networks, server)

    around(allocation, "chosen_networks", chosen)


@defect("C-SRV-016", row="DEF-C-087")
def a_port_serves_once() -> None:
    """A port that has been a server's before is accepted for another one, whose build then fails."""

    def attach(right: Any, networks: Networks, server: Any, item: Any, *more: Any) -> Any:
        if item.get("port"):
            if networks.port(item["port"])["description"]:
                raise Abort("the port was another server's")
            networks.update_port(item["port"], {"description": "used"})
        return right(networks, server, item, *more)

    around(allocation, "attach", attach)
