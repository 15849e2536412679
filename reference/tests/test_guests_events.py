"""The small HTTP services: their answers, and that no caller keeps them from others."""

import socket
from collections.abc import Iterator

import pytest

from reference.guests.events import HEAD, OF_ONE, Events

LONGEST = 20.0  # seconds for an answer on a busy machine
ASK = b"GET /path HTTP/1.1\r\nHost: x\r\n\r\n"


@pytest.fixture(scope="module")
def service() -> Iterator[tuple[str, int]]:
    """The address of a service that answers with the caller's address and the path."""
    listening = socket.create_server(("127.0.0.1", 0))
    place = listening.getsockname()
    events = Events()
    end = events.serve(listening, lambda caller, path: (200, f"{caller} {path}".encode()))
    yield place
    end()


def ask(service: tuple[str, int], text: bytes, source: str = "127.0.0.1") -> bytes:
    """The whole answer; empty where the connection is closed without one."""
    with socket.create_connection(service, LONGEST, (source, 0)) as connection:
        connection.sendall(text)
        answer = b""
        try:
            while part := connection.recv(4096):
                answer += part
        except ConnectionResetError:
            pass
        return answer


def test_an_answer(service: tuple[str, int]) -> None:
    head, _, body = ask(service, ASK).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.0 200 OK\r\n")
    assert body == b"127.0.0.1 /path"
    assert ask(service, ASK.replace(b"GET", b"HEAD")).endswith(b"\r\n\r\n")
    assert b" 405 " in ask(service, ASK.replace(b"GET", b"PUT"))


@pytest.mark.parametrize(
    "text", [b"nonsense\r\n\r\n", b"GET / HTTP/1.1 and more\r\n\r\n", b"G" * 2 * HEAD + b"\r\n\r\n"]
)
def test_invalid_requests_get_no_answer(service: tuple[str, int], text: bytes) -> None:
    assert ask(service, text) == b""
    assert b" 200 " in ask(service, ASK)


def test_one_caller_cannot_keep_it_from_others(service: tuple[str, int]) -> None:
    held = [socket.create_connection(service, LONGEST) for _ in range(OF_ONE)]
    assert ask(service, ASK) == b""
    assert b" 200 " in ask(service, ASK, "127.0.0.2")
    for connection in held:
        connection.sendall(ASK)
        assert connection.recv(4096).startswith(b"HTTP/1.0 200")
        connection.close()
    assert b" 200 " in ask(service, ASK)
