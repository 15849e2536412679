"""Ways out and in: whether guests reach the outside, a place beyond the external network, which address it sees of
them, and whether it reaches them.
"""

import ipaddress
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from conformance.guests.records import GIVEN, GONE, GuestRecord, Records, ips, listed, spoken
from conformance.guests.words import Words

EITHER = (
    "either that is wrong, or something between translates: name an outside that the external network reaches without "
    "that"
)
BACK = ("back4", "back6")  # IPv4, IPv6: the requests by which guests ask the outside to call them back


def reaches_outside(records: Records) -> list[str]:
    """The outside answers the guest."""
    return [
        f"{record.name} does not reach the outside{_why(words, 'outside4')}" for record, words in _not_answered(records)
    ]


def reaches_outside_over_ipv6(records: Records) -> list[str]:
    """The same by IPv6 alone."""
    return [
        f"{record.name} does not reach the outside{_why(words, 'outside6')}"
        for record, words in spoken(records)
        if record.outside == GIVEN and not is_answered(words, "outside6", missing=True)
    ]


def _not_answered(records: Records) -> Iterator[tuple[GuestRecord, Words]]:
    """The guests with an IPv4 address and an outside to call, which nothing answered."""
    for record, words in spoken(records):
        if record.outside == GIVEN and record.shown.of(4) and not is_answered(words, "outside4"):
            yield record, words


def is_answered(words: Words, name: str, *, missing: bool = False) -> bool:
    """Whether anything answered, an error included (a doubt, see below); `missing` where the guest has not tried."""
    return words.answers.get(name, (missing, ""))[0] or words.answered_with_an_error(name)


def was_seen_by_nobody(records: Records) -> list[str]:
    """Doubts: the outside has not answered, so it is not known which address it would have seen."""
    return [
        f"the outside has not seen {record.name}, which it did not answer" for record, words in _not_answered(records)
    ]


def outside_is_gone(records: Records) -> list[str]:
    """Doubts: while the outside did not answer a server, it did not answer the suite's own machine either."""
    if any(record.outside == GONE and not _was_seen(record) for record in records):
        return ["the outside, which answered this machine when the run began, was gone while servers were to call it"]
    return []


def _was_seen(record: GuestRecord) -> bool:
    """Whether every place that the server called answered it."""
    called = [name for name in record.words.answers if name.startswith("outside")] if record.words else []
    return bool(called) and all(seen_from_outside(record, name) for name in called)


def nothing_of_the_outside(records: Records) -> list[str]:
    """Doubts: without an IPv6 place nothing is known of the way out over IPv6."""
    return [
        f"{record.name} was given no IPv6 address to call: --outside takes one for each IP version"
        for record, words in spoken(records)
        if "outside6" not in words.answers
    ]


def _why(words: Words, name: str) -> str:
    reason = words.answers.get(name, (False, ""))[1]
    return f": {reason}" if reason else ""


def seen_from_outside(record: GuestRecord, name: str = "outside4") -> str:
    """The address that the outside has seen of the guest, of IPv4 by default; empty where it did not say, or is no
    `gman outside`."""
    return str(_said(record, name).get("address", ""))


def _said(record: GuestRecord, name: str) -> Mapping[str, Any]:
    """The outside's answer to that request; empty where it is no `gman outside`, which gives back the nonce and an
    address of the IP version by which it was called."""
    answer = record.words.json_of(name) if record.words else {}
    address = _address(answer.get("address"), int(name[-1]))
    return {**answer, "address": address} if address and answer.get("nonce") == record.nonce else {}


def _address(value: object, version: int) -> str:
    """The address in its canonical form; empty for anything but an address of that IP version."""
    try:
        address = ipaddress.ip_address(value if isinstance(value, str) else "")
    except ValueError:
        return ""
    mapped = isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped
    return str(address) if address.version == version and not mapped else ""


def is_seen_by_its_router(records: Records) -> list[str]:
    """The outside sees an external address of the guest's own router, if that translates."""
    violations = []
    routers = {ip: record.project for record in records for ip in record.shown.router}
    for record in records:
        source = seen_from_outside(record)
        if not source or not record.shown.router or source in record.shown.router or not record.shown.snat:
            continue
        whose = f", which is project {routers[source]}'s router" if source in routers else ""
        if whose or source in ips(record) or _is_within(source, record.shown.external):
            router = listed(record.shown.router)
            violations.append(f"{record.name} is seen as {source}{whose}, and its router has {router}")
    return violations


def seen_by_nobody_known(records: Records) -> list[str]:
    """Doubts: the outside sees an address of which nothing is known, or the router's addresses are not shown."""
    return [
        f"{record.name} is seen from outside as {source}, and its router has {listed(record.shown.router)}: {EITHER}"
        for record in records
        if record.shown.snat and (source := seen_from_outside(record)) and not _is_known(record, source, records)
    ]


def _is_known(record: GuestRecord, address: str, records: Records) -> bool:
    """Whether it can be judged: the router's addresses are shown, and the address is one of the cloud's."""
    return bool(record.shown.router) and _is_of_the_cloud(record, address, records)


def _is_of_the_cloud(record: GuestRecord, address: str, records: Records) -> bool:
    """Whether it is an address that the APIs show of a server or of a router, or one in the external network."""
    shown = {*ips(record), *(ip for other in records for ip in other.shown.router)}
    return address in shown or _is_within(address, record.shown.external)


def outside_is_not_ours(records: Records) -> list[str]:
    """Doubts: what answers as the outside does not give back the nonce, or answers with an error."""
    return _of_another(records, "outside4")


def outside_is_not_ours_over_ipv6(records: Records) -> list[str]:
    """Doubts: the same by IPv6."""
    return _of_another(records, "outside6")


def _of_another(records: Records, name: str) -> list[str]:
    return [
        f"{record.name}: the server at --outside is not gman outside, as it does not give back the nonce and an "
        "address: check --outside"
        for record, words in spoken(records)
        if is_answered(words, name) and not seen_from_outside(record, name)
    ]


def is_not_translated(records: Records) -> list[str]:
    """With SNAT off the outside sees the guest's own address. No answer at all is right, too."""
    return [
        f"{record.name} is seen as {source}, its router, which is not to translate"
        if source in record.shown.router
        else f"{record.name} is seen as {source}, and has {listed(ips(record))}"
        for record in records
        if (source := seen_from_outside(record))
        and source not in ips(record)
        and _is_of_the_cloud(record, source, records)
    ]


def translated_by_nobody_known(records: Records) -> list[str]:
    """Doubts: with SNAT off the outside sees it by an address of which nothing is known."""
    return [
        f"{record.name} is seen from outside as {source}, and has {listed(ips(record))}: {EITHER}"
        for record in records
        if (source := seen_from_outside(record)) and not _is_of_the_cloud(record, source, records)
    ]


def snat_is_off(records: Records) -> list[str]:
    return [f"the router of {record.name} still shows enable_snat" for record in records if record.shown.snat]


def nobody_gets_in(records: Records) -> list[str]:
    """The outside does not reach the guest, and no API shows a floating IP that nobody has asked for."""
    violations = [
        f"{record.name} was given the floating IP {listed({*record.shown.floating, *record.shown.compute_floating})}, "
        "and nobody asked for one"
        for record in records
        if record.shown.floating or record.shown.compute_floating
    ]
    return violations + [
        f"the outside reaches {record.name} at {address}"
        for record in records
        for address, reached in called_back(record).items()
        if reached
    ]


def called_back(record: GuestRecord) -> dict[str, bool]:
    """Address at which the outside called the guest back -> whether it says that it got in."""
    answers = (_said(record, name) for name in BACK)
    return {answer["address"]: answer["reached"] for answer in answers if isinstance(answer.get("reached"), bool)}


def outside_did_not_try(records: Records) -> list[str]:
    """Doubts: the outside has not said whether it gets in."""
    return [
        f"{record.name} was not told whether the outside gets in"
        for record, _words in spoken(records)
        if not called_back(record)
    ]


def called_back_elsewhere(records: Records) -> list[str]:
    """Doubts: the outside has called back another address than the one it sees."""
    return [
        f"{record.name} is seen from outside as {source}, and was called back at {back}: {EITHER}"
        for record in records
        for name in BACK
        if (source := seen_from_outside(record, f"outside{name[-1]}"))
        and (back := _said(record, name).get("address", source)) != source
    ]


def is_reached_by_its_floating_ip(records: Records) -> list[str]:
    """The outside sees the guest's floating IP and gets in by it, and both APIs show it."""
    violations = reaches_outside(records)
    for record, _words in spoken(records):
        floating, source = set(record.shown.floating), seen_from_outside(record)
        if source and source not in floating:
            if not _is_of_the_cloud(record, source, records):
                continue  # a doubt, see below
            violations.append(f"{record.name} is seen as {source}, its floating IP is {listed(floating)}")
        elif source and called_back(record).get(source) is False:
            violations.append(f"the outside does not reach {record.name} by its floating IP {source}")
    return violations + [
        f"Compute shows {listed(record.shown.compute_floating)} as floating IP of {record.name}, Networking "
        f"{listed(record.shown.floating)}"
        for record in records
        if {*record.shown.compute_floating} != {*record.shown.floating}
    ]


def floating_ip_seen_as_nobodys(records: Records) -> list[str]:
    """Doubts: the outside sees a server with a floating IP by an address of which nothing is known."""
    return [
        f"{record.name} is seen as {source}, and its floating IP is {listed(record.shown.floating)}: {EITHER}"
        for record in records
        if (source := seen_from_outside(record))
        and source not in record.shown.floating
        and not _is_of_the_cloud(record, source, records)
    ]


def _is_within(address: str, prefixes: Sequence[str]) -> bool:
    try:
        return any(ipaddress.ip_address(address) in ipaddress.ip_network(prefix) for prefix in prefixes)
    except ValueError:
        return False
