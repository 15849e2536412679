"""Send many requests so that they arrive together: all but the last byte of each first, then all the last bytes.

Threads behind a barrier spread their requests over tens of milliseconds, which a quick service sees as a queue.
Here the connections are open and the requests there but for one byte (for a request without a body, the line feed
that ends its head), so that what remains to be done at the release is one small send for each.
"""

import os
import selectors
import ssl
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from time import monotonic, sleep
from typing import Protocol

from conformance.race.engine.connection import Connection, open_connection
from conformance.race.engine.wire import Answer, Request
from conformance.verdict.signals import Inconclusive

OPEN_SECONDS = 10.0  # for all connections to be open; one takes a few round trips
HOLD_SECONDS = 0.5  # at most between the first byte sent and the release: servers may give a worker to each half
SETTLE_SECONDS = 0.02  # at least, so that the servers have taken in the halves and only the last bytes are to come


class VolleyError(Inconclusive):
    """The requests were not released, for the reason given; none of them has happened."""


@dataclass(frozen=True)
class Delivery:
    """How one released request went: monotonic times in seconds, by our clock give or take `unsure`, and the answer, or
    why there is none (`lost`). A lost request may or may not have happened.

    `sender` names the process that sent it where that was another; `retries` is how often a gateway had turned it away
    before.
    """

    request: Request
    invoked: float
    first_byte: float | None
    completed: float | None
    answer: Answer | None
    lost: str = ""
    sender: str = ""
    unsure: float = 0.0
    retries: int = 0


class Meeting(Protocol):
    """Where a process meets others whose requests are to be released at the same time as its own."""

    def opened(self) -> None:
        """Come back when the connections of all are open."""
        ...

    def held(self) -> float:
        """The monotonic time of the release, once all requests of all are there but for their last bytes."""
        ...


def fire(
    requests: Sequence[Request],
    *,
    answer_seconds: float,
    tls: ssl.SSLContext | None = None,
    on_release: Callable[[], None] | None = None,
    meeting: Meeting | None = None,
) -> list[Delivery]:
    """Release all requests at once and wait up to `answer_seconds` for the answers; deliveries in the same order.

    `on_release` is called right after the last byte has gone, for work that must not compete with the release. With a
    `meeting` the release is that of other processes as well. Raises VolleyError when a connection cannot be opened, or
    does not stay open and silent until the release, and whatever the meeting raises.
    """
    with _opened(requests, tls) as connections:
        if meeting:
            meeting.opened()
        _hold(connections)
        _release(connections, meeting.held() if meeting else 0.0)
        if on_release:
            on_release()
        _collect(connections, answer_seconds)
    return [
        Delivery(
            connection.request,
            connection.invoked,
            connection.first_byte,
            connection.completed if connection.answer else None,
            connection.answer,
            connection.lost,
        )
        for connection in connections
    ]


@contextmanager
def _opened(requests: Sequence[Request], tls: ssl.SSLContext | None) -> Iterator[list[Connection]]:
    """Connections for all requests, opened side by side, closed at the end whatever happens."""
    deadline = monotonic() + OPEN_SECONDS
    connections: list[Connection] = []
    failures: list[OSError] = []
    with ExitStack() as stack:
        with ThreadPoolExecutor(max(len(requests), 1)) as pool:
            pending = [pool.submit(open_connection, request, OPEN_SECONDS, tls) for request in requests]
        for future in pending:
            try:
                connections.append(future.result())
            except OSError as failure:
                failures.append(failure)
            else:
                stack.callback(connections[-1].sock.close)
        if failures:
            raise VolleyError(f"{len(failures)} of {len(requests)} connections did not open: {failures[0]}")
        if monotonic() > deadline:
            raise VolleyError(f"opening {len(requests)} connections took longer than {OPEN_SECONDS:g} s")
        yield connections


def _hold(connections: Sequence[Connection]) -> None:
    """Send all but the last bytes, and give them time to get across, watching for peers that do not wait."""
    began = monotonic()
    for number, connection in enumerate(connections, 1):
        try:
            connection.send_head()
        except OSError as broken:
            raise VolleyError(f"connection {number} of {len(connections)} broke while sending: {broken}") from None
    spent = monotonic() - began
    if spent > HOLD_SECONDS:
        raise VolleyError(f"sending all but the last bytes took {spent:.2f} s, more than {HOLD_SECONDS:g} s")
    across = max((connection.round_trip for connection in connections), default=0.0)
    settled = began + min(spent + max(across, SETTLE_SECONDS), HOLD_SECONDS)
    for _ in _ready(connections, settled):
        pass
    for connection in connections:
        if connection.turned_away:  # by what decides before it has all of a request: this one took no part
            connection.invoked = connection.first_byte or began
        elif connection.first_byte or connection.lost:
            raise VolleyError(f"a connection was answered or closed before its last byte: {connection.lost}")


def _release(connections: Sequence[Connection], at: float) -> None:
    sends = [
        (connection.send_last, connection.request.encode()[-1:])
        for connection in connections
        if not connection.finished
    ]
    with _undisturbed():
        sleep(max(at - monotonic(), 0.0))
        for send, last in sends:
            send(last)


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Run ahead of other processes where the system lets us: a server beside us, woken by the first byte, would
    otherwise take the processor before the last has gone."""
    try:
        policy, parameters = os.sched_getscheduler(0), os.sched_getparam(0)
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(os.sched_get_priority_min(os.SCHED_FIFO)))
    except (AttributeError, OSError):  # no such call on this system, or no right to it
        yield
        return
    try:
        yield
    finally:
        os.sched_setscheduler(0, policy, parameters)


def _collect(connections: Sequence[Connection], seconds: float) -> None:
    """Read until every connection has finished or the time is over."""
    for _ in _ready(connections, monotonic() + seconds):
        pass
    for connection in connections:
        if not connection.finished:
            connection.lost = f"no complete answer within {seconds:g} s"


def _ready(connections: Sequence[Connection], deadline: float) -> Iterator[Connection]:
    """Each connection whenever something of it has been read, until all have finished or the deadline."""
    with selectors.DefaultSelector() as selector:
        for connection in connections:
            if not connection.finished:
                selector.register(connection.sock, selectors.EVENT_READ, connection)
        while selector.get_map() and (left := deadline - monotonic()) > 0:
            for key, _ in selector.select(left):
                connection = key.data
                connection.read()
                if connection.finished:
                    selector.unregister(connection.sock)
                    connection.sock.close()
                yield connection
