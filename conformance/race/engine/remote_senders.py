"""Volleys whose requests come from several processes, on any number of hosts, released together.

The processes are execnet gateways, as pytest-xdist's are (`popen`, `ssh=host`, `popen//python=ip netns exec one
python`): any Python in which this suite is installed. Requests, with their tokens, go to them over the gateway alone.
Each one's clock is compared with ours first; the time of a release is told to each by its own clock, and the times of
its deliveries are brought back to ours.
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

PINGS = 10  # comparisons of clocks, of which the quickest counts
LEAD = 0.02  # seconds between the word and the release, beside what the word takes
PROGRAM = "from conformance.race.engine.remote_sender import serve; serve(channel)"


@dataclass(frozen=True)
class Clock:
    """`ahead`: seconds that a clock is ahead of ours, give or take `unsure`: half of the quickest exchange."""

    ahead: float
    unsure: float


class RemoteSender:
    """One process that sends."""

    def __init__(self, spec: str, number: int) -> None:
        self.name = f"{number}:{spec}"
        try:
            self._gateway = execnet.makegateway(f"{spec}//id=sender{number}-{id(self)}")
            self._channel = self._gateway.remote_exec(PROGRAM)
            self.clock = self._compared()
        except (execnet.HostNotFound, execnet.RemoteError, OSError, EOFError, Inconclusive) as broken:
            raise Inconclusive(f"no calls can be sent from {spec}: {broken or type(broken).__name__}") from None

    def say(self, word: Any) -> None:
        with suppress(OSError):
            self._channel.send(word)

    def hear(self, seconds: float = PATIENCE) -> Any:
        """Its next word. Raises VolleyError where there is none."""
        try:
            return self._channel.receive(seconds)
        except (execnet.TimeoutError, execnet.RemoteError, EOFError, OSError) as broken:
            raise VolleyError(f"{self.name} does not answer: {type(broken).__name__}") from None

    def _compared(self) -> Clock:
        comparisons = []
        for _ in range(PINGS):
            before = monotonic()
            self.say(CLOCK)
            there, after = float(self.hear()), monotonic()
            comparisons.append(Clock(there - (before + after) / 2, (after - before) / 2))
        return min(comparisons, key=lambda clock: clock.unsure)

    def close(self) -> None:
        self._gateway.exit()


class RemoteSenders:
    """Several that release together. Close it, or the processes stay."""

    def __init__(self, specs: Sequence[str]) -> None:
        """Raises Inconclusive when one of them cannot be had."""
        self._senders: list[RemoteSender] = []
        try:
            for number, spec in enumerate(specs, 1):
                self._senders.append(RemoteSender(spec, number))
        except Inconclusive:
            self.close()
            raise

    @property
    def clocks(self) -> dict[str, Clock]:
        """Of every process, compared with ours when it was started."""
        return {sender.name: sender.clock for sender in self._senders}

    def fire(
        self,
        requests: Sequence[Request],
        *,
        answer_seconds: float,
        verify: bool | str,
        on_release: Callable[[], None] | None = None,
    ) -> list[Delivery]:
        """As volley.fire, the requests dealt out to all processes in turn. Raises VolleyError."""
        senders = self._senders[: len(requests)]
        parts = [list(range(first, len(requests), len(senders))) for first in range(len(senders))]
        for sender, part in zip(senders, parts, strict=True):
            own = [requests[place] for place in part]
            plain = [(request.method, request.url, dict(request.headers), request.body) for request in own]
            sender.say({"requests": plain, "verify": verify, "seconds": answer_seconds})
        self._await_word(senders, OPEN)
        for sender in senders:
            sender.say(OPEN)
        self._await_word(senders, HELD)
        release = monotonic() + LEAD + 2 * max(sender.clock.unsure for sender in senders)
        for sender in senders:
            sender.say(release + sender.clock.ahead)
        sleep(max(release - monotonic(), 0.0))
        if on_release:
            on_release()
        deliveries: dict[int, Delivery] = {}
        for sender, part in zip(senders, parts, strict=True):
            answers = sender.hear(answer_seconds + PATIENCE)
            if isinstance(answers, dict):
                raise VolleyError(f"{sender.name}: {answers[BROKEN]}")
            for place, answer in zip(part, answers, strict=True):
                deliveries[place] = _delivery(requests[place], answer, sender)
        return [deliveries[place] for place in range(len(requests))]

    def _await_word(self, senders: Sequence[RemoteSender], expected: str) -> None:
        """Wait for that word of every sender; where one breaks, the others are told to let go. Raises VolleyError."""
        words = {sender: sender.hear() for sender in senders}
        broken = [f"{sender.name}: {word[BROKEN]}" for sender, word in words.items() if word != expected]
        if broken:
            for sender, word in words.items():
                if word == expected:
                    sender.say(BROKEN)
                    sender.hear()
            raise VolleyError("; ".join(broken))

    def close(self) -> None:
        for sender in self._senders:
            sender.close()
        self._senders.clear()


def _delivery(request: Request, plain: dict[str, Any], sender: RemoteSender) -> Delivery:
    """What the sender answered, its times brought back to our clock."""

    def ours(moment: float | None) -> float | None:
        return None if moment is None else moment - sender.clock.ahead

    headers = CaseInsensitiveDict({name: value for name, value in plain["headers"].items() if value})
    return Delivery(
        request,
        plain["invoked"] - sender.clock.ahead,
        ours(plain["first_byte"]),
        ours(plain["completed"]),
        Answer(plain["status"], headers, plain["body"]) if plain["status"] else None,
        plain["lost"],
        sender.name,
        sender.clock.unsure,
    )


@contextmanager
def started(specs: Sequence[str]) -> Iterator[RemoteSenders | None]:
    """The senders of these specs while the block lasts; None where none is named. Raises Inconclusive."""
    if not specs:
        yield None
        return
    senders = RemoteSenders(specs)
    try:
        yield senders
    finally:
        senders.close()
