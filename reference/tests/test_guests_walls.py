"""Limits of an untrusted script in a guest: it tries in simple ways, and prints the results."""

import os
import secrets
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from reference.guests import isolation, sandbox
from reference.guests.console import LONGEST
from reference.tests.clouds import Server, User, start, stop
from reference.tests.guesting import OUTSIDE, address_of, boot, console, delete, require_guests, said, tells, until

ECHOES = '/^Icmp: [0-9]/ {print "echoes", $10}'  # a program of awk


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    require_guests()
    running = start(tmp_path_factory.mktemp("guests"), "--guests")
    yield running
    stop(running)


@pytest.fixture
def user(cloud: Server) -> User:
    return cloud.user("gman")


@pytest.fixture
def listener() -> Iterator[tuple[socket.socket, list[str]]]:
    """A service of this machine, on all of its addresses, and its callers so far."""
    callers: list[str] = []
    listening = socket.create_server(("0.0.0.0", 0))

    def accept() -> None:
        while True:
            try:
                connection, address = listening.accept()
            except OSError:
                return
            callers.append(address[0])
            connection.close()

    threading.Thread(target=accept, daemon=True).start()
    yield listening, callers
    listening.close()


def marked(mark: str) -> list[int]:
    """The processes of this machine with that word in their command."""
    pids = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                command = (entry / "cmdline").read_bytes()
            except OSError:
                continue
            pids += [int(entry.name)] if mark.encode() in command else []
    return pids


def test_no_file_of_the_machine(user: User, tmp_path: Path) -> None:
    secret, name = secrets.token_hex(16), secrets.token_hex(8)
    (tmp_path / name).write_text(secret)
    (tmp_path / name).chmod(0o644)
    script = f"""
        cat {tmp_path / name} 2>&1; find / -name {name} 2>/dev/null; ls -d /home /root /usr /var /etc/shadow 2>&1
        for up in /proc/1/root/.. /proc/self/cwd/../..; do cat $up{tmp_path / name}; done 2>&1
        echo written > /bin/new; echo written > /etc/new; echo written > /mnt/new; ls /bin/new /etc/new /mnt/new 2>&1
        grep -c . /proc/self/mountinfo"""
    output = tells(user, script)
    assert secret not in output
    assert f"/{name}\n" not in output.replace("can't open", "")
    assert output.count("Read-only file system") == 3
    assert "ls: /root: No such file or directory" in output
    assert str(tmp_path) not in output.replace(f"'{tmp_path / name}'", "").replace(f"..{tmp_path / name}", "")


def test_no_way_to_the_machines_network(user: User, listener: tuple[socket.socket, list[str]]) -> None:
    listening, callers = listener
    port = listening.getsockname()[1]
    addresses = {"127.0.0.1", "169.254.169.254", "198.51.100.7", *_own_addresses()}
    ways = "; ".join(f"timeout 2 nc {address} {port} < /dev/null && echo reached" for address in sorted(addresses))
    script = f"{ways}; ip route get 127.0.0.1; ls /sys 2>&1; ip -o link | cut -d: -f2"
    output = tells(user, script)
    assert "reached" not in output
    assert callers == []
    socket.create_connection(("127.0.0.1", port), timeout=10).close()
    until(lambda: callers == ["127.0.0.1"], "the listener hears nobody at all")


def _own_addresses() -> set[str]:
    """The address that this machine has to the world, if any."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
        except OSError:
            return set()
        return {probe.getsockname()[0]}


def test_nothing_outlives_its_server(user: User) -> None:
    mark = str(secrets.randbelow(10**6) + 10**6)
    script = f"(setsid sleep {mark} &); (trap '' TERM HUP INT; setsid sleep {mark}) & sleep 1"
    server = boot(user, script)
    said(user, server)
    assert len(marked(mark)) == 2
    owners = {os.stat(f"/proc/{pid}").st_uid for pid in marked(mark)}
    assert owners == {isolation.NOBODY if os.geteuid() == 0 else os.geteuid()}
    delete(user, server)
    until(lambda: marked(mark) == [], "a guest's process outlived its server")


def test_processes_are_bounded(user: User) -> None:
    """The shell cannot fork any more at some point; the guest's init goes on after that."""
    script = "(i=0; while [ $i -lt 200 ]; do sleep 20 & i=$((i+1)); done) 2>&1; ls -d /proc/[0-9]* | wc -l"
    server = boot(user, f"sh -c '{script}'; sleep 1; kill -9 $(pidof sleep); ls -d /proc/[0-9]* | wc -l")
    output = said(user, server)
    assert "can't fork" in output
    assert max(int(line) for line in output.splitlines() if line.isdigit()) <= sandbox.PROCESSES + 5
    delete(user, server)


def test_disk_is_bounded(user: User) -> None:
    """Both the size and the number of files; nothing can be written elsewhere."""
    fill = "dd if=/dev/zero of={0}/{1} bs=1M count=9 2>&1"
    writable, others = ("/tmp", "/run"), ("/dev", "/dev/shm", "/dev/pts", "/mnt", "/", "/proc", "/etc")
    script = "; ".join(fill.format(place, part) for place in (*writable, *others) for part in ("a", "b"))
    many = "i=0; while [ $i -lt 9000 ] && true > /tmp/f$i; do i=$((i+1)); done 2>/dev/null; echo files $i"
    output = tells(user, f"{script}; du -sk /tmp /run; rm /tmp/* /run/[ab]; {many}")
    assert output.count("No space left on device") == 3
    assert output.count("can't open") == 2 * len(others)
    used = [int(line.split()[0]) for line in output.splitlines() if line.endswith(("\t/tmp", "\t/run"))]
    assert sum(used) * 1024 <= sandbox.DISK
    [files] = [int(line.split()[1]) for line in output.splitlines() if line.startswith("files ")]
    assert 1000 < files <= sandbox.FILES


def test_no_program_of_its_own(user: User) -> None:
    """What a guest runs is busybox: what that cannot do, nobody can do there."""
    output = tells(user, "cp /bin/busybox /tmp/ls && chmod 755 /tmp/ls && /tmp/ls / && echo executed; ls /tmp")
    assert "Permission denied" in output
    assert "executed" not in output


def test_memory_is_bounded(user: User) -> None:
    output = tells(user, "dd if=/dev/zero of=/dev/null bs=200M count=1 2>&1; echo alive")
    assert "out of memory" in output
    assert "alive" in output
    script = "for _ in 1 2 3 4; do dd if=/dev/zero bs=60M count=100 2>/dev/null | sleep 30 & done; wait"
    server = boot(user, script)
    assert "ended: it used too much memory" in said(user, server, "ended: ")
    delete(user, server)


def test_a_console_is_bounded_and_keeps_the_end(cloud: Server, user: User) -> None:
    server = boot(user, "yes a line that goes on and on | head -c 3000000; echo; echo the end")
    output = said(user, server, "idle")
    assert "the end" in output[-200:]
    assert (cloud.data / "consoles" / server).stat().st_size <= LONGEST
    assert output.startswith("a line")
    delete(user, server)


def test_privileges_are_few(user: User) -> None:
    """It may configure its own network, and that is all."""
    script = """
        grep -E '^(CapEff|CapBnd|NoNewPrivs):' /proc/self/status | tr -s '\\t ' ' '
        mount -t tmpfs none /mnt && echo mounted; mknod /tmp/sda b 8 0 && echo made
        unshare -U true && echo unshared; unshare -m true && echo unshared; nsenter -t 1 -n true && echo entered
        dmesg | head -1 | grep . && echo read; echo 1 > /proc/sys/kernel/printk && echo set
        hostname other && echo named; ip link add type dummy && echo linked; ls /proc | grep -c '^[0-9]'"""
    output = tells(user, script)
    assert "CapEff: 0000000000003400" in output
    assert "NoNewPrivs: 1" in output
    for word in ("mounted", "made", "unshared", "entered", "read", "set", "named"):
        assert f"\n{word}\n" not in output, word


def test_no_neighbour_can_be_impersonated(user: User) -> None:
    """What it sends by the address of another server, or by another MAC address, reaches nobody.

    The victim counts the echo requests that come in, as its kernel does.
    """
    victim, other = boot(user, f"while :; do awk '{ECHOES}' /proc/net/snmp; sleep 0.2; done"), boot(user)
    said(user, victim, "echoes 0")
    said(user, other)
    address, foreign = address_of(user, victim), address_of(user, other)
    tells(
        user,
        f"""
        ping -c 3 {address}; ip addr add {foreign}/32 dev eth0; ping -c 3 -W 1 -I {foreign} {address}
        ip addr del {foreign}/32 dev eth0; ip link set eth0 down; ip link set eth0 address 02:00:00:00:00:01
        ip link set eth0 up; ping -c 3 -W 1 {address}; sleep 1""",
    )
    assert "echoes 3\n" in said(user, victim, "echoes 3")
    assert console(user, victim).splitlines()[-1] == "echoes 3"
    for item in (victim, other):
        delete(user, item)


def test_one_guest_cannot_keep_the_services_from_others(cloud: Server, user: User) -> None:
    """It holds as many connections to the outside as it can; another project's server can still reach it."""
    again = "while :; do sleep 300 | nc $1 80; done"
    hold = f"set -- {OUTSIDE}; for _ in $(seq 20); do ({again}) & done; sleep 2"
    holder = boot(user, hold)
    said(user, holder)
    other = cloud.user("gman-alt")
    assert '{"address"' in tells(other, f"timeout 5 wget -q -O - http://{OUTSIDE}/")
    delete(user, holder)
