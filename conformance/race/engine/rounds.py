"""How often a race is run: as often as requested, but less often on a cloud that takes minutes for each."""

from collections.abc import Iterator
from dataclasses import dataclass
from math import inf
from time import monotonic

FEWEST = 2  # some races differ in every second round


@dataclass(frozen=True)
class Rounds:
    """Iterates over the numbers of the rounds, from 1 to `most`. After `seconds` none begins but the second.

    On a slow cloud fewer rounds are enough, as its calls overlap for longer.
    """

    most: int
    seconds: float = inf

    def __iter__(self) -> Iterator[int]:
        began = monotonic()
        for number in range(1, self.most + 1):
            if number > FEWEST and monotonic() - began > self.seconds:
                return
            yield number
