"""`gman serve`: the command line into Settings, then serve."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from pathlib import Path

import sqlalchemy as sa

from reference import logs
from reference.sources import Unusable, add_flags, gather

EXAMPLES = """\
examples:
  gman serve                                   # then: export OS_CLIENT_CONFIG_FILE=... OS_CLOUD=gman, as it says
  gman serve --port 0 --data ./cloud           # any free port; its database and clouds.yaml lie in ./cloud
  gman serve --guests                          # servers run, on networks that carry packets (Linux)
  gman serve --defect no-router                # with a fault, to see it found
  gman serve --differ dhcp-ports               # like another cloud that is right, to see that minded by nobody
  gman serve --emulate neutron-2025.2,nova-2025.2
  gman serve --compute-only --compute-host c2  # only build what others on the same database accept

Each setting may also come from the environment (GMAN_TOKEN_SECONDS for
--token-seconds) or the file; a flag goes before the environment, the
environment before the file.
"""
USAGE = 3  # exit code of a mistake in what the user gave


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> None:  # type: ignore[override] # argparse exits with 2, which means something else
        self.exit(USAGE, f"{self.prog}: {message}\n")


def parser() -> argparse.ArgumentParser:
    """The command line; its settings come from their own table."""
    top = _Parser(prog="gman", description="A small cloud that does get-me-a-network.")
    commands = top.add_subparsers(dest="command", required=True)
    serve = commands.add_parser(
        "serve",
        help="serve Identity, Image, Network and Compute on one port, or some of them beside a real Keystone",
        description="Serve Identity, Image, Network and Compute on one port, set up and ready for\n"
        "`openstack server create --nic auto`.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    serve.add_argument("--config", type=Path, metavar="FILE", help="TOML file with any of the settings below")
    add_flags(serve)
    serve.add_argument(
        "--defect",
        action="append",
        metavar="ID",
        help="plant a fault, to try a suite on; repeatable (or GMAN_DEFECT=ID,...)",
    )
    serve.add_argument(
        "--emulate",
        metavar="RELEASE,...",
        help="plant the faults that releases are known for: neutron-2025.2, nova-2025.2",
    )
    serve.add_argument("--list-defects", action="store_true", help="print every fault that can be planted, and end")
    serve.add_argument(
        "--differ",
        action="append",
        metavar="ID",
        help="be like other clouds that are right, too; repeatable (or GMAN_DIFFER=ID,...)",
    )
    serve.add_argument("--list-differences", action="store_true", help="print what clouds may differ in, and end")
    serve.add_argument("--verbose", action="store_true", help="log every request")
    return top


def _list_defects() -> None:
    from reference.defects import CATALOGUE

    signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # whoever reads may stop at any line
    for id_, each in sorted(CATALOGUE.items()):
        print(f"{id_:44} {' '.join(each.breaks):32} {each.sentence}")


def _list_differences() -> None:
    from reference.differences import CATALOGUE

    for id_, each in sorted(CATALOGUE.items()):
        print(f"{id_:22} {each.sentence} ({each.seen})")


def _differ(options: argparse.Namespace) -> str:
    """Be different as asked for, if at all; what is wrong with that, or an empty text."""
    wanted = options.differ or _ids(os.environ.get("GMAN_DIFFER", ""))
    if not wanted:
        return ""
    from reference.differences import CATALOGUE, clash

    unknown = [each for each in wanted if each not in CATALOGUE]
    if unknown:
        return f"no such difference: {', '.join(unknown)}"
    if clashing := clash(wanted):
        return f"a cloud is only one of {', '.join(clashing)} ({CATALOGUE[clashing[0]].choice})"
    CATALOGUE.plant(wanted)
    return ""


def _ids(text: str) -> list[str]:
    return [each for each in text.split(",") if each]


def _plant(options: argparse.Namespace) -> str:
    """Plant what was asked for, if anything; what is wrong with it, or an empty text."""
    wanted = options.defect or _ids(os.environ.get("GMAN_DEFECT", ""))
    if not wanted and not options.emulate:
        return ""
    from reference.defects import CATALOGUE, EMULATIONS

    releases = _ids(options.emulate or "")
    if not set(releases) <= EMULATIONS.keys():
        return f"argument --emulate: choose from {', '.join(EMULATIONS)}"
    unknown = CATALOGUE.plant([*wanted, *(id_ for each in releases for id_ in EMULATIONS[each])])
    return f"no such defect: {', '.join(unknown)}" if unknown else ""


def main(arguments: list[str] | None = None) -> int:
    if "_ARGCOMPLETE" in os.environ:  # a shell asks how its line may go on (extra `completion`)
        import argcomplete

        argcomplete.autocomplete(parser())
    options = parser().parse_args(arguments)
    try:
        settings = gather(vars(options), os.environ, options.config)
    except Unusable as wrong:
        print(f"gman: {wrong}", file=sys.stderr)
        return USAGE
    logs.set_up(settings.log_format, verbose=options.verbose)
    if options.list_defects:
        _list_defects()
        return 0
    if options.list_differences:
        _list_differences()
        return 0
    wrong_id = _differ(options) or _plant(options)
    if wrong_id:
        print(f"gman: {wrong_id}", file=sys.stderr)
        return USAGE
    from reference.serve import serve

    try:
        serve(settings)
    except Unusable as wrong:
        print(f"gman: {wrong}", file=sys.stderr)
        return USAGE
    except OSError as wrong:
        print(f"gman: cannot serve: {wrong}", file=sys.stderr)
        return USAGE
    except (sa.exc.ArgumentError, sa.exc.OperationalError, ModuleNotFoundError) as wrong:
        print(f"gman: cannot use the database: {str(wrong).splitlines()[0]}", file=sys.stderr)
        return USAGE
    return 0
