"""The one HTTP client behind all gabbi tests of a process, where gabbi itself would make one for each test."""

import ssl
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from time import monotonic
from uuid import uuid4

import httpx
from gabbi import httpclient

from conformance import USER_AGENT
from conformance.exchange import Exchange
from conformance.traces import left_by

KEEPALIVE = 2.0  # seconds: below what servers are known to keep an idle connection for


class Client:
    """Answers in gabbi's way: lower-case headers with the status among them, and the body.

    `verify` gives what TLS is checked with: True for the system's authorities, a file of certificates, or False.
    """

    def __init__(self, verify: Callable[[], bool | str] = lambda: True) -> None:
        self._verify = verify
        self._client: httpx.Client | None = None
        self.last: Exchange | None = None
        self.observing: Sequence[str] = ()  # the requirements that the test at work is about, for the service's logs
        self.left: set[str] = set()  # the kinds of things that the requests may have left, until somebody empties it

    def request(
        self, absolute_uri: str, method: str, body: bytes, headers: dict[str, str], redirect: bool, timeout: float
    ) -> tuple[httpx.Headers, bytes]:
        sent = httpx.Headers({"x-openstack-request-id": f"req-{uuid4()}", **headers})
        if sent.get("user-agent", "").startswith("gabbi/"):
            sent["user-agent"] = f"{USER_AGENT} ({', '.join(self.observing)})" if self.observing else USER_AGENT
        self.left |= left_by(method, absolute_uri)
        began = monotonic()
        self.last = Exchange(method, absolute_uri, dict(sent), body)
        try:
            response = self._opened().request(
                method, absolute_uri, headers=sent, content=body, timeout=timeout, follow_redirects=redirect
            )
        finally:
            self.last = replace(self.last, seconds=monotonic() - began)
        self.last = replace(
            self.last,
            status=response.status_code,
            reason=response.reason_phrase,
            answer_headers=dict(response.headers),
            answer=response.content,
        )
        answered = response.headers.copy()
        answered["status"] = str(response.status_code)
        answered["reason"] = response.reason_phrase
        return answered, response.content

    def close(self) -> None:
        if self._client:
            self._client.close()

    def _opened(self) -> httpx.Client:
        if self._client is None:
            verify = self._verify()
            tls = ssl.create_default_context(cafile=verify) if isinstance(verify, str) else verify
            self._client = httpx.Client(verify=tls, limits=httpx.Limits(keepalive_expiry=KEEPALIVE))
        return self._client

    @contextmanager
    def for_all_tests(self) -> Iterator[None]:
        """While gabbi builds its tests, let each of them have this client."""
        own = httpclient.get_http
        httpclient.get_http = lambda **_of_the_test: self
        try:
            yield
        finally:
            httpclient.get_http = own
