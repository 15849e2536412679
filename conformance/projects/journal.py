"""The journal of a run, on disk, by which another process can undo what a killed one has done."""

import json
import os
from pathlib import Path
from typing import Any

from conformance.settings import UsageProblem


class Journal:
    """What is to be undone, in a file that the processes of a run share: the names of the scratch projects that may
    exist, and the cloud's defaults as they were before a test that is changing them.
    """

    def __init__(self, path: Path, cloud: str = "") -> None:
        """`cloud` is where the projects are: the URL of its Identity."""
        self._path = path
        self._cloud = cloud

    def probe(self) -> None:
        """Raises UsageProblem where the file cannot be written; leaves none, as its first entry creates it."""
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._path.touch()
            self._path.unlink()
        except OSError as error:
            raise UsageProblem(f"cannot write to {self._path}: {error.strerror}: set XDG_STATE_HOME") from None

    def note(self, event: str, value: Any) -> None:
        """Append an event: the project `value` is about to be `made`, or is `gone`; the `defaults`, that were `value`,
        are about to be changed, or are `restored`. In a single write, as other processes write, too.
        """
        line = json.dumps({event: value, "process": os.getpid(), "cloud": self._cloud}) + "\n"
        handle = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            os.write(handle, line.encode())
        finally:
            os.close(handle)

    def names(self) -> list[str]:
        """The names of the projects that are not known to be gone."""
        entries = self._entries()
        gone = {entry.get("gone") for entry in entries}
        return [str(entry["made"]) for entry in entries if "made" in entry and entry["made"] not in gone]

    @property
    def defaults(self) -> dict[str, list[str]] | None:
        """The defaults (kind -> ids) before a change that is not known to be undone, None where there is none."""
        defaults = None
        for entry in self._entries():
            if "restored" in entry:
                defaults = None
            elif "defaults" in entry and defaults is None:
                defaults = entry["defaults"]
        return defaults

    @property
    def clouds(self) -> set[str]:
        """The URLs of the clouds that its projects are on."""
        return {str(entry.get("cloud", "")) for entry in self._entries()}

    @property
    def in_use(self) -> bool:
        """Whether another process that wrote into it is still running."""
        return any(_runs(int(entry.get("process", 0))) for entry in self._entries())

    def _entries(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self._path.read_text().splitlines()] if self._path.exists() else []

    def close(self) -> None:
        """Remove the file if nothing is left to undo."""
        if not self.names() and self.defaults is None:
            self._path.unlink(missing_ok=True)


def _runs(process: int) -> bool:
    """Whether another process of that id is running."""
    if process in (0, os.getpid()):
        return False
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # another user's
        return True
    return True
