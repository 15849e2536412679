"""Reasons why there is nothing to judge: each function raises Unsupported if its reason applies."""

from conformance.guests.checks.neighbours import SEARCHED, is_too_large
from conformance.guests.records import Records, listed, spoken
from conformance.verdict.signals import Unsupported

STATEFUL = "dhcpv6-stateful"


def only_dhcpv6(records: Records) -> None:
    shown = [(address, words) for record, words in spoken(records) for address in record.shown.of(6)]
    if shown and all(address.mode == STATEFUL and not words.dhcpv6 for address, words in shown):
        raise Unsupported("IPv6 addresses come by DHCPv6, and the image has no client for it")


def no_ipv6(records: Records) -> None:
    if records and not any(record.shown.of(6) for record in records):
        raise Unsupported("the APIs show no IPv6 address")


def no_ipv4(records: Records) -> None:
    if records and not any(record.shown.of(4) for record in records):
        raise Unsupported("the APIs show no IPv4 address")


def nothing_listens(records: Records) -> None:
    for record, words in spoken(records):
        if words.deaf:
            raise Unsupported(f"{record.name} has {words.deaf}: neither busybox httpd nor python3")


def too_many_addresses(records: Records) -> None:
    if any(map(is_too_large, records)):
        raise Unsupported(f"prefixes are shorter than /{SEARCHED}: servers cannot look for each other there")


def no_provider_network(records: Records) -> None:
    kinds = {record.shown.kind for record in records}
    if not kinds & {"vlan", "flat"}:
        raise Unsupported(f"the topology's network is of type {listed(kinds)}, no provider network")
