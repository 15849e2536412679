"""Addresses, default routes and mtu: what a server has is what the APIs show."""

from conformance.guests.records import Records, listed, spoken
from conformance.guests.words import Words

SMALL = 56  # bytes of an echo that any link carries
HEADERS = 28  # bytes of IPv4 and ICMP before those of an echo
STATEFUL = "dhcpv6-stateful"


def the_apis_agree(records: Records) -> list[str]:
    """Compute shows the addresses that Networking shows."""
    return [
        f"{record.name}: Compute shows {listed(record.shown.compute)}, Networking {listed(addresses)}"
        for record in records
        if {*record.shown.compute} != {*(addresses := [address.ip for address in record.shown.addresses])}
    ]


def has_its_ipv4_addresses(records: Records) -> list[str]:
    """The guest has every IPv4 address that the APIs show, with its prefix length, and no other."""
    violations = []
    for record, words in spoken(records):
        shown = {str(address) for address in record.shown.of(4)}
        own = {address for address in words.addresses if ":" not in address}
        if shown != own:
            violations.append(f"{record.name} has {listed(own)}, and the APIs show {listed(shown)}")
    return violations


def has_its_ipv6_addresses(records: Records) -> list[str]:
    """The guest has every IPv6 address that the APIs show, with its prefix length: it may have more, made by itself.

    Addresses from DHCPv6 alone are ignored where the guest has no DHCPv6 client.
    """
    violations = []
    for record, words in spoken(records):
        addresses = [address for address in record.shown.of(6) if address.mode != STATEFUL or words.dhcpv6]
        missing = [address for address in addresses if address.ip not in _plain(words)]
        own = [address for address in words.addresses if ":" in address]
        if missing:
            violations.append(f"{record.name} has {listed(own)}, and the APIs show {listed(map(str, missing))}")
        violations += [
            f"{record.name} has {address}, which the APIs show with another prefix length"
            for address in own
            for shown in addresses
            if address.partition("/")[0] == shown.ip and address not in (str(shown), f"{shown.ip}/128")
        ]
    return violations


def leads_out_by_its_gateway(records: Records) -> list[str]:
    """The guest has one IPv4 default route, by the gateway of its subnet."""
    violations = []
    for record, words in spoken(records):
        shown = {address.gateway for address in record.shown.of(4) if address.gateway}
        own = {router for router in words.routers if ":" not in router}
        if shown != own:
            violations.append(f"{record.name} has its default route by {listed(own)}, not by {listed(shown)}")
    return violations


def leads_out_over_ipv6(records: Records) -> list[str]:
    """The guest has an IPv6 default route where its subnet has a gateway."""
    return [
        f"{record.name} has no IPv6 default route"
        for record, words in spoken(records)
        if any(address.gateway and (address.mode != STATEFUL or words.dhcpv6) for address in record.shown.of(6))
        and not any(":" in router for router in words.routers)
    ]


def has_the_mtu(records: Records) -> list[str]:
    """The guest has the network's mtu, and its router answers a packet of that size if it answers a small one."""
    violations = []
    for record, words in spoken(records):
        if record.shown.mtu and {*words.mtus} != {record.shown.mtu}:
            violations.append(f"{record.name} has mtu {listed(words.mtus)}, its network {record.shown.mtu}")
        elif SMALL in words.pings and record.shown.mtu - HEADERS not in words.pings:
            violations.append(f"{record.name} gets no answer to packets of its mtu, {record.shown.mtu} bytes")
    return violations


def _plain(words: Words) -> set[str]:
    return {address.partition("/")[0] for address in words.addresses}
