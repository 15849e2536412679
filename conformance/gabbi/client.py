"""The one HTTP client of all gabbi tests in a process; gabbi itself would make one for each test."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import cached_property
from time import monotonic
from urllib.parse import urljoin, urlsplit

import requests
from gabbi import httpclient
from gabbi.utils import decode_response_content
from urllib3 import HTTPHeaderDict

from conformance.projects.side_effects import edits, kinds_created_by
from conformance.target.contact import Contact
from conformance.target.exchange import Exchange
from conformance.target.links import to_known_endpoint
from conformance.target.transport import ENCODINGS, TOKEN_HEADER, HttpResponse, Transport
from conformance.target.user_agent import AGENT

MOST_REDIRECTS = 5
REFUSED = range(400, 500)


class Client:
    """Sends requests for gabbi. `last` is the last exchange, `created_kinds` what its requests may have created,
    `changed` whether one may have changed what was there.

    `contact` is what the process knows of the services; `transport` makes the connections, when first needed.
    """

    def __init__(self, transport: Callable[[], Transport] | None = None, contact: Contact | None = None) -> None:
        self.contact = contact or Contact()
        self._make_transport = transport or (lambda: Transport(contact=self.contact))
        self.last: Exchange | None = None
        self.created_kinds: set[str] = set()
        self.changed = False

    def request(
        self, absolute_uri: str, method: str, body: bytes, headers: dict[str, str], redirect: bool, timeout: float
    ) -> tuple[HTTPHeaderDict, bytes]:
        """The method that gabbi calls: the response's headers, with `status` and `reason` among them, and its body.

        Redirects of GET and HEAD are followed where `redirect` says so, to another host without the token. Raises what
        Transport raises, and AssertionError where the body cannot be decoded.
        """
        own = {name.lower(): value for name, value in headers.items()}
        if own.get(AGENT, "").startswith("gabbi/"):
            del own[AGENT]
        all_headers = {"accept-encoding": ENCODINGS, **self.contact.user_agent.headers(), **own}
        url = to_known_endpoint(absolute_uri, os.environ)
        self.created_kinds |= kinds_created_by(method, url)
        changed, self.changed = self.changed, self.changed or edits(method, url)
        response = self._exchange(method, url, all_headers, body, timeout)
        if response.status in REFUSED:
            self.changed = changed
        for _ in range(MOST_REDIRECTS):
            location = response.raw.get_redirect_location()
            if not (redirect and location and method in ("GET", "HEAD")):
                break
            target = to_known_endpoint(urljoin(url, location), os.environ)
            if urlsplit(target)[:2] != urlsplit(url)[:2]:
                all_headers.pop(TOKEN_HEADER, None)
            url = target
            response = self._exchange(method, url, all_headers, body, timeout)
        response_headers = response.raw.headers
        response_headers["status"], response_headers["reason"] = str(response.status), response.raw.reason or ""
        try:
            decode_response_content(response_headers, response.body)
        except (UnicodeDecodeError, LookupError) as error:
            raise AssertionError(f"{response.status} with a body that is no text in its charset: {error}") from None
        return response_headers, response.body

    def _exchange(self, method: str, url: str, headers: dict[str, str], body: bytes, seconds: float) -> HttpResponse:
        began = monotonic()
        self.last = Exchange(method, url, headers, body)
        try:
            response = self._transport.exchange(method, url, headers, body, seconds)
        except requests.Timeout:
            self.contact.waits.missed("request", seconds)
            raise
        finally:
            self.last = replace(self.last, seconds=monotonic() - began)
        self.contact.waits.took("request", self.last.seconds)
        self.last = replace(
            self.last,
            status=response.status,
            reason=response.raw.reason or "",
            answer_headers={name.lower(): value for name, value in response.raw.headers.items()},
            answer=response.body,
        )
        return response

    @cached_property
    def _transport(self) -> Transport:
        return self._make_transport()

    def close(self) -> None:
        if "_transport" in vars(self):
            self._transport.close()

    @contextmanager
    def for_all_tests(self) -> Iterator[None]:
        """Give this client to the tests that gabbi builds in the block."""
        get_http = httpclient.get_http
        httpclient.get_http = lambda **_arguments: self
        try:
            yield
        finally:
            httpclient.get_http = get_http
