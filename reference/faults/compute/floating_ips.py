"""Faults in how servers show floating IPs of their ports (C-SRV-021), and in what else boots create or open."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from reference.catalogue import Plant
from reference.compute import allocation, views
from reference.compute.admission import AUTO
from reference.compute.handlers.servers import Servers
from reference.compute.microversion import version_of
from reference.compute.network_client import Networks
from reference.faults.catalogue import entry, table
from reference.faults.seams import Wrapper, answering, around, body_of, changed, replaced, spoiled
from reference.wsgi.routes import Answer, Call

TYPE = "OS-EXT-IPS:type"
Addresses = dict[str, list[dict[str, Any]]]  # by the name of their network


def _typed(kind: str) -> Plant:
    """Let all addresses be of that type."""

    def spoil(networks: Addresses) -> None:
        for address in (address for addresses in networks.values() for address in addresses if TYPE in address):
            address[TYPE] = kind

    return spoiled(views.Attachments, "addresses", spoil)


def _of_type(kind: str, networks: Addresses) -> Addresses:
    return {name: [address for address in addresses if address[TYPE] == kind] for name, addresses in networks.items()}


def _without_mac(networks: Addresses) -> None:
    for address in (address for addresses in networks.values() for address in addresses):
        if address.get(TYPE) == "floating":
            address["OS-EXT-IPS-MAC:mac_addr"] = ""


def _by_type(networks: Addresses) -> Addresses:
    """The addresses, with the floating ones of all networks under one name; unchanged if their types are not shown."""
    if any(TYPE not in address for addresses in networks.values() for address in addresses):
        return networks
    floating = [address for addresses in _of_type("floating", networks).values() for address in addresses]
    return {**_of_type("fixed", networks), **({"public": floating} if floating else {})}


def _hidden(server: dict[str, Any]) -> dict[str, Any]:
    return {**server, "addresses": _of_type("fixed", server["addresses"])}


def _hidden_in_lists(_call: Call, answer: Answer) -> Answer:
    body = body_of(answer)
    return Answer({**body, "servers": [_hidden(server) for server in body["servers"]]}, answer.status, answer.headers)


def _hidden_by_network(_call: Call, answer: Answer) -> Answer:
    """The answer without the last of several addresses of an IP version, which is the floating one."""
    shown = {
        name: [
            address
            for place, address in enumerate(addresses)
            if address["version"] not in {before["version"] for before in addresses[:place]}
        ]
        for name, addresses in body_of(answer).items()
    }
    return Answer(shown, answer.status, answer.headers)


def _hidden_before_2_37(call: Call, answer: Answer) -> Answer:
    if version_of(call) >= (2, 37):
        return answer
    return Answer({"server": _hidden(body_of(answer)["server"])}, answer.status, answer.headers)


def _hidden_without_types(right: Wrapper, self: views.Attachments, server: Any, *, extended: bool) -> Any:
    return right(self if extended else replace(self, floating={}), server, extended=extended)


def _stale() -> Callable[[Wrapper, Any, Any], Any]:
    """The floating IPs of ports as they were the first time that they had any."""
    first_shown: dict[tuple[str, ...], Any] = {}

    def floating_ips(right: Wrapper, self: Any, ports: Any) -> Any:
        ids = tuple(ports)
        return first_shown.get(ids) or first_shown.setdefault(ids, right(self, ids))

    return floating_ips


def _bringing(condition: Callable[[Networks, Any], object], *, to_its_port: bool = False) -> Plant:
    """Let a port that is made for a server have a floating IP allocated, where the condition holds for the server."""

    def attach(right: Wrapper, networks: Networks, server: Any, *others: Any) -> Any:
        nic = right(networks, server, *others)
        if condition(networks, server):
            [external, *_] = networks.list_items("networks", {"router:external": True, "is_default": True})
            port = {"port_id": nic["port_id"]} if to_its_port else {}
            networks.item("POST", "floatingips", {"floatingip": {"floating_network_id": external["id"], **port}})
        return nic

    return around(allocation, "attach")(attach)


def _opening(right: Wrapper, networks: Networks, server: Any, *others: Any) -> Any:
    nic = right(networks, server, *others)
    for group in networks.project_groups(server.project_id):
        if not networks.list_items("security-group-rules", {"security_group_id": group["id"], "protocol": "tcp"}):
            rule = {"security_group_id": group["id"], "direction": "ingress", "protocol": "tcp"}
            networks.item("POST", "security-group-rules", {"security_group_rule": rule})
    return nic


def _grouped(right: Wrapper, networks: Networks, server: Any, *others: Any) -> Any:
    networks.item("POST", "security-groups", {"security_group": {"name": f"for {server.id}"}})
    return right(networks, server, *others)


def _taking_along(right: Wrapper, networks: Networks, server: Any) -> Any:
    for floating_ip in networks.floating_ips([port["id"] for port in networks.ports_of([server.id])]):
        networks.ask("DELETE", f"floatingips/{floating_ip['id']}")
    return right(networks, server)


def _is_first(networks: Networks, server: Any) -> bool:
    return server.networks == AUTO and _is_alone(networks, server)


def _is_alone(networks: Networks, server: Any) -> bool:
    query = {"tenant_id": server.project_id, "device_owner": allocation.OWNER}
    return len(networks.list_items("ports", query)) == 1


table(
    entry("first-boot-brings-a-floating-ip", "C-NET-035")(
        "The first server of a project with auto has a floating IP allocated.", _bringing(_is_first)
    ),
    entry("later-boots-bring-a-floating-ip", "C-NET-035")(
        "A server with auto that is not its project's first has a floating IP allocated.",
        _bringing(lambda networks, server: server.networks == AUTO and not _is_alone(networks, server)),
    ),
    entry("boots-are-given-a-floating-ip", "C-NET-035", "C-MULTI-011", "C-BUILD-002")(
        "A server with auto has a floating IP allocated, which leads to its port.",
        _bringing(lambda _networks, server: server.networks == AUTO, to_its_port=True),
    ),
    entry("several-servers-bring-a-floating-ip", "C-MULTI-011")(
        "The second of several servers of one request has a floating IP allocated.",
        _bringing(lambda _networks, server: server.networks == AUTO and server.launch_index == 1),
    ),
    entry("boots-on-a-network-bring-a-floating-ip", "C-NET-035")(
        "A server that names a network or a port, or nothing, has a floating IP allocated.",
        _bringing(lambda _networks, server: server.networks != AUTO),
    ),
    entry("deleted-servers-take-floating-ips-along", "C-SRV-016")(
        "A server that is deleted takes the floating IPs of its ports along.",
        around(allocation, "release")(_taking_along),
    ),
    entry("boots-open-the-default-group", "C-NET-036")(
        "A boot lets everybody reach the project's servers by TCP.", around(allocation, "attach")(_opening)
    ),
    entry("boots-bring-a-security-group", "C-NET-036")(
        "A boot makes a security group of its own.", around(allocation, "attach")(_grouped)
    ),
    entry("floating-ips-are-no-addresses", "C-SRV-021")(
        "The addresses of a server lack the floating IPs of its ports.",
        replaced(views.Attachments, "floating_of", lambda _self, _port: []),
    ),
    entry("floating-ips-stay-shown", "C-SRV-021")(
        "A server still shows a floating IP that it no longer has.",
        around(Networks, "floating_ips")(_stale()),
    ),
    entry("floating-ips-look-fixed", "C-SRV-021")(
        "The floating IPs of a server are shown as fixed addresses.", _typed("fixed")
    ),
    entry("fixed-addresses-look-floating", "C-SRV-021")(
        "The fixed addresses of a server are shown as floating ones.", _typed("floating")
    ),
    entry("floating-ips-are-not-listed", "C-SRV-021")(
        "A server shows its floating IPs, and the list of its addresses does not.",
        around(views.Attachments, "addresses")(_hidden_without_types),
    ),
    entry("floating-ips-are-not-in-lists", "C-SRV-021")(
        "A server shows its floating IPs, and the list of servers does not.",
        answering(Servers, "detail")(_hidden_in_lists),
    ),
    entry("floating-ips-are-not-listed-by-network", "C-SRV-021")(
        "A server shows its floating IPs, and the list of its addresses on one network does not.",
        answering(Servers, "addresses_on")(_hidden_by_network),
    ),
    entry("floating-ips-came-later", "C-SRV-021")(
        "A server shows its floating IPs from 2.37 on.", answering(Servers, "show")(_hidden_before_2_37)
    ),
    entry("floating-ips-stand-by-themselves", "C-SRV-021")(
        "The floating IPs of a server stand below another name than that of its network.",
        changed(views.Attachments, "addresses", _by_type),
    ),
    entry("floating-ips-have-no-mac", "C-SRV-021")(
        "The floating IPs of a server are shown with an empty MAC.",
        spoiled(views.Attachments, "addresses", _without_mac),
    ),
)
