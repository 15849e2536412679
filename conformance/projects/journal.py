"""The journal of a run, on disk, by which another process can undo what a killed one has done."""

import fcntl
import json
import os
import weakref
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from conformance.settings import UsageProblem
from conformance.untrusted import UntrustedError, parse_json, read_text

EVENTS = ("made", "gone", "defaults", "restored")  # one of them in each line
MOST = 4 * 1024 * 1024  # bytes: some 20,000 projects


class Journal:
    """What is to be undone, in a file that the processes of a run share: the names of the scratch projects that may
    exist, and the cloud's defaults as they were before a test that is changing them.

    A process that has written into it holds a shared lock on it until it ends, however it ends. A line that is none of
    a journal's is `damaged`, and the others count all the same; a last line that was cut off is as if never written,
    for what it announces comes after it.
    """

    def __init__(self, path: Path, cloud: str = "") -> None:
        """`cloud` is where the projects are: the URL of its Identity."""
        self._path = path
        self._cloud = cloud
        self._opened: tuple[int, weakref.finalize[[int], Journal]] | None = (
            None  # the file's handle, and what closes it
        )

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

        Raises UsageProblem where the disk takes no more.
        """
        line = json.dumps({event: value, "cloud": self._cloud}) + "\n"
        try:
            os.write(self._handle(), line.encode())
        except OSError as error:
            raise UsageProblem(f"cannot write to {self._path}: {error.strerror}: set XDG_STATE_HOME") from None

    def names(self) -> list[str]:
        """The names of the projects that are not known to be gone."""
        entries, _damaged = self._entries()
        gone = {entry["gone"] for entry in entries if "gone" in entry}
        return [entry["made"] for entry in entries if "made" in entry and entry["made"] not in gone]

    @property
    def defaults(self) -> dict[str, list[str]] | None:
        """The defaults (kind -> ids) before a change that is not known to be undone, None where there is none."""
        defaults = None
        for entry in self._entries()[0]:
            if "restored" in entry:
                defaults = None
            elif "defaults" in entry and defaults is None:
                defaults = entry["defaults"]
        return defaults

    @property
    def clouds(self) -> set[str]:
        """The URLs of the clouds that its projects are on."""
        return {entry["cloud"] for entry in self._entries()[0]}

    @property
    def damaged(self) -> list[int]:
        """The numbers of the lines that are none of a journal's."""
        return self._entries()[1]

    @property
    def in_use(self) -> bool:
        """Whether a process that wrote into it is still running."""
        try:
            with self._path.open("rb") as file:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except FileNotFoundError:
            return False
        except BlockingIOError:
            return True
        return False

    def _entries(self) -> tuple[list[dict[str, Any]], list[int]]:
        """The entries, and the numbers of damaged lines. Raises UsageProblem where the file cannot be read."""
        if not self._path.exists():
            return [], []
        try:
            *lines, _cut_off = read_text(self._path, MOST).split("\n")
        except OSError as error:
            raise UsageProblem(f"journal {self._path}: {error.strerror}") from None
        except UntrustedError as error:
            raise UsageProblem(f"journal {self._path}: {error}: delete what it names by hand, then the file") from None
        numbered = {number: _entry(line) for number, line in enumerate(lines, 1)}
        return [entry for entry in numbered.values() if entry], [
            number for number, entry in numbered.items() if not entry
        ]

    def close(self) -> None:
        """Remove the file if nothing is left to undo."""
        if not self.names() and self.defaults is None and not self.damaged:
            self._path.unlink(missing_ok=True)

    def release(self) -> None:
        """No longer be one of those who write into it."""
        if self._opened:
            self._opened[1]()
            self._opened = None

    def _handle(self) -> int:
        """The file, opened for its whole life with the lock of those who write into it. Raises OSError."""
        if self._opened is None:
            handle = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
            self._opened = handle, weakref.finalize(self, os.close, handle)
            fcntl.flock(handle, fcntl.LOCK_SH)
        return self._opened[0]


def _entry(line: str) -> dict[str, Any]:
    """What a line says; empty where it is none of a journal's."""
    try:
        entry = parse_json(line)
    except UntrustedError:
        return {}
    if not isinstance(entry, dict) or not isinstance(entry.get("cloud"), str):
        return {}
    is_right = any(_fits(event, entry[event]) for event in EVENTS if event in entry)
    return entry if is_right and sum(event in entry for event in EVENTS) == 1 else {}


def _fits(event: str, value: Any) -> bool:
    """Whether it is a value of that event."""
    if event == "defaults":
        return isinstance(value, Mapping) and all(
            isinstance(ids, list) and all(isinstance(id_, str) for id_ in ids) for ids in value.values()
        )
    return isinstance(value, str if event in ("made", "gone") else bool)
