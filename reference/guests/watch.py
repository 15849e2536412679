"""How much guests use: processes, their memory, and interfaces, by one look at all processes of the plane."""

import os
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

PROC = Path("/proc")
_PAGE = os.sysconf("SC_PAGE_SIZE")
_PARENT, _RESIDENT = 1, 21  # fields of stat after the name


@dataclass(frozen=True)
class Usage:
    processes: int = 0
    memory: int = 0  # bytes
    interfaces: int = 0  # interfaces in the network namespace of the first process


def usage(firsts: Iterable[int], proc: Path = PROC) -> dict[int, Usage]:
    """Process id -> what it and all its descendants use; a process that is gone uses nothing."""
    children: dict[int, list[int]] = defaultdict(list)
    resident: dict[int, int] = {}
    for entry in os.listdir(proc):
        if not entry.isdigit():
            continue
        try:
            fields = (proc / entry / "stat").read_text(errors="replace").rpartition(")")[2].split()
        except OSError:
            continue  # it ended meanwhile
        children[int(fields[_PARENT])].append(int(entry))
        resident[int(entry)] = int(fields[_RESIDENT]) * _PAGE
    states = {}
    for first in firsts:
        own, pending = [], [first]
        while pending:
            pid = pending.pop()
            own.append(pid)
            pending += children[pid]
        memory = sum(resident.get(pid, 0) for pid in own)
        states[first] = Usage(len([p for p in own if p in resident]), memory, _interfaces(proc / str(first)))
    return states


def _interfaces(process: Path) -> int:
    try:
        return (process / "net" / "dev").read_text().count(":")
    except OSError:
        return 0  # it ended meanwhile
