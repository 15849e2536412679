"""The state of every requirement of the data plane, where the outside lies or dies and where consoles say little."""

import importlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from conformance.guests.judgements import JUDGEMENTS
from conformance.guests.records import GONE, Address, GuestRecord, Target
from conformance.tests.guest_records import NONCE, answers, guest, mac_of, says, shown, target, words
from conformance.verdict.signals import Inconclusive, Unsupported

ROOT = Path(__file__).parents[2]
FLOATING = "172.24.0.77"
OUTSIDE6 = {"outside6": says(address="fd00::5")}
THREE = {f"10.0.0.{number}": mac_of(number) for number in (5, 6, 7)}


def trying(role: str, page: str) -> GuestRecord:
    """One that was told to try an address, where that page is answered."""
    tried: Target = target(9)
    return guest(role=role, words=words(reached={tried.address: page}, heard={tried.address: ""}), targets=(tried,))


def floating() -> GuestRecord:
    seen = answers(outside4=says(address=FLOATING), back4=says(address=FLOATING, reached=True))
    view = shown(floating=(FLOATING,), compute_floating=(FLOATING,))
    return guest(scene="floating-ip", role="floating", shown=view, words=words(answers=seen))


def ipv6_alone() -> GuestRecord:
    view = shown(addresses=(Address("fd00::5", 64, "fd00::1", "slaac"),), compute=("fd00::5",))
    own = words(addresses=["fd00::5/64"], routers=["fe80::1"], answers=answers(outside4=None, **OUTSIDE6))
    return guest(scene="ipv6-alone", shown=view, words=own)


def right() -> list[GuestRecord]:
    """What servers say on a cloud that is right, of all scenes."""
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
    found: dict[str, set[str]] = {}
    for name, id_ in judged():
        judgement = JUDGEMENTS[name]
        try:
            judgement.judge([record for record in records if record.scene == judgement.scene])
        except AssertionError:
            found.setdefault("fail", set()).add(id_)
        except Inconclusive:
            found.setdefault("inconclusive", set()).add(id_)
        except Unsupported:
            found.setdefault("unsupported", set()).add(id_)
    return {state: ids - found.get("fail", set()) if state != "fail" else ids for state, ids in found.items()}


def answering(**about: Any) -> Callable[[GuestRecord], GuestRecord]:
    """An outside whose every answer has that in it besides, or None for an answer that is no JSON."""

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


def silenced(record: GuestRecord) -> GuestRecord:
    return replace(record, words=None, silence="its console is empty")


def dead(record: GuestRecord) -> GuestRecord:
    """The outside ended after some servers had called it."""
    assert record.words
    lost = {
        name: (False, "timed out") if name.startswith("outside") else answer
        for name, answer in record.words.answers.items()
    }
    return replace(record, outside=GONE, words=replace(record.words, answers=lost))


def refusing(record: GuestRecord) -> GuestRecord:
    """The outside is a server that knows no such page."""
    assert record.words
    refused = (False, "wget: server returned error: HTTP/1.1 404 Not Found")
    changed = {
        name: (True, "") if name.startswith("back") else refused if name.startswith("outside") else answer
        for name, answer in record.words.answers.items()
    }
    return replace(record, words=replace(record.words, answers=changed))


PROVIDER = {"D-PROV-001"}  # which the network of these is not
OUT = {"D-OUT-001", "D-OUT-002", "D-LIFE-001", "D-RACE-001", "D-IN-002", "D-SG-001"}  # what calls the outside
ALL = {id_ for _name, id_ in judged()}

CASES: Mapping[str, tuple[Callable[[GuestRecord], GuestRecord], dict[str, set[str]]]] = {
    "nothing": (lambda record: record, {"unsupported": PROVIDER}),
    "is a portal": (answering(), {"inconclusive": {*OUT, *PROVIDER, "D-IN-001", "D-OUT-003", "D-V6-001"}}),
    "knows no such page": (refusing, {"inconclusive": {*OUT, *PROVIDER, "D-IN-001", "D-OUT-003", "D-V6-001"}}),
    "gives another word back": (
        answering(nonce="f" * 16),
        {"inconclusive": {*OUT, *PROVIDER, "D-IN-001", "D-OUT-003", "D-V6-001"}},
    ),
    "names an address of nobody's": (
        answering(address="203.0.113.99"),
        {"inconclusive": {"D-OUT-002", "D-LIFE-001", "D-RACE-001", "D-IN-002", *PROVIDER}},
    ),
    "names an address beside the right one": (
        answering(address="172.24.0.250"),
        {"fail": {"D-OUT-002", "D-LIFE-001", "D-RACE-001", "D-IN-002", *PROVIDER}},
    ),
    "says that it gets in": (answering(reached=True), {"fail": {"D-IN-001"}, "unsupported": PROVIDER}),
    "says that it does not get in": (answering(reached=False), {"fail": {"D-IN-002"}, "unsupported": PROVIDER}),
    "says yes in place of true": (
        answering(reached="yes"),
        {"inconclusive": {"D-IN-001", "D-IN-002"}, "unsupported": PROVIDER},
    ),
    "dies": (dead, {"inconclusive": {*OUT, *PROVIDER, "D-IN-001", "D-OUT-003", "D-V6-001"}}),
    "silence": (silenced, {"inconclusive": ALL}),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_each_requirement_has_the_state_that_is_known(case: str) -> None:
    change, expected = CASES[case]
    assert states([change(record) for record in right()]) == expected
