"""How long the suite waits: every deadline has a name, a default and a ceiling. No other module sleeps."""

import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, fields, replace
from time import monotonic
from typing import Self

FIRST_PAUSE = 0.02  # seconds
LONGEST_PAUSE = 1.0  # seconds


def _deadline(seconds: float, ceiling: float, what: str, *, short: float = 0.0) -> float:
    """`short`: the least seconds that `waits` may cut it to after it was often missed; 0: it is never cut."""
    default: float = field(default=seconds, metadata={"ceiling": ceiling, "what": what, "short": short or seconds})
    return default


@dataclass(frozen=True)
class Deadlines:
    """All in seconds. A conformant cloud may take as long as the ceiling; nobody may set more."""

    request: float = _deadline(60, 300, "one answer", short=5)
    race: float = _deadline(
        180, 900, "the answers to calls made at once, which a service may run one after the other", short=15
    )
    server_build: float = _deadline(90, 1800, "a server to leave BUILD, or to be gone", short=1)
    catch_up: float = _deadline(60, 600, "one service to show what another has done", short=1)
    guest: float = _deadline(180, 1800, "a running server to say on its console what it sees", short=5)
    settle: float = _deadline(60, 600, "what a race or a delete left to be cleaned up", short=1)
    lease: float = _deadline(900, 7200, "a clean project to become free")
    start: float = _deadline(30, 120, "the embedded reference to answer")
    stop: float = _deadline(10, 60, "the embedded reference to end")

    @classmethod
    def described(cls) -> str:
        """Each name with what it is waited for, and how long by default."""
        return ", ".join(f"{entry.name} ({entry.metadata['what']}: {entry.default:g})" for entry in fields(cls))

    def having(self, changes: Iterable[str]) -> Self:
        """These deadlines with NAME=SECONDS of `changes` in place. Raises ValueError, which names what is wrong."""
        ceilings = {entry.name: entry.metadata["ceiling"] for entry in fields(self)}
        values = {}
        for change in changes:
            name, _, text = change.partition("=")
            if name not in ceilings:
                raise ValueError(f"there is no deadline {name!r}, only {', '.join(ceilings)}")
            values[name] = _seconds(text, ceilings[name])
        return replace(self, **values)


def shortest(name: str) -> float:
    """Seconds below which a wait of that name is never cut."""
    return float(next(entry.metadata["short"] for entry in fields(Deadlines) if entry.name == name))


def _seconds(text: str, ceiling: float) -> float:
    try:
        seconds = float(text)
    except ValueError:
        raise ValueError(f"{text!r} is not a number of seconds") from None
    if not 0 < seconds <= ceiling:
        raise ValueError(f"{text} is not between 0 and {ceiling:g} seconds")
    return seconds


def attempts(seconds: float) -> Iterator[float]:
    """Yields the seconds passed: at once, then after growing pauses, until `seconds` are over."""
    began = monotonic()
    never = threading.Event()
    pause = FIRST_PAUSE
    while True:
        passed = monotonic() - began
        yield passed
        remaining = began + seconds - monotonic()
        if remaining <= 0:
            return
        never.wait(min(pause, remaining))
        pause = min(pause * 2, LONGEST_PAUSE)


def rest(seconds: float) -> None:
    """Wait that long, for as many seconds as a gateway or a service has asked for."""
    threading.Event().wait(seconds)
