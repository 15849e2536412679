"""A run that is killed leaves things behind; `gman sweep` takes them away."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from reference.tests.clouds import User, start, stop

GMAN = Path(sys.executable).with_name("gman")
PATIENCE = 60.0  # seconds until a run has made something, or a sweep is done
CLOUDS = ("--cloud", "gman", "--admin-cloud", "gman-admin")


def scratch(admin: User) -> list[str]:
    listed = admin("GET", "/identity/v3/projects").json()["projects"]
    return [project["name"] for project in listed if project["name"].startswith("gman-")]


def test_sweep_after_a_kill(tmp_path: Path) -> None:
    server = start(tmp_path / "cloud")
    environment = {
        **os.environ,
        "OS_CLIENT_CONFIG_FILE": str(server.data / "clouds.yaml"),
        "XDG_STATE_HOME": str(tmp_path / "state"),
    }
    try:
        admin = server.user("gman-admin")
        before = len(admin.network("GET", "/networks").json()["networks"])
        line = [str(GMAN), "run", *CLOUDS, "-n", "0", "-k", "topology", "--report", str(tmp_path / "report")]
        run = subprocess.Popen(line, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + PATIENCE
        while len(admin.network("GET", "/networks").json()["networks"]) == before:
            assert time.monotonic() < deadline, "the run made nothing"
            assert run.poll() is None, "the run ended too early"
        during = subprocess.run(
            [str(GMAN), "sweep", *CLOUDS], env=environment, capture_output=True, text=True, timeout=PATIENCE, check=True
        )
        assert "still going on: left alone" in during.stdout
        run.send_signal(signal.SIGKILL)
        run.wait(PATIENCE)
        assert scratch(admin)
        after = subprocess.run(
            [str(GMAN), "sweep", *CLOUDS], env=environment, capture_output=True, text=True, timeout=PATIENCE, check=True
        )
        assert "0 things would not go" in after.stdout
        assert scratch(admin) == []
        assert len(admin.network("GET", "/networks").json()["networks"]) == before
        assert list((tmp_path / "state" / "get-me-a-network" / "runs").iterdir()) == []
    finally:
        stop(server)


def test_sweep_sets_the_defaults_again(tmp_path: Path) -> None:
    """A run that is killed while the cloud's defaults are changed."""
    server = start(tmp_path / "cloud")
    environment = {
        **os.environ,
        "OS_CLIENT_CONFIG_FILE": str(server.data / "clouds.yaml"),
        "XDG_STATE_HOME": str(tmp_path / "state"),
    }
    line = [str(GMAN), "run", *CLOUDS, "-n", "0", "--disruptive", "--claim", "operator", "-k", "default-pools-missing"]
    line += ["--report", str(tmp_path / "report")]
    try:
        admin = server.user("gman-admin")
        before = defaults(admin)
        for _attempt in range(5):  # the defaults are changed for a few requests only, which the test may miss
            run = subprocess.Popen(line, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            deadline = time.monotonic() + PATIENCE
            while run.poll() is None and defaults(admin) == before:
                assert time.monotonic() < deadline, "the run changed nothing"
            run.send_signal(signal.SIGKILL)
            run.wait(PATIENCE)
            if defaults(admin) != before:
                break
        assert len(defaults(admin)) < len(before)
        after = subprocess.run(
            [str(GMAN), "sweep", *CLOUDS], env=environment, capture_output=True, text=True, timeout=PATIENCE, check=True
        )
        assert "the cloud's defaults to set again" in after.stdout
        assert defaults(admin) == before
        assert scratch(admin) == []
        assert list((tmp_path / "state" / "get-me-a-network" / "runs").iterdir()) == []
    finally:
        stop(server)


def defaults(admin: User) -> set[str]:
    """The ids of the default external network and of the default pools."""
    listed = [
        item
        for kind in ("networks", "subnetpools")
        for item in admin.network("GET", f"/{kind}?is_default=true").json()[kind]
    ]
    return {item["id"] for item in listed}
