"""A reference for one program's own use: started on a free loopback port as a process of its own, and gone after it.

Standard library alone until it is up, so that who imports this pays nothing.
"""

import http.client
import json
import os
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

ACCOUNT = "gman"  # whose the variables are, by its name in clouds.yaml
READY = 60.0  # seconds it may take to answer
GRACE = 15.0  # seconds it may take to end; its workers have ten for their requests
PAUSE = 0.05  # seconds between two looks whether it answers
PROXIES = ("no_proxy", "NO_PROXY")  # programs read the one or the other


class CloudDown(Exception):
    """The cloud has ended, or does not answer: one line, and the exit code of the reference, 0 where it still runs."""

    def __init__(self, message: str, code: int = 0) -> None:
        super().__init__(message)
        self.code = code


class PrivateCloud:
    """A context manager: the cloud is being started when the block begins, and gone with its data when it ends.

    `flags` are those of `gman serve`; `data` is a directory that stays, in place of a private one. With `loud` the
    reference logs to standard error. It ends with this process, too, however that ends.
    """

    def __init__(self, flags: Sequence[str] = (), *, data: Path | None = None, loud: bool = False) -> None:
        self._flags = list(flags)
        self._kept = data
        self._loud = loud

    def __enter__(self) -> Self:
        own = [] if self._kept else ["--discard-data"]
        self.data = self._kept or Path(tempfile.mkdtemp(prefix="gman-"))
        self._log: IO[bytes] = tempfile.TemporaryFile()  # it has no name that could be left behind
        output = sys.stderr.fileno() if self._loud else self._log
        self._process = subprocess.Popen(  # noqa: S603 - this very python, whatever the working directory holds (-P)
            [
                *(sys.executable, "-P", "-m", "reference", "serve", "--port", "0", *self._flags),
                *("--with-input", "--data", str(self.data), *own),
            ],
            stdin=subprocess.PIPE,  # closed by the system when this process is killed, and the reference ends with it
            stdout=output,
            stderr=output,
            start_new_session=True,  # Ctrl-C is not for it
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
        )
        return self

    @property
    def clouds_file(self) -> Path:
        """The clouds.yaml with all its accounts, readable by this user alone."""
        return self.data / "clouds.yaml"

    def wait(self, given_up: Callable[[], bool] = lambda: False) -> None:
        """Return when it answers, or when `given_up` says so. Raises CloudDown."""
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
        """Whether it has ended, which it should not by itself."""
        return self._process.poll() is not None

    def login(self, account: str = ACCOUNT) -> dict[str, Any]:
        """An account's entry of clouds.yaml: `auth` with auth_url, username, password, ...; region_name."""
        import yaml

        entry: dict[str, Any] = yaml.safe_load(self.clouds_file.read_text())["clouds"][account]
        return entry

    def environment(self, base: Mapping[str, str], account: str = ACCOUNT) -> dict[str, str]:
        """`base`, with OS_* of this cloud alone: its clouds.yaml, and a login for programs that read no such file."""
        login = self.login(account)
        host = str(urlsplit(login["auth"]["auth_url"]).hostname)
        known = next((base[name] for name in PROXIES if base.get(name)), "")
        values = {**login["auth"], "region_name": login["region_name"], "identity_api_version": "3"}
        return {
            **{name: text for name, text in base.items() if not name.startswith("OS_")},
            **{f"OS_{name.upper()}": str(value) for name, value in values.items()},
            "OS_CLIENT_CONFIG_FILE": str(self.clouds_file.resolve()),
            "OS_CLOUD": account,
            **dict.fromkeys(PROXIES, ",".join(filter(None, (known, host)))),
        }

    def _answers(self) -> bool:
        try:
            place = urlsplit(json.loads((self.data / "ready.json").read_text())["url"])
            connection = http.client.HTTPConnection(str(place.hostname), place.port, timeout=READY)
            connection.request("GET", "/healthcheck", headers={"Connection": "close"})
            answer = connection.getresponse()
            answer.read()
        except (OSError, ValueError, http.client.HTTPException):
            return False
        return answer.status == 200

    def _last_words(self) -> str:
        self._log.seek(0)
        lines = self._log.read().decode(errors="replace").strip().splitlines()
        return lines[-1].removeprefix("gman: ") if lines else "see above" if self._loud else "without a word"

    def __exit__(
        self, _kind: type[BaseException] | None, _value: BaseException | None, _trace: TracebackType | None
    ) -> None:
        try:
            self._process.terminate()
            self._process.communicate(timeout=GRACE)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)  # its workers, too
            self._process.communicate()
        finally:
            self._log.close()
            if not self._kept:
                _remove(self.data)


def _remove(folder: Path) -> None:
    """The reference does so itself, unless it never came up, or was killed."""
    import shutil

    shutil.rmtree(folder, ignore_errors=True)
