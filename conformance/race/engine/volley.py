"""Send many requests so that they arrive together: all but the last byte of each first, then all the last bytes.

Threads behind a barrier spread their requests over tens of milliseconds, which to a fast service is a queue. Here all
connections are open, and all requests sent but for one byte (without a body, the line feed that ends the head), so that
the release itself is one small send for each.
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
from conformance.race.engine.history import TOO_LATE
from conformance.race.engine.wire import Answer, Request
from conformance.verdict.signals import Inconclusive

OPEN_SECONDS = 10.0  # seconds to open all connections; one takes a few round trips
HOLD_SECONDS = 0.5  # the most seconds from the first byte to the release, as each open request may occupy a worker
SETTLE_SECONDS = 0.02  # the least seconds between the two, so that servers have read all but the last bytes


class VolleyError(Inconclusive):
    """The requests were not released, for the reason in the text; none of them has had an effect."""


@dataclass(frozen=True)
class Delivery:
    """How one released request went: monotonic times in seconds, and the answer, or the reason for none (`lost`).

    A lost request may or may not have been executed. `unsure` is the error of the times, in seconds. `sender` names the
    process that sent the request, empty for this one; `retries` counts how often a gateway had turned it away before.
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
    """Synchronizes a process with others that release requests at the same time."""

    def opened(self) -> None:
        """Return when the connections of all processes are open."""
        ...

    def release_time(self) -> float:
        """The monotonic time of the release, once all processes have sent all but the last bytes."""
        ...


def fire(
    requests: Sequence[Request],
    *,
    answer_seconds: float,
    tls: ssl.SSLContext | None = None,
    on_release: Callable[[], None] | None = None,
    meeting: Meeting | None = None,
) -> list[Delivery]:
    """Release all requests at once and wait up to `answer_seconds` for the answers; the deliveries in the same order.

    `on_release` is called right after the last byte, for work that must not compete with the release. `meeting`
    synchronizes the release with other processes. Raises VolleyError where a connection cannot be opened, or is closed
    or answered before the release, and what the meeting raises.
    """
    with _open_connections(requests, tls) as connections:
        if meeting:
            meeting.opened()
        _hold(connections)
        _release(connections, meeting.release_time() if meeting else 0.0)
        if on_release:
            on_release()
        _read_until(connections, monotonic() + answer_seconds)
        for connection in connections:
            if not connection.finished:
                connection.lost = f"{TOO_LATE} {answer_seconds:g} s"
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
def _open_connections(requests: Sequence[Request], tls: ssl.SSLContext | None) -> Iterator[list[Connection]]:
    """Connections for all requests, opened in parallel, and closed at the end of the block. Raises VolleyError."""
    deadline = monotonic() + OPEN_SECONDS
    connections: list[Connection] = []
    failures: list[OSError] = []
    with ExitStack() as stack:
        with ThreadPoolExecutor(max(len(requests), 1)) as pool:
            pending = [pool.submit(open_connection, request, OPEN_SECONDS, tls) for request in requests]
        for future in pending:
            try:
                connections.append(future.result())
            except OSError as error:
                failures.append(error)
            else:
                stack.callback(connections[-1].sock.close)
        if failures:
            raise VolleyError(f"{len(failures)} of {len(requests)} connections did not open: {failures[0]}")
        if monotonic() > deadline:
            raise VolleyError(f"opening {len(requests)} connections took longer than {OPEN_SECONDS:g} s")
        yield connections


def _hold(connections: Sequence[Connection]) -> None:
    """Send all but the last bytes and wait for their arrival. Raises VolleyError where a peer answers or closes."""
    began = monotonic()
    for number, connection in enumerate(connections, 1):
        try:
            connection.send_head()
        except OSError as error:
            raise VolleyError(f"connection {number} of {len(connections)} broke while sending: {error}") from None
    spent = monotonic() - began
    if spent > HOLD_SECONDS:
        raise VolleyError(f"sending all but the last bytes took {spent:.2f} s, more than {HOLD_SECONDS:g} s")
    round_trip = max((connection.round_trip for connection in connections), default=0.0)
    _read_until(connections, began + min(spent + max(round_trip, SETTLE_SECONDS), HOLD_SECONDS))
    for connection in connections:
        if connection.rate_limited:  # a gateway may answer before the last byte; that request takes no part in the race
            connection.invoked = connection.first_byte or began
        elif connection.first_byte or connection.lost:
            raise VolleyError(f"a connection was answered or closed before its last byte: {connection.lost}")


def _release(connections: Sequence[Connection], at: float) -> None:
    """Send all last bytes, not before the monotonic time `at`."""
    sends = [(connection.send_last, connection.content[-1:]) for connection in connections if not connection.finished]
    with _real_time():
        sleep(max(at - monotonic(), 0.0))
        for send, last in sends:
            send(last)


@contextmanager
def _real_time() -> Iterator[None]:
    """Schedule this process before others, if permitted: a server on the same machine, woken by the first byte, could
    otherwise take the processor before the last byte is sent."""
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


def _read_until(connections: Sequence[Connection], deadline: float) -> None:
    """Read what arrives on the connections until all have finished, or until the deadline, in monotonic seconds."""
    with selectors.DefaultSelector() as selector:
        for connection in connections:
            if not connection.finished:
                selector.register(connection.sock, selectors.EVENT_READ, connection)
        while selector.get_map() and (remaining := deadline - monotonic()) > 0:
            for key, _ in selector.select(remaining):
                connection = key.data
                connection.read()
                if connection.finished:
                    selector.unregister(connection.sock)
                    connection.sock.close()
