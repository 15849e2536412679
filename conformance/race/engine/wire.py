"""One HTTP/1.1 exchange as bytes: the request that a volley sends in two parts, and the answer that it reads."""

import io
import re
import socket
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.client import HTTPException, HTTPResponse, IncompleteRead
from typing import cast
from urllib.parse import SplitResult, urlsplit

from requests.structures import CaseInsensitiveDict

END_OF_HEAD = b"\r\n\r\n"
LONGEST_HEAD = 256 * 1024  # bytes
MOST_INTERIM = 100  # answers of 1xx before the one that counts
INTERIM = re.compile(rb"HTTP/1\.\d 1\d\d[^\r\n]*\r\n(?:[^\r\n]+\r\n)*\r\n")


@dataclass(frozen=True)
class Request:
    """A request to an absolute http or https URL; headers and body are not in its repr, as they hold a token."""

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes = field(default=b"", repr=False)

    @property
    def target(self) -> SplitResult:
        return urlsplit(self.url)

    def encode(self, to_proxy: Mapping[str, str] | None = None) -> bytes:
        """The bytes of the request; it asks for the connection to be closed, as it is the only one on it.

        `to_proxy` are headers for a proxy that is to send it on, None where it goes to its host.
        """
        target = self.target
        host = target.netloc.rpartition("@")[2]
        path = (target.path or "/") + (f"?{target.query}" if target.query else "")
        path = path if to_proxy is None else f"{target.scheme}://{host}{path}"
        headers = {"Host": host, "Connection": "close", **(to_proxy or {}), **self.headers}
        if self.body:
            headers["Content-Length"] = str(len(self.body))
        lines = [f"{self.method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
        return "\r\n".join(lines).encode("latin-1") + END_OF_HEAD + self.body


@dataclass(frozen=True)
class Answer:
    """A complete answer; header names compare without case."""

    status: int
    headers: CaseInsensitiveDict[str]
    body: bytes


class _Replay:
    """What http.client reads from in place of a socket."""

    def __init__(self, raw: bytes) -> None:
        self.raw = raw

    def makefile(self, _mode: str) -> io.BytesIO:
        return io.BytesIO(self.raw)


def _interim(raw: bytes) -> int:
    """How many interim answers come first, counted up to MOST_INTERIM + 1."""
    number, place = 0, 0
    while number <= MOST_INTERIM and (match := INTERIM.match(raw, place)):
        number, place = number + 1, match.end()
    return number


def parse(raw: bytes, method: str, *, ended: bool) -> Answer | None:
    """The answer to a `method` request in `raw`, None while it is incomplete.

    `ended`: whether the peer has closed. Raises HTTPException for an invalid answer, or one that ended too early.
    """
    if END_OF_HEAD not in raw[:LONGEST_HEAD]:
        if len(raw) > LONGEST_HEAD:
            raise HTTPException(f"the answer's head is longer than {LONGEST_HEAD} bytes")
        if ended:
            raise HTTPException(f"the connection was closed {len(raw)} bytes into the answer's head")
        return None
    if _interim(raw) > MOST_INTERIM:
        raise HTTPException(f"more than {MOST_INTERIM} interim answers")
    response = HTTPResponse(cast(socket.socket, _Replay(raw)), method=method)
    try:
        response.begin()
        # http.client does not notice input that ends within a chunk's size, or within a body without a length
        open_end = not raw.endswith(END_OF_HEAD) if response.chunked else response.length is None
        if open_end and not ended:
            return None
        if open_end and response.chunked:
            raise HTTPException("the connection was closed within the body's chunks")
        body = response.read()
    except (OverflowError, ValueError) as error:  # raised for a length beyond all bounds, or an invalid chunk size
        raise HTTPException(f"the answer's length is invalid: {type(error).__name__}") from None
    except IncompleteRead as error:
        if ended:
            raise HTTPException(f"the connection was closed {len(error.partial)} bytes into the body") from None
        return None
    finally:
        response.close()
    return Answer(response.status, CaseInsensitiveDict(response.getheaders()), body)
