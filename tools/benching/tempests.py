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

# what Tempest's five tests look at: dry run; first GET, and the same again; DELETE; `none`; `auto` for three servers
SAME = " or ".join(
    (
        "topology-dry-run.yaml",
        "topology-get-again.yaml",
        "topology-delete.yaml",
        "servers-none.yaml",
        "test_boot_race.py",
    )
)

AS_TEMPEST = ("-n", "2", "--race-rounds", "1")  # it runs in two processes, and boots three servers once


def beside(targets: Sequence[Target], rounds: int) -> Table:
    """Seconds from the start of each command to its end. Errors: UsageProblem where one of them does not pass."""
    rows = []
    for target in targets:
        with ExitStack() as stack:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="gman-bench-")))
            name = target.name
            if target.pid:  # a reference of ours: its clouds are in a file of its own
                file = str(target.folder / "clouds.yaml")
                stack.enter_context(fixtures.EnvironmentVariable("OS_CLIENT_CONFIG_FILE", file))
                name = CLOUD
            theirs, ours = _side_by_side(folder, name, rounds)
        rows += [
            Row(f"{target.name}: Tempest", "s", theirs),
            Row(f"{target.name}: the suite", "s", ours, f"{times(median(ours), median(theirs))} of Tempest"),
        ]
    return Table("Tempest's five tests, and the suite's that observe the same", rows, "at most half of Tempest's time")


def _side_by_side(folder: Path, cloud: str, rounds: int) -> tuple[list[float], list[float]]:
    work = programs.workspace(folder, f"{cloud}-admin")
    clouds = ["--cloud", cloud, "--admin-cloud", f"{cloud}-admin"]
    suite = [str(GMAN), "run", *clouds, "--report", str(folder / "report"), *AS_TEMPEST]
    theirs, ours = [], []
    for _ in range(rounds):
        theirs.append(_seconds("Tempest", lambda: programs.tempest(work, "|".join(programs.TOPOLOGY), quiet=True)))
        ours.append(_seconds("the suite", lambda: programs.run([*suite, "-k", SAME], folder, quiet=True)))
    return theirs, ours


def _seconds(who: str, work: Callable[[], int]) -> float:
    began = time.monotonic()
    if code := work():
        raise UsageProblem(f"{who} ended with exit code {code}: nothing to compare")
    return time.monotonic() - began
