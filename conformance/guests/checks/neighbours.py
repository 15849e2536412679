"""Who meets whom: peers of one request, members of a group, strangers, and who is gone."""

import ipaddress

from conformance.guests.records import GuestRecord, Records, Target, ips, listed, spoken
from conformance.guests.words import Words

SEARCHED = 24  # the shortest prefix that a server searches for others


def meets_its_peers(records: Records) -> list[str]:
    """Every server of one request has met every other one, by the address that the APIs show.

    It has looked for them, so that nothing is known where a prefix is too large for that.
    """
    violations = []
    for record, words in spoken(records):
        others = [other for other in records if other.nonce == record.nonce and other.server != record.server]
        met = set(words.peers.items())
        missing = [other for other in others if met.isdisjoint((a.ip, other.shown.mac) for a in other.shown.of(4))]
        violations += [
            f"{record.name} does not reach {other.name} at {listed(ips(other))}"
            for other in missing
            if not is_too_large(record)
        ]
    return violations


def is_too_large(record: GuestRecord) -> bool:
    """Whether the IPv4 prefix has more addresses than a server looks for others at."""
    return any(address.length < SEARCHED for address in record.shown.of(4))


def reaches_its_targets(records: Records) -> list[str]:
    """Whoever has the addresses it was told to try answers there, and nobody else."""
    return [
        f"{record.name} does not reach server {target.server} at {target.address}"
        for record, words in spoken(records)
        for target in record.targets
        if not _page_of(words, target).endswith(target.mac)
    ]


def reaches_none_of_its_targets(records: Records) -> list[str]:
    """Nobody answers at the addresses that it was told to try."""
    return [
        f"{record.name} reaches server {target.server} at {target.address}"
        for record, words in spoken(records)
        for target in record.targets
        if target.mac and _page_of(words, target).endswith(target.mac)
    ]


def tried_its_targets(records: Records) -> list[str]:
    """Doubts: an address that it was told to try, and said nothing of."""
    return [
        f"{record.name} did not say whether it reaches {target.address}"
        for record, words in spoken(records)
        for target in record.targets
        if _normal(target.address) not in words.reached
    ]


def hears_none_of_its_targets(records: Records) -> list[str]:
    """None of them is on its link: nobody with their MAC address answers to who has their addresses (ARP, ND)."""
    return [
        f"{record.name} hears server {target.server} of project {target.project} on its own link"
        for record, words in spoken(records)
        for target in record.targets
        if target.mac and words.heard.get(_normal(target.address)) == target.mac
    ]


def _page_of(words: Words, target: Target) -> str:
    return words.reached.get(_normal(target.address), "")


def _normal(address: str) -> str:
    return str(ipaddress.ip_address(address))
