"""A guest without a hypervisor: busybox in namespaces of its own, on a read-only root. It controls its own network, and
sees neither the machine's files nor its processes.
"""

import json
import os
import shutil
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from .guest_records import DRIVE, Record
from .machine import static_busybox

SOURCES = Path(__file__).parent / "guest"
PROCESSES, OPEN_FILES = 4096, 256  # processes: of a guest, or of all guests if the kernel counts by user
HOME = "/tmp"  # noqa: S108 in the guest
EMPTY = ("proc", "dev", "run", "tmp", "config", "sys")


@dataclass
class Guest:
    """A guest that runs: the record of its server, and its process, whose output is the console."""

    record: Record
    process: subprocess.Popen[bytes]

    @property
    def output(self) -> IO[bytes]:
        assert self.process.stdout is not None
        return self.process.stdout


def make_root(place: Path) -> None:
    """Make the root of all guests; `FileNotFoundError` where there is no busybox for it."""
    busybox = static_busybox()
    if not busybox:
        raise FileNotFoundError("busybox-static is not installed")
    shutil.rmtree(place, ignore_errors=True)
    for name in ("bin", "etc", *EMPTY):
        (place / name).mkdir(parents=True)
    shutil.copy(busybox, place / "bin" / "busybox")
    listed = subprocess.run([busybox, "--list"], check=True, stdout=subprocess.PIPE, text=True)  # noqa: S603 our own
    for applet in set(listed.stdout.split()) - {"busybox"}:
        (place / "bin" / applet).symlink_to("busybox")
    for source, target in (("init", "init"), ("dhcp", "etc/dhcp")):
        shutil.copy(SOURCES / source, place / target)
        (place / target).chmod(0o755)
    (place / "etc" / "resolv.conf").symlink_to("/run/resolv.conf")


def command(root: Path, home: Path, record: Record, info: int, block: int) -> list[str]:
    """The command that starts a guest; it waits for input from `block`, and writes its process id to `info`."""
    limits = ["prlimit", f"--nproc={PROCESSES}", f"--nofile={OPEN_FILES}", "--core=0", "--"]
    walls = ["bwrap", "--unshare-all", "--uid", "0", "--gid", "0", "--die-with-parent", "--new-session"]
    rights = ["--cap-drop", "ALL", "--cap-add", "CAP_NET_ADMIN", "--cap-add", "CAP_NET_RAW"]
    files = ["--ro-bind", str(root), "/", "--proc", "/proc", "--dev", "/dev", "--tmpfs", "/run", "--tmpfs", HOME]
    files += ["--ro-bind", str(home / DRIVE), "/config"]
    environ = ["--clearenv", "--setenv", "PATH", "/bin", "--setenv", "HOME", HOME, "--chdir", "/"]
    waits = ["--info-fd", str(info), "--block-fd", str(block)]
    return [*limits, *walls, *rights, *files, "--hostname", record.hostname or "guest", *environ, *waits, "/init"]


def start(root: Path, home: Path, record: Record, interfaces: Sequence[str]) -> Guest:
    """Start a guest, and move these interfaces from the caller's network namespace into it, as eth0, eth1 and so on.

    `OSError` or `CalledProcessError` where it cannot be started.
    """
    informed, informs = os.pipe()
    blocked, releases = os.pipe()
    try:
        process = subprocess.Popen(  # noqa: S603 our own
            command(root, home, record, informs, blocked),
            pass_fds=(informs, blocked),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        os.close(informs)
        informs = -1
        try:
            first = _process_id(informed)
            for number, (name, (_, mac)) in enumerate(zip(interfaces, record.ports, strict=True)):
                move = ["ip", "link", "set", "dev", name, "netns", str(first), "name", f"eth{number}", "address", mac]
                subprocess.run(move, check=True)  # noqa: S603 our own
            os.write(releases, b"x")
        except BaseException:
            end(process)
            raise
    finally:
        for descriptor in (informed, informs, blocked, releases):
            with suppress(OSError):
                os.close(descriptor)
    return Guest(record, process)


def end(process: subprocess.Popen[bytes]) -> None:
    """End a guest with all that runs in it."""
    process.kill()
    process.wait()
    if process.stdout:
        process.stdout.close()


def _process_id(informed: int) -> int:
    """The id of the guest's first process; `OSError` where the sandbox ended before it had one."""
    output = b""
    while b"}" not in output:
        if not (part := os.read(informed, 4096)):
            raise OSError("the sandbox ended while it was starting")
        output += part
    number: int = json.loads(output)["child-pid"]
    return number
