"""`gman list`: every requirement with the tests that observe it, every test, or every call with its answers."""

import argparse
import datetime
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from conformance.coverage import ledger, pages, requirement_tests
from conformance.coverage.ledger import Line
from conformance.requirements import registry
from conformance.requirements.registry import Requirement
from conformance.settings import UsageProblem
from conformance.verdict import waivers
from conformance.verdict.states import Exit

WHAT = ("requirements", "tests", "ledger")
EXAMPLES = """\
gman list                                    # every requirement: level, profile, how many tests, sentence
gman list tests --profile race
gman list ledger --format json               # every call with each of its answers, and what observes it
gman list --pages requirements               # a page for each area, to read or to publish
"""


def add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("what", choices=WHAT, nargs="?", default=WHAT[0], help="default: requirements")
    parser.add_argument("--format", choices=FORMATS, default="table", help="default: table")
    parser.add_argument("--profile", metavar="P", default="", help="of this profile alone")
    parser.add_argument("--pages", metavar="DIR", type=Path, help="write the requirements there, a page for each area")


def main(options: argparse.Namespace) -> int:
    """Print the list, or write pages.

    Raises RegistryError where registry and tests contradict each other, UsageProblem where nothing can be written.
    """
    covered = requirement_tests.covered(registry.load())
    chosen = [each for each in registry.load().values() if options.profile in ("", each.profile)]
    if options.pages:
        _write(chosen, covered, options.pages)
    elif options.what == "ledger":
        print(_ledger(ledger.load(), options.format))
    elif options.what == "tests":
        print(_tests(chosen, covered, options.format))
    else:
        print(FORMATS[options.format](chosen, covered))
    return Exit.CONFORMANT


def _write(chosen: Sequence[Requirement], covered: Mapping[str, Sequence[str]], folder: Path) -> None:
    known = pages.Known(covered, _waived(), pages.findings())
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in pages.pages(chosen, known, folder.absolute()).items():
            (folder / name).write_text(text, encoding="utf-8")
    except OSError as wrong:
        raise UsageProblem(f"--pages {folder}: {wrong.strerror}: name another directory") from None
    print(folder / pages.INDEX)


def _waived() -> dict[str, list[tuple[str, str]]]:
    """What the suite's own lists of known failures say of each requirement, expired or not."""
    found: dict[str, list[tuple[str, str]]] = {}
    for path in sorted(waivers.BUNDLED.glob("*.yaml")):
        for each in waivers.load(path.stem, datetime.date.min):
            found.setdefault(each.requirement, []).append((path.stem, each.reason))
    return found


def _tests(chosen: Sequence[Requirement], covered: Mapping[str, Sequence[str]], form: str) -> str:
    observed: dict[str, list[str]] = {}
    for each in chosen:
        for test in covered.get(each.id, ()):
            observed.setdefault(test, []).append(each.id)
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


def _table(chosen: Sequence[Requirement], covered: Mapping[str, Sequence[str]]) -> str:
    lines = [
        f"{each.id:12} {each.level:6} {each.profile:8} {len(covered.get(each.id, ())):3} tests  {each.sentence}"
        for each in chosen
    ]
    return "\n".join([*lines, _sum(chosen, covered)])


def _markdown(chosen: Sequence[Requirement], covered: Mapping[str, Sequence[str]]) -> str:
    rows = ["| Requirement | Level | Profile | What must hold | Source | Tests |", "|---|---|---|---|---|---|"]
    for each in chosen:
        tests = "<br>".join(covered.get(each.id, ())) or f"none: {each.untested}"
        rows.append(f"| {each.id} | {each.level} | {each.profile} | {each.sentence} | {each.source} | {tests} |")
    return "\n".join([*rows, "", _sum(chosen, covered)])


def _json(chosen: Sequence[Requirement], covered: Mapping[str, Sequence[str]]) -> str:
    return json.dumps([_plain(each, covered) for each in chosen], indent=1)


def _plain(each: Requirement, covered: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    return {**vars(each), "tests": list(covered.get(each.id, ()))}


def _sum(chosen: Sequence[Requirement], covered: Mapping[str, Sequence[str]]) -> str:
    observed = sum(each.id in covered for each in chosen)
    return f"{len(chosen)} requirements, {observed} observed by tests, {len(chosen) - observed} not, with their reasons"


FORMATS = {"table": _table, "md": _markdown, "json": _json}
