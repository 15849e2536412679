"""Connections that are kept, answers that are bounded, and what is said when there is none."""

import gzip
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from time import monotonic

import pytest
import requests

from conformance.target import transport
from conformance.target.contact import Contact
from conformance.target.transport import Transport, Unreachable

OK = b"HTTP/1.1 200 OK\r\n"
WHOLE = OK + b"Content-Length: 2\r\n\r\nhi"
PACKED = gzip.compress(b"packed")
BRIEF = 0.3  # seconds
Speak = Callable[[socket.socket], None]


def saying(*pieces: bytes) -> Speak:
    return lambda peer: peer.sendall(b"".join(pieces))


def silent(peer: socket.socket) -> None:
    """Until the other side has closed."""
    peer.recv(1)


def endless(first: bytes, piece: bytes, pause: float) -> Speak:
    """Goes on until the other side has closed."""

    def speak(peer: socket.socket) -> None:
        peer.sendall(first)
        never = threading.Event()
        with suppress(OSError):
            while True:
                peer.sendall(piece)
                never.wait(pause)

    return speak


@contextmanager
def peer(speak: Speak, answers: int = 1) -> Iterator[tuple[str, list[list[bytes]]]]:
    """A server of one thread that answers `answers` requests of each connection by `speak`; its URL, and the requests
    of each connection.
    """
    requested: list[list[bytes]] = []
    listening = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                connection, _ = listening.accept()
            except OSError:
                return
            requested.append([])
            with connection:
                for _ in range(answers):
                    request = connection.recv(65536)
                    if not request:
                        break
                    requested[-1].append(request)
                    speak(connection)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}", requested
    finally:
        listening.shutdown(socket.SHUT_RDWR)
        listening.close()
        thread.join()


@pytest.mark.parametrize(
    ("answer", "body"),
    [
        (WHOLE, b"hi"),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n4\r\n all\r\n0\r\n\r\n", b"hi all"),
        (OK + b"Connection: close\r\n\r\nuntil the end", b"until the end"),
        (OK + b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(PACKED) + PACKED, b"packed"),
        (b"HTTP/1.1 204 No Content\r\n\r\n", b""),
    ],
    ids=["of a length", "in chunks", "until the end", "packed", "none"],
)
def test_a_whole_body_is_given(answer: bytes, body: bytes) -> None:
    with peer(saying(answer)) as (url, _):
        assert Transport().exchange("GET", url, {}, None, BRIEF).body == body


@pytest.mark.parametrize(
    ("speak", "error", "says"),
    [
        (saying(), requests.ConnectionError, "Remote end closed connection"),
        (saying(b"hello there\r\n\r\n"), requests.ConnectionError, "BadStatusLine"),
        (saying(OK, b"Content-Length: 9\r\n\r\nshort"), requests.ConnectionError, "4 more expected"),
        (saying(OK, b"Transfer-Encoding: chunked\r\n\r\n9\r\nshort"), requests.ConnectionError, "Incomplete"),
        (saying(OK, b"Content-Encoding: gzip\r\nContent-Length: 2\r\n\r\nhi"), requests.ConnectionError, "decode"),
        (silent, requests.ReadTimeout, "no answer within 0.3 s"),
        (endless(OK + b"Content-Length: 999\r\n\r\n", b"x", 0.01), requests.ReadTimeout, "no answer within 0.3 s"),
        (endless(OK + b"\r\n", b"x", 0.01), requests.ReadTimeout, "no answer within 0.3 s"),
        (endless(OK + b"\r\n", b"x" * 4096, 0), requests.ConnectionError, "the answer is longer than 4096 bytes"),
    ],
)
def test_an_incomplete_answer_is_reported_in_one_line_and_in_time(
    speak: Speak, error: type[Exception], says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transport, "MAX_BODY", 4096)
    with peer(speak) as (url, _), pytest.raises(error, match=says) as raised:
        Transport().exchange("GET", url, {}, None, BRIEF)
    assert not isinstance(raised.value, Unreachable)


def test_unreachable_hosts_and_invalid_requests_differ() -> None:
    with pytest.raises(Unreachable, match="refused"):
        Transport().exchange("GET", "http://127.0.0.1:9/", {}, None, BRIEF)
    with pytest.raises(requests.exceptions.InvalidURL):
        Transport().exchange("GET", "http://127.0.0.1:99999999/", {}, None, BRIEF)


def test_a_connection_is_kept_until_it_is_idle_too_long(monkeypatch: pytest.MonkeyPatch) -> None:
    with peer(saying(WHOLE), answers=9) as (url, requested):
        used = Transport()
        for _ in range(3):
            used.exchange("GET", url, {}, None, BRIEF)
        monkeypatch.setattr(transport, "KEEPALIVE", 0.0)
        used.exchange("GET", url, {}, None, BRIEF)
        used.close()
    assert [len(item) for item in requested] == [3, 1]


def test_proxies_are_those_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    with peer(saying(WHOLE), answers=2) as (url, requested):
        monkeypatch.setenv("http_proxy", url)
        monkeypatch.setenv("no_proxy", "127.0.0.1")
        used = Transport()
        used.exchange("GET", "http://elsewhere.invalid/there", {}, None, BRIEF)
        used.close()
        used.exchange("GET", f"{url}/here", {}, None, BRIEF)
        used.close()
    assert [request.split()[1] for [request] in requested] == [b"http://elsewhere.invalid/there", b"/here"]


def test_a_session_is_served_as_by_its_own_adapter() -> None:
    with peer(saying(WHOLE)) as (url, requested):
        session = requests.Session()
        session.mount("http://", Transport())
        answer = session.post(url, json={"a": 1}, headers={"X-One": "1"})
        session.close()
    assert (answer.status_code, answer.text, answer.headers["content-length"]) == (200, "hi", "2")
    [[sent]] = requested
    assert sent.startswith(b"POST / HTTP/1.1\r\n")
    assert b"X-One: 1\r\n" in sent
    assert b"Content-Length: 8\r\n" in sent


def test_calls_without_an_answer_are_counted_until_there_is_one() -> None:
    contact = Contact()
    with peer(silent) as (url, _):
        for calls in (1, 2):
            with pytest.raises(requests.ReadTimeout):
                Transport(contact=contact).exchange("GET", f"{url}/v2.0", {}, None, 0.05)
            assert contact.unanswered == {url: calls}
    with pytest.raises(Unreachable):
        Transport(contact=contact).exchange("GET", url, {}, None, BRIEF)
    assert contact.unanswered == {url: 3}
    with peer(saying(b"hello there\r\n\r\n")) as (other, _), pytest.raises(requests.ConnectionError):
        Transport(contact=contact).exchange("GET", other, {}, None, BRIEF)
    assert contact.unanswered == {url: 3}
    with peer(saying(WHOLE)) as (other, _):
        contact.unanswered[other] = 9
        Transport(contact=contact).exchange("GET", other, {}, None, BRIEF)
    assert contact.unanswered == {url: 3}


@pytest.mark.parametrize("first", [OK + b"X-Slow: ", b"HTTP/1.1 ", b""])
def test_a_head_that_drips_ends_with_the_deadline(first: bytes) -> None:
    piece = b"x" if first else b"HTTP/1.1 100 Continue\r\n\r\n"
    with peer(endless(first, piece, BRIEF / 10)) as (url, _):
        began = monotonic()
        with pytest.raises(requests.ReadTimeout, match=r"no answer within 0\.3 s"):
            Transport().exchange("GET", url, {}, None, BRIEF)
        assert monotonic() - began < 10 * BRIEF


def test_too_deep_json_is_invalid() -> None:
    body = b"[" * 100_000
    with peer(saying(OK + b"Content-Length: %d\r\n\r\n" % len(body) + body)) as (url, _):
        response = Transport().exchange("GET", url, {}, None, 10)
    with pytest.raises(ValueError, match="nested deeper"):
        _ = response.json
