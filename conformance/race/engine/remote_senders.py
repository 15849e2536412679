"""Volleys whose requests come from several processes, on any number of hosts, released together.

The processes are execnet gateways, as pytest-xdist's are (`popen`, `ssh=host`, `popen//python=ip netns exec one
python`): any Python in which this suite is installed. Requests, with their tokens, go to them over the gateway alone.
Each clock is first compared with that of this process. Every sender gets the time of a release by its own clock, and
the times of its deliveries are converted back.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from time import monotonic, sleep
from typing import Any

import execnet
from requests.structures import CaseInsensitiveDict

from conformance.race.engine.remote_sender import BROKEN, CLOCK, HELD, OPEN, PATIENCE
from conformance.race.engine.volley import Delivery, VolleyError
from conformance.race.engine.wire import Answer, Request
from conformance.verdict.signals import Inconclusive

PINGS = 10  # exchanges by which clocks are compared; the fastest one counts
LEAD = 0.02  # seconds between the message and the release, beyond what the message takes
PROGRAM = "from conformance.race.engine.remote_sender import serve; serve(channel)"


@dataclass(frozen=True)
class Clock:
    """`ahead`: seconds that a clock is ahead of this process's, accurate to `unsure`: half of the fastest exchange."""

    ahead: float
    unsure: float


class RemoteSender:
    """One process that sends. Raises Inconclusive where it cannot be started."""

    def __init__(self, spec: str, number: int) -> None:
        self.name = f"{number}:{spec}"
        try:
            self._gateway = execnet.makegateway(f"{spec}//id=sender{number}-{id(self)}")
            self._channel = self._gateway.remote_exec(PROGRAM)
            self.clock = self._compare_clocks()
        except (execnet.HostNotFound, execnet.RemoteError, OSError, EOFError, Inconclusive) as error:
            raise Inconclusive(f"no calls can be sent from {spec}: {error or type(error).__name__}") from None

    def send(self, message: Any) -> None:
        """Send a message; a broken channel is noticed by the next `receive`."""
        with suppress(OSError):
            self._channel.send(message)

    def receive(self, seconds: float = PATIENCE) -> Any:
        """The sender's next message. Raises VolleyError where there is none in time."""
        try:
            return self._channel.receive(seconds)
        except (execnet.TimeoutError, execnet.RemoteError, EOFError, OSError) as error:
            raise VolleyError(f"{self.name} does not answer: {type(error).__name__}") from None

    def _compare_clocks(self) -> Clock:
        comparisons = []
        for _ in range(PINGS):
            before = monotonic()
            self.send(CLOCK)
            remote, after = float(self.receive()), monotonic()
            comparisons.append(Clock(remote - (before + after) / 2, (after - before) / 2))
        return min(comparisons, key=lambda clock: clock.unsure)

    def close(self) -> None:
        self._gateway.exit()


class RemoteSenders:
    """Several senders that release together; `close` ends their processes."""

    def __init__(self, specs: Sequence[str]) -> None:
        """Raises Inconclusive where one of them cannot be started."""
        self._senders: list[RemoteSender] = []
        try:
            for number, spec in enumerate(specs, 1):
                self._senders.append(RemoteSender(spec, number))
        except Inconclusive:
            self.close()
            raise

    @property
    def clocks(self) -> dict[str, Clock]:
        """The clock of every sender, by name, as compared when it was started."""
        return {sender.name: sender.clock for sender in self._senders}

    def fire(
        self,
        requests: Sequence[Request],
        *,
        answer_seconds: float,
        verify: bool | str,
        cert: Any = None,
        on_release: Callable[[], None] | None = None,
    ) -> list[Delivery]:
        """As volley.fire, with the requests distributed over all senders in turn. Raises VolleyError."""
        senders = self._senders[: len(requests)]
        parts = [list(range(first, len(requests), len(senders))) for first in range(len(senders))]
        for sender, part in zip(senders, parts, strict=True):
            own = [requests[place] for place in part]
            plain = [(request.method, request.url, dict(request.headers), request.body) for request in own]
            sender.send({"requests": plain, "verify": verify, "cert": cert, "seconds": answer_seconds})
        self._await_message(senders, OPEN)
        for sender in senders:
            sender.send(OPEN)
        self._await_message(senders, HELD)
        release = monotonic() + LEAD + 2 * max(sender.clock.unsure for sender in senders)
        for sender in senders:
            sender.send(release + sender.clock.ahead)
        sleep(max(release - monotonic(), 0.0))
        if on_release:
            on_release()
        deliveries: dict[int, Delivery] = {}
        for sender, part in zip(senders, parts, strict=True):
            answers = sender.receive(answer_seconds + PATIENCE)
            if isinstance(answers, dict):
                raise VolleyError(f"{sender.name}: {answers[BROKEN]}")
            for place, answer in zip(part, answers, strict=True):
                deliveries[place] = _delivery(requests[place], answer, sender)
        return [deliveries[place] for place in range(len(requests))]

    def _await_message(self, senders: Sequence[RemoteSender], expected: str) -> None:
        """Wait for that message of every sender; where one fails, tell the others. Raises VolleyError."""
        messages = {sender: sender.receive() for sender in senders}
        failures = [f"{sender.name}: {message[BROKEN]}" for sender, message in messages.items() if message != expected]
        if failures:
            for sender, message in messages.items():
                if message == expected:
                    sender.send(BROKEN)
                    sender.receive()
            raise VolleyError("; ".join(failures))

    def close(self) -> None:
        for sender in self._senders:
            sender.close()
        self._senders.clear()


def _delivery(request: Request, plain: dict[str, Any], sender: RemoteSender) -> Delivery:
    """The delivery that a sender answered, its times converted to the clock of this process."""

    def local(moment: float | None) -> float | None:
        return None if moment is None else moment - sender.clock.ahead

    headers = CaseInsensitiveDict({name: value for name, value in plain["headers"].items() if value})
    return Delivery(
        request,
        plain["invoked"] - sender.clock.ahead,
        local(plain["first_byte"]),
        local(plain["completed"]),
        Answer(plain["status"], headers, plain["body"]) if plain["status"] else None,
        plain["lost"],
        sender.name,
        sender.clock.unsure,
    )


@contextmanager
def started(specs: Sequence[str]) -> Iterator[RemoteSenders | None]:
    """Senders of these specs for the length of the block; None for no specs. Raises Inconclusive."""
    if not specs:
        yield None
        return
    senders = RemoteSenders(specs)
    try:
        yield senders
    finally:
        senders.close()
