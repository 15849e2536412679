"""Calls of a volley that are turned away, and what becomes of a race with such calls."""

import socket
from collections.abc import Sequence
from dataclasses import replace
from time import monotonic

import pytest
from requests.structures import CaseInsensitiveDict

from conformance.race.checkers.judge import too_many_came_later
from conformance.race.engine import gateway_retry
from conformance.race.engine.remote_senders import Sent
from conformance.race.engine.volley import Flight, VolleyError, fire
from conformance.race.engine.wire import Answer, Request
from conformance.tests.test_check_judge import call
from conformance.tests.test_race_volley import PATIENCE, Server

SECONDS = 0.3
OK, TURNED_AWAY, LATER, DOWN = (200, ""), (429, ""), (503, "0"), (503, "")


class Rounds:
    """Answers to one release after the other, (status, Retry-After) each; after the last, none can be released."""

    def __init__(self, *answers: Sequence[tuple[int, str]]) -> None:
        self.answers = list(answers)
        self.widths: list[int] = []

    def __call__(self, requests: Sequence[Request]) -> list[Sent]:
        self.widths.append(len(requests))
        if not self.answers:
            raise VolleyError("nobody is there")
        given = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return [_sent(request, *each) for request, each in zip(requests, given, strict=True)]


def _sent(request: Request, status: int, later: str) -> Sent:
    headers = CaseInsensitiveDict({"Retry-After": later} if later else {})
    now = monotonic()
    return Sent(Flight(request, now, now, now, Answer(status, headers, b"{}")))


def requests(count: int) -> list[Request]:
    return [Request("GET", f"http://cloud/network/{number}") for number in range(count)]


def test_those_turned_away_are_released_again_together() -> None:
    rounds = Rounds([OK, TURNED_AWAY, OK, LATER], [OK, TURNED_AWAY], [OK])
    found = gateway_retry.released(requests(4), rounds, 10)
    assert rounds.widths == [4, 2, 1]
    assert [sent.flight.answer.status for sent in found if sent.flight.answer] == [200] * 4
    assert [sent.again for sent in found] == [0, 1, 0, 2]
    assert [sent.flight.request for sent in found] == requests(4)


@pytest.mark.parametrize(("answer", "says"), [(TURNED_AWAY, "429"), (LATER, "503"), ((429, "3600"), "429")])
def test_those_turned_away_to_the_end_are_lost(answer: tuple[int, str], says: str) -> None:
    rounds = Rounds([OK, answer], [answer])
    first, second = gateway_retry.released(requests(2), rounds, SECONDS)
    assert (first.flight.lost, second.flight.answer, second.flight.completed) == ("", None, None)
    assert f"went on to answer {says}" in second.flight.lost


def test_a_service_that_is_down_has_answered() -> None:
    rounds = Rounds([OK, DOWN])
    found = gateway_retry.released(requests(2), rounds, SECONDS)
    assert rounds.widths == [2]
    assert [sent.flight.answer.status for sent in found if sent.flight.answer] == [200, 503]


def test_what_cannot_be_released_again_does_not_undo_what_has_happened() -> None:
    class Once(Rounds):
        def __call__(self, requests: Sequence[Request]) -> list[Sent]:
            sent = super().__call__(requests)
            self.answers.clear()
            return sent

    first, second = gateway_retry.released(requests(2), Once([OK, TURNED_AWAY]), 10)
    assert first.flight.answer
    assert second.flight.lost


def test_who_decides_before_all_of_a_request_is_there_has_turned_it_away() -> None:
    def early(server: Server, line: socket.socket) -> None:
        line.sendall(b"HTTP/1.1 429 Too Many Requests\r\nContent-Length: 0\r\n\r\n")
        server.head(line)

    with Server(early).serving() as server:
        [flight] = fire([Request("GET", server.url)], answer_seconds=PATIENCE)
    assert flight.answer
    assert (flight.answer.status, flight.lost) == (429, "")


@pytest.mark.parametrize(
    ("volleys", "doubts"),
    [
        ([[0, 0, 1, 1]], 0),
        ([[0, 1, 2, 1]], 1),
        ([[0, 1, 2, 1], [0, 0, 0, 0]], 0),
        ([[1, 1], [1, 1], [0, 0]], 2),
        ([[1]], 0),
        ([], 0),
    ],
)
def test_a_race_that_most_came_late_for_shows_nothing(volleys: list[list[int]], doubts: int) -> None:
    races = {
        str(number): [replace(call(0, 1, str(number)), again=each) for each in volley]
        for number, volley in enumerate(volleys)
    }
    assert len(too_many_came_later(races)) == doubts
