"""Listing a project's objects while a race runs, so that the history also has what existed only for a moment."""

import threading
from contextlib import suppress
from time import monotonic
from types import TracebackType
from typing import Self

from conformance.race.engine.caller import Caller
from conformance.settings import UsageProblem

PAUSE_SECONDS = 0.003  # between two looks at least: short compared to building a topology, even in a fast service
REST = 0.1  # pause between two looks, at least, as a share of the time since the start: a long race changes slowly
MAX_LOOKS = 1000
READING = 1.0  # seconds for parsing a large answer that has just come
WATCHED = ("networks", "routers")


class Observer:
    """A thread that lists networks and routers, from `start` (for example a volley's release) until the block ends.

    Its pauses are at least as long as its calls, and grow with the race, so that it does not slow a small cloud down.
    The calls are recorded as watch_networks and watch_routers; they end after MAX_LOOKS or `seconds` in any case.
    """

    def __init__(self, caller: Caller, seconds: float) -> None:
        self._caller = caller
        self._seconds = seconds
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="observer", daemon=True)

    def start(self) -> None:
        self._thread.start()

    @property
    def running(self) -> bool:
        return self._thread.is_alive()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        if self.running:
            self._thread.join(self._caller.seconds * len(WATCHED) + READING)

    def _watch(self) -> None:
        with suppress(UsageProblem):  # a sign-in failed, which the race's own calls report
            self._look_again_and_again()

    def _look_again_and_again(self) -> None:
        started = monotonic()
        for _ in range(MAX_LOOKS):
            began = monotonic()
            for kind in WATCHED:
                if self._stop.is_set():
                    return
                self._caller.call(f"watch_{kind}", "GET", f"{self._caller.network_url}/{kind}")
            now = monotonic()
            pause = max(PAUSE_SECONDS, now - began, REST * (now - started))
            if self._stop.wait(pause) or monotonic() > started + self._seconds:
                return
