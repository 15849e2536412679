"""The suite is not silent: a reference with a known fault turns the requirement red that the fault breaks."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from reference.tests.conftest import start, stop

GMAN = Path(sys.executable).with_name("gman")
SECONDS = 120  # for one run of a part of the suite, on a busy machine


def run(data: Path, selection: str) -> tuple[int, dict[str, Any]]:
    """Exit code of that part of the suite against the reference that has its data there, and its report."""
    clouds = ["--cloud", "gman", "--admin-cloud", "gman-admin"]
    environment = {**os.environ, "OS_CLIENT_CONFIG_FILE": str(data / "clouds.yaml")}
    environment.pop("OS_CLOUD", None)
    command = [str(GMAN), "run", *clouds, "-n", "0", "-k", selection, "--report", str(data / "report")]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=SECONDS, check=False)
    assert "Traceback" not in done.stdout + done.stderr
    return done.returncode, json.loads((data / "report" / "report.json").read_text())


@pytest.mark.parametrize(
    ("defect", "selection", "requirement"),
    [
        ("no-unique-key", "topology_race", "N-AAT-040"),
        ("loser-keeps-network", "topology_race", "N-AAT-041"),
        ("auto-too-early", "servers-networks", "C-NET-005"),
    ],
)
def test_found(tmp_path: Path, defect: str, selection: str, requirement: str) -> None:
    server = start(tmp_path, "--defect", defect)
    try:
        code, report = run(tmp_path, selection)
    finally:
        stop(server)
    states = {each["id"]: each["state"] for each in report["requirements"]}
    assert (code, report["verdict"], states[requirement]) == (1, "failed", "fail")


def test_a_defect_nobody_knows(tmp_path: Path) -> None:
    command = [str(GMAN), "serve", "--data", str(tmp_path), "--defect", "nonsense"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False)
    assert (done.returncode, done.stderr) == (3, "gman: no such defect: nonsense\n")
