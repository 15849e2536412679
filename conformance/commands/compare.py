"""`gman compare`: two reports of one cloud, or of two: what got worse, what got better, what is new."""

import argparse
from collections.abc import Mapping
from pathlib import Path

from conformance.report.matrix import differing
from conformance.report.model import Report
from conformance.report.stored import read
from conformance.untrusted import show
from conformance.verdict.states import Exit, State

GOOD = {State.PASS}
BAD = {State.FAIL, State.ERROR}
EXAMPLES = """\
gman compare report-before report
"""


def add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("old", type=Path, metavar="OLD", help="a report.json, or the directory or archive it is in")
    parser.add_argument("new", type=Path, metavar="NEW", help="the one to compare it with")


def main(options: argparse.Namespace) -> int:
    """Print the differences, a line each; exit code 1 where something regressed, else 0. Raises UsageProblem."""
    reports = {str(path): read(path) for path in (options.old, options.new)}
    old, new = (states(reports[str(path)]) for path in (options.old, options.new))
    if note := differing("requirements", {name: report.requirements_version for name, report in reports.items()}):
        show(note)
    changes = differences(old, new)
    for kind, id_ in changes:
        print(f"{kind:10} {id_:12} {old.get(id_, 'absent')} -> {new.get(id_, 'absent')}")
    regressed = sum(kind == "regressed" for kind, _id in changes)
    print(f"{len(changes)} requirements differ, {regressed} regressed")
    return Exit.FAILED if regressed else Exit.CONFORMANT


def states(report: Report) -> dict[str, State]:
    """Requirement id -> state."""
    return {line.id: line.state for line in report.requirements}


def differences(old: Mapping[str, State], new: Mapping[str, State]) -> list[tuple[str, str]]:
    """(kind, requirement id) of what differs: regressed, fixed, waived, new, gone, changed; by kind, then id."""
    ids = sorted(old.keys() | new.keys())
    return sorted((_kind_of_change(old.get(id_), new.get(id_)), id_) for id_ in ids if old.get(id_) != new.get(id_))


def _kind_of_change(before: State | None, after: State | None) -> str:
    if before is None:
        return "new"
    if after is None:
        return "gone"
    if after in BAD:
        return "regressed"
    if after is State.WAIVED:
        return "waived"
    if after in GOOD and before in {*BAD, State.INCONCLUSIVE, State.BLOCKED, State.WAIVED}:
        return "fixed"
    return "changed"
