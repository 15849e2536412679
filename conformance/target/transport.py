"""Sending requests and reading answers: on connections that are kept alive, and within limits.

A whole answer must arrive before its deadline and may not be longer than MAX_BODY. requests and httpx have no such
limits: their timeouts begin anew with each chunk. This module is also about three times as fast.
"""

import errno
import json
import ssl
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from time import monotonic
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import requests
import urllib3
from requests.adapters import HTTPAdapter
from requests.utils import DEFAULT_CA_BUNDLE_PATH, get_environ_proxies, select_proxy
from urllib3 import exceptions

from conformance.deadlines import FIRST_PAUSE, LONGEST_PAUSE, rest
from conformance.target.answered import AnsweredCall
from conformance.target.bounded_pools import bounded
from conformance.target.contact import Contact
from conformance.target.gateway import GatewayAnswer, rate_limited, retry_after
from conformance.target.user_agent import AGENT, REQUEST_ID
from conformance.untrusted import parse_json

MAX_BODY = 16 * 1024 * 1024  # bytes
MOST_SIGN_IN = 2 * 1024 * 1024  # bytes of an answer from Identity: less, as keystoneauth parses it several times
CHUNK = 65536  # bytes
JSON = "application/json"
TOKEN_HEADER = "x-auth-token"  # noqa: S105 - a header's name
ENCODINGS = "gzip, deflate"  # of a body that we can decode
KEEPALIVE = 2.0  # seconds that an idle connection is used again; servers close it later than that
RETRY_SECONDS = 60.0  # for how long a request without a deadline is retried when a gateway says so

NOT_CONNECTED = (
    exceptions.ConnectTimeoutError,
    exceptions.NameResolutionError,
    exceptions.NewConnectionError,
    exceptions.ProxyError,
    exceptions.SSLError,
)
UNSENDABLE = (exceptions.LocationValueError, UnicodeError)  # raised for URLs and headers that cannot be sent


class Unreachable(requests.ConnectionError):
    """No connection came about: nothing has been sent."""


class HttpResponse(NamedTuple):
    """One response: `raw` has status, reason and headers; `body` is all of its body."""

    raw: urllib3.BaseHTTPResponse
    body: bytes

    @property
    def status(self) -> int:
        return self.raw.status

    @property
    def json(self) -> Any:
        """The value of the body. Raises UntrustedError where it is not JSON, or breaks the limits of
        `conformance/untrusted`.
        """
        return parse_json(self.body)

    @property
    def text(self) -> str:
        return self.body.decode(errors="replace")


class Transport(HTTPAdapter):
    """For one thread at a time; `verify` and `cert` as requests takes them. Proxies are those of the environment.

    `contact` is what the process knows of the services; all connections of the process share and update it.

    Raises Unreachable, requests.ReadTimeout, GatewayAnswer, and requests.ConnectionError for a connection that broke.
    """

    def __init__(self, verify: bool | str = True, cert: Any = None, contact: Contact | None = None) -> None:
        super().__init__()
        self.contact = contact or Contact()
        self._verify = verify
        self._cert = cert
        self._managers: dict[str, urllib3.PoolManager] = {}
        self._used = monotonic()
        self.until = float("inf")  # the deadline that all requests of a requests.Session share

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        return tls_context(self._verify, self._cert)

    def send(self, request: requests.PreparedRequest, *_: Any, timeout: Any = None, **__: Any) -> requests.Response:
        """The method of an adapter that requests.Session calls."""
        remaining = self.until - monotonic()
        if remaining <= 0:
            raise requests.ReadTimeout("not all answers were there in time", request=request)
        seconds = min(timeout or remaining, remaining) if timeout or remaining < float("inf") else None
        own = self.contact.user_agent.headers()
        request.headers[AGENT] = own[AGENT]  # instead of the library's own
        request.headers.setdefault(REQUEST_ID, own[REQUEST_ID])
        body = request.body.encode() if isinstance(request.body, str) else request.body
        try:
            exchanged = self.exchange(str(request.method), str(request.url), request.headers, body, seconds)
        except requests.RequestException as error:
            error.request = request
            raise
        if len(exchanged.body) > MOST_SIGN_IN:
            text = f"the answer is longer than {MOST_SIGN_IN} bytes"
            raise requests.ConnectionError(text, request=request)
        response = self.build_response(request, exchanged.raw)
        response._content = exchanged.body
        response.encoding = response.encoding or "utf-8"  # else requests guesses it, which takes seconds
        return response

    def exchange(
        self, method: str, url: str, headers: Mapping[str, str], body: Any = None, seconds: float | None = None
    ) -> HttpResponse:
        """All of the response to one request, retried within its `seconds` where a gateway says so.

        The contact's listener is called with the request and its response, and also with a request that got no answer
        but may have been executed.
        """
        token = next((str(value) for name, value in headers.items() if name.lower() == TOKEN_HEADER), "")
        sent = body if isinstance(body, bytes) else b""
        invoked = monotonic()
        try:
            response = self._exchange(method, url, headers, body, seconds)
        except Unreachable:
            raise
        except requests.RequestException:
            self.contact.listener(AnsweredCall(method, url, token, sent, invoked, monotonic()))
            raise
        answered = (response.status, response.raw.headers, response.body)
        self.contact.listener(AnsweredCall(method, url, token, sent, invoked, monotonic(), *answered))
        return response

    def _exchange(
        self, method: str, url: str, headers: Mapping[str, str], body: Any, seconds: float | None
    ) -> HttpResponse:
        began, pause = monotonic(), FIRST_PAUSE
        deadline = began + (seconds or float("inf"))
        response = self._send_once(method, url, headers, body, seconds, deadline)
        while (advised := retry_after(response.status, response.raw.headers)) is not None:
            wait = max(advised, pause)
            if monotonic() + wait >= min(deadline, began + (seconds or RETRY_SECONDS)):
                self.contact.unanswered[_host(url)] += 1
                raise GatewayAnswer(rate_limited(response.status))
            rest(wait)
            pause = min(pause * 2, LONGEST_PAUSE)
            remaining = seconds and max(deadline - monotonic(), FIRST_PAUSE)
            response = self._send_once(method, url, headers, body, remaining, deadline)
        self.contact.unanswered.pop(_host(url), None)
        if reason := self.contact.services.gateway_answer(url, response.status, response.raw.headers, response.body):
            raise GatewayAnswer(reason)
        return response

    def _send_once(
        self, method: str, url: str, headers: Mapping[str, str], body: Any, seconds: float | None, deadline: float
    ) -> HttpResponse:
        try:
            raw = self._manager(url).urlopen(
                method,
                url,
                body=body or None,
                headers=headers,
                timeout=seconds,
                redirect=False,
                retries=False,
                preload_content=False,
            )
            return HttpResponse(raw, _read(raw, deadline))
        except UNSENDABLE as error:
            raise requests.exceptions.InvalidURL(str(error)) from None
        except NOT_CONNECTED as error:
            self.contact.unanswered[_host(url)] += 1
            raise Unreachable(str(error)) from None
        except (exceptions.ReadTimeoutError, requests.ReadTimeout):
            self.contact.unanswered[_host(url)] += 1
            raise requests.ReadTimeout(f"no answer within {seconds:g} s") from None
        except exceptions.HTTPError as error:
            raise requests.ConnectionError(str(error)) from None

    def _manager(self, url: str) -> urllib3.PoolManager:
        """The pool of connections to the host; connections that were idle too long are closed."""
        idle, self._used = monotonic() - self._used, monotonic()
        if idle > KEEPALIVE:
            self._clear()
        host = _host(url)
        if host not in self._managers:
            proxy = select_proxy(url, get_environ_proxies(url))
            tls: dict[str, Any] = {"ssl_context": self._tls} if host.startswith("https:") else {}
            if proxy and not _is_parsable(proxy):  # the error below may hold the proxy's password
                raise Unreachable("its URL is invalid")
            manager = self.proxy_manager_for(proxy, **tls) if proxy else urllib3.PoolManager(**tls)
            self._managers[host] = bounded(manager)
        return self._managers[host]

    def _clear(self) -> None:
        for manager in self._managers.values():
            manager.clear()

    def close(self) -> None:
        self._clear()
        super().close()


def headers_and_body(
    token: str, agent: Mapping[str, str], content: Any = None, headers: Mapping[str, str] | None = None
) -> tuple[dict[str, str], bytes]:
    """Headers and body of a request in a user's name.

    `agent` are the headers that name the suite, `content` becomes the JSON body, and `headers` replace others.
    """
    content_type = {} if content is None else {"Content-Type": JSON}
    all_headers = {"X-Auth-Token": token, "Accept": JSON, **agent, **content_type, **(headers or {})}
    return all_headers, b"" if content is None else json.dumps(content).encode()


def _is_parsable(url: str) -> bool:
    try:
        return (urlsplit(url).port or 0) >= 0
    except ValueError:
        return False


def _host(url: str) -> str:
    """Scheme and host of a URL."""
    return "/".join(url.split("/", 3)[:3])


def _read(raw: urllib3.BaseHTTPResponse, deadline: float) -> bytes:
    """All of a body. Raises requests.ReadTimeout after the deadline, requests.ConnectionError beyond MAX_BODY."""
    chunks, size = [], 0
    while chunk := raw.read1(CHUNK, decode_content=True):
        chunks.append(chunk)
        size += len(chunk)
        if size > MAX_BODY or monotonic() > deadline:
            raw.close()
            if size > MAX_BODY:
                raise requests.ConnectionError(f"the answer is longer than {MAX_BODY} bytes")
            raise requests.ReadTimeout("the answer did not end in time")
    raw.release_conn()
    return b"".join(chunks)


def tls_context(verify: bool | str, cert: Any = None) -> ssl.SSLContext:
    """A TLS context as requests makes it. `verify` is True for the authorities of requests, a file or directory with
    other authorities, or False for no check. `cert` is the client's certificate: a file, a pair of its file and that of
    its key, or None.

    Raises OSError where a file cannot be read or is no regular file; ssl.SSLError where it is not PEM, or is an
    encrypted key.
    """
    path = Path(DEFAULT_CA_BUNDLE_PATH if verify is True else verify or "")
    for file in (path, *([] if not cert else [cert] if isinstance(cert, str) else cert)):
        if Path(file).exists() and not (Path(file).is_file() or Path(file).is_dir()):  # such as a pipe or a device
            raise OSError(errno.EINVAL, "not a regular file")
    context = ssl.create_default_context(
        cafile=str(path) if path.is_file() else None, capath=str(path) if verify and path.is_dir() else None
    )
    if verify is False:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    if cert:
        # a key that is encrypted is refused: nobody is there to type its passphrase
        certificate, key = (cert, None) if isinstance(cert, str) else cert
        context.load_cert_chain(certificate, key, password="")
    return context
