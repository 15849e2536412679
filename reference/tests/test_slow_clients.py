"""Requests that are too long, come too slowly, or stop half-way: refused in time, while others are served."""

import json
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
import requests

from reference.tests.clouds import Server, User, start, stop
from reference.wsgi.bodies import LONGEST

SECONDS = 3  # that a request may take here
MANY = 200  # clients at once, several for each thread
SOON = 2.0  # seconds, less than the time that those clients may take
LATEST = 20.0  # seconds until an answer is given up
PATHS = {
    "identity": "/identity/v3/auth/tokens",
    "image": "/image/v2/images",
    "network": "/network/v2.0/networks",
    "compute": "/compute/v2.1/servers",
}


@pytest.fixture(scope="module")
def hurried(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    running = start(tmp_path_factory.mktemp("hurried"), "--arrival-seconds", str(SECONDS))
    yield running
    stop(running)


@pytest.fixture(scope="module")
def user(hurried: Server) -> User:
    return hurried.user("gman")


@contextmanager
def connected(server: Server, content: bytes) -> Iterator[socket.socket]:
    """A connection on which that has been sent."""
    host, port = server.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), LATEST) as client:
        client.sendall(content)
        yield client


def head(user: User, path: str, *lines: str) -> bytes:
    return "\r\n".join([f"POST {path} HTTP/1.1", "Host: a", f"X-Auth-Token: {user.token}", *lines, "", ""]).encode()


def received(client: socket.socket) -> bytes:
    """All that the server sends until it closes the connection."""
    content = b""
    while piece := client.recv(65536):
        content += piece
    return content


def shape(service: str, answer: bytes) -> tuple[int, int]:
    """The status of an answer, and the status in its body, in the form of the service."""
    first, body = answer.split(b"\r\n", 1)[0], json.loads(answer.split(b"\r\n\r\n", 1)[1])
    status = int(first.split()[1])
    if service == "network":
        assert set(body["NeutronError"]) == {"type", "message", "detail"}
        return status, status
    if service == "image":
        return status, body["code"]
    [(_name, content)] = body.items()
    return status, content["code"]


def is_served(user: User) -> bool:
    """Whether the user gets an answer soon."""
    began = time.monotonic()
    assert user.network("GET", "/networks").status_code == 200
    return time.monotonic() - began < SOON


@pytest.mark.parametrize("service", PATHS)
def test_half_a_body_is_waited_for_so_long(hurried: Server, user: User, service: str) -> None:
    with connected(hurried, head(user, PATHS[service], "Content-Length: 100") + b'{"half') as client:
        began = time.monotonic()
        assert shape(service, received(client)) == (408, 408)
        assert SECONDS - 1 < time.monotonic() - began < LATEST


@pytest.mark.parametrize("content", [b"", b"POST / HTTP/1.1\r\nHost: a\r\nX-Half: "], ids=["nothing", "half a head"])
def test_many_half_requests_keep_nobody_waiting(hurried: Server, user: User, content: bytes) -> None:
    with ExitStack() as stack:
        for _ in range(MANY):
            stack.enter_context(connected(hurried, content or head(user, PATHS["network"], "Content-Length: 9") + b"{"))
        assert all(is_served(user) for _ in range(5))


def test_a_head_that_drips_is_not_waited_for_forever(hurried: Server, user: User) -> None:
    """Each byte arrives before a timeout for single bytes could end."""
    deadline = time.monotonic() + SECONDS + SOON + 1
    with connected(hurried, b"GET /network/v2.0/networks HTTP/1.1\r\n") as client:
        client.settimeout(0.1)
        while time.monotonic() < deadline:
            try:
                client.send(b"a")
                if client.recv(1024) == b"":
                    return
            except TimeoutError:
                continue
            except OSError:
                return
    pytest.fail("the connection is still open")


@pytest.mark.parametrize("service", PATHS)
def test_a_body_that_is_too_long_is_refused_unread(hurried: Server, user: User, service: str) -> None:
    """Whatever the token is: none of it is sent before the answer."""
    for token in (user.token, "none"):
        lines = f"POST {PATHS[service]} HTTP/1.1\r\nHost: a\r\nX-Auth-Token: {token}\r\n"
        with connected(hurried, f"{lines}Content-Length: {LONGEST + 1}\r\n\r\n".encode()) as client:
            assert shape(service, received(client)) == (413, 413)


@pytest.mark.parametrize("service", PATHS)
def test_chunks_that_are_too_many_or_malformed(hurried: Server, user: User, service: str) -> None:
    chunk = b"4000\r\n" + b" " * 0x4000 + b"\r\n"
    for chunks, status in ((chunk * (LONGEST // 0x4000 + 1), 413), (b"x\r\n", 400), (b"1;\x00\r\na\r\n0\r\n\r\n", 400)):
        with connected(hurried, head(user, PATHS[service], "Transfer-Encoding: chunked") + chunks) as client:
            assert shape(service, received(client)) == (status, status)


def test_the_longest_body_is_read(user: User) -> None:
    text = json.dumps({"network": {"name": "long"}})
    for content in (text.ljust(LONGEST).encode(), iter([text.encode(), b" " * (LONGEST - len(text))])):
        assert user.network("POST", "/networks", data=content).status_code == 201


def test_requests_that_follow_each_other_at_once(hurried: Server, user: User) -> None:
    """The second one is there before the first has been answered, the third only in part."""
    ask = f"GET /network/v2.0/networks HTTP/1.1\r\nHost: a\r\nX-Auth-Token: {user.token}\r\n\r\n".encode()
    with connected(hurried, ask * 2 + ask[:30]) as client:
        client.sendall(ask[30:-2] + b"Connection: close\r\n\r\n")
        assert received(client).count(b"HTTP/1.1 200 OK") == 3


def test_an_expected_100_continue_is_answered(hurried: Server, user: User) -> None:
    content = b'{"network": {}}'
    lines = ("Expect: 100-continue", "Connection: close", f"Content-Length: {len(content)}")
    with connected(hurried, head(user, PATHS["network"], *lines)) as client:
        assert client.recv(1024) == b"HTTP/1.1 100 Continue\r\n\r\n"
        client.sendall(content)
        assert received(client).startswith(b"HTTP/1.1 201 Created")


def test_clients_that_never_close_keep_nobody_waiting(hurried: Server, user: User) -> None:
    with ExitStack() as stack:
        for _ in range(MANY // 4):
            content = head(user, PATHS["network"], f"Content-Length: {LONGEST + 1}")
            stack.enter_context(connected(hurried, content)).recv(1024)
        assert is_served(user)


@pytest.mark.parametrize("name", ["SCRIPT_NAME", "PATH_INFO", "X-Forwarded-Proto"])
def test_headers_cannot_change_path_or_scheme(user: User, name: str) -> None:
    for value in ("/x", "/network", "https"):
        assert user.network("GET", "/networks", headers={name: value}).status_code == 200


def test_a_token_in_a_malformed_header_stays_out_of_the_log(tmp_path: Path) -> None:
    running = start(tmp_path)
    for line in (b"X-Auth-Token: a-secret\x00", b"X-Auth-Token a-secret", b"X-Auth-Token : a-secret", b" a-secret"):
        with connected(running, b"GET /network/v2.0/networks HTTP/1.1\r\nHost: a\r\n" + line + b"\r\n\r\n") as client:
            assert received(client).startswith(b"HTTP/1.1 400 ")
    running.process.terminate()
    log = running.process.communicate(timeout=LATEST)[0]
    assert "Invalid request from ip=127.0.0.1" in log
    assert "a-secret" not in log


def test_it_stops_in_spite_of_clients_that_wait(tmp_path: Path) -> None:
    running = start(tmp_path)
    with ExitStack() as stack:
        for content in (b"", b"GET / HTTP/1.1\r\n", b"POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\n"):
            stack.enter_context(connected(running, content))
        assert requests.get(f"{running.url}/healthcheck", timeout=LATEST).status_code == 200
        began = time.monotonic()
        assert stop(running) == 0
        assert time.monotonic() - began < LATEST


def test_a_new_connection_has_time_for_its_request_where_none_is_kept(tmp_path: Path) -> None:
    server = start(tmp_path, "--differ", "behind-a-proxy")
    try:
        with connected(server, b"") as client:
            client.settimeout(SOON)
            with pytest.raises(TimeoutError):  # sends nothing, and does not close
                client.recv(1)
            client.settimeout(LATEST)
            client.sendall(b"GET /identity/v3 HTTP/1.1\r\nHost: a\r\n\r\n")
            assert received(client).startswith(b"HTTP/1.1 200")
    finally:
        stop(server)
