"""Reads a report from disk, with care, as it may come from anybody."""

from pathlib import Path

from conformance.report import folder
from conformance.report.archive import unpacked
from conformance.report.model import Report
from conformance.schema import complaint
from conformance.settings import UsageProblem
from conformance.untrusted import UntrustedError, parse_json, printable, read_text


def read(path: Path) -> Report:
    """The report there: a report.json, or the directory or archive it is in. Raises UsageProblem where there is no
    report.
    """
    with unpacked(path) as place:
        return _read(place)


def _read(path: Path) -> Report:
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
