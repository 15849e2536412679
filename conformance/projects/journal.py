"""The journal of a run, on disk: whoever outlives the process that wrote it can finish what that one had begun."""

import json
import os
from pathlib import Path
from typing import Any

from conformance.settings import UsageProblem


class Journal:
    """What there is to be undone, in a file that the processes of a run share: the names of the scratch projects that
    there may be, and the cloud's defaults as they were, while a test has them changed.
    """

    def __init__(self, path: Path, cloud: str = "") -> None:
        """`cloud` is where the projects are: the URL of its Identity."""
        self._path = path
        self._cloud = cloud

    def probe(self) -> None:
        """Raises UsageProblem when it cannot be written. It is made with its first entry."""
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._path.touch()
            self._path.unlink()
        except OSError as wrong:
            raise UsageProblem(f"cannot write to {self._path}: {wrong.strerror}: set XDG_STATE_HOME") from None

    def note(self, what: str, value: Any) -> None:
        """Add that a project is about to be `made`, or is `gone`; that `defaults` are about to be changed, or are
        `restored`. One write, so that processes do not mix.
        """
        line = json.dumps({what: value, "process": os.getpid(), "cloud": self._cloud}) + "\n"
        handle = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            os.write(handle, line.encode())
        finally:
            os.close(handle)

    def names(self) -> list[str]:
        """The projects that are not known to be gone."""
        entries = self._entries()
        gone = {entry.get("gone") for entry in entries}
        return [str(entry["made"]) for entry in entries if "made" in entry and entry["made"] not in gone]

    @property
    def defaults(self) -> dict[str, list[str]] | None:
        """The defaults as they were before a change that is not known to be undone."""
        found = None
        for entry in self._entries():
            if "restored" in entry:
                found = None
            elif "defaults" in entry and found is None:
                found = entry["defaults"]
        return found

    @property
    def clouds(self) -> set[str]:
        """The clouds that its projects are on."""
        return {str(entry.get("cloud", "")) for entry in self._entries()}

    @property
    def in_use(self) -> bool:
        """Whether a process that wrote into it is still there, this one aside."""
        return any(_alive(int(entry.get("process", 0))) for entry in self._entries())

    def _entries(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self._path.read_text().splitlines()] if self._path.exists() else []

    def close(self) -> None:
        """Remove the file when nothing is left to do."""
        if not self.names() and self.defaults is None:
            self._path.unlink(missing_ok=True)


def _alive(process: int) -> bool:
    if process in (0, os.getpid()):
        return False
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # somebody else's
        return True
    return True
