"""Measures whole runs of this revision and of an older one, in turns, on a cloud that is up."""

import json
import os
from pathlib import Path
from tempfile import TemporaryDirectory

from benching import builds
from benching.builds import Build
from benching.since import in_pairs, metered
from benching.table import Table
from conformance.settings import UsageProblem
from conformance.target.cloud import Cloud

COUNTED = Path(__file__).with_name("counted_sent")
LONGEST = 7200  # seconds that a run may take
JUDGED = (0, 1, 2)  # exit codes of runs that came to a verdict
CLOUDS_FILE = "OS_CLIENT_CONFIG_FILE"
# measure -> (its name in the table, its unit)
MEASURES = {
    "wall": ("wall time", "s"),
    "requests": ("requests", ""),
    "topologies": ("topologies built, as far as the run has seen them", ""),
    "processor": ("processor time of the suite", "s"),
    "memory": ("most memory of the suite", "MB"),
}
States = dict[str, str]  # id of a requirement -> its state


def real(revision: str, cloud: str, processes: int, rounds: int) -> Table:
    """The table of both, with the ratio of each pair of runs, and which requirements had another state in each.

    The administrator of `cloud` is NAME-admin. Raises UsageProblem where one of the two cannot be measured.
    """
    for name in (cloud, f"{cloud}-admin"):
        Cloud(name).close()
    arguments = ["run", "--cloud", cloud, "--admin-cloud", f"{cloud}-admin", "-n", str(processes)]
    states: dict[Build, list[States]] = {}

    def measured(build: Build, place: Path) -> dict[str, float]:
        return _measured(build, place, arguments, states.setdefault(build, []))

    with TemporaryDirectory(prefix="gman-bench-") as folder:
        place = Path(folder)
        then, now = builds.older(revision, place), builds.today(place)
        rows = in_pairs((then, now), rounds, MEASURES, lambda build: measured(build, place))
    pairs = zip(states[then], states[now], strict=True)
    apart = {f"pair {number}": differences(*pair) for number, pair in enumerate(pairs, 1)}
    title = f"The whole suite on {cloud}, {processes} processes, since {revision}"
    return Table(title, rows, "at most 70 topologies, requests x 0.65, wall time x 0.55", apart)


def differences(before: States, after: States) -> str:
    """The requirements of both runs whose states differ, in words."""
    apart = [id_ for id_ in sorted(before.keys() & after.keys()) if before[id_] != after[id_]]
    changed = [f"{id_} {before[id_]} -> {after[id_]}" for id_ in apart]
    return f"{len(changed)} other states" + (f" ({'; '.join(changed)})" if changed else "")


def _measured(build: Build, folder: Path, arguments: list[str], states: list[States]) -> dict[str, float]:
    """The measures of one whole run; its states are added to `states`. Raises UsageProblem without a verdict."""
    with TemporaryDirectory(dir=folder) as own:
        notes = Path(own) / "sent"
        variables = {**os.environ, "PYTHONPATH": str(COUNTED), "GMAN_BENCH_SENT": str(notes)}
        if Path("clouds.yaml").is_file():  # a relative path would not lead there from the run's own folder
            variables.setdefault(CLOUDS_FILE, str(Path("clouds.yaml").resolve()))
        measures = metered([str(build.gman), *arguments, "--report", f"{own}/report"], variables, own, LONGEST)
        if (code := measures.pop("code")) not in JUDGED:
            raise UsageProblem(f"gman run of {build.name} ended with exit code {code:g}: see above, nothing to compare")
        report = json.loads((Path(own) / "report" / "report.json").read_text())
        states.append({entry["id"]: entry["state"] for entry in report["requirements"]})
        requests, topologies = counted(notes)
    return measures | {"requests": float(requests), "topologies": float(topologies)}


def counted(notes: Path) -> tuple[int, int]:
    """Requests and topologies, by the notes that the processes of a suite have taken (`counted_sent`)."""
    lines = notes.read_text().split()
    return lines.count("request"), len({*lines} - {"request"})
