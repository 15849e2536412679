"""The part of a volley that another process sends, on this host or another, when the process of the race says so.

The two talk over a channel of plain values, in turns. The race's process asks for the clock, or orders a volley; for a
volley the sender says `open`, hears when all are, says `held`, hears the time of the release by its own clock, and
answers with the deliveries.
"""

from collections.abc import Mapping
from time import monotonic
from typing import Any, Protocol

from conformance.race.engine.volley import Delivery, VolleyError, fire
from conformance.race.engine.wire import REQUEST_ID, Request
from conformance.target.gateway import RETRY_AFTER
from conformance.target.transport import tls_context

PATIENCE = 60.0  # seconds: how long either side waits for the other's next word

HEADERS = (REQUEST_ID, RETRY_AFTER)  # of an answer, that are sent back

CLOCK, OPEN, HELD, BROKEN = "clock", "open", "held", "broken"


class Channel(Protocol):
    """What is needed of execnet's."""

    def send(self, item: object) -> None: ...
    def receive(self, timeout: float | None = None) -> Any: ...


class _Meeting:
    """The sender's side of it."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel

    def opened(self) -> None:
        self._channel.send(OPEN)
        self._next()

    def held(self) -> float:
        self._channel.send(HELD)
        return float(self._next())

    def _next(self) -> Any:
        word = self._channel.receive(PATIENCE)
        if word == BROKEN:
            raise VolleyError("another part of the volley broke")
        return word


def serve(channel: Channel) -> None:
    """Do what the race's process says until it hangs up."""
    while True:
        try:
            order = channel.receive()
        except EOFError:
            return
        channel.send(monotonic() if order == CLOCK else _obey(channel, order))


def _obey(channel: Channel, order: Mapping[str, Any]) -> Any:
    """The deliveries as plain values, or why there are none."""
    requests = [Request(method, url, headers, body) for method, url, headers, body in order["requests"]]
    tls = tls_context(order["verify"]) if any(request.target.scheme == "https" for request in requests) else None
    try:
        deliveries = fire(requests, answer_seconds=order["seconds"], tls=tls, meeting=_Meeting(channel))
    except (VolleyError, OSError) as broken:
        return {BROKEN: str(broken)}
    return [_plain(delivery) for delivery in deliveries]


def _plain(delivery: Delivery) -> dict[str, Any]:
    answer = delivery.answer
    return {
        "invoked": delivery.invoked,
        "first_byte": delivery.first_byte,
        "completed": delivery.completed,
        "lost": delivery.lost,
        "status": answer.status if answer else 0,
        "headers": {name: answer.headers.get(name, "") for name in HEADERS} if answer else {},
        "body": answer.body if answer else b"",
    }
