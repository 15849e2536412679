"""Calls in a user's name, each recorded in the history of a race."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from time import monotonic
from typing import Any, Protocol

import requests

from conformance.race.engine.gateway_retry import release_with_retries
from conformance.race.engine.history import AFTERWARDS, History, Record, reduced, wall_clock
from conformance.race.engine.remote_senders import RemoteSenders
from conformance.race.engine.volley import Delivery, fire
from conformance.race.engine.wire import Request
from conformance.target.answered import AnsweredCall
from conformance.target.contact import Contact
from conformance.target.endpoints import Endpoints
from conformance.target.gateway import GatewayAnswer
from conformance.target.transport import TOKEN_HEADER, HttpResponse, headers_and_body, tls_context
from conformance.target.user_agent import REQUEST_ID
from conformance.untrusted import parse_json


class User(Protocol):
    """A user: `ask` makes one call in their name; `verify` and `cert` are as requests takes them, `contact` is what
    is known of the services."""

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
    def cert(self) -> Any: ...
    @property
    def contact(self) -> Contact: ...


@dataclass(frozen=True)
class Caller:
    """Makes calls in a user's name. Each answer is waited for up to `seconds`; `senders` send its volleys, or this
    process where it is None."""

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
        """The name of what it creates, by which a leftover is known to be of this run."""
        return f"gman-{self.history.run}-race"

    @property
    def network_url(self) -> str:
        return f"{self.user.endpoints.network}/v2.0"

    @property
    def topology_url(self) -> str:
        return f"{self.network_url}/auto-allocated-topology/{self.project}"

    @property
    def patience(self) -> float:
        """How many seconds the next answer is waited for: fewer than `seconds` where calls of races had none before."""
        return min(self.seconds, self.user.contact.waits.seconds("race"))

    def within(self, race: str) -> "Caller":
        """The same caller, recording under the name of another race."""
        return replace(self, race=race)

    @property
    def afterwards(self) -> "Caller":
        """The same caller, recording under the name of what comes after the race."""
        return self.within(self.race + AFTERWARDS)

    def send(self, call: "Call") -> Record:
        """Make one call now, by itself, not released together with others."""
        return self.call(call.operation, call.method, call.url, call.target, json=call.body, headers=call.headers)

    def call(self, operation: str, method: str, url: str, target: str = "", **arguments: Any) -> Record:
        """Make one call alone; `arguments` are those of User.ask (json, headers)."""
        record = replace(self._record(operation, monotonic(), target), sent=reduced(arguments.get("json")))
        waits, seconds = self.user.contact.waits, self.patience
        try:
            response = self.user.ask(method, url, seconds=seconds, **arguments)
        except GatewayAnswer as error:
            return self._add(replace(record, lost=str(error)))
        except requests.RequestException as error:
            if isinstance(error, requests.Timeout):
                waits.missed("race", seconds)
            return self._add(replace(record, lost=type(error).__name__))
        waits.took("race", monotonic() - record.invoked)
        return self._add(
            replace(
                record,
                completed=monotonic(),
                status=response.status,
                answer=_reduced_json(response.body),
                request_id=response.raw.headers.get(REQUEST_ID, ""),
            )
        )

    def volley(
        self, operation: str, method: str, url: str, width: int, on_release: Callable[[], None] | None = None
    ) -> list[Record]:
        """The records of the same call, released `width` times at once. Raises VolleyError where that failed."""
        return release_together([Call(self, operation, method, url)] * width, on_release)

    def record_delivery(self, call: "Call", delivery: Delivery) -> Record:
        """Record a call that was released with others."""
        self.user.contact.listener(_answered(delivery))
        record = replace(
            self._record(call.operation, delivery.invoked, call.target),
            volley=True,
            first_byte=delivery.first_byte,
            lost=delivery.lost,
            sender=delivery.sender,
            unsure=delivery.unsure,
            retries=delivery.retries,
            sent=reduced(call.body),
        )
        if delivery.answer is None:
            return self._add(record)
        return self._add(
            replace(
                record,
                completed=delivery.completed,
                status=delivery.answer.status,
                answer=_reduced_json(delivery.answer.body),
                request_id=delivery.answer.headers.get(REQUEST_ID, ""),
            )
        )

    def _record(self, operation: str, invoked: float, target: str = "") -> Record:
        return Record(self.race, operation, self.project, invoked, target, at=wall_clock(invoked))

    def _add(self, record: Record) -> Record:
        self.history.add(record)
        return record


CallerForRace = Callable[[str], Caller]  # name of the race -> caller, for a test that runs several races
CallerForUser = Callable[[User, History, str], Caller]  # of a user who takes part in the race of that name


@dataclass(frozen=True)
class Call:
    """One call of a volley: `operation` is its name in the history, `target` the id of the object that it is about."""

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


def release_together(calls: Sequence[Call], on_release: Callable[[], None] | None = None) -> list[Record]:
    """Release all calls at once, of any callers; their records in the same order.

    `on_release` is called at the first release, not at a retry. Raises VolleyError where they could not be released.
    """
    first = calls[0].caller
    user, senders, seconds = first.user, first.senders, first.patience
    pending = [on_release] if on_release else []

    def release(requests: Sequence[Request]) -> list[Delivery]:
        callback = pending.pop() if pending else None
        if senders:
            return senders.fire(
                requests, answer_seconds=seconds, verify=user.verify, cert=user.cert, on_release=callback
            )
        tls = tls_context(user.verify, user.cert) if calls[0].url.startswith("https:") else None
        return fire(requests, answer_seconds=seconds, tls=tls, on_release=callback)

    deliveries = release_with_retries([call.request() for call in calls], release, seconds, user.contact.services)
    records = [call.caller.record_delivery(call, delivery) for call, delivery in zip(calls, deliveries, strict=True)]
    for record in records:
        if record.may_go_on:
            user.contact.waits.missed("race", seconds)
        elif record.completed is not None:
            user.contact.waits.took("race", record.completed - record.invoked)
    return records


def _answered(delivery: Delivery) -> AnsweredCall:
    """The call in the form in which all connections of the process report theirs."""
    request, answer = delivery.request, delivery.answer
    token = next((value for name, value in request.headers.items() if name.lower() == TOKEN_HEADER), "")
    ended = monotonic() if delivery.completed is None else delivery.completed + delivery.unsure
    call = AnsweredCall(request.method, request.url, token, request.body, delivery.invoked - delivery.unsure, ended)
    return replace(call, status=answer.status, headers=answer.headers, body=answer.body) if answer else call


def _reduced_json(body: bytes) -> Any:
    """The JSON of a body, reduced to what is judged; None for a body that is no JSON."""
    try:
        return reduced(parse_json(body))
    except ValueError:
        return None
