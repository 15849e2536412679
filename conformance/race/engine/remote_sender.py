"""The part of a volley that another process sends, on this host or another, as the process of the race orders.

The two exchange plain values over a channel, in turns. The race's process asks for the clock, or orders a volley. For a
volley the sender says `open`, waits until all senders have, says `held`, gets the time of the release by its own clock,
and answers with the deliveries.
"""

from collections.abc import Mapping
from time import monotonic
from typing import Any, Protocol

from conformance.race.engine.volley import VolleyError, fire
from conformance.race.engine.wire import Request
from conformance.target.gateway import RETRY_AFTER
from conformance.target.transport import tls_context
from conformance.target.user_agent import REQUEST_ID

PATIENCE = 60.0  # seconds that either side waits for the other's next message

HEADERS = (REQUEST_ID, RETRY_AFTER)  # the headers of an answer that the sender returns

CLOCK, OPEN, HELD, BROKEN = "clock", "open", "held", "broken"


class Channel(Protocol):
    """What is needed of a channel of execnet."""

    def send(self, item: object) -> None: ...
    def receive(self, timeout: float | None = None) -> Any: ...


class _ChannelMeeting:
    """A Meeting (see volley) over the channel. Raises VolleyError where another sender's part failed."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel

    def opened(self) -> None:
        self._channel.send(OPEN)
        self._next()

    def release_time(self) -> float:
        self._channel.send(HELD)
        return float(self._next())

    def _next(self) -> Any:
        message = self._channel.receive(PATIENCE)
        if message == BROKEN:
            raise VolleyError("another part of the volley broke")
        return message


def serve(channel: Channel) -> None:
    """Carry out the orders of the race's process until it closes the channel."""
    while True:
        try:
            order = channel.receive()
        except EOFError:
            return
        channel.send(monotonic() if order == CLOCK else _fire(channel, order))


def _fire(channel: Channel, order: Mapping[str, Any]) -> Any:
    """Send a part of a volley; its deliveries as plain values, or {BROKEN: reason}."""
    requests = [Request(method, url, headers, body) for method, url, headers, body in order["requests"]]
    tls = (
        tls_context(order["verify"], order["cert"])
        if any(request.target.scheme == "https" for request in requests)
        else None
    )
    try:
        deliveries = fire(requests, answer_seconds=order["seconds"], tls=tls, meeting=_ChannelMeeting(channel))
    except (VolleyError, OSError) as error:
        return {BROKEN: str(error)}
    return [
        {
            "invoked": delivery.invoked,
            "first_byte": delivery.first_byte,
            "completed": delivery.completed,
            "lost": delivery.lost,
            "status": delivery.answer.status if delivery.answer else 0,
            "headers": {name: delivery.answer.headers.get(name, "") for name in HEADERS} if delivery.answer else {},
            "body": delivery.answer.body if delivery.answer else b"",
        }
        for delivery in deliveries
    ]
