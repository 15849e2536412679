"""`gman outside`: callers are told their address, and are called back; everything else is bounded."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest

from conformance import cli
from conformance.guests import outside_server, places
from conformance.settings import UsageProblem

NONCE = "0123456789abcdef"
SECONDS = 30


def free_port() -> int:
    with closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def gman(*arguments: str) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "conformance", "outside", *arguments]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    number = free_port()
    process = gman("--address", "127.0.0.1", "--port", str(number))
    assert process.stdout
    assert "Serving on 127.0.0.1" in process.stdout.readline()
    yield number
    process.send_signal(signal.SIGTERM)
    assert process.wait(SECONDS) == 0
    process.stdout.close()


def ask(port: int, request: bytes) -> bytes:
    """All that is answered, until the connection is closed."""
    with closing(socket.create_connection(("127.0.0.1", port), SECONDS)) as connection:
        connection.sendall(request)
        answer = b""
        while part := connection.recv(4096):
            answer += part
        return answer


def page(port: int, path: str) -> object:
    return json.loads(ask(port, f"GET {path} HTTP/1.0\r\n\r\n".encode()).partition(b"\r\n\r\n")[2])


def test_a_caller_gets_its_own_address(port: int) -> None:
    assert page(port, f"/{NONCE}") == {"address": "127.0.0.1", "nonce": NONCE}


def test_it_answers_the_suites_own_machine(port: int) -> None:
    assert outside_server.answers(f"http://127.0.0.1:{port}/", NONCE, SECONDS)
    assert not outside_server.answers(f"http://127.0.0.1:{free_port()}/", NONCE, SECONDS)


@pytest.mark.parametrize(("word", "reached"), [(NONCE, True), ("somebody else", False)])
def test_a_caller_is_called_back(port: int, word: str, *, reached: bool) -> None:
    listening = socket.create_server(("127.0.0.1", 0))
    if os.fork() == 0:
        try:
            connection, _peer = listening.accept()
            connection.recv(100)
            connection.sendall(f"gman-guest {word} mac".encode())
            connection.close()
        finally:
            os._exit(0)
    answer = page(port, f"/{NONCE}/{listening.getsockname()[1]}")
    listening.close()
    os.wait()
    assert answer == {"address": "127.0.0.1", "nonce": NONCE, "reached": reached}


def test_nobody_is_called_on_a_port_of_the_system(port: int) -> None:
    assert page(port, f"/{NONCE}/22") == {"address": "127.0.0.1", "nonce": NONCE, "reached": False}


@pytest.mark.parametrize(
    ("request_line", "status"),
    [("GET /a/b/c HTTP/1.0", b"404"), ("POST / HTTP/1.0", b"405"), ("GET /<script> HTTP/1.0", b"404")],
)
def test_unknown_requests_are_refused(port: int, request_line: str, status: bytes) -> None:
    assert ask(port, f"{request_line}\r\n\r\n".encode()).split(b" ")[1] == status


@pytest.mark.parametrize("request_", [b"nonsense\r\n\r\n", b"GET /" + b"a" * 20000, b"\x00\xff\r\n\r\n"])
def test_nonsense_gets_no_answer(port: int, request_: bytes) -> None:
    with suppress(ConnectionError):  # it is closed before all of it was sent
        assert ask(port, request_) == b""
    assert page(port, f"/{NONCE}")  # and it serves on


def test_a_port_that_is_in_use_is_reported_in_one_line() -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        process = gman("--address", "127.0.0.1", "--port", str(taken.getsockname()[1]))
        output, _ = process.communicate(timeout=SECONDS)
    assert (process.returncode, output.count("\n")) == (3, 1)
    assert "cannot serve on port" in output


@pytest.mark.parametrize("arguments", [["--port", "0"], ["--port", "x"], ["--address", "nowhere"]])
def test_invalid_options_are_reported_in_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], arguments: list[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["gman", "outside", *arguments])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert (ended.value.code, capsys.readouterr().err.count("\n")) == (3, 1)


@pytest.mark.parametrize(
    ("texts", "urls"),
    [
        ([], ()),
        (["http://203.0.113.5:8043"], ("http://203.0.113.5:8043/",)),
        (["http://203.0.113.5/,http://[2001:db8::5]:81/"], ("http://203.0.113.5/", "http://[2001:db8::5]:81/")),
        (["http://[2001:db8::5]/", "http://203.0.113.5/a"], ("http://203.0.113.5/a/", "http://[2001:db8::5]/")),
    ],
)
def test_places_are_one_for_each_version(texts: list[str], urls: tuple[str, ...]) -> None:
    assert places.urls(texts) == urls


@pytest.mark.parametrize(
    "text", ["203.0.113.5", "https://203.0.113.5/", "http://", "http://a:b/", "http://u:p@203.0.113.5/", "http://x/?y"]
)
def test_an_invalid_outside_url_is_reported(text: str) -> None:
    with pytest.raises(UsageProblem, match="argument --outside") as problem:
        places.urls([text])
    assert "u:p" not in str(problem.value)


def test_a_package_holds_the_script() -> None:
    assert (Path(outside_server.__file__).parent / "guest.sh").is_file()
