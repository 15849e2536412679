"""The command line: `tools/openstack up | status | env | down`."""

import argparse
import os
import shlex
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import NoReturn

from . import broker, databases, releases, settings
from .cloud import Cloud
from .errors import NotUp, UsageError
from .settings import Settings

EPILOG = """environment variables, read by the first `up` of a state directory:
  GMAN_MYSQL_URL   mysql://USER:PASSWORD@HOST:PORT of a MariaDB account that may create databases and accounts, or
                   "own" to run a MariaDB of the cloud's own. Default: the one on 127.0.0.1:3306, as root without a
                   password; where none listens, "own".
  GMAN_RABBIT_URL  amqp://USER:PASSWORD@HOST:PORT/VHOST of a virtual host to use, or "own" to run a RabbitMQ of the
                   cloud's own. Default: a new virtual host on the one on 127.0.0.1:5672; where none listens, "own".

exit codes: 0 done, 1 something is not up, 3 wrong usage or something missing on this machine"""


class Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message} (see {self.prog} --help)")


def parser() -> Parser:
    commands = Parser(
        prog="tools/openstack", description="A real OpenStack from PyPI on loopback.", epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    commands.set_defaults(port_base=None, purge=False)
    known = commands.add_subparsers(dest="command", required=True, metavar="COMMAND", parser_class=Parser)
    for name, about in (
        ("up", "bring it up, or make sure that it is"),
        ("status", "say what runs"),
        ("env", "print the exports that point clients at it"),
        ("down", "end its processes"),
    ):
        command = known.add_parser(name, help=about, description=about)
        command.add_argument("--release", help=f"one of {', '.join(releases.RELEASES)} (default {releases.DEFAULT})")
        command.add_argument("--state", type=Path, metavar="DIR", help="where all of it lives")
        if name == "up":
            command.add_argument("--port-base", type=int, metavar="PORT", help="use the ports from this one on")
        if name == "down":
            command.add_argument("--purge", action="store_true", help="remove its databases and its state, too")
    return commands


def chosen(asked: argparse.Namespace) -> Path:
    name = releases.release(asked.release or releases.DEFAULT).name
    return (asked.state or settings.default_state(name, os.environ)).absolute()


def existing(asked: argparse.Namespace) -> Settings:
    state = chosen(asked)
    found = settings.load(state)
    if found is None:
        raise UsageError(f"no cloud in {state}: bring one up with tools/openstack up, or name its --state")
    return found


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def exports(facts: Settings) -> str:
    """Shell lines that point OpenStack's clients and the suite at a cloud."""
    return "\n".join(
        (
            f"export OS_CLIENT_CONFIG_FILE={shlex.quote(str(facts.state / 'clouds.yaml'))}",
            "export OS_CLOUD=openstack",
        )
    )


def usage(facts: Settings) -> str:
    first = exports(facts).splitlines()[0]
    return f"{first}\n./tools/conform --cloud openstack --alt-cloud openstack-alt --admin-cloud openstack-admin"


def up(asked: argparse.Namespace) -> int:
    begun = time.monotonic()
    facts = settings.choose(chosen(asked), asked.release, asked.port_base, os.environ)
    if not facts.file.exists():
        facts = replace(facts, mysql=databases.find(facts.mysql), rabbit=broker.find(facts.rabbit))
        facts.save()
    cloud = Cloud(facts, say)
    with cloud.locked():
        if cloud.lacking() or not facts.done("host").exists():
            cloud.up()
            say(f"up after {time.monotonic() - begun:.0f} s")
        else:
            say("already up")
    print(usage(facts))
    return 0


def status(asked: argparse.Namespace) -> int:
    facts = existing(asked)
    cloud = Cloud(facts, say)
    lacking = cloud.lacking()
    for name in cloud.names():
        pid = cloud.keeper.leader(name)
        state = "down" if pid is None else "silent" if name in lacking else "up"
        print(f"{name:25} {state:7} {pid or '-':>8} {facts.ports.get(name, '-'):>6}  {facts.state}/log/{name}.log")
    return 1 if lacking else 0


def env(asked: argparse.Namespace) -> int:
    facts = existing(asked)
    if not (facts.state / "clouds.yaml").exists():
        raise NotUp(f"the cloud in {facts.state} was never up: tools/openstack up")
    print(exports(facts))
    return 0


def down(asked: argparse.Namespace) -> int:
    facts = existing(asked)
    cloud = Cloud(facts, say)
    with cloud.locked():
        ran = cloud.down()
        if asked.purge:
            cloud.purge()
    say(f"ended {len(ran)} processes" if ran else "nothing ran")
    return 0


def main(arguments: list[str] | None = None) -> int:
    try:
        asked = parser().parse_args(arguments)
        return {"up": up, "status": status, "env": env, "down": down}[asked.command](asked)
    except UsageError as wrong:
        say(f"openstack: {wrong}")
        return 3
    except NotUp as failed:
        say(f"openstack: {failed}")
        return 1
