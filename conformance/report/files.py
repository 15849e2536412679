"""Writes a report into its directory: report.json for programs, report.html for people."""

import json
from functools import cache
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined

from conformance.report.model import Report

JSON, HTML, JUNIT = "report.json", "report.html", "junit.xml"


def write(report: Report, directory: Path) -> None:
    """Write both files. Raises OSError."""
    (directory / JSON).write_text(json.dumps(report.to_plain(), indent=1) + "\n", encoding="utf-8")
    (directory / HTML).write_text(html(report), encoding="utf-8")


def html(report: Report) -> str:
    """One page that needs nothing else, not even a script."""
    return _environment().get_template("report.html.j2").render(report=report)


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("conformance.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
