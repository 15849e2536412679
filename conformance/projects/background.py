"""Work beside the tests: one task after the other, in a thread that does not keep the process from ending."""

import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from queue import SimpleQueue

Task = Callable[[], None]


class Background:
    """A queue of tasks that one thread submits; the thread that runs them starts with the first one."""

    def __init__(self, name: str) -> None:
        self._queue: SimpleQueue[tuple[Task, Future[None]]] = SimpleQueue()
        self._pending: deque[Future[None]] = deque()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def submit(self, task: Task) -> None:
        """Run the task once all before it have ended."""
        if not self._thread.ident:
            self._thread.start()
        self._pending.append(Future())
        self._queue.put((task, self._pending[-1]))

    def wait(self, most: int = 0) -> None:
        """Return when at most `most` tasks are pending. Raises what a task has raised."""
        while self._pending and (len(self._pending) > most or self._pending[0].done()):
            self._pending.popleft().result()

    def _run(self) -> None:
        while True:
            task, future = self._queue.get()
            try:
                task()
            except BaseException as error:  # noqa: BLE001 - `wait` raises it
                future.set_exception(error)
            else:
                future.set_result(None)
