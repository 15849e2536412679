"""Gateways: load balancers, firewalls, API gateways, which at times answer in place of the service behind them.

A gateway may tell a client to retry later, and no service has heard of that request then; or it may say that the
service gave no answer.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import requests

from conformance.target.user_agent import REQUEST_ID
from conformance.untrusted import parse_json

RETRY_AFTER = "retry-after"
TOO_MANY, UNAVAILABLE = 429, 503
NO_ANSWER = (502, 504)  # statuses by which a gateway says that the service did not answer
NUMBER = re.compile(r"\d{1,9}(\.\d+)?")
ADVICE = "use fewer processes (-n)"


class GatewayAnswer(requests.RequestException):
    """A gateway answered in place of the service; the text says with what."""


def retry_after(status: int, headers: Mapping[str, str]) -> float | None:
    """Seconds to wait before sending the request again, 0 if the answer does not say; None if it asks for no retry.

    A service that is unavailable and does not say until when is down: its 503 does not ask for a retry.
    """
    header = next((value for name, value in headers.items() if name.lower() == RETRY_AFTER), "")
    if status != TOO_MANY and not (status == UNAVAILABLE and header):
        return None
    return max(_seconds(header), 0.0)


def rate_limited(status: int) -> str:
    """The reason for giving up a request whose answers asked for retries until its deadline."""
    return f"the cloud limits its rate, and went on to answer {status}: {ADVICE}"


def _seconds(header: str) -> float:
    """Seconds from now that a Retry-After header names, as a number or a date (RFC 9110); 0 for an invalid one."""
    if NUMBER.fullmatch(header.strip()):
        return float(header)
    try:
        moment = parsedate_to_datetime(header)
        return (moment.replace(tzinfo=moment.tzinfo or UTC) - datetime.now(UTC)).total_seconds()
    except (ValueError, OverflowError):
        return 0.0


class AnsweringServices:
    """The services that have answered by themselves, to this process or to the one that handed their names over.

    Until a service has answered once, a 502 may be its own. After that, a 502 without a request id that is no JSON is a
    gateway's.
    """

    def __init__(self, services: Iterable[str] = ()) -> None:
        self._services = set(services)

    def to_plain(self) -> list[str]:
        """Scheme, host and first path element of each: what another process starts with."""
        return sorted(self._services)

    def gateway_answer(self, url: str, status: int, headers: Mapping[str, str], body: bytes) -> str:
        """Take note of an answer; why it is not the service's, where a gateway gave it, else empty."""
        service = "/".join(url.partition("?")[0].split("/")[:4])
        own = _is_own(headers, body)
        if status not in NO_ANSWER:
            if own:
                self._services.add(service)
            return ""
        if own or service not in self._services:
            return ""
        return f"answered {status} by what stands in front of the service"


def _is_own(headers: Mapping[str, str], body: bytes) -> bool:
    """Whether an answer looks like a service's: it has a request id, or is JSON."""
    if any(name.lower() == REQUEST_ID and value for name, value in headers.items()):
        return True
    try:
        parse_json(body)
    except ValueError:
        return False
    return True
