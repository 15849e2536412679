"""The time of a user's calls, each on every target in turn, round by round, so that a slow moment hits all of them."""

import http.client
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit

from benching.table import Row, Table, times
from benching.target import Target
from conformance.deadlines import attempts
from conformance.race.engine.caller import Call, Caller, release_together
from conformance.race.engine.history import History
from conformance.race.operations.servers import BATCH, HEADERS
from conformance.race.operations.topology import DELETE_TOPOLOGY, GET_TOPOLOGY
from conformance.settings import UsageProblem
from conformance.target.capabilities import observe
from conformance.target.cloud import Account

PROJECTS = 8
WIDTH = 32
LONGEST = 300.0  # seconds that one call or one build may take


@dataclass
class Wire:
    """One connection that stays open, so that only the service is timed."""

    account: Account

    def __post_init__(self) -> None:
        self.url = f"{self.account.endpoints.network}/v2.0/auto-allocated-topology/{self.account.project_id}"
        parts = urlsplit(self.url)
        self.path = parts.path
        self.base = urlsplit(self.account.endpoints.network).path
        self.connection = http.client.HTTPConnection(str(parts.hostname), parts.port, timeout=LONGEST)

    def call(self, method: str, path: str = "") -> float:
        """Milliseconds until the answer is complete. Raises UsageProblem for an error.

        `path` is appended to Networking's endpoint; without it the call is for the topology.
        """
        headers = {"X-Auth-Token": self.account.token}
        start = time.monotonic()
        self.connection.request(method, f"{self.base}{path}" if path else self.path, headers=headers)
        response = self.connection.getresponse()
        response.read()
        milliseconds = 1000 * (time.monotonic() - start)
        if response.status not in (200, 204):
            raise UsageProblem(f"{method} {path or self.url} answered {response.status}: mend that first")
        return milliseconds


def one_user(targets: Sequence[Target], rounds: int) -> Table:
    """The table of first GET, steady GET and DELETE of one project, in ms."""
    measured: dict[tuple[str, str], list[float]] = defaultdict(list)
    wires = {target.name: Wire(target.member) for target in targets}
    for wire in wires.values():
        wire.call("GET"), wire.call("DELETE")  # work that is done only once for a project or a service
    for _ in range(rounds):
        for name, wire in wires.items():
            for operation, method in (("first GET", "GET"), ("steady GET", "GET"), ("DELETE", "DELETE")):
                measured[operation, name].append(wire.call(method))
    return Table("One user's calls", _rows(measured, targets, "ms"), "first GET on the reference: p50 <= 4 ms")


def crowds(targets: Sequence[Target], rounds: int) -> Table:
    """The table of concurrent first GETs, of many projects on one pool and of one project, in ms to the last answer."""
    measured: dict[tuple[str, str], list[float]] = defaultdict(list)
    with TemporaryDirectory(prefix="gman-bench-") as folder:
        crowds_by_target = {target.name: _callers(target, target.members(PROJECTS), Path(folder)) for target in targets}
        for _ in range(rounds):
            for name, callers in crowds_by_target.items():
                measured[f"{PROJECTS} projects on one pool", name].append(_volley([_get(caller) for caller in callers]))
                _volley([_delete(caller) for caller in callers])
                measured[f"{WIDTH} GETs of one project", name].append(_volley([_get(callers[0])] * WIDTH))
                _volley([_delete(callers[0])])
    return Table("Crowds, until the last is answered", _rows(measured, targets, "ms"))


@contextmanager
def crowd_of(target: Target) -> Iterator[Callable[[], float]]:
    """A function that sends the first GETs of PROJECTS projects at once; it returns the milliseconds to the last
    answer.
    """
    with TemporaryDirectory(prefix="gman-bench-") as folder:
        callers = _callers(target, target.members(PROJECTS), Path(folder))

        def volley() -> float:
            milliseconds = _volley([_get(caller) for caller in callers])
            _volley([_delete(caller) for caller in callers])
            return milliseconds

        yield volley


def boots(targets: Sequence[Target], rounds: int) -> Table:
    """The table of POST /servers with auto and min_count 3 in an empty project, in ms until all are ACTIVE."""
    measured: dict[tuple[str, str], list[float]] = defaultdict(list)
    for _ in range(rounds):
        for target in targets:
            measured[f"min_count {BATCH}, cold", target.name].append(_boot(target.member))
    return Table("First boots, until all servers are ACTIVE", _rows(measured, targets, "ms"))


def _rows(measured: dict[tuple[str, str], list[float]], targets: Sequence[Target], unit: str) -> list[Row]:
    """A row for each operation and target, with its ratio to the first target."""
    first = targets[0].name
    return [
        Row(
            f"{operation}, {name}",
            unit,
            values,
            "" if name == first else f"{times(median(values), median(measured[operation, first]))} of {first}",
        )
        for (operation, name), values in sorted(measured.items())
    ]


def _callers(target: Target, members: Sequence[Account], folder: Path) -> list[Caller]:
    history = History(folder / f"{target.name}.ndjson")
    return [Caller(member, history, "bench", LONGEST) for member in members]


def _get(caller: Caller) -> Call:
    return Call(caller, GET_TOPOLOGY, "GET", caller.topology_url)


def _delete(caller: Caller) -> Call:
    return Call(caller, DELETE_TOPOLOGY, "DELETE", caller.topology_url)


def _volley(calls: Sequence[Call]) -> float:
    """Milliseconds from the release of the calls to the last answer; refused calls are repeated, one by one."""
    records = release_together(calls)
    end = max(record.ended for record in records)
    for call, record in zip(calls, records, strict=True):
        if not record.ok:
            call.caller.call(call.operation, call.method, call.url)
    return 1000 * (end - min(record.invoked for record in records))


def _boot(account: Account) -> float:
    """Milliseconds from the request for BATCH servers until all are ACTIVE; they are deleted afterwards."""
    capabilities = observe(account)
    compute = f"{account.endpoints.compute}/servers"
    body = {"name": "bench", "imageRef": capabilities.image_id, "flavorRef": capabilities.flavor_id}
    start = time.monotonic()
    account.call("POST", compute, {"server": {**body, "networks": "auto", "min_count": BATCH}}, HEADERS)
    _until(lambda: _states(account, compute) == ["ACTIVE"] * BATCH, "not all servers are ACTIVE")
    milliseconds = 1000 * (time.monotonic() - start)
    for server in account.call("GET", compute)["servers"]:
        account.call("DELETE", f"{compute}/{server['id']}")
    _until(lambda: not _states(account, compute), "the servers do not go")
    account.call("DELETE", f"{account.endpoints.network}/v2.0/auto-allocated-topology/{account.project_id}")
    return milliseconds


def _states(account: Account, compute: str) -> list[str]:
    return [server["status"] for server in account.call("GET", f"{compute}/detail")["servers"]]


def _until(condition: Callable[[], bool], problem: str) -> None:
    """Wait until the condition holds. Raises UsageProblem after LONGEST."""
    for _ in attempts(LONGEST):
        if condition():
            return
    raise UsageProblem(f"{problem} within {LONGEST:g} s")
