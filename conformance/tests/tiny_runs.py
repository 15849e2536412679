"""What tests of `gman run` against a tiny cloud share."""

import json
from pathlib import Path
from typing import Any

ONE = ["-k", "topology-get.yaml"]
RACING = ["-k", "topology-get.yaml or test_topology_race", "--race-width", "2", "--race-rounds", "1"]
RACING += ["--profile", "core,race", "--deadline", "race=2", "--deadline", "settle=1"]


def report(folder: Path) -> dict[str, Any]:
    report: dict[str, Any] = json.loads((folder / "report" / "report.json").read_text())
    return report
