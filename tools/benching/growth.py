"""What a first GET costs beside so many other topologies, and what the reference holds in memory."""

from pathlib import Path
from statistics import median

from benching import filling
from benching.calls import Wire
from benching.table import Row, Table, times
from benching.target import opened
from reference.config import Settings
from reference.store import Store

FEW = 10


def growth(sizes: list[int], rounds: int) -> Table:
    """First GETs over HTTP, on references on SQLite that have so many topologies, in turn."""
    ladder = sorted({FEW, *sizes})
    found: dict[int, list[float]] = {size: [] for size in ladder}
    with opened(["sqlite"] * len(ladder)) as targets:
        for target, size in zip(targets, ladder, strict=True):
            _fill(target.folder, size)
        wires = [Wire(target.member) for target in targets]
        for wire in wires:
            wire.call("GET"), wire.call("DELETE")  # what is done once in a project's life, or a service's
        for _ in range(rounds):
            for wire, values in zip(wires, found.values(), strict=True):
                values.append(wire.call("GET"))
                wire.call("DELETE")
    few = median(found[FEW])
    rows = [
        Row(
            f"first GET beside {size:,} topologies",
            "ms",
            values,
            "" if size == FEW else f"{times(median(values), few)} of {FEW}",
        )
        for size, values in found.items()
    ]
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
    """Let so many topologies be there, in the database that is served from that directory."""
    store = Store(Settings(data=data).database_url)
    try:
        filling.fill(store, number)
        with store.engine.connect() as connection:  # what was written lately is where it would be after a while
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    finally:
        store.close()
