"""Faults in answers on their way out: an answer to a user is changed at the edge of the cloud, and what is stored is
right.

Calls between the services do not pass this edge.
"""

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from reference import serve
from reference.catalogue import Plant
from reference.faults.seams import wrap

Item = dict[str, Any]


@dataclass
class Outgoing:
    """One answer on its way out; `body` is the value of its JSON (None without JSON), and `path` is the path of the
    request.
    """

    environ: WSGIEnvironment
    status: str
    headers: list[tuple[str, str]]
    body: Any

    @property
    def method(self) -> str:
        return str(self.environ["REQUEST_METHOD"])

    @property
    def path(self) -> str:
        return str(self.environ["PATH_INFO"])

    @property
    def ok(self) -> bool:
        return self.status.startswith("2")

    def items(self, singular: str, plural: str) -> Iterator[Item]:
        """The objects in the body: one in its envelope, or several."""
        if not (self.ok and isinstance(self.body, dict)):
            return
        if isinstance(self.body.get(singular), dict):
            yield self.body[singular]
        items = self.body.get(plural)
        yield from (item for item in (items if isinstance(items, list) else ()) if isinstance(item, dict))


Around = Callable[[WSGIEnvironment, Callable[[], Outgoing]], Outgoing]


def at_the_edge(around: Around) -> Plant:
    """Call `around(environ, answer)` for each request from outside; `answer()` is the service's answer."""

    def edged(app: WSGIApplication) -> WSGIApplication:
        def edge(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
            outgoing = around(environ, lambda: _outgoing(app, environ))
            data = b"" if outgoing.body is None else json.dumps(outgoing.body).encode()
            headers = [(name, value) for name, value in outgoing.headers if name.lower() != "content-length"]
            start_response(outgoing.status, [*headers, *_length(outgoing.status, data)])
            return [data]

        return edge

    def application(right: Any, apps: dict[str, WSGIApplication], *more: Any) -> WSGIApplication:
        inside: WSGIApplication = right({name: edged(app) for name, app in apps.items()}, *more)
        return inside

    return lambda: wrap(serve, "application", application)


def leaving(change: Callable[[Outgoing], object]) -> Plant:
    """Let `change(outgoing)` work on each answer that leaves."""

    def around(_environ: WSGIEnvironment, answer: Callable[[], Outgoing]) -> Outgoing:
        outgoing = answer()
        change(outgoing)
        return outgoing

    return at_the_edge(around)


def _outgoing(app: WSGIApplication, environ: WSGIEnvironment) -> Outgoing:
    started: list[Any] = []

    def start(status: str, headers: list[tuple[str, str]], *_error: Any) -> Callable[[bytes], object]:
        started[:] = [status, headers]
        return lambda _data: None

    data = b"".join(app(environ, start))
    status, headers = started
    return Outgoing(environ, status, headers, json.loads(data) if data else None)


def _length(status: str, data: bytes) -> list[tuple[str, str]]:
    return [] if status.startswith("204") else [("Content-Length", str(len(data)))]
