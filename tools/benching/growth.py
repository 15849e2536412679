"""The time of a first GET beside many other topologies, and the memory of the reference."""

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
    """The table of first GETs over HTTP, in ms, on references on SQLite with `sizes` topologies, in turn."""
    ladder = sorted({FEW, *sizes})
    measured: dict[int, list[float]] = {size: [] for size in ladder}
    with opened(["sqlite"] * len(ladder)) as targets:
        for target, size in zip(targets, ladder, strict=True):
            _fill(target.folder, size)
        wires = [Wire(target.member) for target in targets]
        for wire in wires:
            wire.call("GET"), wire.call("DELETE")  # work that is done only once for a project or a service
        for _ in range(rounds):
            for wire, values in zip(wires, measured.values(), strict=True):
                values.append(wire.call("GET"))
                wire.call("DELETE")
    few = median(measured[FEW])
    rows = [
        Row(
            f"first GET beside {size:,} topologies",
            "ms",
            values,
            "" if size == FEW else f"{times(median(values), few)} of {FEW}",
        )
        for size, values in measured.items()
    ]
    return Table("Growth", rows, "beside 50,000 at most 1.3 times what it is beside 10")


def memory(requests: int) -> Table:
    """The table of the reference's resident memory per process, in MB, at its start and after `requests` GETs and
    DELETEs.
    """
    rows = []
    with opened(["sqlite"]) as [target]:
        rows.append(Row("a worker, fresh", "MB", _workers(target.pid)))
        wire = Wire(target.member)
        for _ in range(requests):
            wire.call("GET"), wire.call("DELETE")
        rows.append(Row(f"a worker, after {2 * requests:,} requests", "MB", _workers(target.pid)))
    return Table("Memory of the reference", rows, "at most 90 MB a worker")


def _workers(pid: int) -> list[float]:
    """The resident memory of each child of the process, in MB."""
    sizes = []
    for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
        lines = Path(f"/proc/{child}/status").read_text().splitlines()
        sizes.append(next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS:")), 0.0))
    return sizes


def _fill(data: Path, number: int) -> None:
    """Add so many topologies to the database in that directory, which a reference serves."""
    store = Store(Settings(data=data).database_url)
    try:
        filling.fill(store, number)
        with store.engine.connect() as connection:  # as the server would do after a while
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    finally:
        store.close()
