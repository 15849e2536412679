"""The observer looks from its start to the end of its block, within bounds."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, cast

import pytest

from conformance.deadlines import attempts
from conformance.race.engine import observer
from conformance.race.engine.caller import Caller
from conformance.race.engine.observer import Observer
from conformance.settings import UsageProblem

PATIENCE = 10.0  # seconds


def within_patience(holds: Callable[[], bool]) -> bool:
    return any(holds() for _ in attempts(PATIENCE))


@dataclass
class Eye:
    """In place of a caller: counts the lists that it is asked for."""

    seconds: float = PATIENCE
    network_url: str = "http://cloud/v2.0"
    looks: list[tuple[str, str, str]] = field(default_factory=list)

    def call(self, operation: str, method: str, url: str) -> Any:
        self.looks.append((operation, method, url))

    @contextmanager
    def watching(self, seconds: float = PATIENCE) -> Iterator[Observer]:
        with Observer(cast(Caller, self), seconds) as looking:
            yield looking

    def has_looked(self, times: int) -> bool:
        return within_patience(lambda: len(self.looks) >= times)


def test_it_looks_until_the_block_ends() -> None:
    eye = Eye()
    with eye.watching() as looking:
        looking.start()
        assert eye.has_looked(6)
    number = len(eye.looks)
    assert eye.looks[:2] == [
        ("watch_networks", "GET", "http://cloud/v2.0/networks"),
        ("watch_routers", "GET", "http://cloud/v2.0/routers"),
    ]
    assert not looking.running
    assert len(eye.looks) == number


def test_an_observer_that_was_not_started_ends() -> None:
    eye = Eye()
    with eye.watching():
        pass
    assert eye.looks == []


def test_it_ends_with_its_time() -> None:
    eye = Eye()
    with eye.watching(seconds=0.0) as looking:
        looking.start()
        assert eye.has_looked(2)
        assert within_patience(lambda: not looking.running)
    assert len(eye.looks) == 2


def test_it_ends_with_its_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(observer, "MAX_LOOKS", 2)
    eye = Eye()
    with eye.watching() as looking:
        looking.start()
        assert eye.has_looked(4)
        assert within_patience(lambda: not looking.running)
    assert len(eye.looks) == 4


def test_it_ends_without_a_word_where_the_user_cannot_sign_in_any_more(capfd: pytest.CaptureFixture[str]) -> None:
    class Refused(Eye):
        def call(self, operation: str, method: str, url: str) -> Any:
            raise UsageProblem("cloud 'c': the password was changed")

    with Refused().watching() as looking:
        looking.start()
        assert within_patience(lambda: not looking.running)
    assert capfd.readouterr() == ("", "")
