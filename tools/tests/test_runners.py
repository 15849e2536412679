"""The suite under the runners that OpenStack's own jobs use: testtools.run, stestr, and pytest alone."""

import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from reference.tests.clouds import start, stop

ROOT = Path(__file__).parents[2]
MODULE = "conformance.unittest_suite.test_conformance"
PATIENCE = 300  # seconds for a few tests on a busy machine
ONE = "gabbits/network/topology-get.yaml"

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """The environment of a user with a cloud, the reference, with a fault that one file finds."""
    folder = tmp_path_factory.mktemp("cloud")
    server = start(folder, "--fault", "dry-run-answers-an-id")
    clouds = {"OS_CLIENT_CONFIG_FILE": str(server.data / "clouds.yaml"), "OS_CLOUD": "gman"}
    try:
        yield {**os.environ, **clouds, "GMAN_ADMIN_CLOUD": "gman-admin", "XDG_STATE_HOME": str(folder / "state")}
    finally:
        stop(server)


def run(environment: dict[str, str], *command: str) -> tuple[int, str]:
    completed = subprocess.run(
        command, env=environment, cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE, check=False
    )
    return completed.returncode, completed.stdout + completed.stderr


def test_testtools_runs_it(environment: dict[str, str], tmp_path: Path) -> None:
    code, listed = run(environment, sys.executable, "-m", "testtools.run", MODULE, "--list")
    assert code == 0
    for file, failures in ((ONE, 0), ("gabbits/network/topology-dry-run.yaml", 1)):
        chosen = tmp_path / "chosen"
        chosen.write_text("".join(f"{line}\n" for line in listed.splitlines() if f".{file}::" in line))
        code, output = run(environment, sys.executable, "-m", "testtools.run", "--load-list", str(chosen), MODULE)
        assert code == failures
        assert ("dry-run=pass" in output) is bool(failures)


@pytest.mark.skipif(not importlib.util.find_spec("stestr"), reason="takes the extra stestr")
def test_stestr_runs_it(environment: dict[str, str]) -> None:
    program = str(Path(sys.executable).with_name("stestr"))
    try:
        code, output = run(environment, program, "run", "--serial", ONE)
        assert (code, " - Passed: 5\n" in output) == (0, True)
        code, output = run(environment, program, "run", "--serial", "topology-dry-run.yaml")
        assert code == 1
        assert "topology-dry-run.yaml::" in output
    finally:
        shutil.rmtree(ROOT / ".stestr", ignore_errors=True)


def test_pytest_alone_runs_it(environment: dict[str, str]) -> None:
    line = [
        sys.executable,
        "-m",
        "pytest",
        "-c",
        "conformance/suite.ini",
        "--rootdir",
        ".",
        "-p",
        "conformance.plugin",
    ]
    code, output = run(environment, *line, ONE)
    assert (code, "3 passed" in output) == (0, True)
    code, output = run(environment, *line, "gabbits/network/topology-dry-run.yaml")
    assert (code, "failed" in output) == (1, True)
    code, output = run({**environment, "OS_CLOUD": ""}, *line, ONE)
    assert (code, "gman: name the cloud: OS_CLOUD" in output) == (4, True)
