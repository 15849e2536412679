"""The sandbox of a guest: it sees nothing of the machine, has few rights, and its use of everything is limited."""

import json
import os
import resource
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from reference.guests import isolation, programs

PROCESSES = 64
MEMORY = 128 << 20  # bytes, of one process and of all together
DISK = 16 << 20  # bytes of the places that can be written to, /run and /tmp
FILES = 4096  # files that may exist
INTERFACES = 64  # at most, beside those of its ports
NICENESS = 10
USER_DATA_SECONDS = 600
STARTED = 10.0  # seconds for a sandbox to come up
# limits of each process; those of the whole guest are kept by `watch`
LIMITS = {
    resource.RLIMIT_AS: MEMORY,
    resource.RLIMIT_CORE: 0,
    resource.RLIMIT_CPU: USER_DATA_SECONDS,
    resource.RLIMIT_FSIZE: DISK,
    resource.RLIMIT_MEMLOCK: 64 << 10,
    resource.RLIMIT_MSGQUEUE: 0,
    resource.RLIMIT_NOFILE: 256,
    resource.RLIMIT_NPROC: PROCESSES,
    resource.RLIMIT_RTPRIO: 0,
    resource.RLIMIT_SIGPENDING: 256,
}
# to configure its own network, use ping, and serve on the usual ports
CAPABILITIES = ("CAP_NET_ADMIN", "CAP_NET_BIND_SERVICE", "CAP_NET_RAW")


class Sandbox:
    """A sandbox that waits for `release` before it runs anything; `first` is its first process, as seen from here."""

    def __init__(self, process: subprocess.Popen[bytes], first: int, output: int, gate: int) -> None:
        self.process, self.first = process, first
        self._handle = os.pidfd_open(first)
        self._waiting = [gate, output]

    def release(self) -> int:
        """Let it run; the pipe with its output, which the caller has to close."""
        gate, output = self._waiting
        self._waiting = []
        os.close(gate)
        return output

    def kill(self) -> None:
        """Kill all its processes; to be called once."""
        with suppress(ProcessLookupError):
            signal.pidfd_send_signal(self._handle, signal.SIGKILL)
        self.process.kill()
        self.process.wait()
        for descriptor in (self._handle, *self._waiting):
            os.close(descriptor)


class Scratch:
    """Memory for the guest's files, bounded; no file there can be executed."""

    def __init__(self, place: Path) -> None:
        self.place = place
        place.mkdir(parents=True)
        options = f"mode=755,size={DISK},nr_inodes={FILES}"
        isolation.mount("tmpfs", str(place), "tmpfs", "nosuid", "nodev", "noexec", options=options)
        for name in ("run", "tmp"):
            (place / name).mkdir()
            if isolation.has_guest_user():
                os.chown(place / name, isolation.GUEST_UID, isolation.GUEST_UID)

    def remove(self) -> None:
        isolation.unmount(str(self.place))
        self.place.rmdir()


def command(root: Path, scratch: Path, drive: Path | None, hostname: str, info: int, block: int) -> list[str]:
    """The command that makes the sandbox, which shares nothing with the machine but busybox, read-only."""
    shown = ["--ro-bind", str(drive), "/mnt"] if drive else []
    capabilities = [word for name in CAPABILITIES for word in ("--cap-add", name)]
    return [
        programs.path_of("bwrap"),
        *("--unshare-user", "--uid", "0", "--gid", "0"),
        *("--unshare-net", "--unshare-pid", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try"),
        *("--hostname", hostname),
        *("--ro-bind", str(root), "/", "--proc", "/proc", "--dev", "/dev"),
        # without terminals, of which a machine has few for all its namespaces together
        *("--tmpfs", "/dev/pts", "--remount-ro", "/dev/pts", "--remount-ro", "/dev"),
        *("--bind", str(scratch / "run"), "/run", "--bind", str(scratch / "tmp"), "/tmp"),  # noqa: S108 - its own
        *shown,
        *("--cap-drop", "ALL", *capabilities),
        *("--new-session", "--die-with-parent", "--clearenv", "--setenv", "PATH", "/bin", "--setenv", "HOME", "/"),
        *("--setenv", "USER_DATA_SECONDS", str(USER_DATA_SECONDS), "--chdir", "/"),
        *("--info-fd", str(info), "--block-fd", str(block)),
        "--",
        "/init",
    ]


@contextmanager
def _pipe() -> Iterator[list[int]]:
    """The two ends of a pipe, which are closed after the block unless they were taken out of the list."""
    ends = list(os.pipe())
    try:
        yield ends
    finally:
        for end in ends:
            os.close(end)


def start(root: Path, scratch: Path, drive: Path | None, hostname: str) -> Sandbox:
    """A new sandbox, with its limits set, that has not run anything yet. Raises OSError."""
    own = isolation.has_guest_user()
    with _pipe() as output, _pipe() as info, _pipe() as block:
        process = subprocess.Popen(  # noqa: S603 - a list of our own words
            command(root, scratch, drive, hostname, info[1], block[0]),
            env={},  # empty, as every process of the guest could read it
            stdin=subprocess.DEVNULL,
            stdout=output[1],
            stderr=output[1],
            pass_fds=(info[1], block[0]),
            user=isolation.GUEST_UID if own else None,
            group=isolation.GUEST_UID if own else None,
            extra_groups=[] if own else None,
        )
        os.close(info.pop())
        text = b""
        while part := os.read(info[0], 4096):
            text += part
            if b"}" in text:
                break
        if not text:
            process.wait()
            message = os.read(output[0], 1000).decode(errors="replace").strip()
            raise OSError(f"bwrap: {message or process.returncode}")
        first = int(json.loads(text)["child-pid"])
        for kind, most in LIMITS.items():
            resource.prlimit(first, kind, (most, most))
        os.setpriority(os.PRIO_PROCESS, first, NICENESS)
        isolation.forbid_user_namespaces(first)
        return Sandbox(process, first, output.pop(0), block.pop())
