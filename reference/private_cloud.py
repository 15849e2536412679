"""A reference for one program's own use: a process of its own on a free loopback port, which ends with the program.

This module imports nothing but the standard library until the cloud is up, so that importing it is fast.
"""

import http.client
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self
from urllib.parse import urlsplit

ACCOUNT = "gman"  # the account that is used if none is named, by its name in clouds.yaml
READY = 60.0  # seconds that the reference may take to answer
GRACE = 15.0  # seconds that it may take to end; its workers have ten of them to finish their requests
PAUSE = 0.05  # seconds between two checks whether it answers
NO_PROXY = ("no_proxy", "NO_PROXY")  # some programs read the one, some the other


class CloudDown(Exception):
    """The cloud has ended, or does not answer; the message is one line.

    `code` is the exit code of the reference, 0 while it still runs.
    """

    def __init__(self, message: str, code: int = 0) -> None:
        super().__init__(message)
        self.code = code


class PrivateCloud:
    """A context manager: starts the cloud, without waiting for it, and at the block's end removes it with its data.

    `flags` are those of `gman serve`. `data` is a directory to use instead of a temporary one, and to keep. With `loud`
    the reference logs to standard error. The reference also ends when this process ends, even if it is killed.
    """

    def __init__(self, flags: Sequence[str] = (), *, data: Path | None = None, loud: bool = False) -> None:
        self._flags = list(flags)
        self._kept_data = data
        self._loud = loud

    def __enter__(self) -> Self:
        discard = [] if self._kept_data else ["--discard-data"]
        self.data = self._kept_data or Path(tempfile.mkdtemp(prefix="gman-"))
        self._log: IO[bytes] = tempfile.TemporaryFile()  # a file without a name, so that none is left behind
        output = sys.stderr.fileno() if self._loud else self._log
        self._process = subprocess.Popen(  # noqa: S603 - this very python, whatever the working directory holds (-P)
            [
                *(sys.executable, "-P", "-m", "reference", "serve", "--port", "0", *self._flags),
                *("--with-input", "--data", str(self.data), *discard),
            ],
            stdin=subprocess.PIPE,  # if this process is killed, the system closes it, and that ends the reference
            stdout=output,
            stderr=output,
            start_new_session=True,  # so that Ctrl-C does not reach it
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
        )
        return self

    @property
    def clouds_file(self) -> Path:
        """The path of the clouds.yaml with all accounts of the cloud, readable by this user alone."""
        return self.data / "clouds.yaml"

    def wait(self, given_up: Callable[[], bool] = lambda: False) -> None:
        """Wait until the cloud answers, or until `given_up()` is true.

        Raises CloudDown where the reference has ended, or has not answered within READY seconds.
        """
        deadline = time.monotonic() + READY
        while not given_up() and not self._answers():
            if self.ended():
                raise CloudDown(self._last_words(), self._process.returncode)
            if time.monotonic() > deadline:
                raise CloudDown(f"it does not answer within {READY:g} s: {self._last_words()}")
            try:
                self._process.wait(PAUSE)
            except subprocess.TimeoutExpired:
                continue

    def ended(self) -> bool:
        """Whether the reference has ended; it never does so by itself, unless it fails."""
        return self._process.poll() is not None

    def login(self, account: str = ACCOUNT) -> dict[str, Any]:
        """An account's entry of clouds.yaml: `auth` with auth_url, username, password, ...; region_name."""
        import yaml

        entry: dict[str, Any] = yaml.safe_load(self.clouds_file.read_text())["clouds"][account]
        return entry

    def environment(self, base: Mapping[str, str], account: str = ACCOUNT) -> dict[str, str]:
        """The variables of `base`, but with this cloud's OS_ variables only, and with no proxy for its host.

        The OS_ variables name its clouds.yaml, and hold the account's login for programs that do not read that file.
        """
        login = self.login(account)
        host = str(urlsplit(login["auth"]["auth_url"]).hostname)
        excepted = next((base[name] for name in NO_PROXY if base.get(name)), "")
        values = {**login["auth"], "region_name": login["region_name"], "identity_api_version": "3"}
        return {
            **{name: text for name, text in base.items() if not name.startswith("OS_")},
            **{f"OS_{name.upper()}": str(value) for name, value in values.items()},
            "OS_CLIENT_CONFIG_FILE": str(self.clouds_file.resolve()),
            "OS_CLOUD": account,
            **dict.fromkeys(NO_PROXY, ",".join(filter(None, (excepted, host)))),
        }

    def _answers(self) -> bool:
        try:
            url = urlsplit(json.loads((self.data / "ready.json").read_text())["url"])
            connection = http.client.HTTPConnection(str(url.hostname), url.port, timeout=READY)
            connection.request("GET", "/healthcheck", headers={"Connection": "close"})
            answer = connection.getresponse()
            answer.read()
        except (OSError, ValueError, http.client.HTTPException):
            return False
        return answer.status == 200

    def _last_words(self) -> str:
        """The last line of the log, for a message."""
        if self._loud:
            return "see above"  # the log went to standard error
        self._log.seek(0)
        lines = self._log.read().decode(errors="replace").strip().splitlines()
        return lines[-1].removeprefix("gman: ") if lines else "without a word"

    def __exit__(
        self, _kind: type[BaseException] | None, _value: BaseException | None, _trace: TracebackType | None
    ) -> None:
        try:
            self._process.terminate()
            self._process.communicate(timeout=GRACE)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)  # the reference and its workers
            self._process.communicate()
        finally:
            self._log.close()
            if not self._kept_data:  # the reference removes it itself, unless it never came up, or was killed
                shutil.rmtree(self.data, ignore_errors=True)
