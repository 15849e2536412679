"""Namespaces of Linux, by the C library's own calls: Python has some of them from 3.12 on only."""

import ctypes
import logging
import os
import signal
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn, TypeVar

T = TypeVar("T")
LOG = logging.getLogger(__name__)

NOBODY = 65534  # the user whose rights guests have on the machine if root starts them
GUEST_UID = 1  # that user's id inside the namespace
_LIBC = ctypes.CDLL(None, use_errno=True)
_PDEATHSIG, _NO_NEW_PRIVS = 1, 38  # of prctl
_CLONE = {
    "ns": 0x00020000,
    "uts": 0x04000000,
    "ipc": 0x08000000,
    "user": 0x10000000,
    "pid": 0x20000000,
    "net": 0x40000000,
}
_DETACH = 2  # of umount2
_MS = {"nosuid": 2, "nodev": 4, "noexec": 8, "private": 1 << 18, "rec": 16384}
_HINT = (
    "see kernel.unprivileged_userns_clone, kernel.apparmor_restrict_unprivileged_userns and user.max_user_namespaces"
)


class Refused(Exception):
    """The system does not permit this."""


@dataclass(frozen=True)
class Isolated:
    """A process in namespaces of its own, by its parent's process id; `orders` is a pipe to its standard input."""

    pid: int
    orders: int


def _call(name: str, *arguments: object) -> None:
    if getattr(_LIBC, name)(*arguments) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}")


def end_with_parent(number: signal.Signals) -> None:
    """Have the system send this process that signal when its parent ends, for whatever reason."""
    _call("prctl", _PDEATHSIG, int(number), 0, 0, 0)


def mount(source: str, target: str, kind: str, *flags: str, options: str = "") -> None:
    flags_value = sum(_MS[flag] for flag in flags)
    _call("mount", source.encode(), target.encode(), kind.encode(), ctypes.c_ulong(flags_value), options.encode())


def unmount(target: str) -> None:
    """Unmount the target; processes that still use it keep it until they end."""
    _call("umount2", target.encode(), _DETACH)


def in_network(path: str, work: Callable[[], T]) -> T:
    """The result of `work`, done in the network namespace at `path` by a thread that enters it and ends."""
    results: list[T] = []
    errors: list[BaseException] = []

    def go() -> None:
        try:
            descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
            try:
                _call("setns", descriptor, _CLONE["net"])
            finally:
                os.close(descriptor)
            results.append(work())
        except BaseException as error:  # noqa: BLE001 - raised again where it was asked for
            errors.append(error)

    thread = threading.Thread(target=go, name="visitor")
    thread.start()
    thread.join()
    if errors:
        raise errors[0]
    return results[0]


def spawn(work: Callable[[], None]) -> Isolated:
    """Do `work` as the first process of new namespaces; when it ends, so does all that was started there.

    It is root there and has no network. It ends with this process. Raises Refused.
    """
    status, mapped, orders = os.pipe(), os.pipe(), os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(status[0])
        os.close(mapped[1])
        os.close(orders[1])
        _become(work, status[1], mapped[0], orders[0])
    for descriptor in (status[1], mapped[0], orders[0]):
        os.close(descriptor)
    try:
        with os.fdopen(status[0]) as answer:
            word = answer.readline().strip()
        if word == "unshared":
            _map(pid)
            os.write(mapped[1], b"\n")
            return Isolated(pid, orders[1])
        reason = word or "it ended"
    except OSError as error:
        reason = str(error)
    finally:
        os.close(mapped[1])
    os.close(orders[1])
    os.waitpid(pid, 0)
    raise Refused(f"--guests needs user namespaces, which this system refuses ({reason}): {_HINT}")


def _become(work: Callable[[], None], status: int, mapped: int, orders: int) -> NoReturn:
    """In the child: enter the namespaces, fork the process that is the first there, and wait for its end."""
    try:
        end_with_parent(signal.SIGKILL)
        try:
            _call("unshare", sum(_CLONE.values()))
        except OSError as error:
            os.write(status, f"{error.strerror}\n".encode())
            os._exit(1)
        os.write(status, b"unshared\n")
        os.close(status)
        if os.read(mapped, 1) != b"\n":
            os._exit(1)
        os.dup2(orders, 0)
        first = os.fork()
        if first == 0:
            end_with_parent(signal.SIGKILL)
            _first(work)
        os.close(0)
        os.close(orders)
        os.waitpid(first, 0)
    finally:
        os._exit(1)


def _first(work: Callable[[], None]) -> NoReturn:
    code = 1
    try:
        mount("none", "/", "none", "rec", "private")
        mount("proc", "/proc", "proc", "nosuid", "nodev", "noexec")
        mount("tmpfs", "/run", "tmpfs", "nosuid", "nodev", options="mode=755,size=64m")
        work()
        code = 0
    except BaseException:
        LOG.exception("the first process of its namespaces failed")
    finally:
        os._exit(code)


def _map(pid: int) -> None:
    """Make the child root in its user namespace, with the rights of this process on the machine.

    If that is root, guests get a second user, who is nobody on the machine; without root there is no second user.
    """
    base = Path(f"/proc/{pid}")
    user, group = os.geteuid(), os.getegid()
    if user == 0:
        try:
            for name in ("uid_map", "gid_map"):
                (base / name).write_text(f"0 0 1\n{GUEST_UID} {NOBODY} 1\n")
            return
        except OSError:  # a container without such a user, itself in a user namespace
            pass
    (base / "setgroups").write_text("deny")
    (base / "uid_map").write_text(f"0 {user} 1\n")
    (base / "gid_map").write_text(f"0 {group} 1\n")


def forbid_user_namespaces(pid: int) -> None:
    """Forbid user namespaces within that of the process: root in one of its own reaches more of the kernel.

    (bwrap's --disable-userns puts the guest into a second one, from where it could not configure its network.)
    Raises OSError.
    """
    child = os.fork()
    if child == 0:
        code = 1
        try:
            _call("setns", os.open(f"/proc/{pid}/ns/user", os.O_RDONLY), _CLONE["user"])
            Path("/proc/sys/user/max_user_namespaces").write_text("0")
            code = 0
        finally:
            os._exit(code)
    if os.waitpid(child, 0)[1]:
        raise OSError("user namespaces cannot be forbidden in a guest")


def has_guest_user() -> bool:
    """Whether guests have a user of their own in this namespace."""
    return len(Path("/proc/self/uid_map").read_text().splitlines()) > 1
