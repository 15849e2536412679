"""How long the calls of a race wait for their answers, once other calls of races had none."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from requests.structures import CaseInsensitiveDict

from conformance.deadlines import Deadlines, shortest
from conformance.race.engine import caller as engine
from conformance.race.engine.caller import Caller
from conformance.race.engine.history import TOO_LATE, History
from conformance.race.engine.volley import Delivery
from conformance.race.engine.wire import Answer, Request
from conformance.target.contact import Contact
from conformance.tests.test_race_faults import Member
from conformance.waits import Waits

URL = "http://127.0.0.1:9"
DEADLINE = 100.0
Fire = Callable[..., list[Delivery]]


def unanswered(requests: Sequence[Request], *, answer_seconds: float, **_more: Any) -> list[Delivery]:
    return [Delivery(request, 0.0, None, None, None, f"{TOO_LATE} {answer_seconds:g} s") for request in requests]


def answered_after(seconds: float) -> Fire:
    def fire(requests: Sequence[Request], **_more: Any) -> list[Delivery]:
        return [
            Delivery(request, 0.0, seconds, seconds, Answer(200, CaseInsensitiveDict(), b"{}")) for request in requests
        ]

    return fire


@pytest.fixture
def caller(tmp_path: Path) -> Caller:
    member = Member(URL)
    member.contact = Contact(waits=Waits(Deadlines(race=DEADLINE)))
    return Caller(member, History.within(tmp_path, "race", "run"), "race", DEADLINE)


def volley(caller: Caller, monkeypatch: pytest.MonkeyPatch, fire: Fire) -> None:
    monkeypatch.setattr(engine, "fire", fire)
    caller.volley("look", "GET", URL, 2)


def test_after_a_volley_without_answers_others_are_given_up_sooner(
    caller: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    volley(caller, monkeypatch, unanswered)
    assert caller.patience == shortest("race") < DEADLINE
    assert [record.lost for record in caller.history.records] == [f"{TOO_LATE} {DEADLINE:g} s"] * 2


def test_late_answers_double_the_patience(caller: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    volley(caller, monkeypatch, answered_after(20.0))
    assert caller.patience == DEADLINE
    volley(caller, monkeypatch, unanswered)
    assert caller.patience == 40
