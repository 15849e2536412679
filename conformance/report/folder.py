"""The directory of a report: what the files in it are called, and how a new report takes the place of an old one."""

import errno
import fcntl
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from conformance.report import bundle
from conformance.settings import UsageProblem

JSON, HTML, JUNIT, EVENTS = "report.json", "report.html", "junit.xml", "events.ndjson"
RACES = "races"  # the folder of the races' histories
GUESTS = "guests"  # the folder with what servers reported about their network
LOG = "reference.log"  # of the embedded reference
WAITS = "waits.ndjson"  # missed deadlines and long waits; there is no such file without any
OWN = (JSON, HTML, JUNIT, EVENTS, LOG, RACES, GUESTS, WAITS, bundle.MANIFEST, bundle.SIGNATURE)
NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EIO)  # errors of a full disk
ASIDE = ".previous"  # where the report before is kept until the new one is ready


@contextmanager
def replacing(directory: Path) -> Iterator[None]:
    """Make place in the directory for a run's report; other files in it stay.

    No other run can write there while the block lasts. If the block raises UsageProblem, as the run was refused, the
    earlier report is put back; if this run is killed, the next one does so. Raises UsageProblem where another run
    writes there, and where nothing can be written; also in place of the block's OSError for a full disk.
    """
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise unwritable(directory, error) from None
    with _locked(directory):
        yield from _replacing(directory)


@contextmanager
def _locked(directory: Path) -> Iterator[None]:
    """Keep other runs out of the directory. Raises UsageProblem where one is there."""
    try:
        handle = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    except OSError as error:
        raise unwritable(directory, error) from None
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        text = f"another run writes its report to {directory}: wait for its end, or name another with --report DIR"
        raise UsageProblem(text) from None
    except OSError:
        pass  # of a file system that has no locks
    try:
        yield
    finally:
        os.close(handle)


def _replacing(directory: Path) -> Iterator[None]:
    """The one step of `replacing`, with the directory locked."""
    aside = directory / ASIDE
    try:
        if aside.is_dir():  # the last run was killed: what it wrote is no report
            _remove(directory)
        else:
            aside.mkdir()
            _move(directory, aside)
    except OSError as error:
        raise unwritable(directory, error) from None
    try:
        yield
    except (UsageProblem, OSError) as error:
        if isinstance(error, OSError) and error.errno not in NO_ROOM:
            raise
        if all(path.name == LOG for path in aside.iterdir()):
            # no earlier report to put back: the log stays, as the error may name it
            _remove(aside)
            _remove(directory, tuple(name for name in OWN if name != LOG))
        else:
            _remove(directory)
        _move(aside, directory)
        aside.rmdir()
        if isinstance(error, OSError):
            raise unwritable(directory, error) from None
        raise
    shutil.rmtree(aside)


def unwritable(directory: Path, error: OSError) -> UsageProblem:
    """The error for a report's directory to which nothing (more) can be written, with what to do."""
    place = error.filename or directory
    advice = "make room there, or name another" if error.errno in NO_ROOM else "name another"
    return UsageProblem(f"cannot write to {place}: {error.strerror}: {advice} with --report DIR")


def _move(source: Path, target: Path) -> None:
    for name in OWN:
        if (source / name).exists():
            (source / name).rename(target / name)


def _remove(directory: Path, names: Sequence[str] = OWN) -> None:
    for name in names:
        if (directory / name).is_dir():
            shutil.rmtree(directory / name)
        else:
            (directory / name).unlink(missing_ok=True)
