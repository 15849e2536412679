"""A program that runs a command and prints what it and all its descendants used, as a line of JSON.

    python meter.py COMMAND [ARGUMENT ...]

`code` is the command's exit code; `wall` and `processor` are seconds, the latter of user and system time. `reference`
is the part of `processor` used by processes that serve the reference (as last seen before they ended). `memory` is the
most that all had at once, in MB, with shared memory counted once. Descendants that have lost their parent are waited
for.
"""

import ctypes
import json
import os
import resource
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

SET_CHILD_SUBREAPER = 36  # of prctl(2): orphans become this process's children, so that their time is counted
BETWEEN = 0.2  # seconds from one look at the memory to the next
KB = 1024
SERVES = {b"reference", b"serve"}  # words of the command line of a reference
USER, SYSTEM = 11, 12  # fields of /proc/PID/stat after the name
TICKS = os.sysconf("SC_CLK_TCK")


def descendants(pid: int) -> list[int]:
    """The ids of all processes below that one."""
    below = []
    with suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            below += [int(child) for child in (task / "children").read_text().split()]
    return [*below, *(deeper for child in below for deeper in descendants(child))]


def memory(pids: list[int]) -> float:
    """The memory of those processes in MB, each page divided among the processes that share it; 0 for one that is
    gone.
    """
    total = 0
    for pid in pids:
        with suppress(OSError):
            lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
            total += sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return total / KB


def seconds(pid: int) -> float:
    """The processor time of a process that serves the reference; 0 for any other, and for one that is gone."""
    with suppress(OSError):
        if set(Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")) >= SERVES:
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            return (int(fields[USER]) + int(fields[SYSTEM])) / TICKS
    return 0.0


def measured(command: list[str]) -> dict[str, float]:
    """What the command used, once all of its descendants have ended."""
    ctypes.CDLL(None, use_errno=True).prctl(SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    start, most, code = time.monotonic(), 0.0, None
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)  # noqa: S603 - the command line is ours
    served: dict[int, float] = {}
    while code is None:
        pids = descendants(os.getpid())
        most = max(most, memory(pids))
        served.update({pid: taken for pid in pids if (taken := seconds(pid))})
        with suppress(subprocess.TimeoutExpired):
            code = process.wait(BETWEEN)
    wall = time.monotonic() - start
    with suppress(ChildProcessError):
        while True:
            os.wait()
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    processor = usage.ru_utime + usage.ru_stime
    return {"code": code, "wall": wall, "processor": processor, "reference": sum(served.values()), "memory": most}


if __name__ == "__main__":
    print(json.dumps(measured(sys.argv[1:])))
