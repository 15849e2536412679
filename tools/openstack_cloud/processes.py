"""Starts, recognises and ends the processes of a cloud, and no others.

Each process leads a session of its own. Its record holds its id, its start time in clock ticks since boot and
a marker its command line must show, so that a process of somebody else with the same id is never taken for ours.
"""

import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .settings import write_private

STOP_SECONDS = 40.0


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
    status_now = Status(fields[0], int(fields[3]), int(fields[19]))
    return None if status_now.state in "ZX" else status_now


def command_line(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except OSError:
        return ""


class Keeper:
    """The processes of one cloud, by their records in `run` and their logs in `log`."""

    def __init__(self, run: Path, log: Path) -> None:
        self.run, self.log = run, log
        self.children: dict[str, subprocess.Popen[bytes]] = {}

    def record(self, name: str) -> Path:
        return self.run / f"{name}.json"

    def names(self) -> list[str]:
        return sorted(path.stem for path in self.run.glob("*.json"))

    def read(self, name: str) -> dict[str, Any] | None:
        with suppress(OSError, ValueError):
            status_now: dict[str, Any] = json.loads(self.record(name).read_text())
            return status_now
        return None

    def leader(self, name: str) -> int | None:
        """The id of the running process that was started under this name, None when it does not run."""
        record = self.read(name)
        now = status(record["pid"]) if record else None
        if record is None or now is None or now.started != record["started"]:
            return None
        shown = command_line(record["pid"])
        # a process that begins or ends has an empty command line: then its start time identifies it
        return record["pid"] if record["marker"] in shown or not shown else None

    def members(self, name: str) -> Iterator[int]:
        """The live processes of the session that was started under this name, its leader first."""
        record, leader = self.read(name), self.leader(name)
        if record is None or (leader is None and status(record["pid"])):
            return  # another process has the id by now
        if leader:
            yield leader
        for pid in map(int, filter(str.isdigit, os.listdir("/proc"))):
            status_now = status(pid)
            if (
                pid != leader
                and status_now
                and status_now.session == record["pid"]
                and status_now.started >= record["started"]
            ):
                yield pid

    def start(self, program: Program) -> None:
        """Start a program unless it runs; its output goes to its log."""
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
        self.children[program.name] = child
        now = status(child.pid)
        record = {"pid": child.pid, "started": now.started if now else 0, "marker": program.marker}
        write_private(self.record(program.name), json.dumps(record))

    def stop(self, names: Sequence[str]) -> list[str]:
        """End the named processes together: politely, then by force. Answers the names of those that ran."""
        ran = [name for name in names if self.signal(name, signal.SIGTERM)]
        deadline = time.monotonic() + STOP_SECONDS
        running = ran
        while running and time.monotonic() < deadline:
            time.sleep(0.1)
            running = [name for name in running if any(self.members(name))]
        for name in running:
            for pid in list(self.members(name)):
                kill(pid, signal.SIGKILL)
        for name in names:
            self.record(name).unlink(missing_ok=True)
            self.collect(name)
        return ran

    def collect(self, name: str) -> None:
        """Collect a process that this keeper has started and that has ended."""
        if child := self.children.pop(name, None):
            with suppress(subprocess.TimeoutExpired):
                child.wait(STOP_SECONDS)

    def signal(self, name: str, number: signal.Signals) -> bool:
        """Signal the leader, or processes that a dead leader left behind. False if none lives."""
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
    """The environment of a started program: without passwords or settings of some other cloud."""
    inherited = {name: os.environ[name] for name in ("HOME", "LANG", "TZ") if name in os.environ}
    return {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", **inherited}


def kill(pid: int, number: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, number)
