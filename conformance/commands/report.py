"""`gman report`: a report.json rendered again, for another reader."""

import argparse
from pathlib import Path

from conformance.report import files
from conformance.report.archive import unpacked
from conformance.report.badge import badge
from conformance.report.github import github
from conformance.report.junit import junit
from conformance.report.markdown import markdown
from conformance.report.stored import read
from conformance.verdict.states import Exit

FORMATS = {"badge": badge, "github": github, "html": files.html, "junit": junit, "md": markdown}
EXAMPLES = """\
gman report report                           # as Markdown, on the terminal
gman report report --format html --output page.html
gman report report/report.json --format junit --output junit.xml
gman report report --format github                             # annotations, in a workflow of GitHub
gman report report --format badge --output badge.svg           # the verdict, for a README
"""


def add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "report", type=Path, metavar="REPORT", help="a report.json, or the directory or archive it is in"
    )
    parser.add_argument(
        "--format",
        choices=FORMATS,
        default="md",
        help="badge: the verdict as an SVG image; github: annotations for its workflows (default: md)",
    )
    parser.add_argument("--output", type=Path, metavar="FILE", help="write it there instead of printing it")


def main(options: argparse.Namespace) -> int:
    """Render it; exit code 0. Raises UsageProblem."""
    with unpacked(options.report) as place:
        report = read(place)
        folder = place if place.is_dir() else place.parent
        text = files.page(report, folder) if options.format == "html" else FORMATS[options.format](report)
    files.write_output(text, options.output)
    return Exit.CONFORMANT
