"""Records of guests for tests: a right one, in which a test changes what shall be wrong."""

import json
from dataclasses import replace
from typing import Any

from conformance.guests.records import GIVEN, Address, GuestRecord, Shown, Target
from conformance.guests.words import Words

NONCE = "0123456789abcdef"
ROUTER, ROUTER_MAC = "172.24.0.9", "fa:16:3e:00:00:01"
SERVER, PROJECT = "server-1", "project-1"
OUTSIDE = {"address": ROUTER, "nonce": NONCE}


def mac_of(number: int) -> str:
    return f"fa:16:3e:00:01:{number:02x}"


def shown(number: int = 5, **changes: Any) -> Shown:
    addresses = (Address(f"10.0.0.{number}", 26, "10.0.0.1"), Address(f"fd00::{number}", 64, "fd00::1", "slaac"))
    usual = Shown(
        mac=mac_of(number),
        mtu=1450,
        addresses=addresses,
        compute=tuple(address.ip for address in addresses),
        router=(ROUTER,),
        external=("172.24.0.0/16",),
    )
    return replace(usual, **changes)


def words(number: int = 5, **changes: Any) -> Words:
    usual = Words(
        macs=[mac_of(number)],
        mtus=[1450],
        addresses=[f"10.0.0.{number}/26", f"fd00::{number}/64"],
        routers=["10.0.0.1", "fe80::1"],
        neighbours={"10.0.0.1": ROUTER_MAC},
        answers={
            "outside4": (True, json.dumps(OUTSIDE)),
            "back4": (True, json.dumps({**OUTSIDE, "reached": False})),
            "metadata": (True, SERVER),
        },
        pings=[56, 1422],
    )
    return replace(usual, **changes)


def facts(words: Words) -> str:
    """The lines in which `guest.sh` prints these words, without those that say that the image lacks something."""
    return "\n".join(
        [
            *(f"mac {mac}" for mac in words.macs),
            *(f"mtu {mtu}" for mtu in words.mtus),
            *(f"address {address}" for address in words.addresses),
            *(f"router {router}" for router in words.routers),
            *(f"try {name} {'ok' if ok else 'no'} {text}" for name, (ok, text) in words.answers.items()),
            *(f"peer {address} {mac}" for address, mac in words.peers.items()),
            *(f"reach {address} {page or 'no'}" for address, page in words.reached.items()),
            *(f"heard {address} {mac}" for address, mac in words.heard.items()),
            *(f"ping {size}" for size in words.pings),
            *(f"neighbour {router} {mac}" for router, mac in words.neighbours.items()),
        ]
    )


def answers(**changes: tuple[bool, str] | None) -> dict[str, tuple[bool, str]]:
    """The usual answers with these changes; None for a request that the guest does not report."""
    return {name: answer for name, answer in {**words().answers, **changes}.items() if answer is not None}


def says(**about: Any) -> tuple[bool, str]:
    """An answer with such a JSON."""
    return True, json.dumps({**OUTSIDE, **about})


def guest(number: int = 5, **changes: Any) -> GuestRecord:
    usual = GuestRecord(
        "first-boot", "first", PROJECT, SERVER, shown(number), NONCE, words(number), outside=GIVEN, worker="w", host="h"
    )
    return replace(usual, **changes)


def target(number: int, **changes: Any) -> Target:
    return replace(Target(f"10.0.0.{number}", mac_of(number), "project-2", f"server-{number}"), **changes)
