"""The whole embedded run of today beside that of an older revision of this repository, in turns."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from benching import builds, meter
from benching.builds import Build
from benching.table import Row, Table, times
from conformance.settings import UsageProblem

COUNTED = Path(__file__).with_name("counted")
LONGEST = 1200  # seconds that a run may take
# measure -> (its name in the table, its unit)
MEASURES = {
    "processor": ("processor time of all processes", "s"),
    "reference": ("of it, the reference's", "s"),
    "wall": ("wall time", "s"),
    "requests": ("requests", ""),
    "memory": ("most memory of all processes", "MB"),
}
LEFT_OUT = ("OS_CLOUD", "OS_AUTH_URL")  # variables that would name another cloud than the embedded reference


def since(revision: str, rounds: int) -> Table:
    """The table of both, with the ratio of each pair of runs. Raises UsageProblem where one cannot be measured."""
    with TemporaryDirectory(prefix="gman-bench-") as folder:
        place = Path(folder)
        both = builds.older(revision, place), builds.today(place)
        rows = in_pairs(both, rounds, MEASURES, lambda build: _measured(build, place))
    return Table(f"The whole suite, embedded, since {revision}", rows, "processor time x 0.50, wall time x 0.55")


def in_pairs(
    both: tuple[Build, Build],
    rounds: int,
    measures: Mapping[str, tuple[str, str]],
    measured: Callable[[Build], Mapping[str, float]],
) -> list[Row]:
    """The rows of an older build and of today's, measured in turns; `measures` are names and units by measure."""
    then, now = both
    runs: dict[Build, list[Mapping[str, float]]] = {then: [], now: []}
    for number in range(rounds):
        for build in builds.in_turn(both, number):
            runs[build].append(measured(build))
    rows = []
    for measure, (name, unit) in measures.items():
        before, after = ([run[measure] for run in runs[build]] for build in both)
        rows.append(Row(f"{name}, {then.name}", unit, before))
        rows.append(Row(f"{name}, {now.name}", unit, after, ratio(after, before, then.name)))
    return rows


def ratio(after: Sequence[float], before: Sequence[float], revision: str) -> str:
    """Each pair's ratio in words: the median, and from the smallest to the largest."""
    ratios = sorted(new / old for new, old in zip(after, before, strict=True) if old)
    if not ratios:
        return "-"
    return f"{times(median(ratios), 1)} of {revision} ({ratios[0]:.2f} to {ratios[-1]:.2f})"


def _measured(build: Build, folder: Path) -> dict[str, float]:
    """The measures of one whole run, in a folder of its own. Raises UsageProblem where it is not conformant."""
    with TemporaryDirectory(dir=folder) as own:
        requests = Path(own) / "requests"
        variables = {name: value for name, value in os.environ.items() if name not in LEFT_OUT}
        variables |= {"XDG_STATE_HOME": own, "PYTHONPATH": str(COUNTED), "GMAN_BENCH_REQUESTS": str(requests)}
        measures = metered([str(build.gman), "run", "--report", f"{own}/report"], variables, own, LONGEST)
        if code := measures.pop("code"):
            raise UsageProblem(f"gman run of {build.name} ended with exit code {code:g}: nothing to compare")
        return measures | {"requests": float(requests.stat().st_size)}


def metered(command: list[str], variables: Mapping[str, str], folder: str, seconds: float) -> dict[str, float]:
    """What the command used, by `meter`. It runs in that folder, so that no checkout hides its packages."""
    completed = subprocess.run(  # noqa: S603 - programs of this repository
        [sys.executable, meter.__file__, *command],
        env=variables,
        cwd=folder,
        stdout=subprocess.PIPE,
        check=True,
        timeout=seconds,
    )
    measures: dict[str, float] = json.loads(completed.stdout)
    return measures
