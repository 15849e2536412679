"""What stands in front of services (load balancers, firewalls, API gateways) and at times answers in their place.

It may tell a request to come again, which no service has heard of then; or say that the service gave it no answer.
"""

import json
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import requests

REQUEST_ID = "x-openstack-request-id"  # which services have in each answer
RETRY_AFTER = "retry-after"
TOO_MANY, UNAVAILABLE = 429, 503
NO_ANSWER = (502, 504)  # of the service's, says what stands in front
NUMBER = re.compile(r"\d{1,9}(\.\d+)?")
ADVICE = "use fewer processes (-n)"


class InFront(requests.RequestException):
    """The service has not answered; the text says what was told instead."""


def told_to_wait(status: int, headers: Mapping[str, str]) -> float | None:
    """The seconds after which the request may be sent again, 0 where nothing is told; None for any other answer.

    A service that is unavailable and does not say until when is down: that is no such answer.
    """
    told = next((value for name, value in headers.items() if name.lower() == RETRY_AFTER), "")
    if status != TOO_MANY and not (status == UNAVAILABLE and told):
        return None
    return max(_seconds(told), 0.0)


def limited(status: int) -> str:
    """What is said of a request that was told so until its time was over."""
    return f"the cloud limits its rate, and went on to answer {status}: {ADVICE}"


def _seconds(told: str) -> float:
    """A header has a number, or a moment."""
    if NUMBER.fullmatch(told.strip()):
        return float(told)
    try:
        moment = parsedate_to_datetime(told)
    except ValueError:
        return 0.0
    return (moment.replace(tzinfo=moment.tzinfo or UTC) - datetime.now(UTC)).total_seconds()


class Services:
    """Which services have answered by themselves, as far as this process has seen, or been told by another."""

    def __init__(self) -> None:
        self._heard: set[str] = set()

    def handed_over(self) -> list[str]:
        """For another process."""
        return sorted(self._heard)

    def take_over(self, heard: Iterable[str]) -> None:
        self._heard |= set(heard)

    def got(self, url: str, status: int, headers: Mapping[str, str], body: bytes) -> str:
        """Note an answer. What it says of the service if it is none of its own, while it has given others; else ""."""
        service = "/".join(url.partition("?")[0].split("/")[:4])
        if status not in NO_ANSWER:
            if _is_own(headers, body):
                self._heard.add(service)
            return ""
        if service not in self._heard or _is_own(headers, body):
            return ""
        return f"answered {status} by what stands in front of the service"


def _is_own(headers: Mapping[str, str], body: bytes) -> bool:
    if any(name.lower() == REQUEST_ID and value for name, value in headers.items()):
        return True
    try:
        json.loads(body)
    except ValueError:
        return False
    return True


services = Services()
