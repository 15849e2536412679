"""Faults in the addresses that answers show of ports, gateways and servers: all answers, or some."""

from collections.abc import Callable, Iterable, Iterator
from itertools import count
from typing import Any

from reference.catalogue import Plant
from reference.faults.catalogue import entry, table
from reference.faults.in_passing import STATE
from reference.faults.outside import Item, Outgoing, leaving
from reference.faults.untrue import untrue

OTHERS = {4: "203.0.113.99", 6: "2001:db8::99"}
Entries = Callable[[Outgoing], Iterable[Item]]  # the addresses in an answer, each an object with other things


def _of_ports(outgoing: Outgoing) -> Iterator[Item]:
    for port in outgoing.items("port", "ports"):
        yield from port.get("fixed_ips", ())


def _of_gateways(outgoing: Outgoing) -> Iterator[Item]:
    for router in outgoing.items("router", "routers"):
        yield from (router.get("external_gateway_info") or {}).get("external_fixed_ips", ())


def _of_servers(outgoing: Outgoing) -> Iterator[Item]:
    for server in outgoing.items("server", "servers"):
        for addresses in (server.get("addresses") or {}).values():
            yield from addresses


def _version(item: Item, key: str) -> int:
    return 6 if ":" in str(item[key]) else 4


def _other(entries: Entries, key: str, version: int, every: int = 1) -> Plant:
    """In one of `every` answers, show another address of that IP version under the key of each entry."""
    answers = count(1)

    def work(outgoing: Outgoing) -> None:
        of_version = [item for item in entries(outgoing) if key in item and _version(item, key) == version]
        if of_version and not next(answers) % every:
            for item in of_version:
                item[key] = OTHERS[version]

    return leaving(work)


def _powered(outgoing: Outgoing) -> None:
    for server in outgoing.items("server", "servers"):
        if server.get(STATE) == "building":
            server["OS-EXT-STS:power_state"] = 1


def _leading(field: str, change: Callable[[Any], Any] = untrue) -> Plant:
    """Let floating IPs that lead to a port show another value in that field."""

    def work(outgoing: Outgoing) -> None:
        for item in outgoing.items("floatingip", "floatingips"):
            if item.get("port_id") and item.get(field):
                item[field] = change(item[field])

    return leaving(work)


def _without_ipv6(outgoing: Outgoing) -> None:
    """Remove IPv6 addresses from the addresses of the servers in an answer, where there are others."""
    body = outgoing.body if outgoing.ok and isinstance(outgoing.body, dict) else {}
    for item in (body, *outgoing.items("server", "servers")):
        addresses = item.get("addresses") or {}
        for network, entries in addresses.items():
            addresses[network] = [entry for entry in entries if entry["version"] == 4] or entries


def _interfaces_without_ipv6(outgoing: Outgoing) -> None:
    for item in outgoing.items("interfaceAttachment", "interfaceAttachments"):
        entries = item.get("fixed_ips") or []
        item["fixed_ips"] = [entry for entry in entries if ":" not in entry["ip_address"]] or entries


def _below(end: str, work: Callable[[Outgoing], None]) -> Plant:
    """Let `work` change answers to GETs of paths with that end."""
    return leaving(lambda outgoing: work(outgoing) if outgoing.path.endswith(end) else None)


PLACES: tuple[tuple[str, Entries, str, str], ...] = (
    ("port", _of_ports, "ip_address", "N-OBJ-011"),
    ("gateway", _of_gateways, "ip_address", "N-OBJ-011"),
    ("server", _of_servers, "addr", "C-OBJ-006"),
)
table(
    *(
        entry(f"{place}-ipv{version}-address-wanders", requirement, *(("C-OBJ-001",) if place == "server" else ()))(
            f"Every other answer shows another IPv{version} address of a {place}.",
            _other(entries, key, version, every=2),
        )
        for place, entries, key, requirement in PLACES
        for version in (4, 6)
    ),
    *(
        entry(f"server-ipv{version}-address-is-untrue", "C-OBJ-001")(
            f"Every answer shows an IPv{version} address of a server that its port has not.",
            _other(_of_servers, "addr", version),
        )
        for version in (4, 6)
    ),
    entry("floating-ips-lead-through-another-router", "N-RTR-026")(
        "A floating IP that stands for a port shows another router.", _leading("router_id")
    ),
    entry("floating-ips-lead-to-another-address", "N-RTR-026")(
        "A floating IP that stands for a port shows another address than the port's.", _leading("fixed_ip_address")
    ),
    entry("floating-ips-lead-to-another-port", "N-RTR-026", "N-OBJ-005")(
        "A floating IP that stands for a port shows another port.", _leading("port_id")
    ),
    entry("floating-ips-tell-of-another-port", "N-OBJ-005")(
        "A floating IP says that its port is on another network.",
        _leading("port_details", lambda port: {**port, "network_id": untrue(port["network_id"])}),
    ),
    entry("detailed-lists-leave-ipv6-out", "C-SRV-022")(
        "The list of servers in detail shows the IPv4 addresses alone.", _below("/servers/detail", _without_ipv6)
    ),
    entry("lists-of-addresses-leave-ipv6-out", "C-SRV-022")(
        "The list of a server's addresses shows those of IPv4 alone.", _below("/ips", _without_ipv6)
    ),
    entry("interfaces-leave-ipv6-out", "C-SRV-022")(
        "The interfaces of a server show IPv4 addresses alone.", _below("/os-interface", _interfaces_without_ipv6)
    ),
    entry("servers-have-power-too-early", "C-OBJ-001")(
        "A server that is being built shows that it runs.", leaving(_powered)
    ),
)
