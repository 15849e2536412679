"""The watch over the outside: if it is gone for a while, that is not blamed on the cloud."""

import threading

import pytest

from conformance.guests import outside_watch
from conformance.guests.outside_watch import OutsideWatch

SECONDS = 30.0


@pytest.mark.parametrize(
    ("looks", "was_gone"),
    [
        ([True, True, True], False),
        ([True, False, True, False, True], False),  # single looks that were lost
        ([True, False, False, True, True], True),  # it went and came back
        ([False, False], True),
    ],
)
def test_a_place_is_gone_after_several_lost_looks(
    looks: list[bool], was_gone: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    pending, over = iter(looks), threading.Event()

    def look(_url: str) -> bool:
        try:
            return next(pending)
        except StopIteration:
            over.set()
            return looks[-1]

    monkeypatch.setattr(outside_watch, "answers_here", look)
    monkeypatch.setattr(outside_watch, "PAUSE", 0.001)
    with OutsideWatch(["http://192.0.2.1/"]) as watch:
        if was_gone:
            watch._thread.join(SECONDS)
        else:
            assert over.wait(SECONDS)
        assert watch.was_gone() is was_gone


def test_one_that_is_gone_at_the_end_is_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outside_watch, "answers_here", lambda _url: False)
    assert OutsideWatch(["http://192.0.2.1/"]).was_gone()


def test_without_a_place_nothing_is_gone() -> None:
    with OutsideWatch([]) as watch:
        assert not watch.was_gone()
