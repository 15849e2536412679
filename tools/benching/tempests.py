"""Tempest's tests of this subject beside the suite's that observe the same, on the same clouds."""

import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from statistics import median

import fixtures
from tempest_run import programs

from benching.suite import GMAN
from benching.table import Row, Table, times
from benching.target import Target
from conformance.run.embedded import CLOUD
from conformance.settings import UsageProblem

# what Tempest's five tests observe: dry run; first GET, and another; DELETE; `none`; `auto` for three servers
SAME = " or ".join(
    (
        "topology-dry-run.yaml",
        "topology-get-again.yaml",
        "topology-delete.yaml",
        "servers-none.yaml",
        "test_boot_race.py",
    )
)

AS_TEMPEST = ("-n", "2", "--race-rounds", "1")  # Tempest runs in two processes, and boots three servers once


def beside(targets: Sequence[Target], rounds: int) -> Table:
    """The table of both, in seconds from start to end. Raises UsageProblem where a command fails."""
    rows = []
    for target in targets:
        with ExitStack() as stack:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="gman-bench-")))
            name = target.name
            if target.pid:  # a reference of ours: its clouds are in a file of its own
                file = str(target.folder / "clouds.yaml")
                stack.enter_context(fixtures.EnvironmentVariable("OS_CLIENT_CONFIG_FILE", file))
                name = CLOUD
            tempest_seconds, suite_seconds = _side_by_side(folder, name, rounds)
        rows += [
            Row(f"{target.name}: Tempest", "s", tempest_seconds),
            Row(
                f"{target.name}: the suite",
                "s",
                suite_seconds,
                f"{times(median(suite_seconds), median(tempest_seconds))} of Tempest",
            ),
        ]
    return Table("Tempest's five tests, and the suite's that observe the same", rows, "at most half of Tempest's time")


def _side_by_side(folder: Path, cloud: str, rounds: int) -> tuple[list[float], list[float]]:
    """The seconds of each round, of Tempest and of the suite."""
    work = programs.workspace(folder, f"{cloud}-admin")
    clouds = ["--cloud", cloud, "--admin-cloud", f"{cloud}-admin"]
    suite = [str(GMAN), "run", *clouds, "--report", str(folder / "report"), *AS_TEMPEST]
    tempest_seconds, suite_seconds = [], []
    for _ in range(rounds):
        tempest_seconds.append(
            _seconds("Tempest", lambda: programs.tempest(work, "|".join(programs.TOPOLOGY), quiet=True))
        )
        suite_seconds.append(_seconds("the suite", lambda: programs.run([*suite, "-k", SAME], folder, quiet=True)))
    return tempest_seconds, suite_seconds


def _seconds(name: str, work: Callable[[], int]) -> float:
    """The seconds that the work takes. Raises UsageProblem where it fails."""
    start = time.monotonic()
    if code := work():
        raise UsageProblem(f"{name} ended with exit code {code}: nothing to compare")
    return time.monotonic() - start
