"""The processor time that a reference takes to answer, today's beside that of an earlier revision, in turns. Only the
reference's processes count, user and system time, so that other work on the machine and the client do not matter.
"""

import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import fixtures

from benching import meter
from benching.builds import ROOT, TODAY, in_turn, unpacked
from benching.calls import PROJECTS, Wire, crowd_of
from benching.since import ratio
from benching.table import Row, Table
from benching.target import Target, opened

REQUESTS = 100  # cheap ones in one round
BUILDS = 20  # first GETs in one round
LISTS = ("networks", "subnets", "ports", "routers", "security-groups")
_SCHEDULED = 2  # Linux's number for the clock of a process's processor time, combined with its id


@dataclass
class Served:
    """A reference, and the wire to it; `clocks` are those of its processes."""

    target: Target

    def __post_init__(self) -> None:
        self.wire = Wire(self.target.member)
        pids = [self.target.pid, *meter.descendants(self.target.pid)]
        self.clocks = [~pid << 3 | _SCHEDULED for pid in pids]

    def used(self) -> float:
        """Milliseconds of processor time that its processes have taken so far."""
        return 1000 * sum(time.clock_gettime(clock) for clock in self.clocks)

    def steady(self, path: str = "") -> float:
        """Milliseconds for a GET of that path, the topology's without one; the mean of REQUESTS."""
        before = self.used()
        for _ in range(REQUESTS):
            self.wire.call("GET", path)
        return (self.used() - before) / REQUESTS

    def first(self) -> tuple[float, float]:
        """Milliseconds for a first GET and for a DELETE of the topology; the means of BUILDS."""
        building = deleting = 0.0
        for _ in range(BUILDS):
            start = self.used()
            self.wire.call("GET")
            built = self.used()
            self.wire.call("DELETE")
            building, deleting = building + built - start, deleting + self.used() - built
        return building / BUILDS, deleting / BUILDS


def since(revision: str, names: Sequence[str], rounds: int) -> list[Table]:
    """A table for each kind of database, of the reference of today beside that of the revision.

    Raises UsageProblem where there is no such revision, or no such database.
    """
    with TemporaryDirectory(prefix="gman-bench-") as folder:
        trees = {revision: unpacked(revision, Path(folder)), TODAY: ROOT}
        return [_beside(trees, name, rounds) for name in names]


def _beside(trees: dict[str, Path], name: str, rounds: int) -> Table:
    measured: dict[str, dict[str, list[float]]] = defaultdict(lambda: {when: [] for when in trees})
    with builds(trees, name) as started, ExitStack() as stack:
        crowds = {when: stack.enter_context(crowd_of(build.target)) for when, build in started.items()}
        for build in started.values():
            build.first(), build.steady()  # work that is done only once for a project or a service
        for number in range(rounds):
            for when, build in in_turn([*started.items()], number):
                building, deleting = build.first()
                measured["first GET"][when].append(building)
                measured["DELETE"][when].append(deleting)
                build.wire.call("GET")
                measured["steady GET"][when].append(build.steady())
                for plural in LISTS:
                    measured[f"list of {plural}"][when].append(build.steady(f"/v2.0/{plural}"))
                build.wire.call("DELETE")
                measured[f"{PROJECTS} projects at once (wall)"][when].append(crowds[when]())
    earlier, _ = trees
    rows = [row for what, values in measured.items() for row in _rows(what, earlier, values)]
    return Table(
        f"The reference's processor time for one request, on {name}",
        rows,
        "first GET and lists x 0.50, steady GET x 0.60, projects at once on SQLite x 0.45",
    )


@contextmanager
def builds(trees: dict[str, Path], name: str) -> Iterator[dict[str, Served]]:
    """References on that kind of database, each of the files in a folder, with one worker."""
    with ExitStack() as stack:
        targets = {}
        for when, tree in trees.items():
            with ExitStack() as environment:
                # the folder comes first, before the packages that are installed
                for variable, value in {"PYTHONPATH": str(tree), "PYTHONSAFEPATH": "1"}.items():
                    environment.enter_context(fixtures.EnvironmentVariable(variable, value))
                [target] = stack.enter_context(opened([name], workers="1"))
            targets[when] = Served(target)
            stack.callback(targets[when].wire.connection.close)
        yield targets


def _rows(what: str, earlier: str, values: dict[str, list[float]]) -> list[Row]:
    """The rows of both builds, today's with its ratios to the earlier one's."""
    return [
        Row(f"{what}, {earlier}", "ms", values[earlier]),
        Row(f"{what}, {TODAY}", "ms", values[TODAY], ratio(values[TODAY], values[earlier], earlier)),
    ]
