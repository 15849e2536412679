"""How requests reach a service and answers come back: on connections that are kept, and within bounds.

No answer may take longer than its deadline as a whole, or be endless: neither requests nor httpx sees to that, as their
timeouts begin anew with each piece. For whom speed matters, this costs a third of what they do.
"""

import json
import ssl
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from time import monotonic
from typing import Any, NamedTuple

import requests
import urllib3
from requests.adapters import HTTPAdapter
from requests.utils import DEFAULT_CA_BUNDLE_PATH, get_environ_proxies, select_proxy
from urllib3 import exceptions as lost

from conformance.deadlines import FIRST_PAUSE, LONGEST_PAUSE, rest
from conformance.target.contact import Contact
from conformance.target.gateway import GatewayAnswer, rate_limited, retry_after
from conformance.target.user_agent import AGENT, REQUEST_ID

MOST = 16 * 1024 * 1024  # bytes of a body
PIECE = 65536  # bytes
JSON = "application/json"
TOKEN_HEADER = "x-auth-token"  # noqa: S105 - a header's name
PACKED = "gzip, deflate"  # how a body may come
KEEPALIVE = 2.0  # seconds: below what servers are known to keep an idle connection for
UNBOUND = 60.0  # seconds that a request comes again for, when told to, where it has no deadline

NOBODY = (lost.ConnectTimeoutError, lost.NameResolutionError, lost.NewConnectionError, lost.ProxyError, lost.SSLError)
UNSPEAKABLE = (lost.LocationValueError, UnicodeError)  # URLs and headers that cannot be sent


class Unreachable(requests.ConnectionError):
    """Nobody was there to be asked: nothing has been sent."""


class Answered(NamedTuple):
    """`raw` has status, reason and headers; `body` is all of its body."""

    raw: urllib3.BaseHTTPResponse
    body: bytes

    @property
    def status(self) -> int:
        return self.raw.status

    @property
    def json(self) -> Any:
        """What the body says. Raises ValueError for one that is no JSON."""
        return json.loads(self.body)


class Transport(HTTPAdapter):
    """For one thread at a time; `verify` and `cert` as requests takes them. Proxies are what the environment names.

    `contact` is what the process knows of the services: handed down, so that every connection adds to it.

    Raises Unreachable, requests.ReadTimeout, InFront, and requests.ConnectionError for a connection that broke.
    """

    def __init__(self, verify: bool | str = True, cert: Any = None, contact: Contact | None = None) -> None:
        super().__init__()
        self.contact = contact or Contact()
        self._verify = verify
        self._cert = cert
        self._managers: dict[str, urllib3.PoolManager] = {}
        self._used = monotonic()

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        context = tls_context(self._verify)
        if self._cert:
            context.load_cert_chain(*([self._cert] if isinstance(self._cert, str) else self._cert))
        return context

    def send(self, request: requests.PreparedRequest, *_: Any, timeout: Any = None, **__: Any) -> requests.Response:
        """What requests.Session asks of an adapter."""
        own = self.contact.user_agent.headers()
        request.headers[AGENT] = own[AGENT]  # in place of that of a library
        request.headers.setdefault(REQUEST_ID, own[REQUEST_ID])
        body = request.body.encode() if isinstance(request.body, str) else request.body
        try:
            answered = self.exchange(str(request.method), str(request.url), request.headers, body, timeout)
        except requests.RequestException as broken:
            broken.request = request
            raise
        response = self.build_response(request, answered.raw)
        response._content = answered.body
        return response

    def exchange(
        self, method: str, url: str, headers: Mapping[str, str], body: Any = None, seconds: float | None = None
    ) -> Answered:
        """One request, and all of its answer; sent again, within its time, where a gateway says so."""
        began, pause = monotonic(), FIRST_PAUSE
        until = began + (seconds or float("inf"))
        answered = self._once(method, url, headers, body, seconds, until)
        while (advised := retry_after(answered.status, answered.raw.headers)) is not None:
            wait = max(advised, pause)
            if monotonic() + wait >= min(until, began + (seconds or UNBOUND)):
                self.contact.unanswered[_host(url)] += 1
                raise GatewayAnswer(rate_limited(answered.status))
            rest(wait)
            pause = min(pause * 2, LONGEST_PAUSE)
            answered = self._once(method, url, headers, body, seconds and max(until - monotonic(), FIRST_PAUSE), until)
        self.contact.unanswered.pop(_host(url), None)
        if reason := self.contact.services.gateway_answer(url, answered.status, answered.raw.headers, answered.body):
            raise GatewayAnswer(reason)
        return answered

    def _once(
        self, method: str, url: str, headers: Mapping[str, str], body: Any, seconds: float | None, until: float
    ) -> Answered:
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
            return Answered(raw, _read(raw, until))
        except UNSPEAKABLE as wrong:
            raise requests.exceptions.InvalidURL(str(wrong)) from None
        except NOBODY as wrong:
            self.contact.unanswered[_host(url)] += 1
            raise Unreachable(str(wrong)) from None
        except (lost.ReadTimeoutError, requests.ReadTimeout):
            self.contact.unanswered[_host(url)] += 1
            raise requests.ReadTimeout(f"no answer within {seconds:g} s") from None
        except lost.HTTPError as wrong:
            raise requests.ConnectionError(str(wrong)) from None

    def _manager(self, url: str) -> urllib3.PoolManager:
        """What keeps the connections to the host; those that nobody has used for a while are closed."""
        idle, self._used = monotonic() - self._used, monotonic()
        if idle > KEEPALIVE:
            self._clear()
        host = _host(url)
        if host not in self._managers:
            proxy = select_proxy(url, get_environ_proxies(url))
            given: dict[str, Any] = {"ssl_context": self._tls} if host.startswith("https:") else {}
            self._managers[host] = self.proxy_manager_for(proxy, **given) if proxy else urllib3.PoolManager(**given)
        return self._managers[host]

    def _clear(self) -> None:
        for manager in self._managers.values():
            manager.clear()

    def close(self) -> None:
        self._clear()
        super().close()


def composed(
    token: str, agent: Mapping[str, str], content: Any = None, headers: Mapping[str, str] | None = None
) -> tuple[dict[str, str], bytes]:
    """Headers and body of a request in a user's name: `agent` names the suite, `content` is sent as JSON, and `headers`
    win over all others."""
    kind = {} if content is None else {"Content-Type": JSON}
    sent = {"X-Auth-Token": token, "Accept": JSON, **agent, **kind, **(headers or {})}
    return sent, b"" if content is None else json.dumps(content).encode()


def _host(url: str) -> str:
    """Scheme and host."""
    return "/".join(url.split("/", 3)[:3])


def _read(raw: urllib3.BaseHTTPResponse, until: float) -> bytes:
    """All of a body. Raises requests.ReadTimeout for one that is too slow, requests.ConnectionError for one too big."""
    pieces, size = [], 0
    while piece := raw.read1(PIECE, decode_content=True):
        pieces.append(piece)
        size += len(piece)
        if size > MOST or monotonic() > until:
            raw.close()
            if size > MOST:
                raise requests.ConnectionError(f"the answer is longer than {MOST} bytes")
            raise requests.ReadTimeout("the answer did not end in time")
    raw.release_conn()
    return b"".join(pieces)


def tls_context(verify: bool | str) -> ssl.SSLContext:
    """TLS as requests does it: True checks with its authorities, a path names a file or directory of others."""
    place = Path(DEFAULT_CA_BUNDLE_PATH if verify is True else verify or "")
    context = ssl.create_default_context(
        cafile=str(place) if place.is_file() else None, capath=str(place) if verify and place.is_dir() else None
    )
    if verify is False:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context
