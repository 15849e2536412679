"""`gman verify`: whether a report is whole, whether its verdict follows from its records, and who signed it."""

import argparse
from pathlib import Path

from conformance.report import bundle, recompute
from conformance.report.archive import unpacked
from conformance.report.stored import read
from conformance.settings import UsageProblem
from conformance.untrusted import show
from conformance.verdict.states import Exit

EXAMPLES = """\
gman verify report                           # whether it is whole, and its verdict follows
gman verify report --key id_ed25519.pub      # and whether this key signed it
"""


def add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("report", type=Path, metavar="DIR", help="the directory of a report, or its archive")
    parser.add_argument("--key", type=Path, metavar="FILE", help="the public SSH key of the one who signed it")


def main(options: argparse.Namespace) -> int:
    """Print each problem on a line. Returns the exit code: 0 if there is none, else 1. Raises UsageProblem."""
    with unpacked(options.report) as place:
        return _verify(place, options.key)


def _verify(place: Path, key: Path | None) -> int:
    problems = list(bundle.differences(place))
    if key and (problem := bundle.signature_problem(place, key)):
        problems.append(problem)
    report = read(place)
    problems += recompute.differences(report)
    try:
        judged = list(recompute.judged_again(report, place))
    except (OSError, ValueError) as error:
        raise UsageProblem(f"{error}: the report cannot be judged again") from None
    problems += [f"{test}: {difference}" for test, difference in judged if difference]
    for line in problems:
        show(f"wrong  {line}")
    signature = "signed" if key else "signature not checked"
    summary = f"{len(report.tests)} outcomes, {len(judged)} races and scenes judged again, {signature}"
    show(f"{'not whole' if problems else 'whole'}: {report.verdict}, {summary}")
    return Exit.FAILED if problems else Exit.CONFORMANT
