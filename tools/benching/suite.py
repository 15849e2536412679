"""The time of the whole suite, and how much of it is its own work rather than waiting for the cloud."""

import os
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from benching.table import Row, Table
from benching.target import opened

GMAN = Path(sys.executable).with_name("gman")
LONGEST = 600  # seconds that a run may take


def embedded(rounds: int) -> Table:
    """The table of `gman run`, in seconds from start to end, including the reference that it starts."""
    walls = [_run(["run"], {})[0] for _ in range(rounds)]
    return Table("The whole suite, embedded", [Row("wall time", "s", walls)], "at most 15 s")


def own_work(rounds: int) -> Table:
    """The table of the same against a running reference: wall time and processor time of the suite, in seconds."""
    walls, works = [], []
    with opened(["sqlite"]) as [target]:
        environment = {"OS_CLIENT_CONFIG_FILE": str(target.folder / "clouds.yaml")}
        for _ in range(rounds):
            wall, work = _run(["run", "--cloud", "gman", "--admin-cloud", "gman-admin", "-n", "0"], environment)
            walls.append(wall)
            works.append(work)
    share = [100 * work / wall for work, wall in zip(works, walls, strict=True)]
    rows = [Row("wall time", "s", walls), Row("processor time of the suite", "s", works), Row("its share", "%", share)]
    return Table("The suite's own work", rows, "at most 25 % of the run")


def _run(arguments: list[str], environment: dict[str, str]) -> tuple[float, float]:
    """The seconds that `gman` takes: wall time, and processor time of it and its children."""
    with TemporaryDirectory(prefix="gman-bench-") as folder:
        variables = {**os.environ, **environment, "XDG_STATE_HOME": folder}
        if not environment:
            variables = {name: value for name, value in variables.items() if name not in ("OS_CLOUD", "OS_AUTH_URL")}
        before, start = os.times(), time.monotonic()
        subprocess.run(  # noqa: S603 - gman of this very environment
            [str(GMAN), *arguments, "--report", folder],
            env=variables,
            stdout=subprocess.DEVNULL,
            check=True,
            timeout=LONGEST,
        )
        after = os.times()
    work = after.children_user - before.children_user + after.children_system - before.children_system
    return time.monotonic() - start, work
