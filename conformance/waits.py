"""Waits for a cloud, by the name of their deadline; they are cut short after that deadline was missed ENOUGH times.

Where a cloud never does what tests wait for, each test would wait until its deadline. So from the ENOUGH-th missed
deadline of a name on, waits of that name last twice as long as the longest successful one, and at least as long as the
deadline's `short`.
"""

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from conformance.deadlines import LONGEST_PAUSE, Deadlines, attempts, shortest

ENOUGH = 2
MISSED, CUT, TOOK = "missed", "cut short", "took"  # missed the deadline, missed a cut deadline, succeeded


@dataclass(frozen=True)
class Event:
    """How a wait of that name ended (MISSED, CUT, TOOK), and after how many seconds."""

    name: str
    end: str
    seconds: float


class Waits:
    """The waits of a run. The processes of one host share their events in the file `path`; None for one process."""

    def __init__(self, deadlines: Deadlines, path: Path | None = None) -> None:
        self.deadlines = deadlines
        self._path = path
        self._events: list[Event] = []
        self._read_to = 0  # bytes of the file
        self._lock = threading.Lock()

    def seconds(self, name: str) -> float:
        """How long a wait of that name may take from now on."""
        deadline: float = getattr(self.deadlines, name)
        events = [event for event in self._known() if event.name == name]
        if sum(event.end == MISSED for event in events) < ENOUGH:
            return deadline
        longest = max((event.seconds for event in events if event.end == TOOK), default=0.0)
        return min(deadline, max(shortest(name), 2 * longest))

    def attempts(self, name: str) -> Iterator[float]:
        """Like `deadlines.attempts`, until the deadline of that name. Leaving the loop early counts as success."""
        deadline = getattr(self.deadlines, name)
        for passed in attempts(deadline):
            if passed > self.seconds(name):
                self.missed(name, passed)
                return
            try:
                yield passed
            except GeneratorExit:
                self.took(name, passed)
                raise
        self.missed(name, deadline)

    def took(self, name: str, seconds: float) -> None:
        """Record a successful wait, if it makes later waits of that name longer."""
        successes = (event.seconds for event in self._known() if event.name == name and event.end == TOOK)
        if 2 * seconds > max(shortest(name), 2 * max(successes, default=0.0)):
            self._add(Event(name, TOOK, seconds))

    def missed(self, name: str, seconds: float) -> None:
        """Record a wait without success."""
        self._add(Event(name, MISSED if seconds >= getattr(self.deadlines, name) else CUT, seconds))

    def in_vain(self, name: str, seconds: float) -> str:
        """The text for a failure after a wait without success: how long it was, and why if it was cut short."""
        deadline = getattr(self.deadlines, name)
        if self.seconds(name) >= deadline or seconds > self.seconds(name) + 2 * LONGEST_PAUSE:
            return f"not within {deadline:g} s"
        before = f"{ENOUGH} such waits of {deadline:g} s were in vain before"
        return f"not within {seconds:.1f} s ({before}; more time is --deadline {name}=SECONDS)"

    def notes(self) -> list[str]:
        """A line for each deadline that was missed so often that waits were cut short."""
        cut: dict[str, list[float]] = {}
        for event in self._known():
            if event.end == CUT:
                cut.setdefault(event.name, []).append(event.seconds)
        return [
            f"{name}: {ENOUGH} waits of {getattr(self.deadlines, name):g} s were in vain, and {len(seconds)} later "
            f"{'wait was' if len(seconds) == 1 else 'waits were'} cut short, "
            f"after {max(seconds):.0f} s or less: more time is --deadline {name}=SECONDS"
            for name, seconds in sorted(cut.items())
        ]

    def _add(self, event: Event) -> None:
        with self._lock:
            if self._path is None:
                self._events.append(event)
                return
            line = json.dumps([event.name, event.end, round(event.seconds, 2)]).encode()
            try:
                self._path.parent.mkdir(parents=True, exist_ok=True)  # the report's folder, which may come later
                with self._path.open("ab") as file:  # one short write: lines of several processes do not mix
                    file.write(line + b"\n")
            except OSError:  # such as a full disk, which the report names; other processes do not learn of this event
                self._events.append(event)

    def _known(self) -> list[Event]:
        """All events so far, of all processes."""
        with self._lock:
            if self._path is not None and self._path.exists() and self._path.stat().st_size > self._read_to:
                with self._path.open("rb") as file:
                    file.seek(self._read_to)
                    lines = file.read().rpartition(b"\n")[0].splitlines()
                    self._read_to += sum(len(line) + 1 for line in lines)
                self._events += filter(None, map(_event, lines))
            return list(self._events)


def _event(line: bytes) -> Event | None:
    """The event in a line; None for a line of which a full disk took a part."""
    try:
        name, end, seconds = json.loads(line)
        return Event(name, end, float(seconds))
    except (TypeError, ValueError):
        return None


@dataclass(frozen=True)
class Wait:
    """The waits of one name."""

    waits: Waits
    name: str

    @property
    def seconds(self) -> float:
        """How long the next one may take."""
        return self.waits.seconds(self.name)

    def attempts(self) -> Iterator[float]:
        return self.waits.attempts(self.name)
