"""`gman doctor --outside`: one server's results show whether a run would be worth it."""

from types import SimpleNamespace
from typing import Any

import pytest

from conformance.guests.records import GuestRecord
from conformance.guests.rehearsal import rehearse
from conformance.tests.guest_records import answers, guest, says, words
from conformance.verdict.signals import Unsupported


def findings(record: GuestRecord | Exception) -> list[tuple[str, str]]:
    def boot(*_arguments: Any, **_more: Any) -> list[GuestRecord]:
        if isinstance(record, Exception):
            raise record
        return [record]

    scene: Any = SimpleNamespace(boot=boot)
    return list(rehearse(scene))


def test_findings_without_a_problem_have_no_remedy() -> None:
    lines = findings(guest())
    assert [mend for _what, mend in lines] == ["", "", ""]
    assert "sees 172.24.0.9" in lines[-1][0]


@pytest.mark.parametrize(
    ("record", "says_so", "mend"),
    [
        (Unsupported("consoles are withheld: 403"), "consoles are withheld", "--guest-image"),
        (guest(words=None, silence="it is empty"), "said nothing on its console: it is empty", "--guest-image"),
        (guest(words=words(deaf="nothing to listen with")), "nothing to listen with", "--guest-image"),
        (guest(outside=""), "no place beyond the external network is named", "--outside"),
        (guest(words=words(answers=answers(outside4=(False, "timed out")))), "not reached: timed out", "--outside"),
        (guest(words=words(answers=answers(outside4=(True, "<html>")))), "sees nobody", "--outside"),
        (guest(words=words(answers=answers(outside4=says(address="192.0.2.9")))), "sees 192.0.2.9", "--outside"),
    ],
)
def test_each_problem_of_a_rehearsal_has_a_remedy(record: GuestRecord | Exception, says_so: str, mend: str) -> None:
    assert any(says_so in what and mend in how for what, how in findings(record)), findings(record)


def test_a_cloud_without_metadata_is_right() -> None:
    lines = findings(guest(words=words(answers=answers(metadata=(False, "timed out")))))
    assert any("lawful" in what and not mend for what, mend in lines)
