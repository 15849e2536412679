"""The progress of a search: a line for each new difference, and one from time to time."""

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from differential.lawful import names
from differential.play import Mismatch, pattern

LONGEST = 160  # characters of a line
EVERY = 20.0  # seconds between two lines on the progress


def to_terminal(line: str) -> None:
    """Write the line to standard error, at once."""
    print(line, file=sys.stderr, flush=True)


@dataclass
class Progress:
    """Lines about a search of so many `steps`, which `write` gets; `name` says what is compared."""

    name: str
    steps: int
    write: Callable[[str], None] = to_terminal
    clock: Callable[[], float] = time.monotonic
    start: float = field(init=False)
    last: float = field(init=False)

    def __post_init__(self) -> None:
        self.start = self.last = self.clock()

    def found(self, number: int, mismatch: Mismatch) -> None:
        """Print the new difference, with its number."""
        about = ", ".join(sorted(names(mismatch.step)))
        line = f"{number}. {pattern(mismatch.step)} ({about}) {mismatch.difference}"
        self.write(line if len(line) <= LONGEST else f"{line[: LONGEST - 3]}...")

    def at(self, sent: int, differences: int) -> None:
        """Print how many requests are sent and how many differences found, unless the last such line is recent."""
        now = self.clock()
        if now - self.last >= EVERY:
            self.last = now
            speed = sent / (now - self.start)
            self.write(f"{self.name}: {sent} of {self.steps} requests, {speed:.0f} a second, {differences} differences")
