"""States of the data plane's requirements if the outside server fails or consoles are incomplete."""

import importlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from conformance.guests.console import ConsoleReader
from conformance.guests.judgements import JUDGEMENTS
from conformance.guests.records import GONE, Address, GuestRecord, Target
from conformance.guests.words import Words
from conformance.tests.guest_records import NONCE, SERVER, answers, facts, guest, mac_of, says, shown, target, words
from conformance.tests.test_guest_console import noise, spoken
from conformance.verdict.signals import Inconclusive, Unsupported

ROOT = Path(__file__).parents[2]
FLOATING = "172.24.0.77"
OUTSIDE6 = {"outside6": says(address="fd00::5")}
THREE = {f"10.0.0.{number}": mac_of(number) for number in (5, 6, 7)}


def trying(role: str, page: str) -> GuestRecord:
    """A guest with an address to try, and with the page that it gets there."""
    tried: Target = target(9)
    return guest(role=role, words=words(reached={tried.address: page}, heard={tried.address: ""}), targets=(tried,))


def floating() -> GuestRecord:
    floating = answers(outside4=says(address=FLOATING), back4=says(address=FLOATING, reached=True))
    view = shown(floating=(FLOATING,), compute_floating=(FLOATING,))
    return guest(scene="floating-ip", role="floating", shown=view, words=words(answers=floating))


def ipv6_alone() -> GuestRecord:
    view = shown(addresses=(Address("fd00::5", 64, "fd00::1", "slaac"),), compute=("fd00::5",))
    own = words(addresses=["fd00::5/64"], routers=["fe80::1"], answers=answers(outside4=None, **OUTSIDE6))
    return guest(scene="ipv6-alone", shown=view, words=own)


def right() -> list[GuestRecord]:
    """The records of all scenes on a right cloud."""
    first = [
        guest(number, server=f"server-{number}", words=words(number, peers={**THREE}, answers=told(number)))
        for number in (5, 6, 7)
    ]
    untranslated = answers(outside4=says(address="10.0.0.5"))
    return [
        *first,
        trying("peer", f"{NONCE} {mac_of(9)}"),
        *(trying(role, "") for role in ("stranger", "survivor")),
        guest(role="rebuilt"),
        floating(),
        guest(scene="projects"),
        replace(trying("stranger", ""), scene="projects"),
        guest(scene="snat-off", role="untranslated", shown=shown(snat=False), words=words(answers=untranslated)),
        ipv6_alone(),
    ]


def told(number: int) -> dict[str, tuple[bool, str]]:
    return answers(metadata=(True, f"server-{number}"))


def judged() -> Iterator[tuple[str, str]]:
    """Each test of the data plane, with the requirement that it observes."""
    for path in sorted((ROOT / "conformance" / "connectivity").rglob("test_*.py")):
        module = importlib.import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))
        for name in vars(module).keys() & JUDGEMENTS.keys():
            for mark in getattr(module, name).pytestmark:
                if mark.name == "requirement":
                    yield name, mark.args[0]


def states(records: Sequence[GuestRecord]) -> dict[str, set[str]]:
    """State -> the requirements whose tests end so; what passes is left out."""
    by_state: dict[str, set[str]] = {}
    for name, id_ in judged():
        judgement = JUDGEMENTS[name]
        try:
            judgement.judge([record for record in records if record.scene == judgement.scene])
        except AssertionError:
            by_state.setdefault("fail", set()).add(id_)
        except Inconclusive:
            by_state.setdefault("inconclusive", set()).add(id_)
        except Unsupported:
            by_state.setdefault("unsupported", set()).add(id_)
    return {state: ids - by_state.get("fail", set()) if state != "fail" else ids for state, ids in by_state.items()}


def answering(**about: Any) -> Callable[[GuestRecord], GuestRecord]:
    """An outside server with the values `about` in every answer; without any, its answers are HTML instead of JSON."""

    def change(record: GuestRecord) -> GuestRecord:
        assert record.words
        changed = {
            name: (ok, says(**{**record.words.json_of(name), **about})[1] if about else "<html>welcome</html>")
            if name.startswith(("outside", "back"))
            else (ok, text)
            for name, (ok, text) in record.words.answers.items()
        }
        return replace(record, words=replace(record.words, answers=changed))

    return change


def by_version(four: Mapping[str, Any], six: Mapping[str, Any], only: str = "") -> Callable[[GuestRecord], GuestRecord]:
    """An outside server with the values `four` in answers over IPv4, and `six` over IPv6; if `only` is given, just in
    answers whose names begin with it.
    """

    def change(record: GuestRecord) -> GuestRecord:
        assert record.words
        changed = {
            name: (ok, says(**{**record.words.json_of(name), **(six if name[-1] == "6" else four)})[1])
            if name.startswith(only or ("outside", "back"))
            else (ok, text)
            for name, (ok, text) in record.words.answers.items()
        }
        return replace(record, words=replace(record.words, answers=changed))

    return change


def cut_off(record: GuestRecord) -> GuestRecord:
    """The outside server's answer is so long that guests read only its beginning."""
    assert record.words
    changed = {
        name: (ok, text[:20] if name.startswith(("outside", "back")) else text)
        for name, (ok, text) in record.words.answers.items()
    }
    return replace(record, words=replace(record.words, answers=changed))


def dying(record: GuestRecord) -> GuestRecord:
    """The outside server ended after one of three servers had called it."""
    return replace(record, outside=GONE) if record.server == "server-5" else dead(record)


def on_console(change: Callable[[Sequence[str]], str]) -> Callable[[GuestRecord], GuestRecord]:
    """A change of the lines that a server writes to its console."""

    def read(record: GuestRecord) -> GuestRecord:
        assert record.words
        words = ConsoleReader(record.nonce).read(change(spoken(facts(record.words), record.nonce)))
        return silenced(record) if words is None else replace(record, words=Words.parse(words))

    return read


def mixed(lines: Sequence[str]) -> str:
    """Another program's output in the middle of each line."""
    return "\n".join(f"{line[:60]}[   3.14] usb 1-1: new device{line[60:]}" for line in lines)


def silenced(record: GuestRecord) -> GuestRecord:
    return replace(record, words=None, silence="its console is empty")


def dead(record: GuestRecord) -> GuestRecord:
    """The outside server ended after some servers had called it."""
    assert record.words
    lost = {
        name: (False, "timed out") if name.startswith("outside") else answer
        for name, answer in record.words.answers.items()
    }
    return replace(record, outside=GONE, words=replace(record.words, answers=lost))


def leading_nowhere(record: GuestRecord) -> GuestRecord:
    """Packets of the server are lost beyond its router; the outside works."""
    assert record.words
    lost = {
        name: (True, "") if name.startswith("back") else (False, "no answer within 5 s")
        for name in record.words.answers
        if name != "metadata"
    }
    return replace(record, words=replace(record.words, answers={**record.words.answers, **lost}))


def refusing(record: GuestRecord) -> GuestRecord:
    """The outside server answers 404."""
    assert record.words
    refused = (False, "wget: server returned error: HTTP/1.1 404 Not Found")
    changed = {
        name: (True, "") if name.startswith("back") else refused if name.startswith("outside") else answer
        for name, answer in record.words.answers.items()
    }
    return replace(record, words=replace(record.words, answers=changed))


V6 = {"D-V6-001"}
PROVIDER = {"D-PROV-001"}  # never judged here: the network of these servers is no provider network
OUT = {"D-OUT-001", "D-OUT-002", "D-LIFE-001", "D-RACE-001", "D-IN-002", "D-SG-001"}  # servers call the outside
ALL = {id_ for _name, id_ in judged()} - PROVIDER
NOTHING_KNOWN = {"inconclusive": {*OUT, *V6, "D-IN-001", "D-OUT-003"}}

CASES: Mapping[str, tuple[Callable[[GuestRecord], GuestRecord], dict[str, set[str]]]] = {
    "nothing": (lambda record: record, {}),
    "is a portal": (answering(), NOTHING_KNOWN),
    "knows no such page": (refusing, NOTHING_KNOWN),
    "gives another word back": (
        answering(nonce="f" * 16),
        NOTHING_KNOWN,
    ),
    "names an address that is unknown": (
        answering(address="203.0.113.99"),
        {"inconclusive": {"D-OUT-002", "D-LIFE-001", "D-RACE-001", "D-IN-002", "D-OUT-003", *V6}},
    ),
    "names an address beside the right one": (
        answering(address="172.24.0.250"),
        {"fail": {"D-OUT-002", "D-LIFE-001", "D-RACE-001", "D-IN-002", "D-OUT-003"}, "inconclusive": V6},
    ),
    "names an address of the other IP version": (
        by_version({"address": "fd00::5"}, {"address": "10.0.0.5"}),
        NOTHING_KNOWN,
    ),
    "names an IPv4 address as an IPv6 one": (answering(address="::ffff:172.24.0.9"), NOTHING_KNOWN),
    "names a network": (by_version({"address": "172.24.0.9/16"}, {"address": "fd00::/64"}), NOTHING_KNOWN),
    "names itself": (answering(address="localhost"), NOTHING_KNOWN),
    "names nobody": (answering(address=None), NOTHING_KNOWN),
    "names a number": (answering(address=2887778313), NOTHING_KNOWN),
    "says that it called back somewhere else": (
        by_version({"address": "172.24.0.78"}, {}, "back"),
        {"inconclusive": {"D-IN-001", "D-IN-002"}},
    ),
    "says that it could not call back somewhere else": (
        by_version({"address": "172.24.0.78", "reached": False}, {}, "back"),
        {"inconclusive": {"D-IN-001", "D-IN-002"}},
    ),
    "is cut off": (cut_off, NOTHING_KNOWN),
    "says that it gets in": (answering(reached=True), {"fail": {"D-IN-001"}}),
    "says that it does not get in": (answering(reached=False), {"fail": {"D-IN-002"}}),
    "says yes in place of true": (
        answering(reached="yes"),
        {"inconclusive": {"D-IN-001", "D-IN-002"}},
    ),
    "is not reached": (
        leading_nowhere,
        {"fail": {*OUT, *V6} - {"D-OUT-002"}, "inconclusive": {"D-OUT-002", "D-IN-001"}},
    ),
    "dies": (dead, NOTHING_KNOWN),
    "dies when some have called": (dying, NOTHING_KNOWN),
    "a megabyte of noise": (
        on_console(lambda lines: "\n".join([noise(500_000), *lines, noise(500_000)])),
        {},
    ),
    "a hundred lines at the end": (
        on_console(lambda lines: "\n".join([*lines, *["noise"] * 500, *lines][-100:])),
        {},
    ),
    "a hundred lines of somebody else's": (
        on_console(lambda lines: "\n".join([*lines, *["noise"] * 100][-100:])),
        {"inconclusive": ALL},
    ),
    "a console that lost its first line": (on_console(lambda lines: "\n".join(lines[1:])), {"inconclusive": ALL}),
    "lines that are mixed once": (
        on_console(lambda lines: "\n".join([mixed(lines), *lines])),
        {},
    ),
    "lines that are mixed each time": (
        on_console(lambda lines: "\n".join([mixed(lines), mixed(lines)])),
        {"inconclusive": ALL},
    ),
    "silence": (silenced, {"inconclusive": ALL}),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_each_requirement_has_the_state_that_is_known(case: str) -> None:
    change, expected = CASES[case]
    assert states([change(record) for record in right()]) == {**expected, "unsupported": PROVIDER}


def test_silence_is_inconclusive_with_the_consoles_end() -> None:
    with pytest.raises(Inconclusive, match=f"server {SERVER} said nothing: its console is empty"):
        JUDGEMENTS["test_mtu_is_the_networks"].judge([silenced(guest())])


def test_a_violation_takes_precedence_over_silence() -> None:
    broken = guest(words=words(answers=answers(metadata=(True, "server-2"))))
    with pytest.raises(AssertionError, match="says it is server-2"):
        JUDGEMENTS["test_metadata_is_the_servers_own"].judge([broken, silenced(guest())])


@pytest.mark.parametrize(("kind", "state"), [("vlan", "fail"), ("flat", "fail"), ("geneve", "unsupported")])
def test_a_way_that_leads_nowhere_is_blamed_on_the_provider_network_if_there_is_one(kind: str, state: str) -> None:
    lost = [leading_nowhere(record) for record in right()]
    changed = [replace(record, shown=replace(record.shown, kind=kind)) for record in lost]
    assert states(changed)[state].issuperset(PROVIDER)
