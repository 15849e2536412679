"""What the cloud needs of the machine: Debian packages, the virtual environment, commands run to their end."""

import importlib.util
import os
import shutil
import socket
import subprocess
import sys
import sysconfig
import venv
from collections.abc import Mapping, Sequence
from pathlib import Path

from .errors import NotUp, UsageError
from .processes import minimal_environment
from .releases import Release
from .settings import Settings

PACKAGE_PATH = {"PYTHONPATH": str(Path(__file__).parent.parent)}  # lets the cloud's own Python find our modules


def listening(port: int) -> bool:
    """Whether something on loopback accepts connections on a port."""
    with socket.socket() as probe:
        probe.settimeout(2)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def run(
    settings: Settings, name: str, command: Sequence[str], environ: Mapping[str, str] | None = None, text: str = ""
) -> str:
    """Run a step of the set-up to its end, `text` on its standard input, and answer what it wrote to its output.

    Its messages go to the log of that name, whose tail is in the `NotUp` raised when it fails.
    """
    path = settings.state / "log" / f"{name}.log"
    with path.open("ab") as log:
        log.write(f"$ {' '.join(command)}\n".encode())
        log.flush()
        done = subprocess.run(
            command, input=text.encode(), stdout=subprocess.PIPE, stderr=log, check=False, cwd="/",
            env={**minimal_environment(), **(environ or {})},
        )  # fmt: skip
        log.write(done.stdout)
    if done.returncode:
        lines = path.read_text(errors="replace").splitlines()[-25:]
        raise NotUp("\n".join([f"{name} failed (exit code {done.returncode})", f"--- {path}", *lines]))
    return done.stdout.decode(errors="replace")


def missing_packages(mariadb: bool, rabbitmq: bool) -> list[str]:
    """Debian's names of what is not here; `mariadb` and `rabbitmq` say whether those servers must be."""
    headers = Path(sysconfig.get_path("include")) / "Python.h"
    pip = importlib.util.find_spec("pip") or importlib.util.find_spec("ensurepip")
    needs = {
        "gcc": shutil.which("gcc") or shutil.which("cc"),
        "libc6-dev": Path("/usr/include/stdlib.h").exists(),
        "python3-dev": headers.exists(),
        "python3-venv": pip,
        "mariadb-server": not mariadb or program("mariadbd"),
        "rabbitmq-server": not rabbitmq or program("rabbitmqctl"),
    }
    return [package for package, found in needs.items() if not found]


def program(name: str) -> str | None:
    return shutil.which(name, path=minimal_environment()["PATH"])


def install_packages(settings: Settings, missing: list[str]) -> None:
    """Install Debian packages where we may, with memcached, which is welcome but not needed."""
    if not missing and (program("memcached") or not may_install()):
        return
    if not may_install():
        raise UsageError(f"missing on this machine: {' '.join(missing)}; install them, or run this as root on Debian")
    environ = {"DEBIAN_FRONTEND": "noninteractive"}
    run(settings, "apt", ["apt-get", "update", "-q"], environ)
    install = ["apt-get", "install", "-y", "-q", "--no-install-recommends"]
    run(settings, "apt", [*install, *missing, "memcached"], environ)


def may_install() -> bool:
    return os.geteuid() == 0 and bool(program("apt-get"))


def make_environment(settings: Settings, release: Release) -> None:
    """The virtual environment with the release in it; pip's output is kept in its log."""
    place = settings.state / "venv"
    python = str(place / "bin" / "python")
    if not Path(python).exists():
        venv.create(place, with_pip=False, symlinks=True)
    pip = [sys.executable, "-m", "pip", "--python", python]
    if subprocess.run([*pip, "--version"], capture_output=True, check=False).returncode:
        run(settings, "pip", [python, "-m", "ensurepip"])
        pip = [python, "-m", "pip"]
    install = [*pip, "install", "--disable-pip-version-check", "--constraint", str(release.constraints)]
    run(settings, "pip", [*install, *release.requirements], pip_environment())


def pip_environment() -> dict[str, str]:
    """pip's own settings and the machine's proxies stay in force."""
    wanted = ("PIP_", "http_proxy", "https_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "SSL_CERT")
    return {name: value for name, value in os.environ.items() if name.startswith(wanted)}
