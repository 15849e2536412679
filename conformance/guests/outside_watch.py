"""Whether the places beyond the external network answered this machine for as long as guests were to call them."""

import threading
from collections.abc import Sequence
from types import TracebackType
from typing import Self

from conformance.guests.outside_server import answers
from conformance.guests.script import new_nonce

PATIENCE = 3.0  # seconds in which a place has to answer this machine
PAUSE = 1.0  # seconds between two looks
ENOUGH = 2  # looks in a row without an answer: one may be lost on the way


def answers_here(url: str) -> bool:
    """Whether the place beyond the external network answers this machine; one that does not may still answer guests."""
    return answers(url, new_nonce(), PATIENCE)


class OutsideWatch:
    """Looks at the places again and again while the block lasts. Without places there is nothing to see."""

    def __init__(self, urls: Sequence[str]) -> None:
        self._urls = tuple(urls)
        self._was_gone = False
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look_again, name="outside", daemon=True)

    def was_gone(self) -> bool:
        """Whether a place was gone for a while, or is now."""
        return self._was_gone or not self._all_answer()

    def _all_answer(self) -> bool:
        return all(map(answers_here, self._urls))

    def _look_again(self) -> None:
        missed = 0
        while not self._was_gone and not self._over.wait(PAUSE):
            missed = 0 if self._all_answer() else missed + 1
            self._was_gone = missed >= ENOUGH

    def __enter__(self) -> Self:
        if self._urls:
            self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
