"""The directory of a report: what the files in it are called, and how it is made ready for those of a run."""

from pathlib import Path

from conformance.report import bundle
from conformance.settings import UsageProblem

JSON, HTML, JUNIT, EVENTS = "report.json", "report.html", "junit.xml", "events.ndjson"
RACES = "races"  # the folder of the races' histories


def prepare(report: Path) -> None:
    """Make the report's directory, without an earlier run's report in it. Raises UsageProblem when that is refused."""
    try:
        report.mkdir(parents=True, exist_ok=True)
        for name in (JSON, HTML, JUNIT, EVENTS):
            (report / name).touch()
            (report / name).unlink()
        for name in (bundle.MANIFEST, bundle.SIGNATURE):
            (report / name).unlink(missing_ok=True)
        for old in (report / RACES).glob("*.ndjson"):
            old.unlink()
    except OSError as wrong:
        raise UsageProblem(f"cannot write to {report}: {wrong.strerror}: name another with --report DIR") from None
