"""Races over several hosts: three that call, two that serve, one with the database; each a network namespace here.

The suite runs in a seventh namespace. A calling host resolves the service's name by its own hosts file, which decides
which of the two serving hosts it calls.
"""

import json
import os
import secrets
import shutil
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

GMAN = Path(sys.executable).with_name("gman")
NAME = "api.gman.test"
PORT = 5050
SECONDS = 240  # for a run of the races, on a busy machine
READY = 60.0  # seconds a server may take to come up
SPREAD = 0.05  # seconds between the first and the last byte of the tightest volley, on a busy machine
ADDRESSES = {"seat": 10, "load1": 11, "load2": 12, "load3": 13, "api1": 21, "api2": 22, "db": 31}
SERVED_BY = {"seat": "api1", "load1": "api1", "load2": "api2", "load3": "api1", "api1": "api1", "api2": "api2"}

pytestmark = pytest.mark.long


def require(there: bool, what: str) -> None:
    """Skip the test, and say what is missing; where no test may be skipped, fail."""
    if there:
        return
    if "CI" in os.environ:
        pytest.fail(f"no {what} here")
    pytest.skip(f"needs {what}")


@dataclass
class Net:
    """Namespaces on one bridge, in a separate namespace. Closing `until` removes them."""

    tag: str
    until: ExitStack

    def ip(self, *words: str) -> None:
        subprocess.run(["ip", *words], check=True, capture_output=True, text=True, timeout=READY)

    def space(self, host: str) -> str:
        return f"gman-{self.tag}-{host}"

    def address(self, host: str) -> str:
        return f"10.77.0.{ADDRESSES[host]}"

    def within(self, host: str, *command: str) -> list[str]:
        return ["ip", "netns", "exec", self.space(host), *command]

    def add(self, space: str) -> None:
        self.ip("netns", "add", space)
        self.until.callback(self.ip, "netns", "del", space)
        self.ip("-n", space, "link", "set", "lo", "up")

    def lay(self) -> None:
        hub = self.space("hub")
        self.add(hub)
        self.ip("-n", hub, "link", "add", "bridge", "type", "bridge")
        self.ip("-n", hub, "link", "set", "bridge", "up")
        for host in ADDRESSES:
            space = self.space(host)
            self.add(space)
            self.ip("-n", space, "link", "add", "eth0", "type", "veth", "peer", "name", host, "netns", hub)
            self.ip("-n", space, "addr", "add", f"{self.address(host)}/24", "dev", "eth0")
            self.ip("-n", space, "link", "set", "eth0", "up")
            self.ip("-n", hub, "link", "set", host, "master", "bridge", "up")
            self._name(host)

    def _name(self, host: str) -> None:
        """Set the address to which the host resolves the service's name."""
        folder = Path("/etc/netns") / self.space(host)
        folder.mkdir(parents=True)
        self.until.callback(shutil.rmtree, folder)
        lines = ["127.0.0.1 localhost"]
        lines += [f"{self.address(SERVED_BY[host])} {NAME}"] if host in SERVED_BY else []
        (folder / "hosts").write_text("\n".join([*lines, ""]))

    def start(self, host: str, *command: str, log: Path, **environment: str) -> subprocess.Popen[bytes]:
        with log.open("wb") as out:
            process = subprocess.Popen(
                self.within(host, *command), stdout=out, stderr=out, env={**os.environ, **environment}
            )

        def end() -> None:
            process.terminate()
            process.wait(READY)

        self.until.callback(end)
        return process


@pytest.fixture(scope="module")
def net() -> Iterator[Net]:
    require(os.geteuid() == 0, "root, to make network namespaces")
    require(shutil.which("ip") is not None, "iproute2")
    with ExitStack() as until:
        net = Net(secrets.token_hex(2), until)
        net.lay()
        yield net


@pytest.fixture(scope="module")
def database(net: Net, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The URL of a PostgreSQL of its own, on a host of its own."""
    programs = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    require(bool(programs), "PostgreSQL (/usr/lib/postgresql/*/bin)")
    folder = Path(f"/tmp/gman-{net.tag}-postgresql")
    net.until.callback(shutil.rmtree, folder, ignore_errors=True)
    folder.mkdir(mode=0o700)
    shutil.chown(folder, "postgres")
    as_postgres = ("runuser", "-u", "postgres", "--")
    program, data = str(programs[-1] / "initdb"), str(folder / "data")
    initdb = [*as_postgres, program, "-A", "trust", "-U", "gman", "-D", data, "-N"]
    subprocess.run(initdb, check=True, capture_output=True, timeout=READY, cwd="/")
    with (folder / "data" / "pg_hba.conf").open("a") as rules:
        rules.write("host all all 10.77.0.0/24 trust\n")
    listen = ("-h", net.address("db"), "-k", "", "-c", "max_connections=200", "-c", "fsync=off")
    log = tmp_path_factory.mktemp("db") / "log"
    command = (*as_postgres, str(programs[-1] / "postgres"), "-D", str(folder / "data"), *listen)
    process = net.start("db", *command, log=log)
    ready = net.within("db", str(programs[-1] / "pg_isready"), "-h", net.address("db"))
    until(lambda: subprocess.run(ready, capture_output=True, timeout=READY, check=False).returncode == 0, process, log)
    return f"postgresql+psycopg://gman@{net.address('db')}/postgres"


@pytest.fixture(scope="module")
def served(net: Net, database: str, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """The data directories of a reference that two hosts serve, with a log of every request."""
    folders: list[Path] = []
    for host in ("api1", "api2"):
        data = tmp_path_factory.mktemp(host)
        if folders:
            shutil.copy(folders[0] / "clouds.yaml", data)  # the second host needs the first one's users
        serve = ("-m", "reference", "serve", "--host", NAME, "--port", str(PORT), "--data", str(data))
        more = ("--compute-host", host, "--verbose")
        process = net.start(host, sys.executable, *serve, *more, log=data / "log", GMAN_DB=database)
        until((data / "ready.json").exists, process, data / "log")
        folders.append(data)
    return folders


def until(condition: Any, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + READY
    while not condition():
        assert process.poll() is None, log.read_text()
        assert time.monotonic() < deadline, log.read_text()
        time.sleep(0.05)


@pytest.fixture(scope="module")
def folder(net: Net, served: list[Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report of the races, called from three hosts."""
    report = tmp_path_factory.mktemp("run") / "report"
    command = [str(GMAN), "run", "--cloud", "gman", "--admin-cloud", "gman-admin", "-n", "0", "--report", str(report)]
    command += ["--profile", "race", "-k", "topology_race or pool_race or delete_race or boot_race or contests"]
    for host in ("load1", "load2", "load3"):
        command += ["--race-from", f"popen//python=ip netns exec {net.space(host)} {sys.executable}"]
    environment = {
        **os.environ,
        "OS_CLIENT_CONFIG_FILE": str(served[0] / "clouds.yaml"),
        "XDG_STATE_HOME": str(report.parent),
    }
    environment.pop("OS_CLOUD", None)
    completed = subprocess.run(
        net.within("seat", *command), env=environment, capture_output=True, text=True, timeout=SECONDS, check=False
    )
    assert (report / "report.json").exists(), completed.stdout + completed.stderr
    return report


@pytest.fixture(scope="module")
def volleys(folder: Path) -> dict[str, list[dict[str, Any]]]:
    """The calls that were released together, by race."""
    records = defaultdict(list)
    for path in (folder / "races").glob("*.ndjson"):
        for line in path.read_text().splitlines():
            record = json.loads(line)
            if record["volley"]:
                records[record["race"]].append(record)
    return records


def test_nothing_is_red(folder: Path) -> None:
    report = json.loads((folder / "report.json").read_text())
    reasons = {item["id"]: item["reason"] for item in report["requirements"] if item["state"] in ("fail", "error")}
    assert reasons == {}
    assert {item["state"] for item in report["requirements"] if item["id"] in ("N-AAT-040", "N-SP-030")} == {"pass"}


def test_both_hosts_served(folder: Path, served: list[Path]) -> None:
    assert folder.exists()
    for data in served:
        assert "/auto-allocated-topology/" in (data / "log").read_text()


def test_histories_of_all_hosts_are_one(volleys: dict[str, list[dict[str, Any]]]) -> None:
    calls = volleys["topology-1"]
    assert len({call["sender"] for call in calls}) == 3
    assert all(call["unsure"] > 0 for call in calls)
    assert len({call["host"] for call in calls}) == 1  # by one clock
    answered = {call["answer"]["auto_allocated_topology"]["id"] for call in calls if call["status"] == 200}
    assert len(answered) == 1


def test_calls_of_all_hosts_meet(volleys: dict[str, list[dict[str, Any]]]) -> None:
    races = [calls for race, calls in volleys.items() if race.startswith("topology-")]
    spreads = [max(call["invoked"] for call in calls) - min(call["invoked"] for call in calls) for calls in races]
    assert min(spreads) < SPREAD, spreads
    together = [
        min(call["completed"] or 0 for call in calls) > max(call["invoked"] for call in calls) for calls in races
    ]
    assert any(together), spreads
