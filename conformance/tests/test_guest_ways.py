"""The page shows what each server has beside what the APIs show, and where its packets stopped."""

import re
from pathlib import Path
from typing import Any

import pytest

from conformance.guests.records import GIVEN, GONE, Address, GuestLog
from conformance.report.files import page
from conformance.report.ways import way_of
from conformance.tests.accessibility import complaints
from conformance.tests.guest_records import answers, guest, says, shown, words
from conformance.tests.test_report import GOOD, report


def rows(**changes: Any) -> dict[str, bool | None]:
    return {row.what: row.right for row in way_of(guest(**changes)).rows}


def legs(**changes: Any) -> list[bool | None]:
    return [leg.right for leg in way_of(guest(**changes)).legs]


def test_what_is_right_is_right() -> None:
    assert set(rows().values()) == {True}
    assert legs() == [True, True]
    assert rows()["reached from outside at 172.24.0.9"] is True


@pytest.mark.parametrize(
    ("output", "row"),
    [
        (words(addresses=["10.0.0.6/26", "fd00::5/64"]), "IPv4 address"),
        (words(addresses=["10.0.0.5/26"]), "IPv6 address"),
        (words(routers=["10.0.0.2"]), "default router"),
        (words(mtus=[1500]), "mtu"),
        (words(answers=answers(outside4=says(address="172.24.0.10"))), "seen from outside as"),
        (words(answers=answers(back4=says(reached=True))), "reached from outside at 172.24.0.9"),
    ],
)
def test_what_is_wrong_stands_out(output: Any, row: str) -> None:
    assert [what for what, right in rows(words=output).items() if right is False] == [row]


def test_unknown_values_are_neither_right_nor_wrong() -> None:
    stateful = (Address("fd00::5", 64, "fd00::1", "dhcpv6-stateful"),)
    assert rows(shown=shown(addresses=stateful), words=words(addresses=[]))["IPv6 address"] is None
    assert legs(outside="", words=words(answers={})) == [True, None]


@pytest.mark.parametrize(
    ("neighbours", "answered", "expected"),
    [({"10.0.0.1": "fa:16:3e:00:00:01"}, False, [True, False]), ({"10.0.0.1": ""}, False, [False, False])],
)
def test_the_way_breaks_where_it_broke(neighbours: dict[str, str], answered: object, expected: list[bool]) -> None:
    assert answered is False
    assert legs(words=words(neighbours=neighbours, answers=answers(outside4=(False, "timed out")))) == expected


@pytest.mark.parametrize(
    ("answer", "outside", "label"),
    [
        ((True, "<html>welcome</html>"), GIVEN, "another answers"),
        (says(nonce="f" * 16), GIVEN, "another answers"),
        (says(address="fd00::5"), GIVEN, "another answers"),
        ((False, "wget: server returned error: HTTP/1.1 404 Not Found"), GIVEN, "another answers"),
        ((False, "timed out"), GONE, "the outside is gone"),
        (None, GIVEN, "not tried"),
    ],
)
def test_an_invalid_outside_breaks_no_way(answer: tuple[bool, str] | None, outside: str, label: str) -> None:
    way = way_of(guest(outside=outside, words=words(answers=answers(outside4=answer))))
    assert [(leg.label, leg.right) for leg in way.legs] == [("10.0.0.1", True), (label, None)]
    assert way.right


def test_a_server_with_a_floating_ip_has_to_be_reached() -> None:
    floating = shown(floating=("172.24.0.77",))
    for reached in (True, False):
        back = says(address="172.24.0.77", reached=reached)
        spoken = words(answers=answers(outside4=says(address="172.24.0.77"), back4=back))
        assert rows(shown=floating, words=spoken)["reached from outside at 172.24.0.77"] is reached
    elsewhere = words(answers=answers(back4=says(address="172.24.0.78", reached=False)))
    assert rows(shown=floating, words=elsewhere)["reached from outside at 172.24.0.78"] is None


def test_the_page_draws_it(tmp_path: Path) -> None:
    broken = guest(server="broken", words=words(answers=answers(outside4=(False, "timed out"))))
    silent = guest(server="silent", words=None, silence="<b>its console is empty</b>")
    GuestLog(tmp_path, "first-boot", "run").add([guest(), broken, silent])
    text = page(report(*GOOD), tmp_path)
    assert 'href="#servers"' in text
    assert len(re.findall(r'<svg class="way"', text)) == 2
    assert "server router reached" not in text
    assert "outside not reached" in text
    assert "&lt;b&gt;its console is empty" in text
    assert text.index("server broken") < text.index("first server server-1")
    assert complaints(text) == []


def test_a_report_without_servers_has_no_such_part(tmp_path: Path) -> None:
    assert "servers" not in re.findall(r'href="#(\w+)"', page(report(*GOOD), tmp_path))
