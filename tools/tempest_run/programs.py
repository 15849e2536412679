"""Where Tempest and novaclient live: a virtual environment of their own, made once and kept."""

import hashlib
import os
import subprocess
import sys
import venv
from collections.abc import Sequence
from pathlib import Path

import openstack

from tempest_run import config

WANTED = ("tempest>=41", "neutron-tempest-plugin>=2.9", "python-novaclient>=18.6")
LONGEST = 900  # seconds for all of Tempest's tests
# of Tempest: what is about get-me-a-network, and what it rests on
TOPOLOGY = (
    r"tempest\.api\.compute\.admin\.test_auto_allocate_network\.",
    r"neutron_tempest_plugin\.api\.test_auto_allocated_topology\.",
)
TESTS = (
    *TOPOLOGY,
    r"tempest\.api\.network\.test_networks\.",
    r"tempest\.api\.compute\.servers\.test_create_server\.",
    r"tempest\.api\.compute\.servers\.test_multiple_create",
)


def home() -> Path:
    """The environment's folder: $GMAN_TEMPEST_VENV, else one in the user's cache, named by what it holds."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    name = hashlib.sha256(f"{sys.version}{WANTED}".encode()).hexdigest()[:12]
    return Path(os.environ.get("GMAN_TEMPEST_VENV") or cache / "gman" / f"tempest-{name}")


def installed() -> Path:
    """The folder of its programs, set up if it is not there. Errors: CalledProcessError from pip."""
    folder = home()
    done = folder / "installed"
    if not done.exists():
        print(f"setting up {folder} ...", file=sys.stderr)
        venv.create(folder, with_pip=False, symlinks=True, clear=True)
        python = folder / "bin" / "python"
        pip = _pip(python)
        subprocess.run([*pip, "install", "--quiet", "--disable-pip-version-check", *WANTED], check=True)  # noqa: S603
        done.touch()
    return folder / "bin"


def run(line: Sequence[str], where: Path, *, quiet: bool = False, environment: dict[str, str] | None = None) -> int:
    """Run one of them; its exit code, 1 where it did not end in time."""
    out = subprocess.DEVNULL if quiet else None
    try:
        return subprocess.run(  # noqa: S603 - programs of our own environment
            line, cwd=where, stdout=out, stderr=out, env=environment, timeout=LONGEST, check=False
        ).returncode
    except subprocess.TimeoutExpired:
        print(f"{Path(line[0]).name} did not end within {LONGEST} s", file=sys.stderr)
        return 1


def workspace(folder: Path, admin: str) -> Path:
    """A folder in which Tempest is told about the cloud of that administrator, one of clouds.yaml."""
    work = folder / "tempest"
    run([str(installed() / "tempest"), "init", str(work)], folder, quiet=True)
    written = work / "etc" / "tempest.conf"
    written.touch(mode=0o600)
    with openstack.connect(cloud=admin) as cloud, written.open("w") as file:
        config.tempest(cloud, folder).write(file)
    return work


def tempest(work: Path, tests: str, *, quiet: bool = False) -> int:
    """Run those tests, in projects that Tempest makes; its exit code."""
    line = [str(installed() / "tempest"), "run", "--concurrency", "2", "--regex", tests]
    return run(line, work, quiet=quiet)


def _pip(python: Path) -> list[str]:
    """A pip that installs there: the system's, else one that ensurepip brings."""
    base = Path(getattr(sys, "_base_executable", sys.executable))
    pip = [str(base), "-m", "pip", "--python", str(python)]
    if subprocess.run([*pip, "--version"], capture_output=True, check=False).returncode:  # noqa: S603
        subprocess.run([str(python), "-m", "ensurepip"], check=True, capture_output=True)  # noqa: S603
        pip = [str(python), "-m", "pip"]
    return pip
