"""What the cloud needs of the machine: programs, Debian packages, a virtual environment."""

import importlib.util
import os
import shutil
import socket
import subprocess
import sys
import sysconfig
import time
import venv
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from .errors import NotUpError, UsageError
from .processes import minimal_environment, tail
from .releases import Release
from .settings import MACHINES, NO_GUESTS, OVN, OWN, Settings

PIP_READS = ("PIP_", "http_proxy", "https_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "SSL_CERT_")
ASK_SECONDS = 60
LOADER = b"/lib64/ld-linux"  # in every program that needs libraries
POLICY = Path("/usr/sbin/policy-rc.d")  # the script that decides whether a package may start its service
REFUSE_ALL = "#!/bin/sh\n# by tools/openstack, while it installs packages\nexit 101\n"
APT_LOCK = 300  # seconds that another installation may take
LISTS_LOCK = "Could not get lock /var/lib/apt/lists/lock"  # apt's message
# a program of each package by which it is known to be there
MACHINE_PACKAGES = {
    "libvirt-daemon": "/usr/sbin/libvirtd",
    "libvirt-daemon-driver-qemu": "/usr/lib/x86_64-linux-gnu/libvirt/connection-driver/libvirt_driver_qemu.so",
    "libvirt-dev": "/usr/include/libvirt/libvirt.h",
    "pkg-config": "/usr/bin/pkg-config",
    "qemu-system-x86": "/usr/bin/qemu-system-x86_64",
    "qemu-utils": "/usr/bin/qemu-img",
    "genisoimage": "/usr/bin/genisoimage",
    "cpio": "/bin/cpio",
    "kmod": "/sbin/modinfo",
}
OVN_PACKAGES = {"openvswitch-switch": "ovs-vswitchd", "ovn-central": "ovn-northd", "ovn-host": "ovn-controller"}


def listening(port: int) -> bool:
    """Whether something on loopback accepts connections on a port."""
    with socket.socket() as probe:
        probe.settimeout(2)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def program(name: str) -> str | None:
    """Where a program of the machine is."""
    return shutil.which(name, path=minimal_environment()["PATH"])


def static_busybox() -> str | None:
    """The path of a busybox that needs no library; None where there is none."""
    path = program("busybox")
    return path if path and LOADER not in Path(path).read_bytes() else None


def succeeds(*command: str) -> bool:
    """Whether the command exits with 0."""
    try:
        answer = subprocess.run(command, capture_output=True, check=False, timeout=ASK_SECONDS)  # noqa: S603
    except subprocess.TimeoutExpired:
        return False
    return answer.returncode == 0


def run(
    settings: Settings, log: str, command: Sequence[str], environ: Mapping[str, str] | None = None, text: str = ""
) -> str:
    """Run a step of the set-up to its end, with `text` as its input, and answer its output.

    All it says goes to the log of that name, whose tail is in the `NotUpError` raised when it fails.
    """
    path = settings.state / "log" / f"{log}.log"
    with path.open("ab") as out:
        out.write(f"$ {' '.join(command)}\n".encode())
        out.flush()
        completed = subprocess.run(  # noqa: S603 the command is ours
            command,
            input=text.encode(),
            stdout=subprocess.PIPE,
            stderr=out,
            check=False,
            cwd="/",
            env=minimal_environment() | dict(environ or {}),
        )
        out.write(completed.stdout)
    if completed.returncode:
        raise NotUpError(f"{log} failed with exit code {completed.returncode}\n{tail(path)}")
    return completed.stdout.decode(errors="replace")


def missing_packages(settings: Settings) -> list[str]:
    """The Debian packages that are needed and missing."""
    headers = Path(sysconfig.get_path("include")) / "Python.h"
    needs = {
        "gcc": program("gcc"),
        "libc6-dev": Path("/usr/include/stdlib.h").exists(),
        "python3-dev": headers.exists(),
        "python3-venv": succeeds(python(), "-c", "import pip") or importlib.util.find_spec("ensurepip"),
        "mariadb-server": settings.mysql != OWN or program("mariadbd"),
        "rabbitmq-server": settings.rabbit != OWN or program("rabbitmqctl"),
        "haproxy": settings.guests == NO_GUESTS or program("haproxy"),
        "iptables": settings.guests == NO_GUESTS or program("iptables"),
        "bubblewrap": settings.guests == NO_GUESTS or program("bwrap"),
        "busybox-static": settings.guests == NO_GUESTS or static_busybox(),
        **{package: settings.guests != MACHINES or Path(file).exists() for package, file in MACHINE_PACKAGES.items()},
        **{package: settings.backend != OVN or program(part) for package, part in OVN_PACKAGES.items()},
    }
    return [package for package, present in needs.items() if not present]


def missing_of(programs: Mapping[str, str]) -> list[str]:
    """The packages whose programs are missing."""
    return [package for package, name in programs.items() if not program(name)]


def install_packages(settings: Settings) -> None:
    """Install the missing packages if permitted, and memcached, which is useful but not needed."""
    missing = missing_packages(settings)
    if os.geteuid() or not program("apt-get"):
        if missing:
            raise UsageError(f"install {' '.join(missing)} (Debian's names), or run this as root on Debian")
        return
    packages = missing if program("memcached") else [*missing, "memcached"]
    if packages:
        environ = {"DEBIAN_FRONTEND": "noninteractive"}
        apt = ["apt-get", "-q", "-o", f"DPkg::Lock::Timeout={APT_LOCK}"]  # another may be installing
        read_lists(settings, apt, environ)
        with no_services_started():
            run(settings, "apt", [*apt, "install", "-y", "--no-install-recommends", *packages], environ)


def read_lists(settings: Settings, apt: Sequence[str], environ: Mapping[str, str]) -> None:
    """Have the lists of packages read anew; apt waits for other installations, but not for others that read lists."""
    deadline = time.monotonic() + APT_LOCK
    while True:
        try:
            run(settings, "apt", [*apt, "update"], environ)
            return
        except NotUpError as failed:
            if LISTS_LOCK not in str(failed) or time.monotonic() > deadline:
                raise
        time.sleep(1)


@contextmanager
def no_services_started() -> Iterator[None]:
    """Keep packages that are installed from starting services: the cloud starts those that it needs itself.

    A policy of the machine's own is left as it is.
    """
    try:
        with POLICY.open("x") as file:
            file.write(REFUSE_ALL)
    except FileExistsError:
        if POLICY.read_text(errors="replace") != REFUSE_ALL:  # left by a killed run of this tool
            yield
            return
    POLICY.chmod(0o755)
    try:
        yield
    finally:
        POLICY.unlink()


def python() -> str:
    """The Python from which this one's virtual environment was made, if there is one, as it may have pip."""
    base = Path(sys.base_prefix) / "bin" / f"python3.{sys.version_info.minor}"
    return str(base) if base.exists() else sys.executable


def install_release(settings: Settings, release: Release) -> None:
    """Make the virtual environment with the release in it; pip's output is kept in its log."""
    own = settings.bin("python")
    venv.create(settings.venv, with_pip=False, symlinks=True)
    pip = [python(), "-m", "pip", "--python", own]
    if not succeeds(*pip, "--version"):
        run(settings, "pip", [own, "-m", "ensurepip"])
        pip = [own, "-m", "pip"]
    options = ["--disable-pip-version-check", "--no-compile", "--constraint", str(release.constraints)]
    run(settings, "pip", [*pip, "install", *options, *release.requirements], pip_environment())


def install_libvirt(settings: Settings) -> None:
    """Install libvirt's Python library, of the version of the machine's own, which it is built against."""
    version = run(settings, "pip", ["pkg-config", "--modversion", "libvirt"]).strip()
    pip = [python(), "-m", "pip", "--python", settings.bin("python")]
    run(settings, "pip", [*pip, "install", "--no-deps", f"libvirt-python=={version}"], pip_environment())


def pip_environment() -> dict[str, str]:
    """The variables for pip: where it looks for packages, and how to get there."""
    return {name: value for name, value in os.environ.items() if name.startswith(PIP_READS)}
