"""Tempest and novaclient, in a virtual environment of their own that is made once and kept."""

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import cached_venv
import openstack

from tempest_run import config

REQUIREMENTS = ("tempest>=41", "neutron-tempest-plugin>=2.9", "python-novaclient>=18.6")
LONGEST = 900  # seconds that a program may take, such as Tempest for all its tests
# regular expressions of the tests of get-me-a-network
TOPOLOGY = (
    r"tempest\.api\.compute\.admin\.test_auto_allocate_network\.",
    r"neutron_tempest_plugin\.api\.test_auto_allocated_topology\.",
)
TESTS = (  # these tests, and tests of what the feature depends on
    *TOPOLOGY,
    r"tempest\.api\.network\.test_networks\.",
    r"tempest\.api\.compute\.servers\.test_create_server\.",
    r"tempest\.api\.compute\.servers\.test_multiple_create",
)


def installed() -> Path:
    """The folder of the environment's programs, set up where it is missing. Raises pip's CalledProcessError."""
    return cached_venv.installed(cached_venv.folder("tempest", REQUIREMENTS, "GMAN_TEMPEST_VENV"), REQUIREMENTS)


def run(line: Sequence[str], where: Path, *, quiet: bool = False, environment: dict[str, str] | None = None) -> int:
    """Run a command line in the folder `where`; its exit code, or 1 where it is ended after LONGEST seconds."""
    out = subprocess.DEVNULL if quiet else None
    try:
        return subprocess.run(  # noqa: S603 - programs of our own environment
            line, cwd=where, stdout=out, stderr=out, env=environment, timeout=LONGEST, check=False
        ).returncode
    except subprocess.TimeoutExpired:
        print(f"{Path(line[0]).name} did not end within {LONGEST} s", file=sys.stderr)
        return 1


def workspace(folder: Path, admin: str) -> Path:
    """Make a folder for Tempest in `folder`; its path. `admin` is an administrator's entry in clouds.yaml.

    It is configured for that entry's cloud.
    """
    work = folder / "tempest"
    run([str(installed() / "tempest"), "init", str(work)], folder, quiet=True)
    configuration = work / "etc" / "tempest.conf"
    configuration.touch(mode=0o600)
    with openstack.connect(cloud=admin) as cloud, configuration.open("w") as file:
        config.tempest(cloud, folder).write(file)
    return work


def tempest(work: Path, tests: str, *, quiet: bool = False) -> int:
    """Run Tempest's tests that match the regular expression, in projects that Tempest creates; its exit code."""
    line = [str(installed() / "tempest"), "run", "--concurrency", "2", "--regex", tests]
    return run(line, work, quiet=quiet)
