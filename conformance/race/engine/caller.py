"""Calls in a user's name, each of them written into the history of a race."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from time import monotonic
from typing import Any, Protocol

import requests

from conformance.race.engine.gateway_retry import released
from conformance.race.engine.history import AFTERWARDS, History, Record, judged, wall_clock
from conformance.race.engine.remote_senders import Sent, at_hand
from conformance.race.engine.volley import fire
from conformance.race.engine.wire import REQUEST_ID, Request
from conformance.target.cloud import Endpoints
from conformance.target.gateway import InFront
from conformance.target.transport import Answered, composed, tls_context


class User(Protocol):
    """Who calls: `ask` makes one call in their name; `verify` is as requests takes it."""

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
    ) -> Answered: ...
    @property
    def verify(self) -> bool | str: ...


@dataclass(frozen=True)
class Caller:
    """`seconds` bounds the wait for each answer."""

    user: User
    history: History
    race: str
    seconds: float

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

    def send(self, shot: "Shot") -> Record:
        """What a shot would send, alone."""
        return self.call(shot.operation, shot.method, shot.url, shot.target, json=shot.body, headers=shot.headers)

    def call(self, operation: str, method: str, url: str, target: str = "", **arguments: Any) -> Record:
        """One call alone; `arguments` are the user's (json, headers)."""
        record = self._record(operation, monotonic(), target)
        try:
            answered = self.user.ask(method, url, seconds=self.seconds, **arguments)
        except InFront as instead:
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
        return together([Shot(self, operation, method, url)] * width, on_release)

    def flown(self, shot: "Shot", sent: Sent) -> Record:
        """The record of a call that was released with others."""
        flight = sent.flight
        record = replace(
            self._record(shot.operation, flight.invoked, shot.target),
            volley=True,
            first_byte=flight.first_byte,
            lost=flight.lost,
            sender=sent.sender,
            unsure=sent.unsure,
            again=sent.again,
        )
        if flight.answer is None:
            return self._keep(record)
        return self._keep(
            replace(
                record,
                completed=flight.completed,
                status=flight.answer.status,
                answer=_judged(flight.answer.body),
                request_id=flight.answer.headers.get(REQUEST_ID, ""),
            )
        )

    def _record(self, operation: str, invoked: float, target: str = "") -> Record:
        return Record(self.race, operation, self.project, invoked, target, at=wall_clock(invoked))

    def _keep(self, record: Record) -> Record:
        self.history.add(record)
        return record


Racing = Callable[[str], Caller]  # the caller for a race of that name, where a test runs several


@dataclass(frozen=True)
class Shot:
    """One call of a volley: who makes it, what it is called in the history, what is sent, what it is about."""

    caller: Caller
    operation: str
    method: str
    url: str
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    target: str = ""

    def request(self) -> Request:
        headers, body = composed(self.caller.user.token, self.body, self.headers)
        return Request(self.method, self.url, headers, body)


def together(shots: Sequence[Shot], on_release: Callable[[], None] | None = None) -> list[Record]:
    """All of them released at once, whoever makes them; records in the same order.

    Raises VolleyError when they could not be released.
    """
    user, seconds = shots[0].caller.user, shots[0].caller.seconds
    battery = at_hand()
    told = [on_release] if on_release else []  # of the first release alone

    def release(requests: Sequence[Request]) -> list[Sent]:
        then = told.pop() if told else None
        if battery:
            return battery.fire(requests, answer_seconds=seconds, verify=user.verify, on_release=then)
        tls = tls_context(user.verify) if shots[0].url.startswith("https:") else None
        return [Sent(flight) for flight in fire(requests, answer_seconds=seconds, tls=tls, on_release=then)]

    sent = released([shot.request() for shot in shots], release, seconds)
    return [shot.caller.flown(shot, each) for shot, each in zip(shots, sent, strict=True)]


def _judged(body: bytes) -> Any:
    """The JSON of a body as far as it is judged; None for a body that is no JSON."""
    try:
        return judged(json.loads(body))
    except ValueError:
        return None
