"""Calls from one service to another: over HTTP, or directly where both run in one process.

Over a socket, a service could call another one that is answered by the same pool of threads: once every thread waits
for such a call, none is left to answer. So where the called service runs in this process, its application is called as
a function; nothing else changes for the caller.
"""

import io
from collections.abc import Callable, Mapping
from json import dumps
from typing import Any
from urllib.parse import unquote, urlencode, urlsplit
from wsgiref.types import WSGIApplication

import requests
from requests.structures import CaseInsensitiveDict

TIMEOUT = 180.0  # seconds that one service waits for another, as a busy service of a real cloud answers late


def answer(
    app: WSGIApplication, method: str, url: str, headers: Mapping[str, str], content: bytes = b""
) -> requests.Response:
    """The response of an application in this process to that request, with the body still to be read."""
    response = requests.Response()
    response.url = url

    def start_response(status: str, headers: list[tuple[str, str]], _exc: object = None) -> Any:
        code, _, response.reason = status.partition(" ")
        response.status_code = int(code)
        response.headers = CaseInsensitiveDict(headers)
        return None

    response.raw = io.BytesIO(b"".join(app(_environ(method, url, headers, content), start_response)))
    return response


def _environ(method: str, url: str, headers: Mapping[str, str], content: bytes) -> dict[str, Any]:
    """The WSGI environment of that request."""
    parts = urlsplit(url)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    return {
        "REQUEST_METHOD": method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote(parts.path, encoding="latin-1"),
        "QUERY_STRING": parts.query,
        "SERVER_NAME": parts.hostname,
        "SERVER_PORT": str(port),
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "CONTENT_TYPE": headers.get("Content-Type", ""),
        "CONTENT_LENGTH": str(len(content)),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": parts.scheme,
        "wsgi.input": io.BytesIO(content),
        "wsgi.errors": io.StringIO(),
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
        **{f"HTTP_{name.upper().replace('-', '_')}": value for name, value in headers.items()},
    }


class ServiceSession:
    """Calls one service, whose URLs begin with `base`.

    `app` is that service's application where it runs in this process; it is then called without a socket.
    `own_token` returns a token of the calling service, where that has a user of its own. It is sent along with every
    call, so that the called service accepts the token of a user even if it has expired meanwhile (C-CW-13).
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
        """The response to one call, made with `token`, or with the calling service's own token where that is None.

        Raises requests.RequestException where the service cannot be reached.
        """
        own_token = self.own_token() if self.own_token is not None else None
        tokens = {"X-Auth-Token": token or own_token, "X-Service-Token": own_token}
        headers = {name: value for name, value in tokens.items() if value}
        content = b"" if json is None else dumps(json).encode()
        if content:
            headers["Content-Type"] = "application/json"
        url = f"{self.base}{path}" + (f"?{urlencode(params, doseq=True)}" if params else "")
        if self.app is not None:
            return answer(self.app, method, url, headers, content)
        return self.wire.request(method, url, data=content, headers=headers, timeout=TIMEOUT)
