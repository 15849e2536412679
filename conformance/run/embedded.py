"""The reference implementation, started as a program of its own for the length of a run."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Self

from conformance.deadlines import Deadlines, attempts
from conformance.settings import Settings, UsageProblem

CLOUD, ALT_CLOUD, ADMIN_CLOUD = "gman", "gman-alt", "gman-admin"
NETWORKING_RELEASE = "27"  # the release of Networking that the reference behaves like
OUTSIDE = ("http://198.51.100.7/", "http://[2001:db8:ffff::7]/")  # the outside that its servers call if they run
# -P: whatever the working directory holds
COMMAND = (sys.executable, "-P", "-m", "reference", "serve", "--with-input")


def against(settings: Settings, clouds_file: Path) -> Settings:
    """The settings of a run against the reference that wrote this file."""
    return replace(
        settings,
        cloud=CLOUD,
        alt_cloud=ALT_CLOUD,
        admin_cloud=ADMIN_CLOUD,
        clouds_file=str(clouds_file),
        networking_release=settings.networking_release or NETWORKING_RELEASE,
    )


class Embedded:
    """A context manager: the reference runs from `start` until the block ends. Its output goes to the file `log`.

    `data` is an empty folder for its database. With `discard` the reference deletes it at its end, even if this process
    is killed. With `guests` its servers run.
    """

    def __init__(
        self, data: Path, log: Path, deadlines: Deadlines, *, discard: bool = False, guests: bool = False
    ) -> None:
        self.clouds_file = data / "clouds.yaml"
        self._data = data
        self._log = log
        self._deadlines = deadlines
        self._more = [*(["--discard-data"] if discard else []), *(["--guests"] if guests else [])]
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, without waiting for it."""
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(  # noqa: S603 - this very python, and arguments of our own
                [*COMMAND, "--host", "127.0.0.1", "--port", "0", "--data", str(self._data), *self._more],
                stdin=subprocess.PIPE,  # closed by the system when a run is killed, and the reference ends with it
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C is for the suite, which then stops it in order
                env={**os.environ, "PYTHONUNBUFFERED": "1"},
            )

    def wait(self) -> None:
        """Return once it answers. Raises UsageProblem when it ends, or does not answer until the deadline `start`."""
        for _ in attempts(self._deadlines.start):
            if self._process is None or self._process.poll() is not None:
                raise UsageProblem(f"the embedded reference has ended: {self._last_words()} (see {self._log})")
            if self._answers():
                return
        raise UsageProblem(
            f"the embedded reference does not answer: see {self._log}, or give it more time: "
            f"--deadline start={self._deadlines.start * 2:g}"
        )

    def _answers(self) -> bool:
        import requests  # slow to import; meanwhile the reference starts

        try:
            ready = json.loads((self._data / "ready.json").read_text())
            return requests.get(f"{ready['url']}/healthcheck", timeout=self._deadlines.start).ok
        except (OSError, ValueError):
            return False

    def _last_words(self) -> str:
        lines = self._log.read_text(errors="replace").strip().splitlines()
        return lines[-1] if lines else "without a word"

    def dismiss(self) -> None:
        """Send SIGTERM, without waiting for the end."""
        if self._process:
            self._process.terminate()

    def stop(self) -> None:
        """End it: SIGTERM, and SIGKILL after the deadline `stop`."""
        if self._process is None:
            return
        self.dismiss()
        try:
            self._process.communicate(timeout=self._deadlines.stop)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.communicate()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
