"""The command line of `tools/tempest`."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import openstack
from command_line import USAGE, Parser, run
from keystoneauth1.exceptions import ClientException
from openstack.exceptions import ConfigException, SDKException

from conformance.deadlines import Deadlines
from conformance.run.embedded import CLOUD, Embedded
from conformance.settings import UsageProblem
from tempest_run import programs

SERVERS = 3
BOOT = 120  # seconds that novaclient may take to boot and to delete them


def nova(folder: Path, member: str, image: str = "cirros") -> int:
    """The exit code of `nova boot --nic auto` for several servers, until they run, and of their deletion."""
    program = str(programs.installed() / "nova")
    cloud = openstack.connect(cloud=member)
    environment = {f"OS_{name.upper()}": value for name, value in cloud.config.config["auth"].items()}
    environment |= {"OS_REGION_NAME": cloud.config.get_region_name()}
    environment |= {"OS_COMPUTE_API_VERSION": "2.37", "PATH": os.environ["PATH"], "HOME": str(folder)}
    boot = [program, "boot", "--image", image, "--flavor", "m1.tiny", "--min-count", str(SERVERS)]
    boot += ["--nic", "auto", "--poll", "s"]
    if programs.run(boot, folder, quiet=True, environment=environment):  # quiet, as it prints the servers' passwords
        print("nova boot --nic auto failed", file=sys.stderr)
        return 1
    names = [f"s-{number}" for number in range(1, SERVERS + 1)]
    deadline = time.monotonic() + BOOT
    while {server.status for server in cloud.compute.servers() if server.name in names} != {"ACTIVE"}:
        if time.monotonic() > deadline:
            print(f"nova boot --nic auto: its servers do not run within {BOOT:g} s", file=sys.stderr)
            return 1
        time.sleep(0.2)
    return programs.run([program, "delete", *names], folder, environment=environment)


def openstackclient(folder: Path, member: str) -> int:
    """The exit code of openstackclient's commands whose requests hold more than their options say.

    All that they create is deleted, and the limit that one of them sets is the present one.
    """
    program = str(Path(sys.executable).with_name("openstack"))
    with openstack.connect(cloud=member) as cloud:
        project = str(cloud.current_project_id)
        limit = str(cloud.network.get_quota(project).networks)
    credential = f"gman-{os.getpid()}"
    commands = (
        ["--os-cloud", member, "application", "credential", "create", credential],  # the output has a secret
        ["--os-cloud", member, "application", "credential", "delete", credential],
        ["--os-cloud", member, "project", "cleanup", "--auth-project", "--dry-run"],
        ["--os-cloud", f"{member}-admin", "quota", "set", "--networks", limit, project],
    )
    environment = dict(os.environ)
    codes = [programs.run([program, *command], folder, quiet=True, environment=environment) for command in commands]
    for command, code in zip(commands, codes, strict=True):
        if code:
            print(f"openstack {' '.join(command)} failed", file=sys.stderr)
    return max(codes)


@contextmanager
def prepared(folder: Path, cloud: str | None) -> Iterator[str]:
    """The name of the cloud to run against: `cloud`, or else that of a reference, which runs inside the block."""
    if cloud is not None:
        yield cloud
        return
    with Embedded(folder, folder / "serve.log", Deadlines()) as reference:
        reference.wait()
        os.environ["OS_CLIENT_CONFIG_FILE"] = str(reference.clouds_file)
        yield CLOUD


def main() -> int:
    """Run the programs and print which passed; the exit code."""
    parser = Parser(
        prog="tools/tempest",
        description="Run Tempest, its Neutron plug-in, novaclient and openstackclient, unmodified, against the "
        "reference or a cloud.",
    )
    parser.add_argument("--regex", default="|".join(programs.TESTS), help="which of Tempest's tests")
    parser.add_argument(
        "--cloud", metavar="NAME", help="a cloud of clouds.yaml that has NAME-admin beside it, not the reference"
    )
    options = parser.parse_args()
    try:
        programs.installed()
    except subprocess.CalledProcessError as error:
        print(f"tools/tempest: set-up failed, see pip's message above: {error}", file=sys.stderr)
        return USAGE
    with tempfile.TemporaryDirectory(prefix="gman-tempest-") as temporary:
        folder = Path(temporary)
        try:
            with prepared(folder, options.cloud) as name:
                work = programs.workspace(folder, f"{name}-admin")
                codes = [programs.tempest(work, options.regex), nova(folder, name), openstackclient(folder, name)]
        except (UsageProblem, ConfigException, SDKException, ClientException) as error:
            print(f"tools/tempest: {str(error).splitlines()[0]}", file=sys.stderr)
            return USAGE
    for program, code in zip(("tempest", "nova boot --nic auto", "openstack"), codes, strict=True):
        print(f"{program}: {'failed' if code else 'passed'}")
    return max(codes)


if __name__ == "__main__":
    run("tools/tempest", main)
