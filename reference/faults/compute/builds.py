"""Faults in how servers are built: their ports, states and faults."""

from collections.abc import Callable
from typing import Any

from reference.catalogue import Plant
from reference.compute import admission, allocation, builder, hosts, views
from reference.compute.allocation import Abort
from reference.compute.network_client import Networks
from reference.faults.catalogue import entry, fault, table
from reference.faults.seams import Wrapper, around, changed, lacking, replaced, spoiled, without


def _fault(change: Callable[[Any], object]) -> Plant:
    """Let `change(fault)` work on the fault of a server that has one."""
    return spoiled(views, "render", lambda server: "fault" in server and change(server["fault"]))


def _fault_says(words: str, instead: str) -> Plant:
    return _fault(lambda fault: fault.update(message=fault["message"].replace(words, instead)))


def _unless_aborted(right: Wrapper, *arguments: Any, **named: Any) -> Any:
    """The server's attachments; none where the build was aborted."""
    try:
        return right(*arguments, **named)
    except Abort:
        return []


table(
    entry("ports-name-no-device", "C-BUILD-012", "C-BUILD-002", row="DEF-C-070")(
        "The port made for auto does not name the server as its device.",
        lacking(allocation, "port_values", "device_id"),
    ),
    entry("ports-have-another-owner", "C-BUILD-012")(
        "The port made for auto has a device_owner that is not Compute's.",
        changed(allocation, "port_values", lambda port: {**port, "device_owner": "network:server"}),
    ),
    entry("active-before-its-network", "C-BUILD-002", "C-NET-022")(
        "A server is ACTIVE without the interface it asked for.",
        around(builder, "finish")(lambda right, tx, task, _nics: right(tx, task, [])),
    ),
    entry("none-has-an-address", "C-BUILD-003", "C-SRV-009", row="DEF-C-080")(
        "A server made with none shows an address.",
        changed(views.Attachments, "addresses", lambda addresses: addresses or {"none": []}),
    ),
    entry("failed-builds-keep-their-ports", "C-BUILD-008", row="DEF-C-058")(
        "The ports of a build that failed remain.", without(builder.Builder, "clean_up")
    ),
    entry("errors-have-no-fault", "C-FAULT-001", "C-FAULT-002", row="DEF-C-053")(
        "A server in ERROR does not say why.", lacking(views, "render", "fault")
    ),
    entry("faults-have-no-message", "C-FAULT-001")(
        "The fault of a server is a code alone.", _fault(lambda fault: fault.pop("message"))
    ),
    entry("traces-are-for-everyone", "C-FAULT-001", row="DEF-C-094")(
        "The trace in a fault's details is shown to ordinary users.",
        _fault(lambda fault: fault.update(details='Traceback (most recent call last):\n  File "x.py", line 1')),
    ),
    entry("failed-builds-are-active", "C-FAULT-002", "C-ERR-018")(
        "A server without the network that it asked for becomes ACTIVE.",
        around(allocation, "allocate")(_unless_aborted),
    ),
    entry("only-the-first-network-counts", "C-NET-015", "C-BUILD-002")(
        "A server that requests several networks gets only the first.",
        changed(allocation, "chosen_networks", lambda networks: networks[:1]),
    ),
    entry("nothing-asked-is-nothing-got", "C-NET-020")(
        "Where nothing is asked for and one network is there, the server gets no interface.",
        changed(admission, "requested", lambda attachment: attachment or "none"),
    ),
    entry("faults-have-no-code", "C-FAULT-001")(
        "The fault of a server is a message alone.", _fault(lambda fault: fault.pop("code"))
    ),
    entry("the-first-server-alone-gets-a-port", "C-MULTI-008", "C-NET-030", "C-CW-02")(
        "All servers of a request but the first become ACTIVE without an interface.",
        around(allocation, "chosen_networks")(
            lambda right, networks, server: [] if server.launch_index else right(networks, server)
        ),
    ),
    entry("without-a-network-a-server-is-active", "C-BUILD-004", row="DEF-C-053")(
        "A server whose topology is refused when it is built becomes ACTIVE without a network.",
        around(allocation, "allocate")(_unless_aborted),
    ),
    entry("there-is-always-room", "C-BUILD-009")(
        "A server that no host has room for becomes ACTIVE.", replaced(hosts, "CAPACITY", {})
    ),
    entry("administrators-see-no-trace", "C-FAULT-001")(
        "The fault of a server has no details, not even for an administrator.",
        _fault(lambda fault: fault.pop("details", None)),
    ),
    entry("faults-do-not-say-aborted", "C-BUILD-005")(
        "The fault of a server without its network does not say that the build was aborted.",
        _fault_says("aborted", "went wrong"),
    ),
    entry("faults-do-not-tell-of-retries", "C-BUILD-006")(
        "The fault of a server that was tried several times does not say so.", _fault_says("retr", "tr")
    ),
)


@fault("C-MULTI-008", "C-CW-02", at=around(allocation, "automatic_network"), row="DEF-C-050")
def later_servers_find_it_ambiguous(right: Wrapper, networks: Networks, server: Any) -> Any:
    """The second and third server of a request do not see the network that the first one got, and give up."""
    if server.launch_index:
        raise Abort("Multiple possible networks found")
    return right(networks, server)


@fault("C-BUILD-008", at=around(builder.Builder, "clean_up"), row="DEF-C-059")
def a_failed_build_keeps_its_first_port(right: Wrapper, self: Any, task: Any, networks: Networks) -> None:
    """The first port of a failed build remains."""
    remaining = {port["id"] for port in networks.ports_of([task.server_id])[:1]}
    delete = networks.delete_port
    networks.delete_port = lambda port: None if port in remaining else delete(port)  # type: ignore[method-assign]
    right(self, task, networks)


@fault("C-SRV-016", at=around(allocation, "attach"), row="DEF-C-087")
def a_port_serves_once(right: Wrapper, networks: Networks, server: Any, item: Any, *more: Any) -> Any:
    """A port that has been a server's before is accepted for another one, whose build then fails."""
    if item.get("port"):
        if networks.port(item["port"])["description"]:
            raise Abort("the port was another server's")
        networks.update_port(item["port"], {"description": "used"})
    return right(networks, server, item, *more)
