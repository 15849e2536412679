"""The server as a program: the files it writes, how it stops, and its messages for mistakes."""

import json
import os
import signal
import socket
import stat
import subprocess
import sys
from pathlib import Path

import pytest
import requests

from reference.tests.clouds import Server, start, stop


def gman(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "reference", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def test_ready_and_private(server: Server) -> None:
    assert requests.get(f"{server.url}/healthcheck", timeout=10).status_code == 200
    for name in ("clouds.yaml", "accounts.yaml"):
        assert stat.S_IMODE(os.stat(server.data / name).st_mode) == 0o600


def test_comes_up_set_up(server: Server) -> None:
    user = server.user("gman")
    assert user.network("GET", "/auto-allocated-topology/None?fields=dry-run").status_code == 200
    assert [n["name"] for n in user.network("GET", "/networks?router:external=true").json()["networks"]] == ["public"]
    assert {p["ip_version"] for p in user.network("GET", "/subnetpools?is_default=true").json()["subnetpools"]} == {
        4,
        6,
    }
    assert [i["name"] for i in user("GET", "/image/v2/images").json()["images"]] == ["cirros"]
    flavors = {f["name"] for f in user("GET", "/compute/v2.1/flavors").json()["flavors"]}
    assert {"m1.tiny", "m1.small"} <= flavors


def test_survives_a_restart(tmp_path: Path) -> None:
    first = start(tmp_path)
    user = first.user("gman")
    built = user.network("GET", "/auto-allocated-topology/None").json()
    credentials = (tmp_path / "clouds.yaml").read_text().replace(first.url, "")
    assert stop(first) == 0
    second = start(tmp_path)
    assert (tmp_path / "clouds.yaml").read_text().replace(second.url, "") == credentials
    assert second.user("gman").network("GET", "/auto-allocated-topology/None").json() == built
    assert len(second.user("gman-admin").network("GET", "/networks?router:external=true").json()["networks"]) == 1
    assert stop(second) == 0


def test_a_killed_worker_loses_nothing_answered(tmp_path: Path) -> None:
    running = start(tmp_path)
    built = running.user("gman").network("GET", "/auto-allocated-topology/None").json()
    for worker in children(running.process.pid):
        os.kill(worker, signal.SIGKILL)
    assert running.user("gman").network("GET", "/auto-allocated-topology/None").json() == built
    assert stop(running) == 0


def children(pid: int) -> list[int]:
    return [int(text) for text in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def test_services_on_ports_of_their_own(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as chosen:
        port = chosen.getsockname()[1]
    running = start(tmp_path, "--service-port", f"network={port}")
    versions = requests.get(f"http://127.0.0.1:{port}/", timeout=10).json()
    assert versions["versions"][0]["links"][0]["href"] == f"http://127.0.0.1:{port}/v2.0/"
    assert stop(running) == 0


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["serve", "--workers", "0"], "not a positive number"),
        (["serve", "--port", "99999"], "not a port"),
        (["serve", "--service-port", "dns=1"], "not one of"),
        (["serve", "--data", "/proc/nowhere"], "cannot serve"),
        (["serve", "--data", "/proc/self", "--discard-data"], "would delete what is in"),
        (["serve", "--port", "0", "--db", "nonsense"], "cannot use the database"),
        (["nonsense"], "invalid choice"),
    ],
)
def test_mistakes_are_one_line(tmp_path: Path, arguments: list[str], says: str) -> None:
    data = [] if "--data" in arguments or arguments[0] != "serve" else ["--data", str(tmp_path)]
    completed = gman(*arguments, *data)
    assert completed.returncode == 3
    assert says in completed.stderr
    assert len(completed.stderr.strip().splitlines()) == 1
    assert "Traceback" not in completed.stderr


def test_a_taken_port_is_one_line(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        completed = gman("serve", "--data", str(tmp_path), "--port", str(taken.getsockname()[1]))
    assert (completed.returncode, len(completed.stderr.strip().splitlines())) == (3, 1)


def test_one_reference_per_data_directory(tmp_path: Path) -> None:
    """A second one is refused before it changes anything, but not after the first has ended, however it ended."""
    first = start(tmp_path)
    names = ("clouds.yaml", "accounts.yaml", "ready.json")
    before = {name: (tmp_path / name).read_bytes() for name in names}
    completed = gman("serve", "--data", str(tmp_path), "--port", "0")
    assert completed.returncode == 3
    [line] = completed.stderr.strip().splitlines()
    assert "another gman serve uses" in line
    assert str(tmp_path) in line
    assert {name: (tmp_path / name).read_bytes() for name in names} == before
    assert first.user("gman").network("GET", "/networks").status_code == 200
    first.process.kill()
    first.process.communicate()
    assert stop(start(tmp_path)) == 0


def test_a_body_may_come_in_chunks(server: Server) -> None:
    text = json.dumps({"network": {"name": "in chunks"}}).encode()
    chunks = (text[start : start + 9] for start in range(0, len(text), 9))
    answer = server.user("gman").network("POST", "/networks", data=chunks, headers={"Content-Type": "application/json"})
    assert answer.status_code == 201, answer.text
    assert answer.json()["network"]["name"] == "in chunks"


def test_secrets_are_private_in_a_directory_that_is_not(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    (tmp_path / "gman.sqlite").touch(0o644)
    running = start(tmp_path)
    user = running.user("gman")
    assert user.network("POST", "/networks", json={"network": {}}).status_code == 201
    names = {path.name for path in tmp_path.iterdir()}
    assert {"gman.sqlite", "gman.sqlite-wal", "gman.sqlite.key", "clouds.yaml"} <= names
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir() if path.is_file()}
    assert set(modes.values()) == {0o600}, modes
    assert stop(running) == 0


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("gman.sqlite", b"no database at all, " * 100, "cannot use the database"),
        ("gman.sqlite", b"SQLite format 3\0" + b"\xff" * 4096, "cannot use the database"),
        *(
            ("clouds.yaml", content, "move it away")
            for content in (b"", b"[", b"\xff", b"7", b"clouds: x", b"clouds: {gman: {auth: {}}}", b"[" * 100_000)
        ),
        ("clouds.yaml", b"clouds: {gman: {auth: {username: demo, password: [7]}}}", "move it away"),
    ],
    ids=lambda value: repr(value)[:30],
)
def test_damaged_files_are_one_line(tmp_path: Path, name: str, content: bytes, says: str) -> None:
    (tmp_path / name).write_bytes(content)
    completed = gman("serve", "--port", "0", "--data", str(tmp_path))
    assert (completed.returncode, len(completed.stderr.strip().splitlines())) == (3, 1), completed.stderr
    assert says in completed.stderr


@pytest.mark.parametrize("command", [["serve", "--list"], ["run", "--requirement", "K-001", "--report", "report"]])
def test_a_package_of_that_name_where_it_is_called_is_not_taken_for_it(tmp_path: Path, command: list[str]) -> None:
    (tmp_path / "reference").mkdir()
    (tmp_path / "reference/__init__.py").write_text("raise ImportError('the wrong one')")
    program = str(Path(sys.executable).with_name("gman"))
    environment = {name: text for name, text in os.environ.items() if not name.startswith("OS_")}
    completed = subprocess.run(
        [program, *command], cwd=tmp_path, env=environment, capture_output=True, timeout=120, check=False
    )
    assert completed.returncode == 0, completed.stdout + completed.stderr
