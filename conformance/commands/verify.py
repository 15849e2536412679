"""`gman verify`: is a report whole, does its verdict follow from what it holds, and is it of whom it should be."""

import argparse
from pathlib import Path

from conformance.commands.report import read
from conformance.report import bundle, recompute
from conformance.settings import UsageProblem
from conformance.verdict.states import Exit

EXAMPLES = """\
gman verify report                           # is it whole, does its verdict follow
gman verify report --key id_ed25519.pub      # and is it of whom it should be
"""


def add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("report", type=Path, metavar="DIR", help="the directory of a report")
    parser.add_argument("--key", type=Path, metavar="FILE", help="the public SSH key of who should have signed it")


def main(options: argparse.Namespace) -> int:
    """Print what is wrong, a line each; exit code 0 for nothing, else 1. Raises UsageProblem."""
    wrong = list(bundle.broken(options.report))
    if options.key and (lie := bundle.signed(options.report, options.key)):
        wrong.append(lie)
    report = read(options.report)
    wrong += recompute.differences(report)
    try:
        again = list(recompute.judged_again(report, options.report))
    except ValueError as broken:
        raise UsageProblem(f"{broken}: the report cannot be judged again") from None
    wrong += [f"{test}: {difference}" for test, difference in again if difference]
    for line in wrong:
        print(f"wrong  {line}")
    signature = "signed" if options.key else "its signature not asked for"
    told = f"{len(report.tests)} outcomes, {len(again)} races judged again, {signature}"
    print(f"{'not whole' if wrong else 'whole'}: {report.verdict}, {told}")
    return Exit.FAILED if wrong else Exit.CONFORMANT
