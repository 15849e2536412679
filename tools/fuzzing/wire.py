"""Requests as bytes on a connection, to send also what no client library would send."""

import http.client
import json
import socket
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from fuzzing.plans import Plan

LONGEST_TARGET = 4000  # characters of a request line that any HTTP server accepts
PATIENCE = 60.0  # seconds until an answer counts as lost


class Lost(Exception):
    """The connection ended, or PATIENCE passed, without an answer."""


@dataclass(frozen=True)
class Request:
    """A request as it is sent. The token is a field of its own, so that no printed form has it."""

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
        headers = [*self.headers, *([("X-Auth-Token", self.token)] if self.token else [])]
        names = {name.lower() for name, _text in headers}
        if self.body is not None:
            headers.append(("Content-Length", str(len(self.body))))
            headers += [] if "content-type" in names else [("Content-Type", "application/json")]
        return headers if "host" in names else [("Host", "127.0.0.1"), *headers]


@dataclass(frozen=True)
class Answer:
    """An HTTP response."""

    status: int
    headers: Mapping[str, str]  # names in small letters
    body: bytes

    def json(self) -> Any:
        """The body as JSON. Raises ValueError, for NaN and infinity, too."""

        def refuse(name: str) -> Any:
            raise ValueError(f"{name} is not JSON")

        return json.loads(self.body, parse_constant=refuse)


def write(plan: Plan, tokens: Mapping[str, str]) -> Request:
    """The request of a plan without references; `tokens` maps callers to their tokens."""
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
    """A connection that is reused, and opened again where the server has closed it."""

    def __init__(self, port: int) -> None:
        self.port = port
        self._socket: socket.socket | None = None

    def send(self, request: Request) -> Answer:
        """The answer to the request, sent again once where an idle connection was closed meanwhile. Raises Lost."""
        reused = self._socket is not None
        try:
            return self._send(request)
        except (OSError, http.client.HTTPException) as error:
            self.close()
            if not reused:
                raise Lost(f"{type(error).__name__}: {error}") from None
        try:  # a server may close an idle connection just before it is used again: no answer is lost by that
            return self._send(request)
        except (OSError, http.client.HTTPException) as error:
            self.close()
            raise Lost(f"{type(error).__name__}: {error}") from None

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
