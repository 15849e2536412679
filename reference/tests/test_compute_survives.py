"""An accepted server is built, and once, even if every process that worked on it is killed."""

import os
import signal
import time
from pathlib import Path

from reference.compute.work_queue import LEASE
from reference.tests.clouds import User, start, stop
from reference.tests.test_serve import children

COUNT = 12
PATIENCE = 60.0 + LEASE  # seconds until all is built on a busy machine


def states(user: User) -> dict[str, str]:
    servers = user("GET", "/compute/v2.1/servers/detail").json()["servers"]
    return {server["id"]: server["status"] for server in servers}


def test_killed_while_building(tmp_path: Path) -> None:
    running = start(tmp_path)
    try:
        user = running.user("gman")
        image = user("GET", "/image/v2/images").json()["images"][0]["id"]
        body = {"name": "s", "imageRef": image, "flavorRef": "1", "networks": "auto", "min_count": COUNT}
        version = {"OpenStack-API-Version": "compute 2.37"}
        answer = user("POST", "/compute/v2.1/servers", json={"server": body}, headers=version)
        assert answer.status_code == 202, answer.text
        for worker in children(running.process.pid):
            os.kill(worker, signal.SIGKILL)
        deadline = time.monotonic() + PATIENCE
        fresh = running.user("gman")  # with connections of its own, none to the killed processes
        while "BUILD" in states(fresh).values() and time.monotonic() < deadline:
            time.sleep(0.1)
        assert list(states(fresh).values()) == ["ACTIVE"] * COUNT
        ports = fresh.network("GET", "/ports?device_owner=compute:nova").json()["ports"]
        assert sorted(port["device_id"] for port in ports) == sorted(states(fresh))
        assert len({port["network_id"] for port in ports}) == 1
    finally:
        stop(running)
