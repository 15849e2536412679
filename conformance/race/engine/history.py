"""The history of a race: one JSON line for each call, which can be judged later and on other machines.

Monotonic times order the calls of one host; `at`, wall-clock time, is only shown to readers.
"""

import json
import os
import socket
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Self

from conformance.untrusted import read_records

# The members of answers that invariants look at. No others are recorded: answers also hold passwords and users' data.
JUDGED = frozenset(
    {
        "id",
        "code",
        "name",
        "status",
        "OS-EXT-STS:task_state",
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
        "port_id",
        "mac_address",
        "gateway_ip",
        "start",
        "end",
        "floating_network_id",
        "floating_ip_address",
    }
)

# The suffix of a race's name under which its cleanup is recorded
AFTERWARDS = "-deleted"
TOO_LATE = "no complete answer within"  # how `lost` begins for a call that was given up


WORKER = "PYTEST_XDIST_WORKER"  # the variable with a process's name, as pytest-xdist has it


def worker() -> str:
    """The name of this process among the workers of the run."""
    return os.environ.get(WORKER, "main")


@dataclass(frozen=True)
class Record:
    """One call. Without `completed` it is lost: it may or may not have been executed; `lost` says why.

    Times are in seconds, by the clock of `host`. `race`: the name of what is judged together (a volley, what was
    observed during it, what it left). `target`: the id of the object that the call is about, if needed. `volley`:
    whether it was released with others; `sender` is then the process that sent it, if not `worker`, and its times are
    accurate to `unsure` seconds. `retries`: how often it was sent again after a gateway had turned it away. `answer`
    and `sent`: the JSON of the answer and of the request, reduced to JUDGED.
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
    sent: Any = None

    @property
    def may_go_on(self) -> bool:
        """Whether it was released with others and given up as too late, so that the service may still execute it."""
        return self.completed is None and self.lost.startswith(TOO_LATE)

    @property
    def ok(self) -> bool:
        return self.status is not None and 200 <= self.status < 300

    @property
    def ended(self) -> float:
        """The latest moment at which it can have ended: infinity for a lost call."""
        return float("inf") if self.completed is None else self.completed


def wall_clock(monotonic: float) -> float:
    """Seconds since the epoch at that monotonic time of this host."""
    return time.time() - time.monotonic() + monotonic


def reduced(answer: Any) -> Any:
    """A JSON value without the members that no invariant looks at."""
    match answer:
        case dict():
            return {
                name: reduced(value)
                for name, value in answer.items()
                if isinstance(value, dict | list) or name in JUDGED
            }
        case list():
            return [reduced(value) for value in answer]
        case _:
            return answer


class History:
    """The records of a race in the run of that id, in memory and appended to the file `path`; threads may share it."""

    def __init__(self, path: Path, run: str = "") -> None:
        self.path = path
        self.run = run
        self._records: list[Record] = []
        self._lock = threading.Lock()

    @classmethod
    def within(cls, directory: Path, race: str, run: str) -> Self:
        """A history in a file that no other process or host writes; files of earlier runs are deleted."""
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
        """All records so far, in order of invocation."""
        with self._lock:
            return in_order(self._records)


def in_order(records: Iterable[Record]) -> list[Record]:
    """The records host by host, in order of invocation."""
    return sorted(records, key=lambda record: (record.host, record.invoked))


def read(paths: Iterable[Path], invalid: Callable[[str], None] | None = None) -> list[Record]:
    """The records of all files together, host by host in order of invocation.

    `invalid` is called with a text for each line that is no record, which names file and line; without it, ValueError
    is raised.
    """
    return in_order(read_records(paths, _record, "race", invalid))


def _record(plain: Any) -> Record:
    """The record, which somebody else may have written. Raises ValueError and TypeError where it is invalid."""
    # before 1.0 the key `retries` was called `again`
    return _checked(Record(**{"retries" if name == "again" else name: value for name, value in dict(plain).items()}))


WIDENED: dict[Any, Any] = {
    float: int | float,
    float | None: int | float | None,
}  # a float may come as a whole number: some programs write 2.0 as 2


def _checked(record: Record) -> Record:
    """The record. Raises ValueError where a member is of another kind."""
    for member in fields(record):
        value = getattr(record, member.name)
        kind = WIDENED.get(member.type, member.type)
        if kind is not Any and (not isinstance(value, kind) or isinstance(value, bool) is not (kind is bool)):
            raise ValueError(f"{member.name} is {value!r}")
    return record
