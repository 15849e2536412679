"""A guest's words, through consoles that cut, mix, drown and forge."""

import random
from base64 import b64encode

import pytest

from conformance.guests import console
from conformance.guests.console import ConsoleReader, checksum
from conformance.guests.words import Words
from conformance.tests.guest_records import NONCE

FACTS = "mac fa:16:3e:00:00:07\nmtu 1450\n" + "\n".join(f"address 10.0.0.{number}/26" for number in range(60)) + "\nend"
OTHER = "fedcba9876543210"


def spoken(facts: str = FACTS, nonce: str = NONCE) -> list[str]:
    """The lines in which a guest says so."""
    data = b64encode(facts.encode()).decode()
    parts = [data[start : start + 200] for start in range(0, len(data), 200)]
    return [
        f"gman {nonce} {number}/{len(parts)} {checksum(nonce, number, len(parts), part)} {part}"
        for number, part in enumerate(parts, 1)
    ]


def noise(length: int) -> str:
    generator = random.Random(3)
    return "".join(generator.choices("gman 0123456789abcdef/+=\n\t\x1b[", k=length))


def read(output: str) -> str | None:
    return ConsoleReader(NONCE).read(output)


def test_words_are_read_among_others() -> None:
    assert read("\n".join(["[    0.1] Linux", *spoken(), "login:"])) == FACTS


def test_lines_that_others_begin_are_read() -> None:
    assert read("\n".join(f"[   12.3] cloud-init[512]: {line}\r" for line in spoken())) == FACTS


def test_a_megabyte_of_noise_hides_nothing() -> None:
    assert read(noise(500_000) + "\n" + "\n".join(spoken()) + "\n" + noise(500_000)) == FACTS


def test_a_console_cut_in_the_middle_is_read_in_two_looks() -> None:
    lines, reader = spoken(), ConsoleReader(NONCE)
    assert reader.read("\n".join(lines[:3])) is None
    assert reader.read("\n".join(lines[2:])) == FACTS


def test_a_hundred_lines_at_the_end_are_enough() -> None:
    lines = [*spoken(), *["noise"] * 500, *spoken()]
    assert len(spoken()) < 100
    assert read("\n".join(lines[-100:])) == FACTS


def test_a_mixed_line_is_replaced_by_its_next_copy() -> None:
    broken = spoken()
    broken[1] = broken[1][:90] + "[  3.14] usb 1-1: new device" + broken[1][90:]
    assert read("\n".join(broken)) is None
    assert read("\n".join([*broken, *spoken()])) == FACTS


@pytest.mark.parametrize("character", ["A", "B", "/"])
def test_a_character_that_was_changed_is_noticed(character: str) -> None:
    lines = spoken()
    lines[0] = lines[0][:-1] + (character if lines[0][-1] != character else "C")
    assert read("\n".join(lines)) is None


def test_words_of_another_nonce_are_ignored() -> None:
    assert read("\n".join(spoken("mac fa:16:3e:00:00:99\nend", OTHER))) is None
    forged = [line.replace(OTHER, NONCE) for line in spoken("mac fa:16:3e:00:00:99\nend", OTHER)]
    assert read("\n".join(forged)) is None


def test_the_tail_shows_no_secret_and_no_control_character() -> None:
    end = console.tail("boot\npassword: swordfish\n\x1b[2Jtoken-of-mine\n", {"token-of-mine"})
    assert "swordfish" not in end
    assert "token-of-mine" not in end
    assert "\x1b" not in end


def test_invalid_words_are_ignored() -> None:
    words = Words.parse(
        "mac nonsense\nmtu many\naddress here\nrouter x\nping 56\nmtu 1450\nreach 10.0.0.9 no\nwhat is this"
    )
    assert words == Words(mtus=[1450], pings=[56], reached={"10.0.0.9": ""})


@pytest.mark.parametrize("text", ["[1]", "nonsense", "[" * 5000])
def test_an_answer_that_is_no_object_says_nothing(text: str) -> None:
    assert Words(answers={"outside4": (True, text)}).json_of("outside4") == {}
