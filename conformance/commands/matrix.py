"""`gman matrix`: any number of reports side by side, clouds by requirements, what differs first."""

import argparse
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from conformance.report.files import write_output
from conformance.report.matrix import Matrix, html, markdown, matrix, plain
from conformance.report.model import Report
from conformance.report.stored import read
from conformance.verdict.states import Exit

FORMATS: Mapping[str, Callable[[Matrix], str]] = {
    "html": html,
    "md": markdown,
    "json": lambda matrix: json.dumps(plain(matrix), indent=1) + "\n",
}
EXAMPLES = """\
gman matrix report-before report                             # as Markdown, on the terminal
gman matrix report-before report --format html --output matrix.html
"""


def add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "reports", type=Path, nargs="+", metavar="REPORT", help="a report.json, or the directory or archive it is in"
    )
    parser.add_argument("--format", choices=FORMATS, default="md", help="default: md")
    parser.add_argument("--output", type=Path, metavar="FILE", help="write it there instead of printing it")


def main(options: argparse.Namespace) -> int:
    """Make it; exit code 0. Raises UsageProblem."""
    text = FORMATS[options.format](matrix(named(options.reports)))
    write_output(text, options.output)
    return Exit.CONFORMANT


def named(paths: Sequence[Path]) -> dict[str, Report]:
    """The reports by what they are of, and by their files, too, where two are of one. Raises UsageProblem."""
    reports = [(path, read(path)) for path in paths]
    files = {path.resolve().name for path in paths}
    subjects = [_subject(report) for _path, report in reports]
    reports_by_name: dict[str, Report] = {}
    for (path, report), subject in zip(reports, subjects, strict=True):
        file = path.resolve().name if len(files) == len(paths) else path
        name = subject if subjects.count(subject) == 1 else f"{subject}, {file}"
        number = sum(other == name or other.startswith(f"{name} #") for other in reports_by_name)
        reports_by_name[f"{name} #{number + 1}" if number else name] = report
    return reports_by_name


def _subject(report: Report) -> str:
    """The product and its version where the report says them, else the name of the cloud."""
    product = " ".join(filter(None, (report.published.get(name) for name in ("product", "version"))))
    return product if "product" in report.published else str(report.target["cloud"])
