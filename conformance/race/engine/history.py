"""What happened in a race, call by call: written as one JSON line each, read back, judged later or elsewhere.

Monotonic times order the calls of one host; `at`, wall-clock time, is only for showing them to a reader.
"""

import json
import os
import socket
import threading
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

# What invariants look at. Nothing else of an answer is kept: answers also hold passwords and users' data.
JUDGED = frozenset(
    {
        "id",
        "code",
        "name",
        "status",
        "type",
        "project_id",
        "tenant_id",
        "admin_state_up",
        "is_default",
        "network_id",
        "subnet_id",
        "subnetpool_id",
        "cidr",
        "device_id",
        "device_owner",
        "ip_address",
        "net_id",
    }
)

# What comes after a race, to see that it can be undone, is named after it
AFTERWARDS = "-deleted"


def worker() -> str:
    """The name of this process among those that run the tests."""
    return os.environ.get("PYTEST_XDIST_WORKER", "main")


@dataclass(frozen=True)
class Record:
    """One call. Without `completed` it is lost: it may or may not have happened, `lost` says what is known.

    Times are seconds, by the clock of `host`. `race` names what is judged together: a volley, what was seen during it,
    what it left. `target` is the id of the object the call is about, where it needs one. `volley` marks the calls of
    the race that were released at once; `sender` names the process that sent such a one where it was not `worker`, and
    its times are then right give or take `unsure`. `retries` is how often a gateway had turned it away before, and it
    was sent once more. `answer` is the JSON of the answer, reduced to what is judged (JUDGED).
    """

    race: str
    operation: str
    project: str
    invoked: float
    target: str = ""
    volley: bool = False
    completed: float | None = None
    first_byte: float | None = None
    status: int | None = None
    answer: Any = None
    request_id: str = ""
    lost: str = ""
    worker: str = field(default_factory=worker)
    host: str = field(default_factory=socket.gethostname)
    at: float = 0.0
    sender: str = ""
    unsure: float = 0.0
    retries: int = 0

    @property
    def ok(self) -> bool:
        return self.status is not None and 200 <= self.status < 300

    @property
    def ended(self) -> float:
        """When it was over, as far as anyone can know: never, for a lost call."""
        return float("inf") if self.completed is None else self.completed


def wall_clock(monotonic: float) -> float:
    """Seconds since the epoch at that monotonic time of this host."""
    return time.time() - time.monotonic() + monotonic


def judged(answer: Any) -> Any:
    """The JSON value without the members that no invariant looks at."""
    match answer:
        case dict():
            return {
                name: judged(value)
                for name, value in answer.items()
                if isinstance(value, dict | list) or name in JUDGED
            }
        case list():
            return [judged(value) for value in answer]
        case _:
            return answer


class History:
    """The records of a race in the run of that id, kept in memory and appended to `path`; threads may share it."""

    def __init__(self, path: Path, run: str = "") -> None:
        self.path = path
        self.run = run
        self._records: list[Record] = []
        self._lock = threading.Lock()

    @classmethod
    def within(cls, directory: Path, race: str, run: str) -> Self:
        """A history in a file that no other process or host writes, where those of earlier runs make room for it."""
        directory.mkdir(parents=True, exist_ok=True)
        for old in set(directory.glob(f"{race}.*.ndjson")) - set(directory.glob(f"{race}.{run}.*.ndjson")):
            old.unlink(missing_ok=True)
        return cls(directory / f"{race}.{run}.{socket.gethostname()}.{worker()}.ndjson", run)

    def add(self, record: Record) -> None:
        line = json.dumps(vars(record), separators=(",", ":"))
        with self._lock:
            self._records.append(record)
            with self.path.open("a", encoding="utf-8") as file:
                file.write(line + "\n")

    @property
    def records(self) -> list[Record]:
        """All of it so far, in order of invocation."""
        with self._lock:
            return in_order(self._records)


def in_order(records: Iterable[Record]) -> list[Record]:
    return sorted(records, key=lambda record: (record.host, record.invoked))


def read(paths: Iterable[Path]) -> list[Record]:
    """The records of all files together, host by host in order of invocation.

    Raises ValueError, naming file and line, for a line that is no record.
    """
    found = []
    for path in paths:
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            try:
                found.append(_record(json.loads(line)))
            except (ValueError, TypeError) as broken:
                raise ValueError(f"{path}:{number}: not a record of a race: {broken}") from None
    return in_order(found)


def _record(plain: Mapping[str, Any]) -> Record:
    """Of histories written before 1.0, too, in which `retries` was called `again`."""
    return Record(**{"retries" if name == "again" else name: value for name, value in dict(plain).items()})
