"""How often a race is run: as often as asked for, but for a cloud that takes minutes for each."""

from collections.abc import Iterator
from dataclasses import dataclass
from math import inf
from time import monotonic

FEWEST = 2  # some races differ in every second round


@dataclass(frozen=True)
class Rounds:
    """The numbers of the rounds, from 1 to `most`; after the second none begins once `seconds` have passed.

    The windows in which calls meet are the wider, the slower a cloud is.
    """

    most: int
    seconds: float = inf

    def __iter__(self) -> Iterator[int]:
        began = monotonic()
        for number in range(1, self.most + 1):
            if number > FEWEST and monotonic() - began > self.seconds:
                return
            yield number
