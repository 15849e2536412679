"""The tests of a run in several processes, forked from the one that has loaded the suite and collected all tests.

Each gets one file after the other, and runs it as pytest runs tests in one process; its reports go back over a pipe. So
libraries are loaded and tests collected once, and all processes share the memory of that.
"""

import gc
import multiprocessing
import os
import signal
import threading
from collections.abc import Iterator
from contextlib import suppress
from itertools import zip_longest
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess, parent_process
from types import FrameType
from typing import Any

import pytest

from conformance.race.engine.history import WORKER
from conformance.report.collect import Collector
from conformance.run.hooks import Tests

FORK = multiprocessing.get_context("fork")
CLEAN_UP = 10.0  # seconds that the processes of an interrupted run have to end
TOLD_TO_END = (signal.SIGINT, signal.SIGTERM)

# the kinds of messages of a process, each a pair (kind, content)
TEST_STARTED, REPORT, TEST_ENDED = "started", "report", "ended"
NEXT, CONCLUDED, BROKE = "next", "concluded", "broke"

Files = list[list[pytest.Item]]


class Worker:
    """A process that runs tests, as its parent sees it; `left_to_run` are the ids of tests of the file that it has."""

    def __init__(self, name: str, process: BaseProcess, connection: Connection) -> None:
        self.name = name
        self.process = process
        self.connection = connection
        self.left_to_run: list[str] = []
        self.concluded = False


class ForkedTests:
    """A pytest plug-in for the process that collects: runs what `tests` has collected in `number` others.

    The context of `tests` must not have a connection yet: the forked processes would share it.
    """

    def __init__(self, number: int, tests: Tests, collector: Collector) -> None:
        self._number = number
        self._tests = tests
        self._collector = collector
        self._workers: list[Worker] = []
        self._stopped = FORK.Event()  # no test is to begin any more

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool | None:
        if session.testsfailed:
            return None  # collection failed: pytest's own loop reports it
        by_file: dict[str, list[pytest.Item]] = {}
        for item in session.items:
            by_file.setdefault(item.nodeid.partition("::")[0], []).append(item)
        files = list(by_file.values())
        gc.collect()
        gc.freeze()  # a collection in a forked process would write to what is loaded, and so copy shared memory
        self._workers = [self._fork(f"gw{number}", session, files) for number in range(min(self._number, len(files)))]
        self._attend(session.config, files, iter(range(len(files))))
        return True

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """End processes that an interruption has left, gracefully if they let us."""
        try:
            for worker in self._workers:
                with suppress(ProcessLookupError):
                    os.kill(worker.process.pid or 0, signal.SIGTERM)
            self._attend(session.config, [], iter(()), CLEAN_UP)
        finally:
            for worker in self._workers:
                worker.process.kill()
                worker.process.join()

    def _fork(self, name: str, session: pytest.Session, files: Files) -> Worker:
        parent_end, child_end = FORK.Pipe()
        process = FORK.Process(target=self._work, args=(name, session, files, child_end), name=name, daemon=True)
        process.start()
        child_end.close()
        return Worker(name, process, parent_end)

    # In the parent

    def _attend(
        self, config: pytest.Config, files: Files, numbers: Iterator[int], seconds: float | None = None
    ) -> None:
        """Hand out the files of these numbers, and receive reports until all have ended or said nothing so long."""
        while workers := {worker.connection: worker for worker in self._workers}:
            ready = wait(list(workers), seconds)
            if not ready:
                return
            for connection in ready:
                worker = workers[connection]  # type: ignore[index] # wait gives what it was given
                try:
                    kind, content = worker.connection.recv()
                except (EOFError, OSError):
                    self._process_ended(worker)
                    if not worker.concluded:
                        numbers = iter(())  # no more files: they would break as this one did
                    continue
                if kind == NEXT:
                    number = next(numbers, None)
                    worker.left_to_run = [item.nodeid for item in files[number]] if number is not None else []
                    with suppress(OSError):
                        worker.connection.send(number)
                else:
                    self._hear(config, worker, kind, content)
                if self._collector.run.stopped and not self._stopped.is_set():
                    numbers = iter(())
                    self._stopped.set()

    def _hear(self, config: pytest.Config, worker: Worker, kind: str, content: Any) -> None:
        if kind == REPORT:
            report = config.hook.pytest_report_from_serializable(config=config, data=content)
            config.hook.pytest_runtest_logreport(report=report)
        elif kind == TEST_STARTED:
            self._collector.pytest_runtest_logstart(content)
        elif kind == TEST_ENDED:
            worker.left_to_run.remove(content)
        elif kind == CONCLUDED:
            worker.concluded = True
            self._collector.include(content)
        elif kind == BROKE:
            self._collector.run.problems.append(f"process {worker.name} broke: {content}")

    def _process_ended(self, worker: Worker) -> None:
        """Take note of a process that has ended, and of the test that it ran if it died."""
        self._workers.remove(worker)
        worker.connection.close()
        worker.process.join()
        if not worker.concluded:
            died_of = next(iter(worker.left_to_run), "")
            self._collector.died(f"process {worker.name}", worker.process.exitcode or 0, died_of)

    # In a process that was forked

    def _work(self, name: str, session: pytest.Session, files: Files, connection: Connection) -> None:
        """Run one file after the other until there is none left."""
        interruption = _Interruption()
        for number in TOLD_TO_END:
            signal.signal(number, interruption)
        threading.Thread(target=_end_with_parent, daemon=True).start()
        os.environ[WORKER] = name
        plugins = session.config.pluginmanager
        plugins.unregister(self._collector)
        plugins.unregister(self)
        plugins.register(Sender(session.config, connection))
        try:
            with suppress(KeyboardInterrupt):
                self._run_files(session, files, connection)
            session.config.hook.pytest_sessionfinish(session=session, exitstatus=pytest.ExitCode.OK)
            connection.send((CONCLUDED, self._tests.conclusion()))
        except Exception as error:  # noqa: BLE001 - whatever it is, the run's report says so
            connection.send((BROKE, f"{type(error).__name__}: {error}"))

    def _run_files(self, session: pytest.Session, files: Files, connection: Connection) -> None:
        while True:
            connection.send((NEXT, None))
            number = connection.recv()
            if number is None:
                return
            for item, following in zip_longest(files[number], files[number][1:]):
                if self._stopped.is_set():
                    return
                item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)


class Sender:
    """A pytest plug-in of a forked process. It sends the parent the reports of tests, and of errors
    before and after them.
    """

    def __init__(self, config: pytest.Config, connection: Connection) -> None:
        self._config = config
        self._connection = connection

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        self._connection.send((TEST_STARTED, nodeid))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when == "call" or not report.passed:
            plain = self._config.hook.pytest_report_to_serializable(config=self._config, report=report)
            self._connection.send((REPORT, plain))

    def pytest_runtest_logfinish(self, nodeid: str) -> None:
        self._connection.send((TEST_ENDED, nodeid))


class _Interruption:
    """What a signal does: the process cleans up, and no second signal interrupts that."""

    def __init__(self) -> None:
        self._begun = False

    def __call__(self, _number: int, _frame: FrameType | None) -> None:
        if not self._begun:
            self._begun = True
            raise KeyboardInterrupt


def _end_with_parent() -> None:
    """End this process when its parent ends, as its reports are lost then; to be run in a thread."""
    parent = parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)
