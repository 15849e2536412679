"""Looks at a project again and again while a race runs, so that what was there for a moment is in the history."""

import threading
from time import monotonic
from types import TracebackType
from typing import Self

from conformance.race.engine.caller import Caller

PAUSE_SECONDS = 0.003  # between two looks at least: short beside the build of a topology, even of a fast service
REST = 0.1  # of the time since the start, between two looks at least: a long race passes through its states slowly
MAX_LOOKS = 1000
WATCHED = ("networks", "routers")


class Observer:
    """A thread that lists networks and routers, from `start` (for example a volley's release) until the block ends.

    It rests as long as it has looked, and the longer the longer the race lasts, lest watching it take from a small
    cloud what the race needs. The looks are recorded as watch_networks and watch_routers; they end at MAX_LOOKS or
    after `seconds` in any case.
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
            self._thread.join(self._caller.seconds * len(WATCHED))

    def _watch(self) -> None:
        started = monotonic()
        for _ in range(MAX_LOOKS):
            began = monotonic()
            for kind in WATCHED:
                self._caller.call(f"watch_{kind}", "GET", f"{self._caller.network_url}/{kind}")
            now = monotonic()
            rest = max(PAUSE_SECONDS, now - began, REST * (now - started))
            if self._stop.wait(rest) or monotonic() > started + self._seconds:
                return
