"""What a first GET costs beside so many other topologies, and what the reference holds in memory."""

from __future__ import annotations

import uuid
from pathlib import Path
from statistics import median

from benching.calls import Wire
from benching.table import Row, Table, times
from benching.target import opened
from reference.config import Settings
from reference.network import topology
from reference.store import Store
from reference.wsgi.context import Caller

FEW = 10


def growth(sizes: list[int], rounds: int) -> Table:
    """First GETs over HTTP with so many topologies present, on SQLite."""
    rows: list[Row] = []
    with opened(["sqlite"]) as [target]:
        wire = Wire(target.member)
        there = 0
        for size in sorted({FEW, *sizes}):
            _fill(target.folder, size - there)
            there = size
            values = []
            for _ in range(rounds):
                values.append(wire.call("GET"))
                wire.call("DELETE")
            ratio = times(median(values), rows[0].median) + f" of {FEW}" if rows else ""
            rows.append(Row(f"first GET beside {size:,} topologies", "ms", values, ratio))
    return Table("Growth", rows, "beside 50,000 at most 1.3 times what it is beside 10")


def memory(requests: int) -> Table:
    """Resident memory of each process of the reference, fresh and after so many first GETs and DELETEs."""
    rows = []
    with opened(["sqlite"]) as [target]:
        rows.append(Row("a worker, fresh", "MB", _workers(target.pid)))
        wire = Wire(target.member)
        for _ in range(requests):
            wire.call("GET"), wire.call("DELETE")
        rows.append(Row(f"a worker, after {2 * requests:,} requests", "MB", _workers(target.pid)))
    return Table("Memory of the reference", rows, "at most 90 MB a worker")


def _workers(pid: int) -> list[float]:
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [_resident(int(child)) for child in children]


def _resident(pid: int) -> float:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    return 0.0


def _fill(data: Path, number: int) -> None:
    """Build so many topologies, each of a project of its own, in the database that is served from there."""
    store = Store(Settings(data=data).database_url)
    try:
        for _ in range(number):
            project = uuid.uuid4().hex
            caller = Caller("bench", project, frozenset({"member", "reader"}), "")
            topology.get_or_build(store, caller, project)
    finally:
        store.close()
