"""What a user's calls cost, each on every target in turn, round by round, so that a slow moment hits all of them."""

import http.client
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit

from benching.table import Row, Table, times
from benching.target import Target
from conformance.deadlines import attempts
from conformance.race.engine.caller import Call, Caller, together
from conformance.race.engine.history import History
from conformance.race.operations.servers import HEADERS
from conformance.race.operations.topology import DELETE_TOPOLOGY, GET_TOPOLOGY
from conformance.race.scenarios.boots import BATCH
from conformance.settings import UsageProblem
from conformance.target.capabilities import observe
from conformance.target.cloud import Account

PROJECTS = 8
WIDTH = 32
LONGEST = 300.0  # seconds one call or one build may take


@dataclass
class Wire:
    """One connection that stays open, so that what is timed is the service."""

    account: Account

    def __post_init__(self) -> None:
        self.url = f"{self.account.endpoints.network}/v2.0/auto-allocated-topology/{self.account.project_id}"
        where = urlsplit(self.url)
        self.path = where.path
        self.connection = http.client.HTTPConnection(str(where.hostname), where.port, timeout=LONGEST)

    def call(self, method: str) -> float:
        """Milliseconds until the answer was complete."""
        headers = {"X-Auth-Token": self.account.token}
        began = time.monotonic()
        self.connection.request(method, self.path, headers=headers)
        answer = self.connection.getresponse()
        answer.read()
        took = 1000 * (time.monotonic() - began)
        if answer.status not in (200, 204):
            raise UsageProblem(f"{method} {self.url} answered {answer.status}: mend that first")
        return took


def one_user(targets: Sequence[Target], rounds: int) -> Table:
    """First GET, steady GET and DELETE of one project."""
    found: dict[tuple[str, str], list[float]] = defaultdict(list)
    wires = {target.name: Wire(target.member) for target in targets}
    for wire in wires.values():
        wire.call("GET"), wire.call("DELETE")  # what is done once in a project's life, or a service's
    for _ in range(rounds):
        for name, wire in wires.items():
            for what, method in (("first GET", "GET"), ("steady GET", "GET"), ("DELETE", "DELETE")):
                found[what, name].append(wire.call(method))
    return Table("One user's calls", _rows(found, targets, "ms"), "first GET on the reference: p50 <= 4 ms")


def crowds(targets: Sequence[Target], rounds: int) -> Table:
    """N projects' first GETs on one pool, and N first GETs of one project, released at once, until all are answered."""
    found: dict[tuple[str, str], list[float]] = defaultdict(list)
    with TemporaryDirectory(prefix="gman-bench-") as folder:
        crowd = {target.name: _callers(target, target.members(PROJECTS), Path(folder)) for target in targets}
        for _ in range(rounds):
            for name, callers in crowd.items():
                found[f"{PROJECTS} projects on one pool", name].append(_volley([_get(each) for each in callers]))
                _volley([_delete(each) for each in callers])
                found[f"{WIDTH} GETs of one project", name].append(_volley([_get(callers[0])] * WIDTH))
                _volley([_delete(callers[0])])
    return Table("Crowds, until the last is answered", _rows(found, targets, "ms"))


def boots(targets: Sequence[Target], rounds: int) -> Table:
    """POST /servers with auto and min_count 3 in an empty project, until all are ACTIVE."""
    found: dict[tuple[str, str], list[float]] = defaultdict(list)
    for _ in range(rounds):
        for target in targets:
            found[f"min_count {BATCH}, cold", target.name].append(_boot(target.member))
    return Table("First boots, until all servers are ACTIVE", _rows(found, targets, "ms"))


def _rows(found: dict[tuple[str, str], list[float]], targets: Sequence[Target], unit: str) -> list[Row]:
    first = targets[0].name
    return [
        Row(
            f"{what}, {name}",
            unit,
            values,
            "" if name == first else f"{times(median(values), median(found[what, first]))} of {first}",
        )
        for (what, name), values in sorted(found.items())
    ]


def _callers(target: Target, members: Sequence[Account], folder: Path) -> list[Caller]:
    history = History(folder / f"{target.name}.ndjson")
    return [Caller(member, history, "bench", LONGEST) for member in members]


def _get(caller: Caller) -> Call:
    return Call(caller, GET_TOPOLOGY, "GET", caller.topology_url)


def _delete(caller: Caller) -> Call:
    return Call(caller, DELETE_TOPOLOGY, "DELETE", caller.topology_url)


def _volley(calls: Sequence[Call]) -> float:
    """Milliseconds from the first of the last bytes to the last answer; one that was refused asks again, alone."""
    records = together(calls)
    ended = max(record.ended for record in records)
    for call, record in zip(calls, records, strict=True):
        if not record.ok:
            call.caller.call(call.operation, call.method, call.url)
    return 1000 * (ended - min(record.invoked for record in records))


def _boot(account: Account) -> float:
    seen = observe(account)
    compute = f"{account.endpoints.compute}/servers"
    body = {"name": "bench", "imageRef": seen.image_id, "flavorRef": seen.flavor_id}
    began = time.monotonic()
    account.call("POST", compute, {"server": {**body, "networks": "auto", "min_count": BATCH}}, HEADERS)
    _until(lambda: _states(account, compute) == ["ACTIVE"] * BATCH, "not all servers are ACTIVE")
    took = 1000 * (time.monotonic() - began)
    for server in account.call("GET", compute)["servers"]:
        account.call("DELETE", f"{compute}/{server['id']}")
    _until(lambda: not _states(account, compute), "the servers do not go")
    account.call("DELETE", f"{account.endpoints.network}/v2.0/auto-allocated-topology/{account.project_id}")
    return took


def _states(account: Account, compute: str) -> list[str]:
    return [server["status"] for server in account.call("GET", f"{compute}/detail")["servers"]]


def _until(held: Callable[[], bool], wrong: str) -> None:
    for _ in attempts(LONGEST):
        if held():
            return
    raise UsageProblem(f"{wrong} within {LONGEST:g} s")
