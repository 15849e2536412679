"""The directory of a report: what the files in it are called, and how it is made ready for those of a run."""

from pathlib import Path

from conformance.report import bundle
from conformance.settings import UsageProblem

JSON, HTML, JUNIT, EVENTS = "report.json", "report.html", "junit.xml", "events.ndjson"
RACES = "races"  # the folder of the races' histories


def prepare(directory: Path) -> None:
    """Make the report's directory, without an earlier run's report in it. Raises UsageProblem when that is refused."""
    try:
        directory.mkdir(parents=True, exist_ok=True)
        for name in (JSON, HTML, JUNIT, EVENTS):
            (directory / name).touch()
            (directory / name).unlink()
        for name in (bundle.MANIFEST, bundle.SIGNATURE):
            (directory / name).unlink(missing_ok=True)
        for history in (directory / RACES).glob("*.ndjson"):
            history.unlink()
    except OSError as error:
        raise UsageProblem(f"cannot write to {directory}: {error.strerror}: name another with --report DIR") from None
