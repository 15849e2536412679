"""`gman`: run the suite, serve the reference, and what goes with them."""

import argparse
import os
import sys
import textwrap
import traceback
from collections.abc import Callable
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import Any, NoReturn

from conformance import VERSION
from conformance.requirements.registry import RegistryError
from conformance.settings import UsageProblem
from conformance.untrusted import printable
from conformance.verdict.states import Exit

WIDTH = 79  # columns of a help text
BROKEN_PIPE = 141  # as a shell says it: 128 and the number of SIGPIPE

# each a module of conformance.commands, loaded when it is asked for
COMMANDS = {
    "run": "run the suite against a cloud",
    "list": "list requirements and the tests that observe them",
    "doctor": "check whether a cloud is set up for get-me-a-network, and say what to change",
    "sweep": "delete what killed runs have left on a cloud",
    "report": "render a report.json again: HTML, JUnit, Markdown",
    "verify": "check whether a report is whole, and its verdict follows from its records",
    "compare": "compare one report with another",
    "matrix": "put any number of reports side by side, clouds by requirements",
    "outside": "serve as the place beyond the external network that servers under test call",
    "demo": "show what get-me-a-network does, against the reference",
}
SERVE = (sys.executable, "-P", "-m", "reference", "serve")  # -P: whatever the working directory holds
EXAMPLES = """\
gman demo                                    # what get-me-a-network does, call by call
gman run                                     # the suite, against a reference that it starts itself
gman doctor --cloud devstack                 # is this cloud set up for it
gman run --cloud devstack                    # the suite, against that cloud
gman report report --format html --output page.html
"""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> None:  # type: ignore[override] # argparse exits with 2, which means something else
        self.exit(Exit.USAGE, f"{self.prog}: {message}\n")


def parser(*, whole: bool = False) -> argparse.ArgumentParser:
    """The command line. `whole`: with the options of all commands, for which the modules of all are loaded."""
    top = _Parser(
        prog="gman",
        description="Conformance of a cloud to OpenStack's 'get me a network'.",
        epilog=_examples(EXAMPLES),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    top.add_argument("--version", action="version", version=f"gman {VERSION}")
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    commands.add_parser("serve", help="serve the reference implementation (gman serve --help)", add_help=False)
    for name, about in COMMANDS.items():
        sub = commands.add_parser(name, help=about, add_help=whole)
        if whole:
            _module(name).add(sub)
    return top


def command_parser(name: str) -> argparse.ArgumentParser:
    """The command line of one of COMMANDS."""
    module = _module(name)
    parser = _Parser(
        prog=f"gman {name}",
        description=textwrap.fill(" ".join(module.__doc__.split()), WIDTH),
        epilog="\n".join(filter(None, (_examples(module.EXAMPLES), getattr(module, "MORE", "")))),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    module.add(parser)
    return parser


def _module(name: str) -> Any:
    return import_module(f"conformance.commands.{name}")


def _examples(lines: str) -> str:
    return f"examples:\n{textwrap.indent(lines, '  ')}"


def main() -> int:
    """Entry point of the command."""
    if "_ARGCOMPLETE" in os.environ:
        _complete()
    arguments = sys.argv[1:]
    if arguments[:1] == ["serve"]:
        os.execv(SERVE[0], [*SERVE, *arguments[1:]])  # noqa: S606 - this very python, and no shell
    if arguments and arguments[0] in COMMANDS:
        return _command(arguments[0], arguments[1:])
    if not arguments:
        parser().print_help()
        return Exit.CONFORMANT
    parser().parse_args(arguments)  # exits: with help, the version, or an error
    return Exit.USAGE


def _command(name: str, arguments: list[str]) -> int:
    """Do one of COMMANDS."""
    command = command_parser(name)
    if "" in arguments:  # an unset variable of the shell: the command would go to another cloud than was meant
        place = arguments.index("")
        command.error(
            f"{arguments[place - 1] if place else 'the first argument'} is empty: give it a value, or leave it out"
        )
    options = command.parse_args(arguments)
    return _spoken(lambda: _module(name).main(options))


def _complete() -> NoReturn:
    """Tell a shell how its line may go on, by argcomplete (extra `completion`); without it, nothing."""
    line = os.environ.get("COMP_LINE", "")[: int(os.environ.get("COMP_POINT", 0))]
    if line.split()[1:2] == ["serve"] and not line.endswith("serve"):
        os.execv(SERVE[0], SERVE)  # noqa: S606 - this very python, and no shell
    with suppress(ModuleNotFoundError):
        argcomplete = import_module("argcomplete")
        argcomplete.autocomplete(parser(whole=True))
    sys.exit(Exit.ERROR)


def _spoken(work: Callable[[], int]) -> int:
    """The exit code of the work; its errors are printed in one line each, without a traceback."""
    try:
        code = int(work())
        sys.stdout.flush()
    except BrokenPipeError:  # the reader has closed the pipe, as head does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # so that the flush at the end does not fail
        return BROKEN_PIPE
    except (UsageProblem, RegistryError) as problem:
        print(f"gman: {printable(str(problem))}", file=sys.stderr)
        return Exit.USAGE if isinstance(problem, UsageProblem) else Exit.ERROR
    except Exception as error:  # noqa: BLE001 - a mistake of ours, and no verdict on the cloud
        # its text is not shown: it may hold secrets
        last = traceback.extract_tb(error.__traceback__)[-1]
        place = f"{Path(last.filename).name}:{last.lineno}"
        print(f"gman: the suite broke: {type(error).__name__} at {place}: please report it", file=sys.stderr)
        return Exit.ERROR
    except KeyboardInterrupt:
        print("gman: interrupted", file=sys.stderr, flush=True)
        sys.stdout.flush()
        os._exit(Exit.INTERRUPTED)  # at once: a return would wait for threads, and those for answers
    return code
