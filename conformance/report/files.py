"""Writes a report into its directory: report.json and junit.xml for programs, report.html for people."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

from conformance.race.checkers.timeline import Volley, volleys
from conformance.race.engine.history import read
from conformance.report.advice import COMMAND, advice, open_requirements
from conformance.report.failures import parts
from conformance.report.folder import HTML, JSON, JUNIT, RACES
from conformance.report.junit import junit
from conformance.report.model import EMBEDDED, Report
from conformance.report.pictures import pictures
from conformance.report.ways import Way, read_ways
from conformance.requirements.areas import areas
from conformance.requirements.registry import ABOUT
from conformance.settings import UsageProblem
from conformance.untrusted import printable
from conformance.verdict.states import MEANINGS

MOST_UNREADABLE = 10  # lines that the page names


def write(report: Report, directory: Path) -> None:
    """Write the files. Raises OSError."""
    (directory / JSON).write_text(_json(report.to_plain()), encoding="utf-8")
    (directory / JUNIT).write_text(junit(report), encoding="utf-8")
    (directory / HTML).write_text(page(report, directory), encoding="utf-8")


def write_output(text: str, path: Path | None) -> None:
    """Write what was rendered to a file, or without one to standard output. Raises UsageProblem."""
    if path is None:
        print(text, end="")
        return
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageProblem(f"--output {path}: {error.strerror}: name another file") from None


def _json(plain: Mapping[str, Any]) -> str:
    """JSON with a line for each member and each item of a list, which is easy to read, search and compare."""
    members = [
        f"{json.dumps(name)}: "
        + (
            "[\n  " + ",\n  ".join(map(json.dumps, value)) + "\n ]"
            if value and isinstance(value, list)
            else json.dumps(value)
        )
        for name, value in plain.items()
    ]
    return "{\n " + ",\n ".join(members) + "\n}\n"


def page(report: Report, directory: Path) -> str:
    """The page of a report with the races and guests whose records are in its directory.

    It names the lines that are no record, such as one that was cut off when a process died.
    """
    unreadable: list[str] = []
    histories = read(sorted((directory / RACES).glob("*.ndjson")), unreadable.append)
    races, ways = volleys(histories), read_ways(directory, unreadable.append)
    shown = [text.removeprefix(f"{directory}/") for text in unreadable[:MOST_UNREADABLE]]
    more = len(unreadable) - len(shown)
    shown += [f"and {more} more"] if more else []
    return html(report, races, ways, pictures(report, races, histories), shown)


def html(
    report: Report,
    races: Sequence[Volley] = (),
    ways: Sequence[Way] = (),
    pictures: Mapping[str, Volley] = MappingProxyType({}),
    unreadable: Sequence[str] = (),
) -> str:
    """One page that needs nothing else, not even a script. `pictures` are of failed tests, by their ids; `unreadable`
    names lines of races' and servers' records that could not be read.
    """
    return rendered(
        "report.html.j2",
        report=report,
        races=races,
        ways=ways,
        pictures=pictures,
        unreadable=unreadable,
        advice=advice(report),
        parts=parts(report),
        open_requirements=open_requirements(report),
        areas=areas(report.requirements),
        abouts=ABOUT,
        again=COMMAND,
        embedded=EMBEDDED,
        meanings=MEANINGS,
    )


def rendered(name: str, **values: Any) -> str:
    """One of this package's templates with these values, each escaped, without characters that a file cannot hold."""
    from jinja2 import Environment, PackageLoader, StrictUndefined  # takes its time to load

    environment = Environment(
        loader=PackageLoader("conformance.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return str(printable(environment.get_template(name).render(values)))
