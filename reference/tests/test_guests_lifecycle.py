"""The data plane is mended when parts of it are killed, and leaves nothing behind, however it ends."""

import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from reference.guests import programs
from reference.tests.clouds import READY, Server, serve, start, stop
from reference.tests.guesting import (
    OUTSIDE,
    boot,
    children,
    delete,
    descendants,
    require_guests,
    running,
    said,
    tells,
    until,
)

SPEAKS = f"while :; do timeout 2 wget -q -O - http://{OUTSIDE}/ > /dev/null && echo round; sleep 0.2; done"


@pytest.fixture
def cloud(tmp_path: Path) -> Iterator[Server]:
    require_guests()
    server = start(tmp_path, "--guests")
    yield server
    if server.process.poll() is None:
        stop(server)


def named(pids: list[int], word: str) -> list[int]:
    """Those of the processes whose command begins with a program of that name."""
    matching = []
    for pid in pids:
        try:
            command = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")[0]
        except OSError:
            continue
        matching += [pid] if command.endswith(word.encode()) else []
    return matching


def agent_of(server: Server) -> int:
    """The server's only child that has a session of its own, as workers have not."""
    [agent] = [pid for pid in children(server.process.pid) if os.getsid(pid) == pid]
    return agent


def namespaces(pids: list[int]) -> set[str]:
    """The namespaces of the processes, without those of this process."""
    kinds = ("mnt", "net", "pid", "user")
    own = {os.readlink(f"/proc/self/ns/{kind}") for kind in kinds}
    links = set()
    for pid in pids:
        for kind in kinds:
            try:
                links.add(os.readlink(f"/proc/{pid}/ns/{kind}"))
            except OSError:
                continue
    return links - own


def everybody() -> list[int]:
    return [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]


def assert_nothing_left(server: Server, pids: list[int], spaces: set[str]) -> None:
    until(lambda: not running(pids), "processes are left")
    until(lambda: not namespaces(everybody()) & spaces, "namespaces are left")
    until(lambda: not (server.data / "consoles").exists(), "consoles are left")
    mounts = Path("/proc/self/mounts").read_text()
    assert str(server.data) not in mounts
    assert "/run/gman" not in mounts


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_nothing_is_left(cloud: Server, number: signal.Signals) -> None:
    user = cloud.user("gman")
    said(user, boot(user, "setsid sleep 1000 & true"))
    pids = descendants(cloud.process.pid)
    spaces = namespaces(pids)
    assert named(pids, "bwrap")
    assert len(spaces) >= 4
    for session in cloud.sessions:
        session.close()
    cloud.process.send_signal(number)
    cloud.process.communicate(timeout=READY)
    assert_nothing_left(cloud, pids, spaces)


def test_killed_processes_are_started_again(cloud: Server) -> None:
    """DHCP, the guest, the first process of the plane, its keeper, the agent: after each, a server is connected."""
    user = cloud.user("gman")
    server = boot(user, SPEAKS)
    said(user, server, "round")

    def below(pid: int, depth: int) -> int:
        """The descendant of the agent at that depth, each having one child."""
        for _ in range(depth):
            [pid] = children(pid)
        return pid

    victims: tuple[Callable[[], int], ...] = (
        lambda: named(descendants(cloud.process.pid), "dnsmasq")[0],
        lambda: named(descendants(cloud.process.pid), "bwrap")[0],
        lambda: below(agent_of(cloud), 2),
        lambda: below(agent_of(cloud), 1),
        lambda: agent_of(cloud),
    )
    for victim in victims:
        pid = victim()
        os.kill(pid, signal.SIGKILL)
        until(lambda pid=pid: not running([pid]), "it was not killed")
        until(lambda: named(descendants(cloud.process.pid), "bwrap"), "nothing runs again")
        said(user, server, "round")
        assert '{"address"' in tells(user, f"timeout 5 wget -q -O - http://{OUTSIDE}/")
    delete(user, server)


def test_a_worker_may_die(cloud: Server) -> None:
    agent = agent_of(cloud)
    for pid in descendants(cloud.process.pid):
        if os.getsid(pid) == os.getsid(cloud.process.pid):
            os.kill(pid, signal.SIGKILL)
    user = cloud.user("gman")
    assert '{"address"' in tells(user, f"timeout 5 wget -q -O - http://{OUTSIDE}/")
    assert agent_of(cloud) == agent


def test_a_guest_runs_for_a_while_only(tmp_path: Path) -> None:
    require_guests()
    server = start(tmp_path, "--guests", "--guest-seconds", "2")
    user = server.user("gman")
    assert "ended: its time is up" in said(user, boot(user, "sleep 1000"), "ended: ")
    until(lambda: not named(descendants(server.process.pid), "bwrap"), "it still runs")
    assert stop(server) == 0


def test_missing_programs_are_reported_in_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(programs, "ADMIN_PATHS", ())
    monkeypatch.setenv("PATH", str(tmp_path))
    line = programs.missing()
    assert line.count("\n") == 0
    for package in programs.PACKAGES.values():
        assert package in line


def test_a_server_that_cannot_run_guests_does_not_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    code, output = serve("--port", "0", "--data", str(tmp_path / "data"), "--guests")
    assert (code, len(output.strip().splitlines())) == (3, 1), output
    assert "--guests needs " in output
    assert "bubblewrap busybox-static" in output


def test_busybox_has_to_be_static(tmp_path: Path) -> None:
    """A guest's root has no library."""
    for content in (b"", b"#!/bin/sh\n", b"\x7fELF", b"\x7fELF\x02\x02" + bytes(200)):
        (tmp_path / "busybox").write_bytes(content)
        assert not programs.is_static(tmp_path / "busybox")
    assert not programs.is_static(Path("/bin/sh"))
    require_guests()
    assert programs.is_static(Path(programs.path_of("busybox")))


@pytest.mark.parametrize(
    ("flags", "says"),
    [
        (("--guests", "--compute-only"), "--guests needs"),
        (("--guests", "--services", "identity,image,network"), "--guests needs"),
        (("--guests", "--guest-seconds", "0"), "not a positive number"),
    ],
)
def test_mistakes_are_one_line(tmp_path: Path, flags: tuple[str, ...], says: str) -> None:
    code, output = serve("--port", "0", "--data", str(tmp_path), *flags)
    assert (code, len(output.strip().splitlines()), says in output) == (3, 1, True), output
