"""How much the calls of a volley overlapped, in numbers."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Protocol

MIN_OVERLAP = 0.5  # share of all pairs of calls: with fewer the race shows nothing


class Timed(Protocol):
    """A call: when it was sent and when its answer was complete (None: never), in monotonic seconds."""

    @property
    def invoked(self) -> float: ...

    @property
    def completed(self) -> float | None: ...


@dataclass(frozen=True)
class Overlap:
    """`peak`: the most calls in flight at one moment. `pairs`: the share (0 to 1) of pairs of calls in flight together.

    Lost calls count as pairs that did not overlap, as it is not known when they ended.
    """

    calls: int
    peak: int
    pairs: float

    @property
    def enough(self) -> bool:
        return self.pairs >= MIN_OVERLAP

    def __str__(self) -> str:
        return f"{self.peak} of {self.calls} calls in flight at once, {self.pairs:.0%} of pairs overlapping"


def spread(calls: Sequence[Timed]) -> float:
    """Seconds between the first and the last release."""
    releases = [call.invoked for call in calls]
    return max(releases, default=0.0) - min(releases, default=0.0)


def overlap(calls: Sequence[Timed]) -> Overlap:
    """How many of the calls were in flight together."""
    spans = [(call.invoked, call.completed) for call in calls if call.completed is not None]
    peak = max((sum(start <= at < end for start, end in spans) for at, _ in spans), default=0)
    overlapping = sum(a[0] < b[1] and b[0] < a[1] for a, b in combinations(spans, 2))
    pairs = len(calls) * (len(calls) - 1) // 2
    return Overlap(len(calls), peak, overlapping / pairs if pairs else 0.0)
