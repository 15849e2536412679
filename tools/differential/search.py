"""Plays many stories, and keeps the shortest story for each kind of difference."""

import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from differential.lawful import Lawful, names
from differential.play import Mismatch, Pair
from differential.progress import Progress
from differential.scenes import Story
from differential.shrinking import shrunk

SEVERAL = 3  # stories to shorten for one kind of difference, as differences of one kind may have several reasons
MOST = 100  # differences after which a search ends
Kind = tuple[object, ...]


@dataclass
class Search:
    """The unlawful differences between two sides, with the shortest story of each, and how often each was seen."""

    pair: Pair
    lawful: Lawful
    progress: Progress | None = None
    mismatches: dict[Kind, Mismatch] = field(default_factory=dict)
    often: Counter[Kind] = field(default_factory=Counter)

    def through(self, stories: Iterator[Story], steps: int, until: float) -> None:
        """Play stories until `steps` requests are sent to each side, or until the monotonic time `until`."""
        while self.pair.sent < steps and time.monotonic() < until and len(self.mismatches) < MOST:
            self._look_at(next(stories))
            if self.progress is not None:
                self.progress.at(self.pair.sent, len(self.mismatches))

    def _look_at(self, story: Story) -> None:
        result = self.pair.play(story, self.lawful.explains)
        if result is None:
            return
        kind = (*result.kind, *sorted(names(result.step)))
        self.often[kind] += 1
        if self.often[kind] > SEVERAL:
            return
        short = shrunk(result, lambda shorter: self.pair.play(shorter, self.lawful.explains))
        if short is not None:
            self._keep(short)

    def _keep(self, short: Mismatch) -> None:
        kind = (*short.kind, *sorted(names(short.step)))
        if kind not in self.mismatches:
            self.mismatches[kind] = short
            if self.progress is not None:
                self.progress.found(len(self.mismatches), short)
