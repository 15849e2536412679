"""The one HTTP client behind all gabbi tests of a process, where gabbi itself would make one for each test."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import cached_property
from time import monotonic
from urllib.parse import urljoin, urlsplit

from gabbi import httpclient
from urllib3 import HTTPHeaderDict

from conformance.projects.side_effects import kinds_created_by
from conformance.target.contact import Contact
from conformance.target.exchange import Exchange
from conformance.target.links import to_known_endpoint
from conformance.target.transport import ENCODINGS, TOKEN_HEADER, HttpResponse, Transport
from conformance.target.user_agent import AGENT

MOST_REDIRECTS = 5


class Client:
    """Answers in gabbi's way: lower-case headers with the status among them, and the body.

    `contact` is what the process knows of the services. `verify` gives what TLS is checked with: True for the system's
    authorities, a file of certificates, or False.
    """

    def __init__(self, verify: Callable[[], bool | str] = lambda: True, contact: Contact | None = None) -> None:
        self.contact = contact or Contact()
        self._verify = verify
        self.last: Exchange | None = None
        self.left: set[str] = set()  # the kinds of things that the requests may have left, until somebody empties it

    def request(
        self, absolute_uri: str, method: str, body: bytes, headers: dict[str, str], redirect: bool, timeout: float
    ) -> tuple[HTTPHeaderDict, bytes]:
        sent = {"accept-encoding": ENCODINGS, **self.contact.user_agent.headers()}
        asked = {name.lower(): value for name, value in headers.items()}
        if asked.get(AGENT, "").startswith("gabbi/"):
            del asked[AGENT]
        sent |= asked
        absolute_uri = to_known_endpoint(absolute_uri, os.environ)
        self.left |= kinds_created_by(method, absolute_uri)
        answered = self._exchange(method, absolute_uri, sent, body, timeout)
        for _ in range(MOST_REDIRECTS):
            place = answered.raw.get_redirect_location()
            if not (redirect and place and method in ("GET", "HEAD")):
                break
            elsewhere = to_known_endpoint(urljoin(absolute_uri, place), os.environ)
            if urlsplit(elsewhere)[:2] != urlsplit(absolute_uri)[:2]:
                sent.pop(TOKEN_HEADER, None)
            absolute_uri = elsewhere
            answered = self._exchange(method, absolute_uri, sent, body, timeout)
        told = answered.raw.headers
        told["status"], told["reason"] = str(answered.raw.status), answered.raw.reason or ""
        return told, answered.body

    def _exchange(self, method: str, url: str, headers: dict[str, str], body: bytes, seconds: float) -> HttpResponse:
        began = monotonic()
        self.last = Exchange(method, url, headers, body)
        try:
            answered = self._transport.exchange(method, url, headers, body, seconds)
        finally:
            self.last = replace(self.last, seconds=monotonic() - began)
        self.last = replace(
            self.last,
            status=answered.raw.status,
            reason=answered.raw.reason or "",
            answer_headers={name.lower(): value for name, value in answered.raw.headers.items()},
            answer=answered.body,
        )
        return answered

    @cached_property
    def _transport(self) -> Transport:
        return Transport(self._verify(), contact=self.contact)

    def close(self) -> None:
        if "_transport" in vars(self):
            self._transport.close()

    @contextmanager
    def for_all_tests(self) -> Iterator[None]:
        """While gabbi builds its tests, let each of them have this client."""
        own = httpclient.get_http
        httpclient.get_http = lambda **_of_the_test: self
        try:
            yield
        finally:
            httpclient.get_http = own
