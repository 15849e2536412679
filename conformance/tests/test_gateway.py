"""Gateways in front of a service: which answers ask for a retry, and which count as the service's own."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest

from conformance.deadlines import Deadlines
from conformance.target.gateway import AnsweringServices, GatewayAnswer, retry_after
from conformance.target.transport import Transport
from conformance.tests.gabbi_runs import Serve, reason, run, states, write
from conformance.tests.test_transport import WHOLE, peer, saying
from conformance.verdict.classify import state_of
from conformance.verdict.states import State

URL = "http://cloud/network/v2.0/networks"
JSON, PAGE = b'{"NeutronError": {}}', b"<html>\n"
ONE_ID = {"X-OpenStack-Request-ID": "req-1"}
SLOW_DOWN = b"HTTP/1.1 429 Too Many Requests\r\nConnection: close\r\nContent-Length: 0\r\n"
LATER = b"HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nContent-Length: 0\r\nRetry-After: 0\r\n\r\n"
DOWN = b"HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
BRIEF = 0.3  # seconds
PATIENT = 10.0  # seconds
GET = """\
- name: first
  GET: {url}/one
"""


@pytest.mark.parametrize(
    ("status", "headers", "seconds"),
    [
        (429, {}, 0),
        (429, {"Retry-After": "7"}, 7),
        (429, {"retry-after": "0.5"}, 0.5),
        (429, {"Retry-After": "soon"}, 0),
        (429, {"Retry-After": "nan"}, 0),
        (429, {"Retry-After": "-3"}, 0),
        (429, {"Retry-After": "Fri, 31 Dec 9999 23:59:59 -2400"}, 0),
        (429, {"Retry-After": "Mon, 99 Foo 0000 00:00:00 GMT"}, 0),
        (429, {"Retry-After": "Wed, 21 Oct 2015 07:28:00 GMT"}, 0),
        (503, {"Retry-After": "2"}, 2),
        (503, {}, None),
        (503, {"Retry-After": ""}, None),
        (500, {"Retry-After": "2"}, None),
        (200, {"Retry-After": "2"}, None),
    ],
)
def test_retry_after(status: int, headers: Mapping[str, str], seconds: float | None) -> None:
    assert retry_after(status, headers) == seconds


def test_a_moment_is_a_number_of_seconds_from_now() -> None:
    seconds = retry_after(429, {"Retry-After": format_datetime(datetime.now(UTC) + timedelta(seconds=60), usegmt=True)})
    assert seconds is not None
    assert 50 < seconds <= 60


@pytest.mark.parametrize(
    ("before", "status", "headers", "body", "instead"),
    [
        (200, 502, {}, PAGE, True),
        (200, 504, {}, b"", True),
        (200, 502, ONE_ID, PAGE, False),
        (200, 502, {}, JSON, False),
        (200, 500, {}, PAGE, False),
        (502, 502, {}, PAGE, False),
    ],
)
def test_answers_of_gateways(before: int, status: int, headers: Mapping[str, str], body: bytes, instead: bool) -> None:
    services = AnsweringServices()
    services.gateway_answer(URL, before, {}, JSON if before == 200 else PAGE)
    assert bool(services.gateway_answer(f"{URL}?limit=1", status, headers, body)) is instead
    assert not services.gateway_answer("http://cloud/compute/v2.1/servers", status, headers, body)


def test_services_that_have_answered_are_passed_to_other_processes() -> None:
    first = AnsweringServices()
    first.gateway_answer(URL, 200, {}, JSON)
    second = AnsweringServices(first.to_plain())
    assert second.gateway_answer(URL, 502, {}, PAGE)


def test_a_page_does_not_count_as_a_services_answer() -> None:
    services = AnsweringServices()
    assert not services.gateway_answer(URL, 200, {}, PAGE)
    assert not services.gateway_answer(URL, 502, {}, PAGE)


@pytest.mark.parametrize(
    "before", [[SLOW_DOWN + b"\r\n"], [SLOW_DOWN + b"Retry-After: 0\r\n\r\n", LATER], [LATER, SLOW_DOWN + b"\r\n"]]
)
def test_a_request_is_retried_when_a_gateway_says_so(before: list[bytes]) -> None:
    answers = iter([*before, WHOLE])
    with peer(lambda line: line.sendall(next(answers))) as (url, requested):
        used = Transport()
        body = used.exchange("GET", url, {}, None, PATIENT).body
        used.close()
    assert body == b"hi"
    assert len(requested) == len(before) + 1
    assert all(sent == requested[0] for sent in requested)


@pytest.mark.parametrize("answer", [SLOW_DOWN + b"\r\n", LATER, SLOW_DOWN + b"Retry-After: 3600\r\n\r\n"])
def test_a_limited_rate_is_reported_in_time_and_counted(answer: bytes) -> None:
    with peer(saying(answer)) as (url, _):
        used = Transport()
        with pytest.raises(GatewayAnswer, match=r"limits its rate.*\(-n\)") as raised:
            used.exchange("GET", url, {}, None, BRIEF)
        used.close()
    assert used.contact.unanswered == {url: 1}
    assert state_of(raised.value)[0] is State.INCONCLUSIVE


def test_a_503_without_retry_after_is_an_answer() -> None:
    with peer(saying(DOWN)) as (url, requested):
        assert Transport().exchange("GET", url, {}, None, PATIENT).status == 503
    assert len(requested) == 1


@pytest.mark.parametrize(
    ("answers", "state", "says"),
    [
        ([(429, "slow down"), (200, {})], State.PASS, ""),
        ([(429, "slow down")], State.INCONCLUSIVE, "the cloud limits its rate, and went on to answer 429"),
        ([(503, {})], State.FAIL, "answered 503"),
    ],
)
def test_a_gabbi_test_is_retried_or_proves_nothing(
    tmp_path: Path, serve: Serve, answers: list[Any], state: State, says: str
) -> None:
    _, context = serve(one=answers)
    context.deadlines = Deadlines(request=BRIEF)
    write(tmp_path, "a.yaml", GET)
    results = run(tmp_path, context)
    assert states(results) == {"first": state}
    assert says in reason(results, "first")
