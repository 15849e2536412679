"""The profile connectivity against the reference with servers that run: conformant, and red where packets go wrong."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from reference.tests.guesting import require_guests

GMAN = Path(sys.executable).with_name("gman")
SECONDS = 300  # on a busy machine

pytestmark = pytest.mark.long


@pytest.fixture(autouse=True)
def guests() -> None:
    require_guests()


def gman(folder: Path, *arguments: str, **environment: str) -> tuple[int, str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("OS_")}
    completed = subprocess.run(
        [str(GMAN), *arguments],
        cwd=folder,
        env={**clean, **environment},
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    return completed.returncode, completed.stdout + completed.stderr


def states(folder: Path) -> dict[str, str]:
    report = json.loads((folder / "report" / "report.json").read_text())
    return {entry["id"]: entry["state"] for entry in report["requirements"] if entry["profile"] == "connectivity"}


def test_the_reference_is_connected(tmp_path: Path) -> None:
    code, output = gman(tmp_path, "run", "--guests", "--claim", "connectivity")
    assert code == 0, output
    assert {id_ for id_, state in states(tmp_path).items() if state != "pass"} == {"D-PROV-001"}
    assert gman(tmp_path, "verify", "report")[0] == 0
    assert 'class="way"' in (tmp_path / "report" / "report.html").read_text()


def test_a_router_without_a_way_out_is_seen_by_servers_alone(tmp_path: Path) -> None:
    code, output = gman(
        tmp_path,
        "run",
        "--guests",
        "--claim",
        "connectivity",
        "--requirement",
        "D-OUT-001",
        GMAN_FAULT="gateways-are-down",
    )
    assert code == 1, output
    assert states(tmp_path)["D-OUT-001"] == "fail"


def test_words_that_were_changed_are_judged_again(tmp_path: Path) -> None:
    gman(tmp_path, "run", "--guests", "--claim", "connectivity", "--requirement", "D-ADDR-003")
    [records] = (tmp_path / "report" / "guests").glob("first-boot.*.ndjson")
    records.write_text(records.read_text().replace('"mtus":[1450]', '"mtus":[1500]'))
    code, output = gman(tmp_path, "verify", "report")
    assert code == 1
    assert "test_mtu_is_the_networks: its history says fail" in output


def test_missing_needs_of_servers_are_reported(tmp_path: Path) -> None:
    code, output = gman(tmp_path, "run", "--guests", PATH=str(tmp_path))
    assert (code, output.count("\n")) == (3, 1), output
    assert "apt-get install bubblewrap" in output


def test_demo_ends_with_a_server_that_speaks(tmp_path: Path) -> None:
    code, output = gman(tmp_path, "demo")
    assert code == 0, output
    assert "The Internet answers me, and sees me as 172.24." in output
