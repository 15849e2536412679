"""How one service calls another: over HTTP, or, where both live in one process, through the same call in-process.

A pool of server threads that called itself over a socket could fill up with callers waiting for callees. So a
session whose service lives here hands the request to the application directly; nothing else changes for the caller.
"""

import io
from collections.abc import Callable, Mapping
from json import dumps
from typing import Any
from urllib.parse import unquote, urlencode, urlsplit
from wsgiref.types import WSGIApplication

import requests
from requests.structures import CaseInsensitiveDict

TIMEOUT = 180.0  # seconds one service waits for another: a real one that is busy answers late


def answer(
    app: WSGIApplication, method: str, url: str, headers: Mapping[str, str], content: bytes = b""
) -> requests.Response:
    """What the application of this process answers to that request."""
    told = requests.Response()
    told.url = url

    def start_response(status: str, headers: list[tuple[str, str]], _exc: object = None) -> Any:
        code, _, told.reason = status.partition(" ")
        told.status_code = int(code)
        told.headers = CaseInsensitiveDict(headers)
        return None

    told.raw = io.BytesIO(b"".join(app(_environ(method, url, headers, content), start_response)))
    return told


def _environ(method: str, url: str, headers: Mapping[str, str], content: bytes) -> dict[str, Any]:
    at = urlsplit(url)
    port = at.port or (443 if at.scheme == "https" else 80)
    return {
        "REQUEST_METHOD": method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote(at.path, encoding="latin-1"),
        "QUERY_STRING": at.query,
        "SERVER_NAME": at.hostname,
        "SERVER_PORT": str(port),
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "CONTENT_TYPE": headers.get("Content-Type", ""),
        "CONTENT_LENGTH": str(len(content)),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": at.scheme,
        "wsgi.input": io.BytesIO(content),
        "wsgi.errors": io.StringIO(),
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
        **{f"HTTP_{name.upper().replace('-', '_')}": value for name, value in headers.items()},
    }


class ServiceSession:
    """Calls below `base`; with `app`, the application that answers there, without a socket.

    `own_token` gives tokens of the calling service itself, where it has a user of its own. One goes with every call,
    so that the other service still serves a user whose token has expired on the way (C-CW-13).
    """

    def __init__(
        self, base: str, app: WSGIApplication | None = None, own_token: Callable[[], str] | None = None
    ) -> None:
        self.base, self.app, self.own_token = base.rstrip("/"), app, own_token
        self.wire = requests.Session()
        self.wire.trust_env = False  # neither proxies nor .netrc: the two services belong together

    def call(
        self, method: str, path: str, token: str | None, *, params: Any = None, json: Mapping[str, Any] | None = None
    ) -> requests.Response:
        """One call as the holder of `token`, or, without one, of the calling service's own.

        Errors: requests.RequestException where the service cannot be reached.
        """
        own = self.own_token() if self.own_token is not None else None
        given = {"X-Auth-Token": token or own, "X-Service-Token": own}
        headers = {name: value for name, value in given.items() if value}
        content = b"" if json is None else dumps(json).encode()
        if content:
            headers["Content-Type"] = "application/json"
        url = f"{self.base}{path}" + (f"?{urlencode(params, doseq=True)}" if params else "")
        if self.app is not None:
            return answer(self.app, method, url, headers, content)
        return self.wire.request(method, url, data=content, headers=headers, timeout=TIMEOUT)
