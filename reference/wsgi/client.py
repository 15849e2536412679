"""How one service calls another: over HTTP, or, where both live in one process, through the same call in-process.

A pool of server threads that called itself over a socket could fill up with callers waiting for callees. So a
session whose service lives here hands the request to the application directly; nothing else changes for the caller.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

import requests
from requests.adapters import BaseAdapter
from requests.structures import CaseInsensitiveDict

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

TIMEOUT = 180.0  # seconds one service waits for another: a real one that is busy answers late


class InProcess(BaseAdapter):
    """Carries requests to a WSGI application of this process."""

    def __init__(self, app: WSGIApplication) -> None:
        super().__init__()
        self.app = app

    def send(self, request: requests.PreparedRequest, *_args: Any, **_kwargs: Any) -> requests.Response:
        answer = requests.Response()
        answer.request, answer.url = request, request.url or ""

        def start_response(status: str, headers: list[tuple[str, str]], _exc: object = None) -> Any:
            code, _, answer.reason = status.partition(" ")
            answer.status_code = int(code)
            answer.headers = CaseInsensitiveDict(headers)
            return None

        chunks = self.app(_environ(request), start_response)
        answer.raw = io.BytesIO(b"".join(chunks))
        return answer

    def close(self) -> None:
        """Nothing is held between two requests."""


def _environ(request: requests.PreparedRequest) -> dict[str, Any]:
    url = urlsplit(request.url or "")
    body = request.body or b""
    content = body.encode() if isinstance(body, str) else body
    port = url.port or (443 if url.scheme == "https" else 80)
    return {
        "REQUEST_METHOD": request.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote(url.path, encoding="latin-1"),
        "QUERY_STRING": url.query,
        "SERVER_NAME": url.hostname,
        "SERVER_PORT": str(port),
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "CONTENT_TYPE": request.headers.get("Content-Type", ""),
        "CONTENT_LENGTH": str(len(content)),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": url.scheme,
        "wsgi.input": io.BytesIO(content),
        "wsgi.errors": io.StringIO(),
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
        **{f"HTTP_{name.upper().replace('-', '_')}": value for name, value in request.headers.items()},
    }


class ServiceSession(requests.Session):
    """Calls below `base`; with `app`, the application that answers there, without a socket.

    `own_token` gives tokens of the calling service itself, where it has a user of its own. One goes with every call,
    so that the other service still serves a user whose token has expired on the way (C-CW-13).
    """

    def __init__(
        self, base: str, app: WSGIApplication | None = None, own_token: Callable[[], str] | None = None
    ) -> None:
        super().__init__()
        self.base, self.own_token = base.rstrip("/"), own_token
        self.trust_env = False  # neither proxies nor .netrc: the two services belong together
        if app is not None:
            self.mount(self.base, InProcess(app))

    def call(
        self, method: str, path: str, token: str | None, *, params: Any = None, json: Mapping[str, Any] | None = None
    ) -> requests.Response:
        """One call as the holder of `token`, or, without one, of the calling service's own.

        Errors: requests.RequestException where the service cannot be reached.
        """
        own = self.own_token() if self.own_token is not None else None
        given = {"X-Auth-Token": token or own, "X-Service-Token": own}
        headers = {name: value for name, value in given.items() if value}
        url = f"{self.base}{path}"
        return self.request(method, url, params=params, json=json, headers=headers, timeout=TIMEOUT)
