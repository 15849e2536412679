"""`gman report`: a report.json rendered again, for another reader."""

import argparse
from pathlib import Path

from conformance.report import files, folder
from conformance.report.junit import junit
from conformance.report.markdown import markdown
from conformance.report.model import Report
from conformance.schema import complaint
from conformance.settings import UsageProblem
from conformance.untrusted import UntrustedError, parse_json, printable, read_text
from conformance.verdict.states import Exit

FORMATS = {"html": files.html, "junit": junit, "md": markdown}
EXAMPLES = """\
gman report report                           # as Markdown, on the terminal
gman report report --format html --output page.html
gman report report/report.json --format junit --output junit.xml
"""


def add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("report", type=Path, metavar="REPORT", help="a report.json, or the directory it is in")
    parser.add_argument("--format", choices=FORMATS, default="md", help="default: md")
    parser.add_argument("--output", type=Path, metavar="FILE", help="write it there instead of printing it")


def main(options: argparse.Namespace) -> int:
    """Render it; exit code 0. Raises UsageProblem."""
    made = read(options.report)
    folder = options.report if options.report.is_dir() else options.report.parent
    text = files.page(made, folder) if options.format == "html" else FORMATS[options.format](made)
    if options.output is None:
        print(text, end="")
        return Exit.CONFORMANT
    try:
        options.output.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageProblem(f"--output {options.output}: {error.strerror}: name another file") from None
    return Exit.CONFORMANT


def read(path: Path) -> Report:
    """The report there. Raises UsageProblem where there is none, or it is none of ours."""
    file = path / folder.JSON if path.is_dir() else path
    try:
        plain = printable(parse_json(read_text(file)))
    except OSError as error:
        raise UsageProblem(f"{file}: {error.strerror}: name a report.json, or the directory it is in") from None
    except UntrustedError as error:
        raise UsageProblem(f"{file}: {error}: name a report.json, or the directory it is in") from None
    if problem := complaint("report", plain):
        raise UsageProblem(f"{file} is no report of this suite: {problem}")
    return Report.from_plain(plain)
