"""The control surface: builds wait at armed points, one is killed there, and the cloud is reset to its start."""

import contextlib
import os
import signal
import socket
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import requests

from reference.network.pause_points import POINTS
from reference.tests.clouds import Server, User, start, stop
from reference.tests.test_serve import children

PATIENCE = 20.0  # seconds until a build has come to a point, or a killed worker has been replaced
MINE = "/auto-allocated-topology/None"
ROUNDS = int(os.environ.get("GMAN_TEST_KILLS", "1"))  # how often a worker is killed at each point


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as chosen:
        return int(chosen.getsockname()[1])


class Controlled:
    """A reference with its control surface."""

    def __init__(self, server: Server, port: int) -> None:
        self.server, self.url = server, f"http://127.0.0.1:{port}"

    def __call__(self, method: str, path: str) -> requests.Response:
        return requests.request(method, self.url + path, timeout=30)

    @contextlib.contextmanager
    def armed(self, point: str) -> Iterator[None]:
        """Builds wait at the point; released as soon as a worker answers, where all have been killed meanwhile.

        It is released first, as new workers build requests that none had taken, and a build that waits at the point
        blocks every other writer of a SQLite database.
        """
        assert self("PUT", f"/points/{point}").status_code == 204
        try:
            yield
        finally:
            until_answered(lambda: self("DELETE", f"/points/{point}").status_code == 204)

    def waiting(self, point: str) -> int:
        listed = self("GET", "/points").json()["points"]
        return next(int(item["waiting"]) for item in listed if item["name"] == point)

    def until_waiting(self, point: str) -> None:
        deadline = time.monotonic() + PATIENCE
        while not self.waiting(point):
            assert time.monotonic() < deadline, f"nobody came to {point}"


@pytest.fixture(scope="module")
def controlled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Controlled]:
    port = free_port()
    running = start(tmp_path_factory.mktemp("controlled"), "--control-port", str(port))
    yield Controlled(running, port)
    stop(running)


def made(user: User) -> list[str]:
    """What the project has of a topology, and what an admin would call leftovers."""
    kinds = ("networks", "subnets", "routers", "ports")
    query = f"?project_id={user.project_id}"
    return [item["id"] for kind in kinds for item in user.network("GET", f"/{kind}{query}").json()[kind]]


@pytest.mark.parametrize("point", POINTS)
def test_no_reader_sees_a_part_of_a_topology(controlled: Controlled, point: str) -> None:
    user = controlled.server.user("gman")
    with ThreadPoolExecutor(1) as pool:
        with controlled.armed(point):
            build = pool.submit(controlled.server.user("gman").network, "GET", MINE)
            controlled.until_waiting(point)
            assert made(user) == []
            assert not build.done()
        assert build.result().status_code == 200
    assert len(made(user)) == 6  # a network, two subnets, a router, its two interfaces
    assert user.network("DELETE", MINE).status_code == 204
    assert made(user) == []


@pytest.mark.parametrize("point", POINTS)
@pytest.mark.parametrize("_round", range(ROUNDS))
def test_killed_at_a_point(controlled: Controlled, point: str, _round: int) -> None:
    server = controlled.server
    user, other = server.user("gman"), server.user("gman-alt")
    with ThreadPoolExecutor(2) as pool:
        with controlled.armed(point):
            build = pool.submit(server.user("gman").network, "GET", MINE)
            controlled.until_waiting(point)
            behind = pool.submit(other.network, "GET", MINE)  # another request, queued behind it
            for worker in children(server.process.pid):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(worker, signal.SIGKILL)
            assert isinstance(build.exception(), requests.ConnectionError)
        until_back(server)
        behind.exception()  # it may have been killed as well, or have ended: only the leftovers count
    assert made(user) == []
    for item in (user, other):
        assert item.network("GET", MINE).status_code == 200
        assert len(made(item)) == 6
        assert item.network("DELETE", MINE).status_code == 204
        assert made(item) == []


def until_back(server: Server) -> None:
    """Wait until killed workers have been replaced."""
    until_answered(lambda: requests.get(f"{server.url}/healthcheck", timeout=PATIENCE).status_code == 200)


def until_answered(is_right: Callable[[], bool]) -> None:
    """Ask again while nobody answers, or not as expected."""
    deadline = time.monotonic() + PATIENCE
    while True:
        with contextlib.suppress(requests.ConnectionError):
            if is_right():
                return
        assert time.monotonic() < deadline, "no worker came back"


def test_reset(controlled: Controlled) -> None:
    user = controlled.server.user("gman")
    assert user.network("GET", MINE).status_code == 200
    before = {pool["name"] for pool in user.network("GET", "/subnetpools").json()["subnetpools"]}
    controlled("PUT", "/points/built")
    assert controlled("POST", "/reset").status_code == 204
    assert made(user) == []
    assert {pool["name"] for pool in user.network("GET", "/subnetpools").json()["subnetpools"]} == before
    assert user.network("GET", MINE).status_code == 200  # the point is armed no more
    assert user.network("DELETE", MINE).status_code == 204


def test_no_such_point(controlled: Controlled) -> None:
    answer = controlled("PUT", "/points/nowhere")
    assert answer.status_code == 404
    assert "begun" in answer.json()["error"]["message"]


def test_off_by_default_and_only_on_its_port(controlled: Controlled, tmp_path: Path) -> None:
    assert requests.get(f"{controlled.server.url}/control/points", timeout=10).status_code == 404
    assert requests.get(f"{controlled.url}/network/v2.0/networks", timeout=10).status_code == 404
    plain = start(tmp_path)
    try:
        assert requests.get(f"{plain.url}/points", timeout=10).status_code == 404
    finally:
        stop(plain)
