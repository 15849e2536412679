"""Volleys whose requests come from several processes, on any number of hosts, released together.

The processes are execnet gateways, as pytest-xdist's are (`popen`, `ssh=host`, `popen//python=ip netns exec one
python`): any Python in which this suite is installed. Requests, with their tokens, go to them over the gateway alone.
Each one's clock is compared with ours first; the time of a release is told to each by its own clock, and the times of
its flights are brought back to ours.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from time import monotonic, sleep
from typing import Any

import execnet
from requests.structures import CaseInsensitiveDict

from conformance.race.engine.remote_sender import BROKEN, CLOCK, HELD, OPEN, PATIENCE
from conformance.race.engine.volley import Flight, VolleyError
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


class Gun:
    """One process that sends."""

    def __init__(self, spec: str, number: int) -> None:
        self.name = f"{number}:{spec}"
        try:
            self._gateway = execnet.makegateway(f"{spec}//id=gun{number}-{id(self)}")
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
        found = []
        for _ in range(PINGS):
            before = monotonic()
            self.say(CLOCK)
            there, after = float(self.hear()), monotonic()
            found.append(Clock(there - (before + after) / 2, (after - before) / 2))
        return min(found, key=lambda clock: clock.unsure)

    def close(self) -> None:
        self._gateway.exit()


@dataclass(frozen=True)
class Sent:
    """A flight by our clock, and who sent it; `again` is how often it had been turned away before."""

    flight: Flight
    sender: str = ""
    unsure: float = 0.0
    again: int = 0


class Battery:
    """Guns that fire together. Close it, or the processes stay."""

    def __init__(self, specs: Sequence[str]) -> None:
        """Raises Inconclusive when one of them cannot be had."""
        self._group: list[Gun] = []
        try:
            for number, spec in enumerate(specs, 1):
                self._group.append(Gun(spec, number))
        except Inconclusive:
            self.close()
            raise

    @property
    def clocks(self) -> dict[str, Clock]:
        """Of every process, compared with ours when it was started."""
        return {gun.name: gun.clock for gun in self._group}

    def fire(
        self,
        requests: Sequence[Request],
        *,
        answer_seconds: float,
        verify: bool | str,
        on_release: Callable[[], None] | None = None,
    ) -> list[Sent]:
        """As volley.fire, the requests dealt out to all processes in turn. Raises VolleyError."""
        guns = self._group[: len(requests)]
        parts = [list(range(first, len(requests), len(guns))) for first in range(len(guns))]
        for gun, part in zip(guns, parts, strict=True):
            plain = [(each.method, each.url, dict(each.headers), each.body) for each in (requests[i] for i in part)]
            gun.say({"requests": plain, "verify": verify, "seconds": answer_seconds})
        self._all_say(guns, OPEN)
        for gun in guns:
            gun.say(OPEN)
        self._all_say(guns, HELD)
        release = monotonic() + LEAD + 2 * max(gun.clock.unsure for gun in guns)
        for gun in guns:
            gun.say(release + gun.clock.ahead)
        sleep(max(release - monotonic(), 0.0))
        if on_release:
            on_release()
        found: dict[int, Sent] = {}
        for gun, part in zip(guns, parts, strict=True):
            answers = gun.hear(answer_seconds + PATIENCE)
            if isinstance(answers, dict):
                raise VolleyError(f"{gun.name}: {answers[BROKEN]}")
            for place, answer in zip(part, answers, strict=True):
                found[place] = Sent(_flight(requests[place], answer, gun.clock), gun.name, gun.clock.unsure)
        return [found[place] for place in range(len(requests))]

    def _all_say(self, guns: Sequence[Gun], word: str) -> None:
        """Wait for that word of each; where one breaks, the others are told to let go."""
        heard = {gun: gun.hear() for gun in guns}
        broken = [f"{gun.name}: {said[BROKEN]}" for gun, said in heard.items() if said != word]
        if broken:
            for gun, said in heard.items():
                if said == word:
                    gun.say(BROKEN)
                    gun.hear()
            raise VolleyError("; ".join(broken))

    def close(self) -> None:
        for gun in self._group:
            gun.close()
        self._group.clear()


def _flight(request: Request, plain: dict[str, Any], clock: Clock) -> Flight:
    def ours(moment: float | None) -> float | None:
        return None if moment is None else moment - clock.ahead

    headers = CaseInsensitiveDict({name: value for name, value in plain["headers"].items() if value})
    answer = Answer(plain["status"], headers, plain["body"]) if plain["status"] else None
    invoked = plain["invoked"] - clock.ahead
    return Flight(request, invoked, ours(plain["first_byte"]), ours(plain["completed"]), answer, plain["lost"])


_DRAWN_UP: list[Battery] = []


@contextmanager
def drawn_up(specs: Sequence[str]) -> Iterator[Battery | None]:
    """Let the volleys of this process come from there while the block lasts; from itself where none is named."""
    if not specs:
        yield None
        return
    battery = Battery(specs)
    _DRAWN_UP.append(battery)
    try:
        yield battery
    finally:
        _DRAWN_UP.remove(battery)
        battery.close()


def at_hand() -> Battery | None:
    """The battery that is drawn up, if one is."""
    return _DRAWN_UP[-1] if _DRAWN_UP else None
