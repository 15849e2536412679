"""Work that is done beside the tests, one piece after the other, in a thread that no end of the process waits for."""

import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from queue import SimpleQueue

Work = Callable[[], None]


class Background:
    """For one thread that gives work; the one that does it begins with the first piece."""

    def __init__(self, name: str) -> None:
        self._queue: SimpleQueue[tuple[Work, Future[None]]] = SimpleQueue()
        self._pending: deque[Future[None]] = deque()
        self._thread = threading.Thread(target=self._work, name=name, daemon=True)

    def do(self, work: Work) -> None:
        """Have it done when all before it is."""
        if not self._thread.ident:
            self._thread.start()
        self._pending.append(Future())
        self._queue.put((work, self._pending[-1]))

    def wait(self, most: int = 0) -> None:
        """Come back when at most so many pieces are still to be done. Raises what a piece has raised."""
        while self._pending and (len(self._pending) > most or self._pending[0].done()):
            self._pending.popleft().result()

    def _work(self) -> None:
        while True:
            work, done = self._queue.get()
            try:
                work()
            except BaseException as broken:  # noqa: BLE001 - it is for whoever waits
                done.set_exception(broken)
            else:
                done.set_result(None)
