"""The command line of `tools/tempest`."""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import openstack
import yaml

from unmodified import config, programs

READY = 60.0  # seconds the reference may take to come up
LONGEST = 900  # seconds for all of Tempest's tests
SERVERS = 3
BOOT = 120  # seconds novaclient may take to boot and to delete them


@contextmanager
def reference(folder: Path) -> Iterator[str]:
    """A reference with its data there, as long as the block; its URL."""
    gman = Path(sys.executable).with_name("gman")
    with (folder / "serve.log").open("wb") as log:
        line = [str(gman), "serve", "--port", "0", "--data", str(folder)]
        process = subprocess.Popen(line, stdout=log, stderr=subprocess.STDOUT)  # noqa: S603
    try:
        ready, deadline = folder / "ready.json", time.monotonic() + READY
        while not ready.exists():
            if process.poll() is not None or time.monotonic() > deadline:
                raise SystemExit(f"the reference did not come up:\n{(folder / 'serve.log').read_text()}")
            time.sleep(0.05)
        yield json.loads(ready.read_text())["url"]
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(READY)


def tempest(bin_: Path, folder: Path, url: str, clouds: dict[str, dict[str, dict[str, str]]], tests: str) -> int:
    """Run those tests; exit code of Tempest."""
    cloud = openstack.connect(cloud="gman-admin")
    image = next(iter(cloud.image.images())).id
    external = next(iter(cloud.network.networks(is_router_external=True))).id
    work = folder / "tempest"
    _run([str(bin_ / "tempest"), "init", str(work)], folder, quiet=True)
    written = work / "etc" / "tempest.conf"
    written.touch(mode=0o600)
    with written.open("w") as file:
        config.tempest(clouds["gman-admin"]["auth"], url, image, external, folder).write(file)
    return _run([str(bin_ / "tempest"), "run", "--concurrency", "2", "--regex", tests], work)


def nova(bin_: Path, folder: Path, auth: dict[str, str], image: str = "cirros") -> int:
    """`nova boot --nic auto` for several servers, until they run, and their deletion; 0 where all went well."""
    environment = {f"OS_{name.upper()}": value for name, value in auth.items()} | {"OS_REGION_NAME": "RegionOne"}
    environment |= {"OS_COMPUTE_API_VERSION": "2.37", "PATH": os.environ["PATH"], "HOME": str(folder)}
    boot = [
        "boot",
        "--image",
        image,
        "--flavor",
        "m1.tiny",
        "--nic",
        "auto",
        "--min-count",
        str(SERVERS),
        "--poll",
        "s",
    ]
    # quiet: it prints the servers' passwords
    if _run([str(bin_ / "nova"), *boot], folder, quiet=True, environment=environment):
        print("nova boot --nic auto failed", file=sys.stderr)
        return 1
    names = [f"s-{number}" for number in range(1, SERVERS + 1)]
    deadline = time.monotonic() + BOOT
    cloud = openstack.connect(cloud="gman")
    while {server.status for server in cloud.compute.servers() if server.name in names} != {"ACTIVE"}:
        if time.monotonic() > deadline:
            return 1
        time.sleep(0.2)
    return _run([str(bin_ / "nova"), "delete", *names], folder, environment=environment)


def _run(line: Sequence[str], where: Path, *, quiet: bool = False, environment: dict[str, str] | None = None) -> int:
    out = subprocess.DEVNULL if quiet else None
    try:
        return subprocess.run(  # noqa: S603 - programs of our own environment
            line, cwd=where, stdout=out, env=environment, timeout=LONGEST, check=False
        ).returncode
    except subprocess.TimeoutExpired:
        print(f"{Path(line[0]).name} did not end within {LONGEST} s", file=sys.stderr)
        return 1


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="tools/tempest",
        description="Run Tempest, its Neutron plug-in and novaclient, unmodified, against the reference.",
    )
    parser.add_argument("--regex", default="|".join(programs.TESTS), help="which of Tempest's tests")
    options = parser.parse_args()
    try:
        bin_ = programs.installed()
    except subprocess.CalledProcessError as failed:
        print(f"tools/tempest: set-up failed, see pip's message above: {failed}", file=sys.stderr)
        return 3
    with tempfile.TemporaryDirectory(prefix="gman-tempest-") as made:
        folder = Path(made)
        with reference(folder) as url:
            os.environ["OS_CLIENT_CONFIG_FILE"] = str(folder / "clouds.yaml")
            clouds = yaml.safe_load((folder / "clouds.yaml").read_text())["clouds"]
            codes = [
                tempest(bin_, folder, url, clouds, options.regex),
                nova(bin_, folder, clouds["gman"]["auth"]),
            ]
    for name, code in zip(("tempest", "nova boot --nic auto"), codes, strict=True):
        print(f"{name}: {'failed' if code else 'passed'}")
    return max(codes)


if __name__ == "__main__":
    sys.exit(main())
