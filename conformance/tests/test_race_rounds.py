"""How often races are run, on fast clouds and on slow ones."""

import pytest

from conformance.race.engine import rounds
from conformance.race.engine.rounds import FEWEST, Rounds


def test_a_fast_cloud_is_raced_as_often_as_asked_for() -> None:
    assert list(Rounds(5, 60)) == list(Rounds(5)) == [1, 2, 3, 4, 5]
    assert list(Rounds(1, 60)) == [1]


@pytest.mark.parametrize(("seconds_each", "number"), [(10, 7), (31, FEWEST), (1000, FEWEST)])
def test_a_slow_cloud_is_raced_for_a_while(monkeypatch: pytest.MonkeyPatch, seconds_each: int, number: int) -> None:
    now = 100.0
    monkeypatch.setattr(rounds, "monotonic", lambda: now)
    raced = []
    for item in Rounds(20, 60):
        raced.append(item)
        now += seconds_each
    assert raced == list(range(1, number + 1))
