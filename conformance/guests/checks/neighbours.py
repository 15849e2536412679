"""Which servers reach each other: those of one request, members of a group, strangers, and one that is deleted."""

from conformance.guests.records import GuestRecord, Records, Target, ips, listed, spoken
from conformance.guests.words import Words, normal_address

SEARCHED = 24  # the length of the largest prefix in which a server looks for others


def meets_its_peers(records: Records) -> list[str]:
    """Every server has met all others of its request, each at the address that the APIs show for it.

    A server finds the others by a search of its prefix; where that is too large for a search, nothing is judged.
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
    """Whether the server's IPv4 prefix is too large for a search of all its addresses."""
    return any(address.length < SEARCHED for address in record.shown.of(4))


def reaches_its_targets(records: Records) -> list[str]:
    """At each of the server's targets, the server that has the address answers, and no other."""
    return [
        f"{record.name} does not reach server {target.server} at {target.address}"
        for record, words in spoken(records)
        for target in record.targets
        if not _page_of(words, target).endswith(target.mac)
    ]


def reaches_none_of_its_targets(records: Records) -> list[str]:
    """None of the server's targets answers, at present or former addresses."""
    return [
        f"{record.name} reaches server {target.server} at {target.address}"
        for record, words in spoken(records)
        for target in record.targets
        if target.mac and _page_of(words, target).endswith(target.mac)
    ]


def tried_its_targets(records: Records) -> list[str]:
    """Doubts: the server did not report on some of its targets."""
    return [
        f"{record.name} did not say whether it reaches {target.address}"
        for record, words in spoken(records)
        for target in record.targets
        if normal_address(target.address) not in words.reached
    ]


def hears_none_of_its_targets(records: Records) -> list[str]:
    """None of the server's targets is on its link: none answers ARP or ND with its own MAC address."""
    return [
        f"{record.name} hears server {target.server} of project {target.project} on its own link"
        for record, words in spoken(records)
        for target in record.targets
        if target.mac and words.heard.get(normal_address(target.address)) == target.mac
    ]


def _page_of(words: Words, target: Target) -> str:
    """What answered at the target's address, a text that ends with its MAC address; empty where nothing did."""
    return words.reached.get(normal_address(target.address), "")
