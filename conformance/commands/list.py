"""`gman list`: every requirement with the tests that observe it, one requirement in detail, every test, or every call
with its answers."""

import argparse
import datetime
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from conformance.coverage import explain, ledger, pages, requirement_tests
from conformance.coverage.ledger import Line
from conformance.requirements import registry
from conformance.requirements.registry import Profile, Requirement
from conformance.settings import UsageProblem
from conformance.verdict import waivers
from conformance.verdict.states import Exit

WHAT = ("requirements", "tests", "ledger")
REFERENCE = (sys.executable, "-P", "-m", "reference", "serve")  # -P: whatever the working directory holds
LONGEST = 60  # seconds that the reference has to list its faults
FAULT = re.compile(r"^(?P<name>\S+) +(?P<breaks>(?:[A-Z]+(?:-[A-Z]+)*-\d+[a-z]? +)+)(?P<sentence>.*)$", re.MULTILINE)
EXAMPLES = """\
gman list                                    # every requirement: level, profile, how many tests, sentence
gman list N-AAT-003                          # all that is known about one
gman list tests --profile race
gman list ledger --format json               # every call with each of its answers, and what observes it
gman list --pages requirements               # a page for each area, to read or to publish
"""


def add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "what", metavar="WHAT", nargs="*", help=f"{', '.join(WHAT)}, or ids of requirements (default: {WHAT[0]})"
    )
    parser.add_argument("--format", choices=FORMATS, default="table", help="default: table")
    profiles = [str(profile) for profile in Profile]
    parser.add_argument("--profile", metavar="P", choices=profiles, default="", help="of this profile alone")
    parser.add_argument("--pages", metavar="DIR", type=Path, help="write the requirements there, a page for each area")


def main(options: argparse.Namespace) -> int:
    """Print the list, or write pages.

    Raises RegistryError where registry and tests contradict each other, UsageProblem where nothing can be written.
    """
    registered = registry.load()
    covered = requirement_tests.covered(registered)
    ids = [] if len(options.what) < 2 and {*options.what} <= {*WHAT} else options.what
    if unknown := [id_ for id_ in ids if id_ not in registered]:
        raise UsageProblem(f"{unknown[0]!r} is no requirement: gman list shows them all")
    requirements = [registered[id_] for id_ in ids or registered]
    requirements = [entry for entry in requirements if options.profile in ("", entry.profile)]
    if options.pages:
        _write(requirements, covered, options.pages)
    elif options.what == ["ledger"]:
        print(_ledger(ledger.load(), options.format))
    elif options.what == ["tests"]:
        print(_tests(requirements, covered, options.format))
    elif ids and options.format == "table":
        print(_explained(requirements, covered))
    else:
        print(FORMATS[options.format](requirements, covered))
    return Exit.CONFORMANT


def _explained(requirements: Sequence[Requirement], covered: Mapping[str, Sequence[str]]) -> str:
    known = pages.Known(covered, _waived(), pages.findings(), _faults())
    width = min(shutil.get_terminal_size().columns, 120)
    return "\n\n".join(explain.explain(entry, known, width) for entry in requirements)


def _write(requirements: Sequence[Requirement], covered: Mapping[str, Sequence[str]], folder: Path) -> None:
    known = pages.Known(covered, _waived(), pages.findings())
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in pages.pages(requirements, known, folder.absolute()).items():
            (folder / name).write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageProblem(f"--pages {folder}: {error.strerror}: name another directory") from None
    print(folder / pages.INDEX)


def _waived() -> dict[str, list[tuple[str, str]]]:
    """What the suite's own lists of known failures say of each requirement, expired or not."""
    reasons: dict[str, list[tuple[str, str]]] = {}
    for path in sorted(waivers.BUNDLED.glob("*.yaml")):
        for waiver in waivers.load(path.stem, datetime.date.min):
            reasons.setdefault(waiver.requirement, []).append((path.stem, waiver.reason))
    return reasons


def _faults() -> dict[str, list[tuple[str, str]]]:
    """Requirement id -> (name, sentence) of each fault of the reference that breaks it; empty where the reference
    cannot be asked.
    """
    faults: dict[str, list[tuple[str, str]]] = {}
    try:
        completed = subprocess.run(  # noqa: S603 - this very python, and no shell
            [*REFERENCE, "--list-faults"], capture_output=True, text=True, timeout=LONGEST, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return faults
    for match in FAULT.finditer(completed.stdout):
        for id_ in match["breaks"].split():
            faults.setdefault(id_, []).append((match["name"], match["sentence"]))
    return faults


def _tests(requirements: Sequence[Requirement], covered: Mapping[str, Sequence[str]], form: str) -> str:
    observed: dict[str, list[str]] = {}
    for requirement in requirements:
        for test in covered.get(requirement.id, ()):
            observed.setdefault(test, []).append(requirement.id)
    if form == "json":
        return json.dumps(observed, indent=1)
    mark = "- " if form == "md" else ""
    return "\n".join(f"{mark}{test} ({', '.join(ids)})" for test, ids in observed.items())


def _ledger(lines: list[Line], form: str) -> str:
    observed = ledger.observations(lines)
    rows = [(line.service, line.endpoint, line.at, line.statuses, ledger.state(line, observed)) for line in lines]
    if form == "json":
        return json.dumps([{**line.plain, "tests": observed.get(line.key, [])} for line in lines], indent=1)
    if form == "md":
        head = ["| Service | Call | From | Status | Known |", "|---|---|---|---|---|"]
        escaped = (" | ".join(cell.replace("|", "\\|") for cell in row) for row in rows)
        return "\n".join([*head, *(f"| {row} |" for row in escaped)])
    return "\n".join(f"{row[0]:8} {row[1]:52} {row[2]:5} {row[3]:24} {row[4]}" for row in rows)


def _table(requirements: Sequence[Requirement], covered: Mapping[str, Sequence[str]]) -> str:
    lines = []
    for entry in requirements:
        tests = f"{len(covered.get(entry.id, ())):3} tests"
        lines.append(f"{entry.id:12} {entry.level:6} {entry.profile:8} {tests}  {entry.sentence}")
    return "\n".join([*lines, _totals(requirements, covered)])


def _markdown(requirements: Sequence[Requirement], covered: Mapping[str, Sequence[str]]) -> str:
    rows = ["| Requirement | Level | Profile | What must hold | Source | Tests |", "|---|---|---|---|---|---|"]
    for entry in requirements:
        tests = "<br>".join(covered.get(entry.id, ())) or f"none: {entry.untested}"
        rows.append(f"| {entry.id} | {entry.level} | {entry.profile} | {entry.sentence} | {entry.source} | {tests} |")
    return "\n".join([*rows, "", _totals(requirements, covered)])


def _json(requirements: Sequence[Requirement], covered: Mapping[str, Sequence[str]]) -> str:
    entries = [{**vars(requirement), "tests": list(covered.get(requirement.id, ()))} for requirement in requirements]
    return json.dumps(entries, indent=1)


def _totals(requirements: Sequence[Requirement], covered: Mapping[str, Sequence[str]]) -> str:
    total, observed = len(requirements), sum(entry.id in covered for entry in requirements)
    return f"{total} requirements, {observed} observed by tests, {total - observed} not, with their reasons"


FORMATS = {"table": _table, "md": _markdown, "json": _json}
