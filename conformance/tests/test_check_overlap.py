"""Spread and overlap of hand-made calls."""

from dataclasses import dataclass

import pytest

from conformance.race.checkers.overlap import overlap, spread


@dataclass
class Call:
    invoked: float
    completed: float | None


def test_spread_is_from_the_first_to_the_last_byte() -> None:
    assert spread([Call(2.0, 9.0), Call(1.5, None), Call(1.75, 2.0)]) == 0.5
    assert spread([]) == 0.0


@pytest.mark.parametrize(
    ("spans", "peak", "pairs", "enough"),
    [
        ([(0, 2), (1, 3), (1, 4)], 3, 1.0, True),
        ([(0, 1), (1, 2), (2, 3)], 1, 0.0, False),  # each ends when the next begins
        ([(0, 10), (1, 2), (3, 4)], 2, 2 / 3, True),
        ([(0, 2), (1, None), (1, None)], 1, 0.0, False),  # two calls got no answer, so their end is unknown
        ([(0, 2), (1, 3), (5, 6), (7, 8)], 2, 1 / 6, False),
        ([(0, 1)], 1, 0.0, False),
        ([], 0, 0.0, False),
    ],
)
def test_overlap(spans: list[tuple[float, float | None]], peak: int, pairs: float, enough: bool) -> None:
    measured = overlap([Call(*span) for span in spans])
    assert (measured.calls, measured.peak, measured.enough) == (len(spans), peak, enough)
    assert measured.pairs == pytest.approx(pairs)


def test_overlap_reads_as_a_sentence() -> None:
    shown = str(overlap([Call(0, 2), Call(1, 3)]))
    assert shown == "2 of 2 calls in flight at once, 100% of pairs overlapping"
