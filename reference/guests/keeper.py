"""Beside the server: starts the agent of the data plane, restarts it when it died, and ends it with the server."""

import logging
import os
import select
import signal
import sys
import time

from reference.config import Settings
from reference.guests import agent, programs
from reference.settings_sources import Unusable

LOG = logging.getLogger(__name__)
READY = 30.0  # seconds the plane may take to be there
GRACE = 10.0  # seconds it may take to be gone
PAUSE = 1.0  # seconds between two starts
NEEDED = ("identity", "network", "compute")


class Keeper:
    """The agent, as the process that serves sees it."""

    def __init__(self, settings: Settings) -> None:
        self.task = agent.Task(
            urls={name: settings.url(name) for name in NEEDED},
            clouds=settings.data / "clouds.yaml",
            consoles=settings.consoles,
            seconds=settings.guest_seconds,
        )
        self._handle = -1  # the agent's process id
        self._began = 0.0

    def start(self) -> None:
        """Start the agent. Raises Unusable with one line on why there can be no data plane here."""
        if sys.platform != "linux":
            raise Unusable("--guests needs Linux: it is made of its namespaces")
        if reason := programs.missing():
            raise Unusable(reason)
        reader, writer = os.pipe()
        self._fork(writer)
        os.close(writer)
        with os.fdopen(reader) as answer:
            word = answer.readline().strip() if select.select([answer], [], [], READY)[0] else "it does not come up"
        if word != "ready":
            self.stop()
            raise Unusable(word or "--guests does not work on this system: the data plane ended")

    def _fork(self, writer: int) -> None:
        parent, self._began = os.getpid(), time.monotonic()
        pid = os.fork()
        if pid == 0:
            try:
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                os.umask(0o022)  # guests, which are other users in their namespaces, read the agent's files
                ready = os.dup2(writer, 3, inheritable=False)
                os.closerange(4, os.sysconf("SC_OPEN_MAX"))  # the agent must not hold the server's sockets open
                agent.run(self.task, parent, ready)
            finally:
                os._exit(1)
        self._handle = os.pidfd_open(pid)

    def mend(self) -> None:
        """Start the agent again if it died; to be called from time to time, by the process that called `start`."""
        if self._handle < 0 or not self._is_over(0) or time.monotonic() < self._began + PAUSE:
            return
        LOG.warning("the agent of the data plane died and is started again")
        os.close(self._handle)
        nobody = os.open(os.devnull, os.O_WRONLY | os.O_CLOEXEC)
        self._fork(nobody)
        os.close(nobody)

    def stop(self) -> None:
        """End the agent, and all that it started."""
        if self._handle < 0:
            return
        for number in (signal.SIGTERM, signal.SIGKILL):
            try:
                signal.pidfd_send_signal(self._handle, number)
            except ProcessLookupError:
                break
            if self._is_over(GRACE):
                break
        os.close(self._handle)
        self._handle = -1

    def _is_over(self, seconds: float) -> bool:
        return bool(select.select([self._handle], [], [], seconds)[0])
