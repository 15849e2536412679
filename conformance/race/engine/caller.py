"""Calls in a user's name, each of them written into the history of a race."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from time import monotonic
from typing import Any, Protocol

import requests

from conformance.race.engine.gateway_retry import released
from conformance.race.engine.history import AFTERWARDS, History, Record, judged, wall_clock
from conformance.race.engine.remote_senders import RemoteSenders
from conformance.race.engine.volley import Delivery, fire
from conformance.race.engine.wire import REQUEST_ID, Request
from conformance.target.cloud import Endpoints
from conformance.target.contact import Contact
from conformance.target.gateway import GatewayAnswer
from conformance.target.transport import HttpResponse, headers_and_body, tls_context


class User(Protocol):
    """Who calls: `ask` makes one call in their name; `verify` is as requests takes it, `contact` what is known of the
    services they call."""

    @property
    def endpoints(self) -> Endpoints: ...
    @property
    def project_id(self) -> str: ...
    @property
    def token(self) -> str: ...
    def ask(
        self,
        method: str,
        url: str,
        *,
        json: Any = None,
        headers: Mapping[str, str] | None = ...,
        seconds: float | None = None,
    ) -> HttpResponse: ...
    @property
    def verify(self) -> bool | str: ...
    @property
    def contact(self) -> Contact: ...


@dataclass(frozen=True)
class Caller:
    """Calls in a user's name. `seconds` bounds the wait for each answer; `senders` send its volleys, this process where
    they are None."""

    user: User
    history: History
    race: str
    seconds: float
    senders: RemoteSenders | None = None

    @property
    def project(self) -> str:
        return self.user.project_id

    @property
    def name(self) -> str:
        """What is made is called that, so that whoever finds it knows which run has left it."""
        return f"gman-{self.history.run}-race"

    @property
    def network_url(self) -> str:
        return f"{self.user.endpoints.network}/v2.0"

    @property
    def topology_url(self) -> str:
        return f"{self.network_url}/auto-allocated-topology/{self.project}"

    def within(self, race: str) -> "Caller":
        """The same caller, writing into another race."""
        return replace(self, race=race)

    @property
    def afterwards(self) -> "Caller":
        """The same caller, writing into what comes after the race."""
        return self.within(self.race + AFTERWARDS)

    def send(self, call: "Call") -> Record:
        """What a shot would send, alone."""
        return self.call(call.operation, call.method, call.url, call.target, json=call.body, headers=call.headers)

    def call(self, operation: str, method: str, url: str, target: str = "", **arguments: Any) -> Record:
        """One call alone; `arguments` are the user's (json, headers)."""
        record = self._record(operation, monotonic(), target)
        try:
            answered = self.user.ask(method, url, seconds=self.seconds, **arguments)
        except GatewayAnswer as instead:
            return self._keep(replace(record, lost=str(instead)))
        except requests.RequestException as failure:
            return self._keep(replace(record, lost=type(failure).__name__))
        return self._keep(
            replace(
                record,
                completed=monotonic(),
                status=answered.status,
                answer=_judged(answered.body),
                request_id=answered.raw.headers.get(REQUEST_ID, ""),
            )
        )

    def volley(
        self, operation: str, method: str, url: str, width: int, on_release: Callable[[], None] | None = None
    ) -> list[Record]:
        """The same call `width` times, all released at once. Raises VolleyError when they could not be."""
        return together([Call(self, operation, method, url)] * width, on_release)

    def delivered(self, call: "Call", delivery: Delivery) -> Record:
        """The record of a call that was released with others."""
        record = replace(
            self._record(call.operation, delivery.invoked, call.target),
            volley=True,
            first_byte=delivery.first_byte,
            lost=delivery.lost,
            sender=delivery.sender,
            unsure=delivery.unsure,
            retries=delivery.retries,
        )
        if delivery.answer is None:
            return self._keep(record)
        return self._keep(
            replace(
                record,
                completed=delivery.completed,
                status=delivery.answer.status,
                answer=_judged(delivery.answer.body),
                request_id=delivery.answer.headers.get(REQUEST_ID, ""),
            )
        )

    def _record(self, operation: str, invoked: float, target: str = "") -> Record:
        return Record(self.race, operation, self.project, invoked, target, at=wall_clock(invoked))

    def _keep(self, record: Record) -> Record:
        self.history.add(record)
        return record


Racing = Callable[[str], Caller]  # the caller for a race of that name, where a test runs several
CallerOf = Callable[[User, History, str], Caller]  # the caller of a user who takes part in a race of that name


@dataclass(frozen=True)
class Call:
    """One call of a volley: who makes it, what it is called in the history, what is sent, what it is about."""

    caller: Caller
    operation: str
    method: str
    url: str
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    target: str = ""

    def request(self) -> Request:
        user = self.caller.user
        headers, body = headers_and_body(user.token, user.contact.user_agent.headers(), self.body, self.headers)
        return Request(self.method, self.url, headers, body)


def together(calls: Sequence[Call], on_release: Callable[[], None] | None = None) -> list[Record]:
    """All of them released at once, whoever makes them; records in the same order.

    Raises VolleyError when they could not be released.
    """
    first = calls[0].caller
    user, senders, seconds = first.user, first.senders, first.seconds
    pending = [on_release] if on_release else []  # called at the first release alone

    def release(requests: Sequence[Request]) -> list[Delivery]:
        then = pending.pop() if pending else None
        if senders:
            return senders.fire(requests, answer_seconds=seconds, verify=user.verify, on_release=then)
        tls = tls_context(user.verify) if calls[0].url.startswith("https:") else None
        return fire(requests, answer_seconds=seconds, tls=tls, on_release=then)

    deliveries = released([call.request() for call in calls], release, seconds, user.contact.services)
    return [call.caller.delivered(call, delivery) for call, delivery in zip(calls, deliveries, strict=True)]


def _judged(body: bytes) -> Any:
    """The JSON of a body as far as it is judged; None for a body that is no JSON."""
    try:
        return judged(json.loads(body))
    except ValueError:
        return None
