"""Requests as bytes, and answers out of bytes that arrive piece by piece."""

from http.client import HTTPException

import pytest

from conformance.race.engine.wire import Answer, Request, parse

LENGTH = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX-Id: a\r\n\r\nhello"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n"
UNTIL_CLOSE = b"HTTP/1.0 200 OK\r\n\r\nhello"
NO_CONTENT = b"HTTP/1.1 204 No Content\r\n\r\n"


def test_a_request_without_a_body_ends_with_its_head() -> None:
    request = Request("GET", "http://user@cloud.example:9696/v2.0/networks?name=a", {"Accept": "text/*"})
    assert request.encode() == (
        b"GET /v2.0/networks?name=a HTTP/1.1\r\nHost: cloud.example:9696\r\nConnection: close\r\nAccept: text/*\r\n\r\n"
    )


def test_a_request_with_a_body_tells_its_length() -> None:
    encoded = Request("POST", "http://[::1]:80", body=b"{}").encode()
    assert encoded.startswith(b"POST / HTTP/1.1\r\nHost: [::1]:80\r\n")
    assert encoded.endswith(b"Content-Length: 2\r\n\r\n{}")


def test_a_request_shows_neither_headers_nor_body() -> None:
    assert "secret" not in repr(Request("POST", "http://a", {"X-Auth-Token": "secret"}, b"secret"))


@pytest.mark.parametrize(
    ("raw", "ended", "status", "body"),
    [
        (LENGTH, False, 200, b"hello"),
        (CHUNKED, False, 200, b"hello"),
        (UNTIL_CLOSE, True, 200, b"hello"),
        (NO_CONTENT, False, 204, b""),
    ],
)
def test_a_complete_answer_is_understood(raw: bytes, ended: bool, status: int, body: bytes) -> None:
    answer = parse(raw, "GET", ended=ended)
    assert answer is not None
    assert (answer.status, answer.body) == (status, body)


def test_header_names_have_no_case() -> None:
    answer = parse(LENGTH, "GET", ended=False)
    assert isinstance(answer, Answer)
    assert answer.headers["x-id"] == "a"


@pytest.mark.parametrize("raw", [LENGTH, CHUNKED, NO_CONTENT])
def test_no_part_of_an_answer_is_taken_for_all_of_it(raw: bytes) -> None:
    for size in range(len(raw)):
        assert parse(raw[:size], "GET", ended=False) is None
        with pytest.raises(HTTPException):
            parse(raw[:size], "GET", ended=True)


def test_an_answer_until_close_waits_for_it() -> None:
    assert parse(UNTIL_CLOSE, "GET", ended=False) is None


def test_what_is_no_http_is_refused() -> None:
    with pytest.raises(HTTPException):
        parse(b"SSH-2.0-OpenSSH\r\n\r\n", "GET", ended=False)
