"""Requests as bytes on a connection, so that also what no client library would send can be sent."""

import http.client
import json
import socket
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from fuzzing.plans import Plan

LONGEST_TARGET = 4000  # characters of a request line that servers of HTTP take at least
PATIENCE = 60.0  # seconds for an answer


class Lost(Exception):
    """The connection ended, or its time was up, without an answer."""


@dataclass(frozen=True)
class Request:
    """What is sent. The token stands apart, so that no printed form of it holds one."""

    method: str
    target: str
    headers: tuple[tuple[str, str], ...]
    body: bytes | None
    token: str = field(repr=False)

    def raw(self) -> bytes:
        content = self.body or b""
        lines = [f"{self.method} {self.target} HTTP/1.1", *(f"{name}: {text}" for name, text in self.all_headers())]
        return "\r\n".join([*lines, "", ""]).encode("latin-1") + content

    def all_headers(self) -> list[tuple[str, str]]:
        given = [*self.headers, *([("X-Auth-Token", self.token)] if self.token else [])]
        named = {name.lower() for name, _text in given}
        if self.body is not None:
            given.append(("Content-Length", str(len(self.body))))
            given += [] if "content-type" in named else [("Content-Type", "application/json")]
        return given if "host" in named else [("Host", "127.0.0.1"), *given]


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]  # names in small letters
    body: bytes

    def json(self) -> Any:
        """Errors: ValueError, for NaN and its like, too."""
        return json.loads(self.body, parse_constant=_no_constant)


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def write(plan: Plan, tokens: Mapping[str, str]) -> Request:
    """The request of a plan without references; `tokens` holds the token of each caller."""
    path = "/".join(_quoted(str(part)) for part in plan.path)
    query = "&".join(f"{_quoted(name)}={_quoted(_text(text))}" for name, text in plan.query)
    target = f"/{plan.api}{path}{plan.tail}{'?' if query else ''}{query}"[:LONGEST_TARGET]
    body = plan.body if isinstance(plan.body, bytes | None) else json.dumps(plan.body).encode()
    return Request(plan.method, target, plan.headers, body, tokens.get(plan.token, plan.token))


def _quoted(text: str) -> str:
    return quote(text, safe="", errors="surrogatepass")


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


class Connection:
    """A connection that is kept, and made anew where the other side closed it after an answer."""

    def __init__(self, port: int) -> None:
        self.port = port
        self._socket: socket.socket | None = None

    def send(self, request: Request) -> Answer:
        """The answer. Errors: Lost."""
        kept = self._socket is not None
        try:
            return self._send(request)
        except (OSError, http.client.HTTPException) as ended:
            self.close()
            if not kept:
                raise Lost(f"{type(ended).__name__}: {ended}") from None
        try:  # a server may close a connection that idles, just before it is used again: that is no answer's loss
            return self._send(request)
        except (OSError, http.client.HTTPException) as ended:
            self.close()
            raise Lost(f"{type(ended).__name__}: {ended}") from None

    def _send(self, request: Request) -> Answer:
        if self._socket is None:
            self._socket = socket.create_connection(("127.0.0.1", self.port), PATIENCE)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket.sendall(request.raw())
        answer = http.client.HTTPResponse(self._socket, method=request.method)
        answer.begin()
        body = answer.read()
        if answer.will_close:
            self.close()
        return Answer(answer.status, {name.lower(): text for name, text in answer.getheaders()}, body)

    def close(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None
