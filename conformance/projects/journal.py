"""The journal of a run, on disk: the list of what another process has to undo if the run is killed."""

import errno
import fcntl
import json
import os
import weakref
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from conformance.settings import UsageProblem
from conformance.untrusted import UntrustedError, parse_json, read_text

EVENTS = ("made", "gone", "defaults", "restored")  # each line has one of these keys
LONGEST_LINE = 64 * 1024  # bytes
MOST = 4 * 1024 * 1024  # bytes: some 20,000 projects


class Journal:
    """What is to be undone, in a file that the processes of a run share: the names of the scratch projects that may
    exist, and the cloud's defaults as they were before a test that is changing them.

    A process that has written to it holds a shared lock on the file until it ends, however it ends. Invalid lines are
    `damaged`; the other lines remain valid. A last line without a line feed is ignored: its process was killed before
    it could do what the line announces.
    """

    def __init__(self, path: Path, cloud: str = "") -> None:
        """`cloud` is where the projects are: the URL of its Identity."""
        self._path = path
        self._cloud = cloud
        self._opened: tuple[int, weakref.finalize[[int], Journal]] | None = (
            None  # the file's handle, and what closes it
        )

    def probe(self) -> None:
        """Raises UsageProblem where the file cannot be written. No file remains: the first entry creates it."""
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._path.touch()
            self._path.unlink()
        except OSError as error:
            raise UsageProblem(f"cannot write to {self._path}: {error.strerror}: set XDG_STATE_HOME") from None

    def note(self, event: str, value: Any) -> None:
        """Append an event with its value, in a single write, as other processes append, too:

        - `made`: the name of a project that is about to be created; `gone`: of one that has been deleted;
        - `defaults`: the defaults (kind -> ids) before a change that is about to be made; `restored`: True.

        Raises UsageProblem where the file cannot be written.
        """
        line = (json.dumps({event: value, "cloud": self._cloud}) + "\n").encode()
        try:
            if os.write(self._handle(), line) < len(line):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        except OSError as error:
            raise UsageProblem(f"cannot write to {self._path}: {error.strerror}: set XDG_STATE_HOME") from None

    def names(self) -> list[str]:
        """The names of projects that were announced and not noted as gone."""
        entries, _damaged = self._entries()
        gone = {entry["gone"] for entry in entries if "gone" in entry}
        return [entry["made"] for entry in entries if "made" in entry and entry["made"] not in gone]

    @property
    def defaults(self) -> dict[str, list[str]] | None:
        """The defaults (kind -> ids) before a change that was not noted as restored, None where there is none."""
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
        """The numbers of invalid lines, from 1."""
        return self._entries()[1]

    @property
    def in_use(self) -> bool:
        """Whether a process that wrote into it is still running. Raises UsageProblem where the file cannot be read."""
        try:
            handle = os.open(self._path, os.O_RDONLY | os.O_NONBLOCK)  # does not block for a pipe
        except FileNotFoundError:
            return False
        except OSError as error:
            raise UsageProblem(f"journal {self._path}: {error.strerror}") from None
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        finally:
            os.close(handle)
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
        if self._path.exists() and not self.names() and self.defaults is None and not self.damaged:
            self._path.unlink(missing_ok=True)

    def release(self) -> None:
        """Close the file, which gives up this process's lock."""
        if self._opened:
            self._opened[1]()
            self._opened = None

    def _handle(self) -> int:
        """The descriptor of the file, opened once and locked for as long as the process writes. Raises OSError."""
        if self._opened is None:
            handle = os.open(self._path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
            self._opened = handle, weakref.finalize(self, os.close, handle)
            with suppress(BlockingIOError):  # as no other process writes then
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                _remove_cut_off_line(handle)
            fcntl.flock(handle, fcntl.LOCK_SH)
        return self._opened[0]


def _remove_cut_off_line(handle: int) -> None:
    """Remove a last line without a line feed, so that the next line is one of its own."""
    size = os.fstat(handle).st_size
    end = os.pread(handle, LONGEST_LINE, max(size - LONGEST_LINE, 0))
    if b"\n" in end or size < LONGEST_LINE:
        os.ftruncate(handle, size - len(end) + end.rfind(b"\n") + 1)


def _entry(line: str) -> dict[str, Any]:
    """The entry in a line; empty for an invalid line."""
    try:
        entry = parse_json(line)
    except UntrustedError:
        return {}
    if not isinstance(entry, dict) or not isinstance(entry.get("cloud"), str):
        return {}
    is_valid = any(_fits(event, entry[event]) for event in EVENTS if event in entry)
    return entry if is_valid and sum(event in entry for event in EVENTS) == 1 else {}


def _fits(event: str, value: Any) -> bool:
    """Whether the value is of the type that the event has."""
    if event == "defaults":
        return isinstance(value, Mapping) and all(
            isinstance(ids, list) and all(isinstance(id_, str) for id_ in ids) for ids in value.values()
        )
    return isinstance(value, str if event in ("made", "gone") else bool)
