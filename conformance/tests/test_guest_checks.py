"""Every invariant of the data plane against hand-made guests, good ones and bad ones."""

from dataclasses import replace
from typing import Any

import pytest

from conformance.guests.checks import addresses, lacks, metadata, neighbours, outside
from conformance.guests.judgements import Check, Lack
from conformance.guests.records import GONE, Address, GuestRecord
from conformance.tests.guest_records import NONCE, ROUTER, answers, guest, mac_of, says, shown, target, words
from conformance.verdict.signals import Unsupported

SILENT: dict[str, Any] = {"words": None, "silence": "its console is empty"}


def v6(mode: str) -> tuple[Address, ...]:
    return Address("10.0.0.5", 26, "10.0.0.1"), Address("fd00::5", 64, "fd00::1", mode)


def met(*numbers: int) -> dict[str, str]:
    return {f"10.0.0.{number}": mac_of(number) for number in numbers}


def three(**changes: Any) -> list[GuestRecord]:
    """The servers of one request, who have met each other; the first of them with changes to its words."""
    numbers = (5, 6, 7)
    records = [
        guest(number, server=f"server-{number}", words=words(number, peers=met(*set(numbers) - {number})))
        for number in numbers
    ]
    first = records[0].words
    assert first
    return [replace(records[0], words=replace(first, **changes)), *records[1:]]


def trying(number: int, page: str, heard: str = "") -> GuestRecord:
    address = f"10.0.0.{number}"
    return guest(words=words(reached={address: page}, heard={address: heard}), targets=(target(number),))


WIDE = shown(addresses=(Address("10.0.0.5", 22, "10.0.0.1"),))

GOOD: list[tuple[Check, list[GuestRecord]]] = [
    (addresses.the_apis_agree, [guest(), guest(**SILENT)]),
    (addresses.has_its_ipv4_addresses, [guest()]),
    (addresses.has_its_ipv4_addresses, [guest(**SILENT)]),
    (addresses.has_its_ipv6_addresses, [guest()]),
    # an address of privacy extensions beside the one that is shown
    (addresses.has_its_ipv6_addresses, [guest(words=words(addresses=["10.0.0.5/26", "fd00::5/64", "fd00::abcd/64"]))]),
    # a DHCPv6 client has it as a host's address
    (addresses.has_its_ipv6_addresses, [guest(words=words(addresses=["10.0.0.5/26", "fd00::5/128"]))]),
    # busybox has no DHCPv6, so nothing can be said
    (
        addresses.has_its_ipv6_addresses,
        [guest(shown=shown(addresses=v6("dhcpv6-stateful")), words=words(addresses=["10.0.0.5/26"]))],
    ),
    (addresses.leads_out_by_its_gateway, [guest()]),
    (
        addresses.leads_out_by_its_gateway,
        [guest(shown=shown(addresses=(Address("10.0.0.5", 26),)), words=words(routers=[]))],
    ),
    (addresses.leads_out_over_ipv6, [guest()]),
    (addresses.has_the_mtu, [guest()]),
    # a router that answers no echo at all proves nothing
    (addresses.has_the_mtu, [guest(words=words(pings=[]))]),
    (outside.reaches_outside, [guest()]),
    (outside.reaches_outside, [guest(outside="", words=words(answers={}))]),
    (outside.reaches_outside, [guest(outside=GONE, words=words(answers={}))]),
    (outside.outside_is_gone, [guest(outside=GONE)]),
    (outside.is_seen_by_its_router, [guest()]),
    (
        outside.is_seen_by_its_router,
        [guest(shown=shown(snat=False), words=words(answers=answers(outside4=says(address="10.0.0.5"))))],
    ),
    # a member who does not see the router's addresses knows nothing: a doubt, see below
    (outside.is_seen_by_its_router, [guest(shown=shown(router=()))]),
    (outside.is_not_translated, [guest(words=words(answers=answers(outside4=says(address="10.0.0.5"))))]),
    (outside.is_not_translated, [guest(words=words(answers={}))]),
    (outside.is_not_translated, [guest(words=words(answers=answers(outside4=says(address="192.0.2.1"))))]),
    (outside.snat_is_off, [guest(shown=shown(snat=False))]),
    (outside.nobody_gets_in, [guest()]),
    # one that is not ours: a doubt, see below
    (outside.nobody_gets_in, [guest(words=words(answers=answers(back4=says(nonce="x", reached=True))))]),
    (outside.is_reached_by_its_floating_ip, [guest(words=words(answers=answers(outside4=says(address="192.0.2.1"))))]),
    (
        outside.is_reached_by_its_floating_ip,
        [
            guest(
                shown=shown(floating=("172.24.0.77",), compute_floating=("172.24.0.77",)),
                words=words(
                    answers=answers(
                        outside4=says(address="172.24.0.77"), back4=says(address="172.24.0.77", reached=True)
                    )
                ),
            )
        ],
    ),
    (neighbours.meets_its_peers, three()),
    (neighbours.meets_its_peers, [replace(one, shown=WIDE, words=words()) for one in three()]),
    (neighbours.reaches_its_targets, [trying(9, f"{NONCE} {mac_of(9)}")]),
    (neighbours.reaches_none_of_its_targets, [trying(9, "")]),
    # the address of a server that is gone may be another's by now
    (neighbours.reaches_none_of_its_targets, [trying(9, f"{NONCE} {mac_of(8)}")]),
    (neighbours.hears_none_of_its_targets, [trying(9, "")]),
    (neighbours.hears_none_of_its_targets, [trying(9, "", mac_of(1))]),
    (metadata.metadata_is_its_own, [guest()]),
    (metadata.metadata_is_its_own, [guest(words=words(answers=answers(metadata=(False, "wget: timed out"))))]),
]

BAD: list[tuple[Check, list[GuestRecord], str]] = [
    (addresses.the_apis_agree, [guest(shown=shown(compute=("10.0.0.6",)))], "Compute shows 10.0.0.6"),
    (addresses.has_its_ipv4_addresses, [guest(words=words(addresses=["10.0.0.6/26"]))], "has 10.0.0.6/26"),
    (addresses.has_its_ipv4_addresses, [guest(words=words(addresses=["10.0.0.5/24"]))], "has 10.0.0.5/24"),
    (addresses.has_its_ipv4_addresses, [guest(words=words(addresses=[]))], "has none"),
    (addresses.has_its_ipv6_addresses, [guest(words=words(addresses=["10.0.0.5/26"]))], "APIs show fd00::5/64"),
    (
        addresses.has_its_ipv6_addresses,
        [guest(words=words(addresses=["fd00::5/56"]))],
        "another prefix length",
    ),
    (
        addresses.has_its_ipv6_addresses,
        [guest(shown=shown(addresses=v6("dhcpv6-stateful")), words=words(addresses=[], dhcpv6="dhclient"))],
        "has none",
    ),
    (addresses.leads_out_by_its_gateway, [guest(words=words(routers=[]))], "by none, not by 10.0.0.1"),
    (addresses.leads_out_by_its_gateway, [guest(words=words(routers=["10.0.0.2"]))], "by 10.0.0.2"),
    (addresses.leads_out_over_ipv6, [guest(words=words(routers=["10.0.0.1"]))], "no IPv6 default route"),
    (addresses.has_the_mtu, [guest(words=words(mtus=[1500]))], "has mtu 1500, its network 1450"),
    (addresses.has_the_mtu, [guest(words=words(pings=[56]))], "no answer to packets of its mtu"),
    (
        outside.reaches_outside,
        [guest(words=words(answers=answers(outside4=(False, "wget: timed out"))))],
        "does not reach the outside: wget: timed out",
    ),
    (
        outside.reaches_outside_over_ipv6,
        [guest(words=words(answers=answers(outside6=(False, "unreachable"))))],
        "does not reach the outside",
    ),
    (
        outside.is_seen_by_its_router,
        [guest(words=words(answers=answers(outside4=says(address="172.24.0.10"))))],
        "is seen as 172.24.0.10, and its router has 172.24.0.9",
    ),
    (
        outside.is_seen_by_its_router,
        [
            guest(shown=shown(external=()), words=words(answers=answers(outside4=says(address="172.24.0.10")))),
            guest(6, project="project-2", shown=shown(6, router=("172.24.0.10",)), words=None),
        ],
        "which is project project-2's router",
    ),
    (
        outside.is_seen_by_its_router,
        [guest(words=words(answers=answers(outside4=says(address="10.0.0.5"))))],
        "is seen as 10.0.0.5",
    ),
    (outside.is_not_translated, [guest()], f"is seen as {ROUTER}"),
    (
        outside.is_not_translated,
        [guest(words=words(answers=answers(outside4=says(address="172.24.0.10"))))],
        "is seen as 172.24.0.10, and has 10.0.0.5",
    ),
    (outside.snat_is_off, [guest()], "still shows enable_snat"),
    (outside.nobody_gets_in, [guest(shown=shown(floating=("172.24.0.77",)))], "nobody asked for one"),
    (outside.nobody_gets_in, [guest(shown=shown(compute_floating=("172.24.0.77",)))], "nobody asked for one"),
    (
        outside.nobody_gets_in,
        [guest(words=words(answers=answers(back4=says(reached=True))))],
        "the outside reaches",
    ),
    (
        outside.nobody_gets_in,
        [guest(words=words(answers=answers(back6=says(address="fd00::5", reached=True))))],
        "at fd00::5",
    ),
    (
        outside.is_reached_by_its_floating_ip,
        [guest(shown=shown(floating=("172.24.0.77",), compute_floating=("172.24.0.77",)))],
        f"is seen as {ROUTER}, its floating IP is 172.24.0.77",
    ),
    (
        outside.is_reached_by_its_floating_ip,
        [
            guest(
                shown=shown(floating=("172.24.0.77",), compute_floating=("172.24.0.77",)),
                words=words(
                    answers=answers(
                        outside4=says(address="172.24.0.77"), back4=says(address="172.24.0.77", reached=False)
                    )
                ),
            )
        ],
        "does not reach",
    ),
    (
        outside.is_reached_by_its_floating_ip,
        [guest(shown=shown(floating=(ROUTER,)), words=words(answers=answers(back4=says(reached=True))))],
        "Compute shows none",
    ),
    (neighbours.meets_its_peers, three(peers=met(6)), "does not reach first server server-7"),
    # somebody else answers at the address of a peer
    (neighbours.meets_its_peers, three(peers={**met(6), "10.0.0.7": mac_of(99)}), "server-7"),
    (neighbours.reaches_its_targets, [trying(9, "")], "does not reach server server-9"),
    (neighbours.reaches_its_targets, [trying(9, f"{NONCE} {mac_of(8)}")], "does not reach"),
    (neighbours.reaches_none_of_its_targets, [trying(9, f"{NONCE} {mac_of(9)}")], "reaches server server-9"),
    (neighbours.hears_none_of_its_targets, [trying(9, "", mac_of(9))], "hears server server-9 of project project-2"),
    (
        metadata.metadata_is_its_own,
        [guest(words=words(answers=answers(metadata=(True, "server-2"))))],
        "says it is server-2",
    ),
    (
        metadata.metadata_is_its_own,
        [guest(words=words(answers=answers(metadata=(False, "wget: server returned error: HTTP/1.1 500 No"))))],
        "with an error",
    ),
]

DOUBTS: list[tuple[Check, GuestRecord, str]] = [
    (
        outside.outside_is_gone,
        guest(outside=GONE, words=words(answers=answers(outside4=(False, "refused")))),
        "was gone while servers were to call it",
    ),
    (outside.outside_is_gone, guest(outside=GONE, words=None), "was gone while servers were to call it"),
    (outside.outside_is_not_ours, guest(words=words(answers=answers(outside4=(True, "<html>")))), "not gman outside"),
    (outside.outside_is_not_ours, guest(words=words(answers=answers(outside4=says(nonce="x")))), "not gman outside"),
    (
        outside.seen_by_nobody_known,
        guest(words=words(answers=answers(outside4=says(address="192.0.2.1")))),
        "something between translates",
    ),
    (outside.seen_by_nobody_known, guest(shown=shown(router=())), "its router has none"),
    (outside.outside_is_not_ours_over_ipv6, guest(words=words(answers=answers(outside6=says(nonce="x")))), "not gman"),
    (
        outside.floating_ip_seen_as_nobodys,
        guest(shown=shown(floating=("172.24.0.77",)), words=words(answers=answers(outside4=says(address="192.0.2.1")))),
        "is seen as 192.0.2.1, and its floating IP is 172.24.0.77",
    ),
    (
        outside.was_seen_by_nobody,
        guest(words=words(answers=answers(outside4=(False, "no answer within 5 s")))),
        "the outside has not seen first server server-1, which it did not answer",
    ),
    (outside.outside_did_not_try, guest(words=words(answers=answers(back4=None))), "was not told"),
    (outside.outside_did_not_try, guest(words=words(answers=answers(back4=says(nonce="x", reached=True)))), "not told"),
    (
        outside.translated_by_nobody_known,
        guest(words=words(answers=answers(outside4=says(address="192.0.2.1")))),
        "is seen from outside as 192.0.2.1, and has 10.0.0.5",
    ),
    (
        outside.called_back_elsewhere,
        guest(words=words(answers=answers(back4=says(address="172.24.0.10", reached=False)))),
        f"is seen from outside as {ROUTER}, and was called back at 172.24.0.10",
    ),
    (outside.nothing_of_the_outside, guest(), "no IPv6 address to call"),
    (neighbours.tried_its_targets, guest(targets=(target(9),)), "did not say whether it reaches 10.0.0.9"),
]

LACKS: list[tuple[Lack, GuestRecord]] = [
    (metadata.no_metadata, guest(words=words(answers=answers(metadata=(False, "wget: timed out"))))),
    (lacks.no_ipv6, guest(shown=shown(addresses=v6("slaac")[:1]))),
    (lacks.no_ipv4, guest(shown=shown(addresses=v6("slaac")[1:]))),
    (lacks.only_dhcpv6, guest(shown=shown(addresses=v6("dhcpv6-stateful")))),
    (lacks.nothing_listens, guest(words=words(deaf="nothing to listen with"))),
    (lacks.no_provider_network, guest()),
    (lacks.too_many_addresses, guest(shown=shown(addresses=(Address("10.0.0.5", 22, "10.0.0.1"),)))),
]


@pytest.mark.parametrize(("check", "records"), GOOD)
def test_right_records_have_no_violation(check: Check, records: list[GuestRecord]) -> None:
    assert check(records) == []


@pytest.mark.parametrize(("check", "records", "says_so"), BAD)
def test_wrong_records_have_a_violation(check: Check, records: list[GuestRecord], says_so: str) -> None:
    assert any(says_so in line for line in check(records)), check(records)


@pytest.mark.parametrize(("doubt", "record", "says_so"), DOUBTS)
def test_unclear_records_have_a_doubt(doubt: Check, record: GuestRecord, says_so: str) -> None:
    assert says_so in "".join(doubt([record]))
    assert doubt([guest(words=words(answers=answers(outside6=says(address="fd00::5"))))]) == []


@pytest.mark.parametrize(("lack", "record"), LACKS)
def test_lacks_are_unsupported(lack: Lack, record: GuestRecord) -> None:
    with pytest.raises(Unsupported):
        lack([record])


@pytest.mark.parametrize("lack", [metadata.no_metadata, lacks.no_ipv6, lacks.no_ipv4, lacks.nothing_listens])
def test_complete_records_have_no_lack(lack: Lack) -> None:
    lack([guest()])
