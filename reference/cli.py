"""`gman serve`: the command line into Settings, then serve."""

import argparse
import os
import signal
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

import sqlalchemy as sa

from reference import logs
from reference.config import Settings
from reference.credentials import ACCOUNTS
from reference.private_cloud import ACCOUNT
from reference.settings_sources import Unusable, add_flags, gather

EXAMPLES = """\
examples:
  gman serve                                   # then: export OS_CLIENT_CONFIG_FILE=... OS_CLOUD=gman, as it says
  gman serve --port 0 --data ./cloud           # any free port; its database and clouds.yaml lie in ./cloud
  gman serve --guests                          # servers run, on networks that carry packets (Linux)
  gman serve --fault no-router                 # with a fault, to see it found
  gman serve --differ dhcp-ports               # like another cloud that is right, to see that minded by nobody
  gman serve --emulate neutron-2025.2,nova-2025.2
  gman serve --compute-only --compute-host c2  # only build what others on the same database accept
  gman serve -- openstack network list         # a cloud for the length of a command, and its exit code
  gman serve --list                            # every path and method that is served

Each setting may also come from the environment (GMAN_TOKEN_SECONDS for
--token-seconds) or the file; a flag goes before the environment, the
environment before the file.

With `-- COMMAND...` the cloud is on a free port of loopback, its data in a
private directory that goes with it, unless --port or --data say otherwise; the
command finds it by OS_CLIENT_CONFIG_FILE and the other OS_ variables. Its exit
code is passed on (128 and the number of the signal that ended it); without such
a command it is 127, and 126 where it cannot be run.
"""
USAGE = 3  # exit code where the user's input is invalid


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> None:  # type: ignore[override] # argparse's own exit code 2 means something else here
        self.exit(USAGE, f"{self.prog}: {message}\n")


def parser() -> argparse.ArgumentParser:
    """The parser of the command line; the flags of settings come from their table."""
    top = _Parser(prog="gman", description="A small cloud that does get-me-a-network.")
    commands = top.add_subparsers(dest="command", required=True)
    serve = commands.add_parser(
        "serve",
        help="serve Identity, Image, Network and Compute on one port, or some of them beside a real Keystone",
        description="Serve Identity, Image, Network and Compute on one port, set up and ready for\n"
        "`openstack server create --nic auto`.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        usage="%(prog)s [OPTION...] [-- COMMAND...]",
    )
    serve.add_argument("--config", type=Path, metavar="FILE", help="TOML file with any of the settings below")
    add_flags(serve)
    serve.add_argument(
        "--fault",
        action="append",
        metavar="ID",
        help="plant a fault, to try a suite on; repeatable (or GMAN_FAULT=ID,...)",
    )
    serve.add_argument("--defect", dest="fault", action="append", help=argparse.SUPPRESS)  # the former name of --fault
    serve.add_argument(
        "--emulate",
        metavar="RELEASE,...",
        help="plant the faults that releases are known for: neutron-2025.2, nova-2025.2",
    )
    serve.add_argument("--list-faults", action="store_true", help="print every fault that can be planted, and end")
    serve.add_argument("--list-defects", dest="list_faults", action="store_true", help=argparse.SUPPRESS)
    serve.add_argument(
        "--differ",
        action="append",
        metavar="ID",
        help="be like other clouds that are right, too; repeatable (or GMAN_DIFFER=ID,...)",
    )
    serve.add_argument("--list-differences", action="store_true", help="print what clouds may differ in, and end")
    serve.add_argument("--list", action="store_true", help="print what is served: methods and paths, and end")
    serve.add_argument(
        "--account",
        metavar="NAME",
        choices=[cloud for *_user, cloud in ACCOUNTS],
        default=ACCOUNT,
        help=f"with -- COMMAND: whose the OS_ variables are, of {', '.join(cloud for *_user, cloud in ACCOUNTS)} "
        f"(default: {ACCOUNT})",
    )
    serve.add_argument("--verbose", action="store_true", help="log every request")
    return top


def _listed(options: argparse.Namespace, settings: Settings) -> Iterable[str] | None:
    """The lines that the options ask for, a catalogue or the routes; None where they ask for none."""
    if options.list:
        from reference import served_routes

        return served_routes.lines(settings)
    if options.list_faults:
        from reference.faults import CATALOGUE as FAULTS

        return (f"{id_:44} {' '.join(fault.breaks):32} {fault.sentence}" for id_, fault in sorted(FAULTS.items()))
    if options.list_differences:
        from reference.differences import CATALOGUE as DIFFERENCES

        return (f"{id_:22} {entry.sentence} ({entry.seen})" for id_, entry in sorted(DIFFERENCES.items()))
    return None


def _differ(options: argparse.Namespace) -> str:
    """Plant the differences that were requested; the problem with the request, empty where there is none."""
    requested = options.differ or _ids(os.environ.get("GMAN_DIFFER", ""))
    if not requested:
        return ""
    from reference.differences import CATALOGUE, clash

    unknown = [id_ for id_ in requested if id_ not in CATALOGUE]
    if unknown:
        return f"no such difference: {', '.join(unknown)}"
    if clashing := clash(requested):
        return f"a cloud is only one of {', '.join(clashing)} ({CATALOGUE[clashing[0]].choice})"
    CATALOGUE.plant(requested)
    return ""


def _ids(text: str) -> list[str]:
    return [id_ for id_ in text.split(",") if id_]


def _plant(options: argparse.Namespace) -> str:
    """Plant the faults that were requested; the problem with the request, empty where there is none."""
    requested = options.fault or _ids(os.environ.get("GMAN_FAULT") or os.environ.get("GMAN_DEFECT", ""))
    if not requested and not options.emulate:
        return ""
    from reference.faults import CATALOGUE, EMULATIONS

    releases = _ids(options.emulate or "")
    if not set(releases) <= EMULATIONS.keys():
        return f"argument --emulate: choose from {', '.join(EMULATIONS)}"
    unknown = CATALOGUE.plant([*requested, *(id_ for release in releases for id_ in EMULATIONS[release])])
    return f"no such fault: {', '.join(unknown)}" if unknown else ""


def divided(arguments: Sequence[str]) -> tuple[list[str], list[str] | None]:
    """The arguments before `--`, and the command after it; None without."""
    if "--" not in arguments:
        return [*arguments], None
    place = arguments.index("--")
    return [*arguments[:place]], [*arguments[place + 1 :]]


def _beside(command: list[str], flags: list[str], options: argparse.Namespace, settings: Settings) -> int:
    """Run the command beside a cloud with those flags, and return the exit code. Raises Unusable."""
    from reference import beside_command
    from reference.private_cloud import CloudDown, PrivateCloud

    if not command:
        raise Unusable("-- names no command: what is to run comes after it")
    if settings.compute_only or settings.beside_keystone or "identity" not in settings.served:
        raise Unusable("a command needs a cloud with accounts: leave out --compute-only, --auth, --services, or --")
    cloud = PrivateCloud(flags, data=settings.data if options.data else None, loud=options.verbose)
    try:
        return beside_command.run(cloud, command, options.account)
    except CloudDown as error:
        return beside_command.down(error)


def main(arguments: list[str] | None = None) -> int:
    """The exit code of the command line; USAGE for invalid input."""
    if "_ARGCOMPLETE" in os.environ:  # a shell completes its line (extra `completion`)
        import argcomplete

        argcomplete.autocomplete(parser())
    own_arguments, command = divided(sys.argv[1:] if arguments is None else arguments)
    options = parser().parse_args(own_arguments)
    try:
        settings = gather(vars(options), os.environ, options.config)
        if command is not None:
            return _beside(command, own_arguments[1:], options, settings)
    except Unusable as error:
        print(f"gman: {error}", file=sys.stderr)
        return USAGE
    logs.set_up(settings.log_format, verbose=options.verbose)
    if (listed := _listed(options, settings)) is not None:
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # the reader of a pipe may stop at any line
        for line in listed:
            print(line)
        return 0
    problem = _differ(options) or _plant(options)
    if problem:
        print(f"gman: {problem}", file=sys.stderr)
        return USAGE
    from reference.serve import serve

    try:
        serve(settings)
    except Unusable as error:
        print(f"gman: {error}", file=sys.stderr)
        return USAGE
    except OSError as error:
        print(f"gman: cannot serve: {error}", file=sys.stderr)
        return USAGE
    except (sa.exc.ArgumentError, sa.exc.DBAPIError, ModuleNotFoundError) as error:
        print(f"gman: cannot use the database: {str(error).splitlines()[0]}", file=sys.stderr)
        return USAGE
    return 0
