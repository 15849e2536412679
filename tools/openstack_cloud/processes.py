"""Starts, recognises and ends the processes of a cloud, and no others.

Each process leads a session of its own. Its record holds its id, its start time in clock ticks since boot and
a marker its command line must show, so that a number used again by somebody else is never taken for ours.
"""

import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from .errors import NotUpError
from .settings import write_private

STOP_SECONDS = 40.0
SHOW_SECONDS = 5.0


@dataclass(frozen=True)
class Program:
    """A program to keep running: its name, command, extra environment, and the marker of its command line."""

    name: str
    command: Sequence[str]
    marker: str
    environ: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Status:
    """What the kernel says of a process: state letter, session, start time in ticks since boot."""

    state: str
    session: int
    started: int


def status(pid: int) -> Status | None:
    """A process's status; None where there is none or where it has ended and waits to be collected."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    found = Status(fields[0], int(fields[3]), int(fields[19]))
    return None if found.state in "ZX" else found


def command_line(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except OSError:
        return ""


class Keeper:
    """The processes of one cloud, by their records in `run` and their logs in `log`."""

    def __init__(self, run: Path, log: Path) -> None:
        self.run, self.log = run, log

    def record(self, name: str) -> Path:
        return self.run / f"{name}.json"

    def names(self) -> list[str]:
        return sorted(path.stem for path in self.run.glob("*.json"))

    def members(self, name: str) -> Iterator[int]:
        """The live processes of the session that was started under this name, its leader first."""
        try:
            record = json.loads(self.record(name).read_text())
        except (OSError, ValueError):
            return
        leader, started = record["pid"], record["started"]
        now = status(leader)
        if now and (now.started != started or record["marker"] not in command_line(leader)):
            return
        if now:
            yield leader
        for pid in map(int, filter(str.isdigit, os.listdir("/proc"))):
            found = status(pid)
            if pid != leader and found and found.session == leader and found.started >= started:
                yield pid

    def leader(self, name: str) -> int | None:
        """The id of the running process of this name, None when it does not run."""
        first = next(self.members(name), None)
        return first if first and json.loads(self.record(name).read_text())["pid"] == first else None

    def start(self, program: Program) -> None:
        """Start a program unless it runs; what it says goes to its log."""
        if self.leader(program.name):
            return
        self.stop([program.name])
        with (self.log / f"{program.name}.log").open("ab") as log:
            child = subprocess.Popen(  # noqa: S603 the command is ours
                program.command,
                env={**minimal_environment(), **program.environ},
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        record = {"pid": child.pid, "started": self.started(program, child.pid), "marker": program.marker}
        write_private(self.record(program.name), json.dumps(record))

    def started(self, program: Program, pid: int) -> int:
        """The start time of a child, once it shows the marker: for a moment it has no command line at all."""
        deadline = time.monotonic() + SHOW_SECONDS
        while time.monotonic() < deadline and (now := status(pid)):
            if program.marker in command_line(pid):
                return now.started
            time.sleep(0.01)
        raise NotUpError(f"{program.name} ended at once\n{self.tail(program.name)}")

    def stop(self, names: Sequence[str]) -> list[str]:
        """End the named processes together: politely, then by force. Answers the names of those that ran."""
        ran = [name for name in names if self.signal(name, signal.SIGTERM)]
        deadline = time.monotonic() + STOP_SECONDS
        left = ran
        while left and time.monotonic() < deadline:
            time.sleep(0.1)
            left = [name for name in left if any(self.members(name))]
        for name in left:
            for pid in list(self.members(name)):
                kill(pid, signal.SIGKILL)
        for name in names:
            self.record(name).unlink(missing_ok=True)
        return ran

    def signal(self, name: str, number: signal.Signals) -> bool:
        """Signal the leader, or what a dead leader left behind. False when nothing of it lives."""
        leader = self.leader(name)
        targets = [leader] if leader else list(self.members(name))
        for pid in targets:
            kill(pid, number)
        return bool(targets)

    def tail(self, name: str) -> str:
        return tail(self.log / f"{name}.log")


def tail(path: Path, lines: int = 25) -> str:
    """The last lines of a log, headed by its name."""
    text = path.read_text(errors="replace") if path.exists() else ""
    return "\n".join([f"--- {path}", *text.splitlines()[-lines:]])


def minimal_environment() -> dict[str, str]:
    """What a started program gets to see of ours: never a password or a setting of some other cloud."""
    kept = {name: os.environ[name] for name in ("HOME", "LANG", "TZ") if name in os.environ}
    return {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", **kept}


def kill(pid: int, number: signal.Signals) -> None:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return
