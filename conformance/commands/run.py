"""`gman run`: run the suite against a cloud of clouds.yaml, or without one against the reference implementation, which
is then started for the run."""

import argparse
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from conformance.race.engine.options import add_options
from conformance.report.archive import unpacked
from conformance.run import command_line
from conformance.run import options as run_options
from conformance.settings import UsageProblem
from conformance.target import releases
from conformance.untrusted import printable
from conformance.verdict.states import Exit

if TYPE_CHECKING:
    from conformance.report.again import Earlier

REPORT = Path("report")  # where a report goes
LONGEST_LINE = 200  # characters of a report's line about its publisher
EXAMPLES = """\
gman run                                                    # against a reference, started for the run
gman run --cloud devstack                                   # one member of one empty project is enough
gman run --cloud devstack --admin-cloud devstack-admin -n 4
gman run --cloud devstack --claim core,compute,race,ipv6 --waivers neutron-2025.2,nova-2025.2
gman run --cloud devstack --requirement N-AAT-040 --race-width 32
gman run --cloud devstack --claim connectivity --outside http://203.0.113.5:8043/
gman run --list -k topology                                 # what this would run
gman run --cloud devstack --exclude left-out.txt -x         # without what the file lists, up to the first failure
gman run --again report                                     # what was red or did not run, and the report whole
gman run --guests                                           # the reference, with servers that run
"""
MORE = f"""\
exit codes:
  {Exit.CONFORMANT}    conformant, or what is open was waived or not claimed
  {Exit.FAILED}    not conformant
  {Exit.INCONCLUSIVE}    inconclusive: too little could be observed
  {Exit.USAGE}    something in the command line, clouds.yaml or the cloud's set-up has to be changed first
  {Exit.ERROR}    the suite itself broke
  {Exit.INTERRUPTED}  interrupted with Ctrl-C; what was made has been cleaned up, unless that was interrupted too
"""


@dataclass(frozen=True)
class _Group:
    """A group of options with pytest's interface, for options that pytest takes too."""

    options: argparse._ArgumentGroup

    def addoption(self, *names: str, **attributes: Any) -> None:
        self.options.add_argument(*names, **attributes)


def add(parser: argparse.ArgumentParser) -> None:
    where = parser.add_argument_group("the cloud, by its name in clouds.yaml")
    run_options.add_cloud(
        where,
        "a member of an empty project; without a cloud, the reference is started for the run",
    )
    run_options.add_users(where)
    run_options.add_guests(where)
    where.add_argument(
        "--guests",
        action="store_true",
        help="with the reference: its servers run, and report how they are connected (Linux; see gman serve --help)",
    )
    where.add_argument(
        "--networking-release",
        metavar="N",
        type=_release,
        default="",
        help="the release of Networking, such as 24.1.0 or 24: requirements of later ones do not apply "
        "(default: as old as Compute, by its newest microversion)",
    )
    what = parser.add_argument_group("what to run")
    run_options.add_profiles(what)
    what.add_argument(
        "--disruptive",
        action="store_true",
        help="run also tests that remove the cloud's default network and pools for seconds, for every project "
        "(with --admin-cloud, and operator claimed; always on with the reference)",
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
        "--exclude",
        metavar="FILE",
        default="",
        help="leave out the tests of this file: ids of requirements, names of tests or of their files, with * for any "
        "text, one on each line, with the reason after #",
    )
    what.add_argument(
        "--list",
        action="store_true",
        help="list the tests that this would run, without asking the cloud, and end",
    )
    what.add_argument(
        "--again",
        metavar="REPORT",
        type=Path,
        help="repeat tests that were red, inconclusive, blocked or never run in this report, on the same cloud, with "
        "the same options but --race-from and --sign, and merge both reports; it may be an archive",
    )
    what.add_argument(
        "--waivers", metavar="FILE,...", default="", help="known failures: files, or the names of the suite's own lists"
    )
    add_options(_Group(what))
    how = parser.add_argument_group("how to run it")
    how.add_argument(
        "-n",
        metavar="N",
        dest="processes",
        type=_count,
        help="processes, 0 for this one alone (default: as many as there are projects for, at most 4; beside the "
        "reference one more than cores for the whole suite, else 0)",
    )
    how.add_argument(
        "-x",
        dest="first_failure",
        action="store_true",
        help="begin no test after the first that fails a MUST of a claimed profile; --again REPORT runs the rest "
        "(requirements on every answer are judged at the end)",
    )
    run_options.add_deadlines(how)
    verbosity = how.add_mutually_exclusive_group()
    verbosity.add_argument("-q", "--quiet", action="store_true", help="print nothing before the verdict")
    verbosity.add_argument("-v", "--verbose", action="store_true", help="a line for each test, as it ends")
    how.add_argument(
        "--color",
        choices=["auto", "always", "never"],
        default="auto",
        help="colours: in a terminal only (auto, unless NO_COLOR is set), always, or never",
    )
    how.add_argument(
        "--report",
        metavar="DIR",
        type=Path,
        help="where the report goes (default ./report; with --again, in place of that report)",
    )
    for name, about in command_line.PUBLISHED.items():
        how.add_argument(f"--{name}", metavar="TEXT", type=_line, default="", help=f"{about}, for the report")
    how.add_argument("--sign", metavar="KEY", type=Path, help="sign the report with this private SSH key")
    how.add_argument("--subunit", metavar="FILE", type=Path, help="also write the tests as a subunit v2 stream")


def _release(text: str) -> str:
    if text and not releases.numbers(text):
        raise argparse.ArgumentTypeError(f"{text!r} is not a release, such as 24.1.0")
    return text


def _line(text: str) -> str:
    if len(text) > LONGEST_LINE or printable(text) != text or len(text.splitlines()) > 1:
        raise argparse.ArgumentTypeError(f"takes one line of at most {LONGEST_LINE} characters")
    return text


def _count(text: str) -> int:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of processes")
    return int(text)


def main(options: argparse.Namespace) -> int:
    """Run it; the exit code is the verdict's. Raises UsageProblem and RegistryError."""
    from conformance.run import main as suite  # slow to load, so not for --help

    defaults = _parsed([])
    with unpacked(options.again) if options.again else nullcontext() as place:
        before = _earlier(options, defaults, place) if place else None
        options.report = options.report or (before.place if before and place == options.again else REPORT)
        return suite.run(options, command_line.words(options, defaults), before)


def _parsed(words: Sequence[str]) -> argparse.Namespace:
    """The options that these words give. Raises UsageProblem."""
    parser = command_line.Parser(add_help=False)
    add(parser)
    return parser.parse_args(words)


def _earlier(options: argparse.Namespace, defaults: argparse.Namespace, place: Path) -> "Earlier":
    """The report in that place, to run again; it fills in `options` that the command line leaves open. Raises
    UsageProblem.
    """
    from conformance.coverage import exclusion
    from conformance.report import again
    from conformance.report.stored import read

    report = read(place)
    try:
        others = _parsed(command_line.allowed(report.options))
    except UsageProblem as problem:
        raise UsageProblem(f"--again {options.again}: its options: {problem}: run the whole suite") from None
    command_line.complete(options, defaults, others)
    folder = place if place.is_dir() else place.parent
    return again.earlier(
        folder, report, options.again, exclusion.read(options.exclude), same_waivers=options.waivers == others.waivers
    )
