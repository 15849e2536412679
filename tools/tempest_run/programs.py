"""Tempest and novaclient, in a virtual environment of their own that is made once and kept."""

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import cached_venv
import openstack

from tempest_run import config

REQUIREMENTS = ("tempest>=41", "neutron-tempest-plugin>=2.9", "python-novaclient>=18.6")
LONGEST = 900  # seconds for all of Tempest's tests
# Tempest's tests of get-me-a-network, and below those of what it depends on
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


def installed() -> Path:
    """The folder of the environment's programs, set up where it is missing. Raises pip's CalledProcessError."""
    return cached_venv.installed(cached_venv.folder("tempest", REQUIREMENTS, "GMAN_TEMPEST_VENV"), REQUIREMENTS)


def run(line: Sequence[str], where: Path, *, quiet: bool = False, environment: dict[str, str] | None = None) -> int:
    """The exit code of a command line, run in the folder `where`; 1 where it takes longer than LONGEST."""
    out = subprocess.DEVNULL if quiet else None
    try:
        return subprocess.run(  # noqa: S603 - programs of our own environment
            line, cwd=where, stdout=out, stderr=out, env=environment, timeout=LONGEST, check=False
        ).returncode
    except subprocess.TimeoutExpired:
        print(f"{Path(line[0]).name} did not end within {LONGEST} s", file=sys.stderr)
        return 1


def workspace(folder: Path, admin: str) -> Path:
    """A folder with Tempest's configuration for the cloud of that administrator, a name in clouds.yaml."""
    work = folder / "tempest"
    run([str(installed() / "tempest"), "init", str(work)], folder, quiet=True)
    configuration = work / "etc" / "tempest.conf"
    configuration.touch(mode=0o600)
    with openstack.connect(cloud=admin) as cloud, configuration.open("w") as file:
        config.tempest(cloud, folder).write(file)
    return work


def tempest(work: Path, tests: str, *, quiet: bool = False) -> int:
    """The exit code of Tempest with the tests that match the regular expression, in projects that it creates."""
    line = [str(installed() / "tempest"), "run", "--concurrency", "2", "--regex", tests]
    return run(line, work, quiet=quiet)
