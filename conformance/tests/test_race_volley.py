"""Volleys against small servers that show what arrived when, and against ones that misbehave."""

import socket
import ssl
import threading
from contextlib import suppress
from pathlib import Path
from time import monotonic
from urllib.parse import urlsplit

import pytest

from conformance.race.checkers.overlap import overlap, spread
from conformance.race.engine import connection, volley
from conformance.race.engine.volley import Delivery, VolleyError, fire
from conformance.race.engine.wire import Request
from conformance.tests.race_server import OK, PATIENCE, Server, Talk, answer, make_certificate, until_closed
from conformance.verdict.signals import Unsupported


def requests(server: Server, count: int) -> list[Request]:
    return [Request("GET", server.url)] * count


def test_every_request_is_answered_in_its_place() -> None:
    def echo(server: Server, line: socket.socket) -> None:
        path = server.head(line).split()[1]
        line.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(path), path))

    with Server(echo).serving() as server:
        deliveries = fire([Request("GET", f"{server.url}{n}") for n in range(8)], answer_seconds=PATIENCE)
    assert [delivery.answer.body for delivery in deliveries if delivery.answer] == [b"/%d" % n for n in range(8)]


def test_times_are_in_order() -> None:
    before = monotonic()
    with Server(answer).serving() as server:
        deliveries = fire(requests(server, 3), answer_seconds=PATIENCE)
    for delivery in deliveries:
        assert delivery.first_byte is not None
        assert delivery.completed is not None
        assert before < delivery.invoked < delivery.first_byte <= delivery.completed < monotonic()


def test_no_request_is_complete_before_all_are_there() -> None:
    """The server counts the requests that lack one byte, and looks at that count when the first is complete."""
    width = 6
    lock = threading.Lock()
    short_of_one = threading.Semaphore(0)
    waiting = []
    length = len(Request("GET", "http://localhost:65535/").encode())

    def count(server: Server, line: socket.socket) -> None:
        got = b""
        while len(got) < length - 1:
            got += line.recv(length - 1 - len(got))
        with lock:
            waiting.append(line)
        short_of_one.release()
        assert line.recv(1) == b"\n"
        with lock:
            server.received.append(b"%d" % len(waiting))
        line.sendall(OK)

    with Server(count).serving() as server:
        assert len(requests(server, 1)[0].encode()) == length
        fire(requests(server, width), answer_seconds=PATIENCE)
    assert server.received == [b"%d" % width] * width


def test_overlapping_calls_overlap_in_the_records() -> None:
    meeting = threading.Barrier(4)

    def together(server: Server, line: socket.socket) -> None:
        server.head(line)
        meeting.wait(PATIENCE)
        line.sendall(OK)

    with Server(together).serving() as server:
        deliveries = fire(requests(server, 4), answer_seconds=PATIENCE)
    assert overlap(deliveries).peak == 4
    assert overlap(deliveries).enough
    assert 0 < spread(deliveries) < PATIENCE


def test_the_release_is_announced_after_the_last_byte() -> None:
    announced = []
    with Server(answer).serving() as server:
        deliveries = fire(
            requests(server, 3), answer_seconds=PATIENCE, on_release=lambda: announced.append(monotonic())
        )
    assert announced[0] > max(delivery.invoked for delivery in deliveries)


def test_a_body_is_held_back_too() -> None:
    def post(server: Server, line: socket.socket) -> None:
        server.head(line)
        server.received.append(line.recv(1) + line.recv(1))
        line.sendall(OK)

    with Server(post).serving() as server:
        fire([Request("POST", server.url, body=b"{}")], answer_seconds=PATIENCE)
    assert server.received[1] == b"{}"


@pytest.mark.parametrize(
    ("talk", "why"),
    [
        (lambda _server, line: line.recv(4096) and line.recv(4096), "closed 0 bytes into the answer's head"),
        (lambda server, line: server.head(line) and line.sendall(OK[:-1]), "closed 1 bytes into the body"),
        (lambda server, line: server.head(line) and line.sendall(b"what?\r\n\r\n"), "what?"),
    ],
)
def test_a_call_without_a_whole_answer_is_lost(talk: Talk, why: str) -> None:
    with Server(talk).serving() as server:
        [delivery] = fire(requests(server, 1), answer_seconds=PATIENCE)
    assert delivery.answer is None
    assert delivery.completed is None
    assert why in delivery.lost


def test_a_call_that_is_not_answered_in_time_is_lost_and_closed() -> None:
    with Server(until_closed).serving() as server:
        deliveries = fire(requests(server, 2), answer_seconds=0.05)
        for _ in deliveries:
            assert server.at_end.acquire(timeout=PATIENCE)
    assert [delivery.lost for delivery in deliveries] == ["no complete answer within 0.05 s"] * 2


def test_an_answered_connection_is_closed_without_waiting_for_the_others() -> None:
    """Otherwise a server that lingers on one connection would not answer the other."""

    def linger(server: Server, line: socket.socket) -> None:
        first = b"GET /first" in server.head(line)
        if first or server.at_end.acquire(timeout=PATIENCE):
            line.sendall(OK)
        if first:
            until_closed(server, line)

    with Server(linger).serving() as server:
        calls = [Request("GET", f"{server.url}{name}") for name in ("first", "second")]
        deliveries = fire(calls, answer_seconds=PATIENCE)
    assert all(delivery.answer for delivery in deliveries)


def test_a_refused_connection_is_a_clear_error() -> None:
    with socket.create_server(("localhost", 0)) as listening:
        port = listening.getsockname()[1]
    with pytest.raises(VolleyError, match=r"2 of 2 connections did not open: .*refused"):
        fire([Request("GET", f"http://localhost:{port}/")] * 2, answer_seconds=1)


@pytest.mark.parametrize("output", [b"HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n", b""])
def test_a_server_that_does_not_wait_for_the_last_byte_spoils_the_volley(
    output: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(volley, "SETTLE_SECONDS", PATIENCE)
    monkeypatch.setattr(volley, "HOLD_SECONDS", PATIENCE)
    with (
        Server(lambda _, line: line.sendall(output)).serving() as server,
        pytest.raises(VolleyError, match="before its"),
    ):
        fire(requests(server, 2), answer_seconds=PATIENCE)


def test_requests_are_not_held_for_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(volley, "HOLD_SECONDS", 0.0)
    with Server(until_closed).serving() as server:
        with pytest.raises(VolleyError, match="sending all but the last bytes took"):
            fire(requests(server, 2), answer_seconds=PATIENCE)
        for _ in range(2):
            assert server.at_end.acquire(timeout=PATIENCE)


def test_an_empty_volley_ends_at_once() -> None:
    assert fire([], answer_seconds=PATIENCE) == []


def test_tls(tmp_path: Path) -> None:
    certificate = make_certificate(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    trusting = ssl.create_default_context(cafile=str(certificate))
    with Server(answer, context).serving() as server:
        deliveries = fire(requests(server, 4), answer_seconds=PATIENCE, tls=trusting)
        assert [answered(delivery) for delivery in deliveries] == [200] * 4
        with pytest.raises(VolleyError, match="certificate verify failed"):
            fire(requests(server, 1), answer_seconds=PATIENCE)


@pytest.mark.parametrize("secure", [False, True])
def test_a_proxy_of_the_environment_is_gone_through(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, secure: bool
) -> None:
    certificate = make_certificate(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    heads: list[bytes] = []

    def forward(server: Server, line: socket.socket) -> None:
        """As a proxy does: to the address behind CONNECT, or to that of an absolute URL."""
        head = server.head(line)
        heads.append(head)
        with socket.create_connection(("localhost", port)) as behind:
            if head.startswith(b"CONNECT"):
                line.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            else:
                behind.sendall(head)
            pump = threading.Thread(target=_pour, args=(line, behind), daemon=True)
            pump.start()
            _pour(behind, line)

    with Server(answer, context if secure else None).serving() as server, Server(forward).serving() as proxy:
        port = urlsplit(server.url).port
        for name in ("http_proxy", "https_proxy"):
            monkeypatch.setenv(name, proxy.url.replace("//", "//user:pass%2Fword@"))
        for name in ("no_proxy", "NO_PROXY"):
            monkeypatch.delenv(name, raising=False)
        trusting = ssl.create_default_context(cafile=str(certificate))
        deliveries = fire(requests(server, 4), answer_seconds=PATIENCE, tls=trusting)
    assert [answered(delivery) for delivery in deliveries] == [200] * 4
    assert len(heads) == 4
    start = f"CONNECT localhost:{port} " if secure else f"GET {server.url}"
    assert all(head.startswith(start.encode()) for head in heads)
    assert all(b"Proxy-Authorization: Basic dXNlcjpwYXNzL3dvcmQ=" in head for head in heads)
    assert "dXNlcjpwYXNzL3dvcmQ" not in repr(deliveries)


def _pour(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while chunk := source.recv(65536):
            target.sendall(chunk)
        target.shutdown(socket.SHUT_WR)


@pytest.mark.parametrize(
    "output", [b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n", b"HTTP/1.1 200", b"\r\n\r\n"]
)
def test_a_refusing_proxy_is_a_clear_error(monkeypatch: pytest.MonkeyPatch, output: bytes) -> None:
    with Server(lambda _, line: line.sendall(output)).serving() as proxy:
        monkeypatch.setenv("https_proxy", proxy.url)
        with pytest.raises(VolleyError, match=r"1 of 1 connections did not open: the proxy (answered|gave)"):
            fire([Request("GET", "https://cloud.invalid/")], answer_seconds=1)


@pytest.mark.parametrize("url", ["socks5h://localhost:1080", "https://localhost:3128"])
def test_a_proxy_of_another_kind_is_unsupported_with_the_reason(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("https_proxy", url)
    with pytest.raises(Unsupported, match="races go through proxies of the scheme http alone"):
        fire([Request("GET", "https://cloud.invalid/")], answer_seconds=1)


def answered(delivery: Delivery) -> int:
    return delivery.answer.status if delivery.answer else 0


def test_an_answer_without_an_end_is_lost_at_its_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "MAX_BODY", 100_000)

    def pour(server: Server, line: socket.socket) -> None:
        server.head(line)
        with suppress(OSError):
            while True:
                line.sendall(b"x" * 65536)

    with Server(pour).serving() as server:
        [delivery] = fire([Request("GET", server.url)], answer_seconds=PATIENCE)
    assert "longer than 100000 bytes" in delivery.lost
