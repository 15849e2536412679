"""`gman`: run the suite, serve the reference, and what goes with them."""

import argparse
import os
import sys
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from conformance import VERSION
from conformance.race.options import add_options
from conformance.requirements import DEFAULT_CLAIMS, Profile, RegistryError
from conformance.settings import UsageProblem
from conformance.timeouts import Deadlines
from conformance.verdict import Exit

# each a module of conformance.commands, loaded when it is asked for
COMMANDS = {
    "list": "list requirements and the tests that observe them",
    "doctor": "look whether a cloud is set up for get-me-a-network, and say what mends it",
    "sweep": "delete what runs that were killed have left on a cloud",
    "report": "render a report.json again: HTML, JUnit, Markdown",
    "verify": "see whether a report is whole, and its verdict follows from what it holds",
    "compare": "hold one report against another",
    "demo": "tell what get-me-a-network is good for, against the reference",
}
SERVE = (sys.executable, "-m", "reference", "serve")

EXIT_CODES = f"""\
exit codes:
  {Exit.CONFORMANT}    conformant, or what is open was waived or not claimed
  {Exit.FAILED}    not conformant
  {Exit.INCONCLUSIVE}    inconclusive: too little could be observed
  {Exit.USAGE}    something in the command line, clouds.yaml or the cloud's set-up has to be changed first
  {Exit.ERROR}    the suite itself broke
  {Exit.INTERRUPTED}  interrupted with Ctrl-C; what was made has been cleaned up, unless that was interrupted too
"""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> None:  # type: ignore[override] # argparse exits with 2, which means something else
        self.exit(Exit.USAGE, f"{self.prog}: {message}\n")


def parser() -> argparse.ArgumentParser:
    """The command line."""
    top = _Parser(prog="gman", description="Conformance of a cloud to OpenStack's 'get me a network'.")
    top.add_argument("--version", action="version", version=f"gman {VERSION}")
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    commands.add_parser("serve", help="serve the reference implementation (gman serve --help)", add_help=False)
    _add_run(
        commands.add_parser(
            "run",
            help="run the suite against a cloud",
            description="Run the suite against a cloud of clouds.yaml, or without one against the reference "
            "implementation, which is then started for the run.",
            epilog=EXIT_CODES,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
    )
    for name, about in COMMANDS.items():
        commands.add_parser(name, help=about, add_help=False)
    return top


@dataclass(frozen=True)
class _Group:
    """A group of options as pytest has them, for options that pytest is given too."""

    options: argparse._ArgumentGroup

    def addoption(self, *names: str, **attributes: Any) -> None:
        self.options.add_argument(*names, **attributes)


def _add_run(run: argparse.ArgumentParser) -> None:
    where = run.add_argument_group("the cloud, by its name in clouds.yaml")
    where.add_argument(
        "--cloud",
        metavar="NAME",
        default=os.environ.get("OS_CLOUD", ""),
        help="a member of an empty project ($OS_CLOUD; without either: the reference)",
    )
    where.add_argument("--alt-cloud", metavar="NAME", default="", help="a member of a second empty project")
    where.add_argument(
        "--admin-cloud",
        metavar="NAME",
        default="",
        help="an administrator, who makes projects for the run and deletes them after it",
    )
    where.add_argument(
        "--accounts",
        metavar="FILE",
        default="",
        help="members of empty projects, as Tempest's accounts file lists them",
    )
    what = run.add_argument_group("what to run")
    what.add_argument(
        "--claim",
        "--profile",
        metavar="P,...",
        dest="claims",
        type=_profiles,
        default=(),
        help=f"the profiles that the cloud claims, and is judged by, of {', '.join(Profile)} "
        f"(default {','.join(DEFAULT_CLAIMS)}; of the reference, all)",
    )
    what.add_argument(
        "--disruptive",
        action="store_true",
        help="run also what takes the cloud's default network and pools away for seconds: every project feels it "
        "(with --admin-cloud, and operator claimed; against the reference it is always so)",
    )
    what.add_argument(
        "-k", metavar="EXPR", dest="keyword", default="", help="only tests whose names match, as in pytest"
    )
    what.add_argument(
        "--requirement",
        metavar="ID,...",
        action="append",
        default=[],
        help="only tests that observe these requirements; may be repeated",
    )
    what.add_argument(
        "--waivers", metavar="FILE,...", default="", help="known failures: files, or the names of the suite's own lists"
    )
    add_options(_Group(what))
    how = run.add_argument_group("how to run it")
    how.add_argument(
        "-n",
        metavar="N",
        dest="processes",
        type=_count,
        help="processes (default: 4 where there are projects for them, 2 beside the reference, 0 for this one alone)",
    )
    how.add_argument(
        "--deadline",
        metavar="NAME=SECONDS",
        dest="deadlines",
        action="append",
        default=[],
        help=f"wait longer, or less long, for: {Deadlines.described()}",
    )
    how.add_argument(
        "--report", metavar="DIR", type=Path, default=Path("report"), help="where the report goes (default ./report)"
    )
    how.add_argument("--sign", metavar="KEY", type=Path, help="sign the report with this private SSH key")
    how.add_argument("--subunit", metavar="FILE", type=Path, help="also write the tests as a subunit v2 stream")


def _profiles(text: str) -> tuple[str, ...]:
    names = tuple(name.strip() for name in text.split(","))
    for name in names:
        if name not in list(Profile):
            raise argparse.ArgumentTypeError(f"{name!r} is not one of {', '.join(Profile)}")
    return names


def _count(text: str) -> int:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of processes")
    return int(text)


def main() -> int:
    """Entry point of the command."""
    arguments = sys.argv[1:]
    if arguments[:1] == ["serve"]:
        os.execv(SERVE[0], [*SERVE, *arguments[1:]])  # noqa: S606 - this very python, and no shell
    if arguments and arguments[0] in COMMANDS:
        return _command(arguments[0], arguments[1:])
    options = parser().parse_args(arguments)
    from conformance import run  # the rest takes its time to load, which --help need not wait for

    return _spoken(lambda: run.run(options))


def _command(name: str, arguments: list[str]) -> int:
    """Do one of COMMANDS."""
    command = import_module(f"conformance.commands.{name}")
    parser = _Parser(prog=f"gman {name}", description=command.__doc__)
    command.add(parser)
    options = parser.parse_args(arguments)
    return _spoken(lambda: command.main(options))


def _spoken(work: Callable[[], int]) -> int:
    """The exit code of the work; what is wrong with what it was given is told in one line."""
    try:
        return int(work())
    except (UsageProblem, RegistryError) as problem:
        print(f"gman: {problem}", file=sys.stderr)
        return Exit.USAGE if isinstance(problem, UsageProblem) else Exit.ERROR
    except Exception as broken:  # noqa: BLE001 - a mistake of ours, and no verdict on the cloud
        # its text is not shown: it may hold what no log may
        last = traceback.extract_tb(broken.__traceback__)[-1]
        place = f"{Path(last.filename).name}:{last.lineno}"
        print(f"gman: the suite broke: {type(broken).__name__} at {place}: please report it", file=sys.stderr)
        return Exit.ERROR
    except KeyboardInterrupt:
        print("gman: interrupted", file=sys.stderr, flush=True)
        sys.stdout.flush()
        os._exit(Exit.INTERRUPTED)  # at once: a return would wait for threads, and those for answers
