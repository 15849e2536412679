"""Processes that serve and processes that only build, on one database of each kind; some of them are killed."""

import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from reference.compute.work_queue import LEASE
from reference.tests.clouds import READY, Server, User, start, stop
from reference.tests.databases import database

__all__ = ["database"]

COUNT = 12
PATIENCE = 60.0 + LEASE  # seconds until all is built on a busy machine
VERSION = {"OpenStack-API-Version": "compute 2.37"}

Start = Callable[..., "subprocess.Popen[str]"]


def command(data: Path, database: str, host: str, *flags: str) -> list[str]:
    builds = ("--compute-only", "--compute-host", host)
    return [sys.executable, "-m", "reference", "serve", *builds, "--data", str(data), "--db", database, *flags]


@pytest.fixture
def serving(database: str, tmp_path: Path) -> Iterator[Server]:
    """A reference whose own processes build nothing."""
    running = start(tmp_path / "api", "--builders", "0", "--db", database)
    yield running
    stop(running)


@pytest.fixture
def building(database: str, tmp_path: Path, serving: Server) -> Iterator[Start]:
    """Start a compute host; it has said that it builds when this returns."""
    started: list[subprocess.Popen[str]] = []

    def begin(host: str, *flags: str) -> subprocess.Popen[str]:
        command_line = command(tmp_path / host, database, host, *flags)
        process = subprocess.Popen(command_line, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        started.append(process)
        assert process.stdout is not None
        assert process.stdout.readline() == f"Compute host {host} builds.\n"
        return process

    yield begin
    for process in started:
        process.terminate()
        output, _ = process.communicate(timeout=READY)
        assert "Traceback" not in output, output


def boot(user: User, **more: Any) -> None:
    image = user("GET", "/image/v2/images").json()["images"][0]["id"]
    body = {"name": "s", "imageRef": image, "flavorRef": "1", "networks": "auto", **more}
    answer = user("POST", "/compute/v2.1/servers", json={"server": body}, headers=VERSION)
    assert answer.status_code == 202, answer.text


def settled(user: User, count: int) -> list[dict[str, Any]]:
    """The servers, once none of them is being built."""
    deadline = time.monotonic() + PATIENCE
    while True:
        servers: list[dict[str, Any]] = user("GET", "/compute/v2.1/servers/detail?all_tenants=1").json()["servers"]
        if Counter(server["status"] for server in servers) == {"ACTIVE": count}:
            return servers
        assert time.monotonic() < deadline, Counter(server["status"] for server in servers)
        time.sleep(0.1)


def test_hosts_of_their_own(serving: Server, building: Start) -> None:
    """One host is killed in the middle; the other builds what is left, and nothing twice."""
    user, admin = serving.user("gman"), serving.user("gman-admin")
    boot(user, min_count=COUNT)
    assert admin("GET", "/compute/v2.1/os-services").json() == {"services": []}
    first = building("c1")
    first.send_signal(signal.SIGKILL)
    building("c2")
    building("c3")
    built = settled(admin, COUNT)
    assert {server["OS-EXT-SRV-ATTR:host"] for server in built} <= {"c1", "c2", "c3"}
    ports = user.network("GET", "/ports?device_owner=compute:nova").json()["ports"]
    assert sorted(port["device_id"] for port in ports) == sorted(server["id"] for server in built)
    assert len({port["network_id"] for port in ports}) == 1
    shown = admin("GET", "/compute/v2.1/os-services").json()["services"]
    assert {"c2", "c3"} <= {service["host"] for service in shown if service["state"] == "up"}


def test_an_old_host_among_new_ones(serving: Server, building: Start) -> None:
    user, admin = serving.user("gman"), serving.user("gman-admin")
    building("c1", "--compute-version", "11")
    boot(user)
    settled(admin, 1)
    assert user.network("GET", f"/networks?tenant_id={user.project_id}").json()["networks"] == []


@pytest.mark.parametrize(
    ("flags", "says"),
    [(("--builders", "0"), "--builders"), (("--compute-version", "x"), "argument --compute-version: x is not")],
)
def test_mistakes_are_reported_in_one_line(tmp_path: Path, flags: tuple[str, ...], says: str) -> None:
    command_line = command(tmp_path, f"sqlite:///{tmp_path / 'gman.sqlite'}", "c1", *flags)
    ended = subprocess.run(command_line, capture_output=True, text=True, timeout=READY, check=False)
    assert (ended.returncode, says in ended.stderr, ended.stderr.count("\n")) == (3, True, 1)
