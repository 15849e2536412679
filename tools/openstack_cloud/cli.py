"""The command line: `tools/openstack up | status | env | image | check | down`."""

import argparse
import os
import shlex
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import NoReturn

from . import broker, databases, guest_image, guest_kinds, machine, outside, ovn, releases, services, settings
from .cloud import Cloud
from .errors import NotUpError, UsageError
from .processes import minimal_environment
from .settings import Settings
from .setup import Setup

BROKEN_PIPE = 141  # as a shell says of a program that wrote to a closed pipe
GUESTS_HELP = (
    "what a server is: nothing at all; a sandbox with its ports' interfaces, in which its user data runs (the default "
    "where bwrap and a static busybox are installed); a virtual machine. The last two take OVN"
)
TENANTS_HELP = (
    "what the networks are that Neutron makes for tenants: an overlay's (the default), or VLANs of the wire that the "
    "external network is on; may be another after each `down`"
)
EPILOG = """environment variables, read by the first `up` of a state directory:
  GMAN_MYSQL_URL   mysql://USER:PASSWORD@HOST:PORT, a MariaDB account that may create databases and users, or
                   "own" for a MariaDB of the cloud's own (the default: root without a password on
                   127.0.0.1:3306 or its socket; "own" where nothing listens there)
  GMAN_RABBIT_URL  amqp://USER:PASSWORD@HOST:PORT/VHOST, a RabbitMQ virtual host to use, or "own" for a RabbitMQ
                   of the cloud's own (the default: a new virtual host on the one on 127.0.0.1:5672, through
                   rabbitmqctl; "own" where nothing listens there)

exit codes: 0 done, 1 something is not up, or differs, 3 wrong usage, or this machine lacks something"""


class Parser(argparse.ArgumentParser):
    """A parser that raises UsageError instead of exiting."""

    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message} (see tools/openstack --help)")


def parser() -> Parser:
    top = Parser(
        prog="tools/openstack",
        description="Bring up a real OpenStack from PyPI on loopback.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    common = Parser(add_help=False)
    common.add_argument("--release", help=f"{' or '.join(releases.RELEASES)}; default: {releases.DEFAULT}")
    common.add_argument(
        "--reference",
        choices=services.MIXTURES,
        default="",
        help="a mixture: this project's reference stands in for that service",
    )
    common.add_argument(
        "--network",
        choices=settings.NETWORKS,
        help="what Neutron stands on: a real OVN (the default; needs root), or no more than a stand-in for agents",
    )
    common.add_argument("--state", metavar="DIR", help="where all of it lives; default: in the user's cache")
    commands = top.add_subparsers(required=True, metavar="COMMAND")
    for action, about in (
        (up, "bring it up, or make sure that it is"),
        (status, "list its processes"),
        (env, "print shell lines that point clients at it"),
        (image, "build anew the kernel and the ramdisk of guests that are machines, and print where they are"),
        (check, "compare what OVN holds with what Neutron's API shows"),
        (down, "end its processes"),
    ):
        command = commands.add_parser(action.__name__, help=about, description=about, parents=[common])
        command.set_defaults(action=action)
        if action is up:
            command.add_argument("--port-base", type=int, metavar="PORT", help="use PORT and those above it")
            command.add_argument("--guests", choices=settings.GUESTS, help=GUESTS_HELP)
            command.add_argument("--tenant-networks", choices=settings.TENANTS, help=TENANTS_HELP)
        if action is down:
            command.add_argument("--purge", action="store_true", help="and remove its state and databases")
    return top


def place(options: argparse.Namespace) -> Path:
    """The state directory that was asked for."""
    release = releases.release(options.release or releases.DEFAULT).name
    if options.state:
        return Path(os.path.abspath(options.state))
    return settings.default_state(release, os.environ, options.reference, options.network or settings.NETWORKS[0])


def existing(options: argparse.Namespace) -> Cloud:
    chosen = settings.load(place(options))
    if chosen is None:
        raise UsageError(f"no cloud in {place(options)}: tools/openstack up makes one, --state names another place")
    return Cloud(chosen, say)


def say(text: str) -> None:
    sys.stderr.write(f"{text}\n")  # flushed at once, as threads print, too


def exports(facts: Settings) -> str:
    """Shell lines that point OpenStack's clients and the suite at a cloud."""
    return f"export OS_CLIENT_CONFIG_FILE={shlex.quote(str(facts.state / 'clouds.yaml'))}"


def up(options: argparse.Namespace) -> int:
    begun = time.monotonic()
    facts = settings.choose(place(options), options.release, options.port_base, options.reference, options.network)
    ovn.check(facts)
    facts = replace(facts, guests=guest_kinds.choose(facts, options.guests))
    facts = replace(facts, installed=settings.borrowed(facts, os.environ))
    facts = replace(facts, tenants=tenants(Cloud(facts, say), options.tenant_networks))
    if not facts.done("databases").exists():
        facts = replace(facts, mysql=databases.find(os.environ.get("GMAN_MYSQL_URL", "")))
    if not facts.done("broker").exists():
        facts = replace(facts, rabbit=broker.find(os.environ.get("GMAN_RABBIT_URL", "")))
    cloud = Cloud(facts, say)
    setup = Setup(cloud)
    cloud.check_ports()
    facts.save()
    with cloud.locked():
        if setup.is_complete() and not cloud.lacking():
            say("already up")
        else:
            setup.run()
            say(f"up after {time.monotonic() - begun:.0f} s")
    print(exports(facts))
    print(conform(facts))
    return 0


def tenants(cloud: Cloud, requested: str | None) -> str:
    """The type of tenants' networks, which a Neutron that runs keeps."""
    present = cloud.settings.tenants
    if requested in (None, present):
        return present
    if cloud.keeper.leader("neutron"):
        raise UsageError(f"{cloud.settings.state} is up with --tenant-networks {present}: `tools/openstack down` first")
    return requested


def conform(facts: Settings) -> str:
    """The command that runs the suite on a cloud; where it has guests, it asks them too."""
    line = "./tools/conform --cloud openstack --alt-cloud openstack-alt --admin-cloud openstack-admin"
    return line if facts.guests == settings.NO_GUESTS else f"{line} --outside {shlex.quote(','.join(outside.urls()))}"


def status(options: argparse.Namespace) -> int:
    cloud = existing(options)
    lacking = cloud.lacking()
    print(describe(cloud.settings))
    for name in cloud.names():
        pid = cloud.keeper.leader(name)
        state = "up" if name not in lacking else "silent" if pid else "down"
        port = cloud.settings.ports.get(name, "-")
        print(f"{name:25} {state:7} {pid or '-':>8} {port:>6}  {cloud.keeper.log / name}.log")
    return 1 if lacking else 0


def describe(facts: Settings) -> str:
    """The kind of cloud in one line: release, mixture, Neutron's back end, guests."""
    parts = [f"OpenStack {facts.release}"]
    parts += [f"the reference in the place of {facts.reference}"] if facts.reference else []
    parts += [f"network backend {facts.backend}"] if facts.backend else []
    parts += [f"tenants' networks {facts.tenants}"] if facts.tenants != settings.OVERLAY else []
    parts += [f"guests {facts.guests}"] if facts.reference != "compute" else []
    return ", ".join(parts)


def env(options: argparse.Namespace) -> int:
    cloud = existing(options)
    if not Setup(cloud).is_complete():
        raise NotUpError(f"the cloud in {cloud.settings.state} has not been up yet: tools/openstack up")
    print(exports(cloud.settings), "export OS_CLOUD=openstack", sep="\n")
    return 0


def image(options: argparse.Namespace) -> int:
    cloud = existing(options)
    if missing := machine.missing_of(guest_image.PROGRAMS):
        raise UsageError(f"install {' '.join(missing)} (Debian's names)")
    with cloud.locked():
        guest_image.build(cloud.settings)
    for file in sorted(guest_image.place(cloud.settings).iterdir()):
        print(f"{file.stat().st_size:>10}  {file}")
    return 0


def check(options: argparse.Namespace) -> int:
    cloud = existing(options)
    if not ovn.used(cloud.settings):
        raise UsageError(f"the cloud in {cloud.settings.state} has no OVN to compare Neutron with")
    if lacking := cloud.lacking():
        raise NotUpError(f"not up: {', '.join(lacking)} (tools/openstack up starts them)")
    command = [cloud.settings.bin("python"), "-m", "openstack_cloud.neutron_view", str(cloud.settings.state)]
    environ = minimal_environment() | services.QUIET | settings.PACKAGE_PATH
    return subprocess.run(command, env=environ, check=False).returncode  # noqa: S603 our own


def down(options: argparse.Namespace) -> int:
    cloud = existing(options)
    with cloud.locked():
        ran = cloud.down()
        say(f"ended {len(ran)} processes")
        if options.purge:
            cloud.purge()
            say(f"removed {cloud.settings.state}")
    return 0


def main(arguments: list[str] | None = None) -> int:
    try:
        options = parser().parse_args(arguments)
        code: int = options.action(options)
        sys.stdout.flush()
    except BrokenPipeError:  # the reader has enough, such as head
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # so that the flush at the end does not fail
        return BROKEN_PIPE
    except UsageError as error:
        say(f"openstack: {error}")
        return 3
    except OSError as refused:
        say(f"openstack: {refused}")
        return 3
    except NotUpError as failed:
        say(f"openstack: {failed}")
        return 1
    except KeyboardInterrupt:
        say("openstack: interrupted; the same command goes on from here")
        return 130
    return code
