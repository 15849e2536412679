"""Calls of a volley that a gateway turns away, and the verdict on a race with such calls."""

import socket
from collections.abc import Sequence
from dataclasses import replace
from time import monotonic

import pytest
from requests.structures import CaseInsensitiveDict

from conformance.race.checkers.judge import too_many_came_later
from conformance.race.engine import gateway_retry
from conformance.race.engine.volley import Delivery, VolleyError, fire
from conformance.race.engine.wire import Answer, Request
from conformance.target.gateway import AnsweringServices
from conformance.tests.race_server import PATIENCE, Server
from conformance.tests.test_check_judge import call

SECONDS = 0.3
OK, TURNED_AWAY, LATER, DOWN = (200, ""), (429, ""), (503, "0"), (503, "")


class Rounds:
    """Answers to one release after the other, (status, Retry-After) each; after the last, none can be released."""

    def __init__(self, *answers: Sequence[tuple[int, str]]) -> None:
        self.answers = list(answers)
        self.widths: list[int] = []

    def __call__(self, requests: Sequence[Request]) -> list[Delivery]:
        self.widths.append(len(requests))
        if not self.answers:
            raise VolleyError("nobody is there")
        next_answers = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return [_delivery(request, *answer) for request, answer in zip(requests, next_answers, strict=True)]


def _delivery(request: Request, status: int, later: str) -> Delivery:
    headers = CaseInsensitiveDict({"Retry-After": later} if later else {})
    now = monotonic()
    return Delivery(request, now, now, now, Answer(status, headers, b"{}"))


def requests(count: int) -> list[Request]:
    return [Request("GET", f"http://cloud/network/{number}") for number in range(count)]


def test_those_turned_away_are_released_again_together() -> None:
    rounds = Rounds([OK, TURNED_AWAY, OK, LATER], [OK, TURNED_AWAY], [OK])
    deliveries = gateway_retry.release_with_retries(requests(4), rounds, 10, AnsweringServices())
    assert rounds.widths == [4, 2, 1]
    assert [delivery.answer.status for delivery in deliveries if delivery.answer] == [200] * 4
    assert [delivery.retries for delivery in deliveries] == [0, 1, 0, 2]
    assert [delivery.request for delivery in deliveries] == requests(4)


@pytest.mark.parametrize(("answer", "says"), [(TURNED_AWAY, "429"), (LATER, "503"), ((429, "3600"), "429")])
def test_those_turned_away_to_the_end_are_lost(answer: tuple[int, str], says: str) -> None:
    rounds = Rounds([OK, answer], [answer])
    first, second = gateway_retry.release_with_retries(requests(2), rounds, SECONDS, AnsweringServices())
    assert (first.lost, second.answer, second.completed) == ("", None, None)
    assert f"went on to answer {says}" in second.lost


def test_a_service_that_is_down_has_answered() -> None:
    rounds = Rounds([OK, DOWN])
    deliveries = gateway_retry.release_with_retries(requests(2), rounds, SECONDS, AnsweringServices())
    assert rounds.widths == [2]
    assert [delivery.answer.status for delivery in deliveries if delivery.answer] == [200, 503]


def test_a_failed_retry_keeps_the_other_calls() -> None:
    class Once(Rounds):
        def __call__(self, requests: Sequence[Request]) -> list[Delivery]:
            sent = super().__call__(requests)
            self.answers.clear()
            return sent

    first, second = gateway_retry.release_with_retries(requests(2), Once([OK, TURNED_AWAY]), 10, AnsweringServices())
    assert first.answer
    assert second.lost


def test_an_answer_before_the_last_byte_is_a_gateways() -> None:
    def early(server: Server, line: socket.socket) -> None:
        line.sendall(b"HTTP/1.1 429 Too Many Requests\r\nContent-Length: 0\r\n\r\n")
        server.head(line)

    with Server(early).serving() as server:
        [delivery] = fire([Request("GET", server.url)], answer_seconds=PATIENCE)
    assert delivery.answer
    assert (delivery.answer.status, delivery.lost) == (429, "")


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
def test_a_race_with_mostly_late_calls_proves_nothing(volleys: list[list[int]], doubts: int) -> None:
    races = {
        str(number): [replace(call(0, 1, str(number)), retries=retries) for retries in volley]
        for number, volley in enumerate(volleys)
    }
    assert len(too_many_came_later(races)) == doubts
