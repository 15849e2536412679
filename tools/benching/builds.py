"""Builds of this repository, each in a virtual environment of its own: its files as they are, and an older revision."""

import os
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from conformance.settings import UsageProblem

ROOT = Path(__file__).resolve().parents[2]
SET_UP = 600  # seconds that a set-up may take
TODAY = "today"
T = TypeVar("T")


@dataclass(frozen=True)
class Build:
    """A revision, or TODAY, and the program `gman` of it."""

    name: str
    gman: Path


def in_turn(builds: Sequence[T], number: int) -> Sequence[T]:
    """The builds, in reverse order every second time, so that no build is always the second."""
    return builds[:: -1 if number % 2 else 1]


def today(folder: Path) -> Build:
    """The files of this repository as they are. Raises UsageProblem where they cannot be installed."""
    return _installed(TODAY, ROOT, folder / "today")


def older(revision: str, folder: Path) -> Build:
    """A revision of this repository's history, its files below `folder`. Raises UsageProblem where there is none."""
    return _installed(revision, unpacked(revision, folder), folder / "then")


def unpacked(revision: str, folder: Path) -> Path:
    """A folder below `folder` with the files of that revision. Raises UsageProblem where there is none."""
    commit = _git("rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}").strip()
    if not commit:
        raise UsageProblem(f"{revision!r} is no revision of the repository {ROOT}: name a commit of its history")
    archive, source = folder / "then.tar", folder / "then-source"
    _git("archive", f"--output={archive}", commit)
    if not archive.exists():
        raise UsageProblem(f"git cannot give the files of {revision}: the history may be shallow, fetch all of it")
    shutil.unpack_archive(archive, source, filter="data")
    return source


def _git(*arguments: str) -> str:
    """The output of git; empty where it fails or is missing."""
    try:
        completed = subprocess.run(  # noqa: S603 - the revision comes after what ends the options
            ["git", "-C", str(ROOT), *arguments],  # noqa: S607 - whichever git the user has
            capture_output=True,
            text=True,
            check=False,
        )
    except FileNotFoundError:
        raise UsageProblem("git is not installed: its history has the older revision") from None
    return "" if completed.returncode else completed.stdout


def _installed(name: str, source: Path, place: Path) -> Build:
    """The build that the source's own tools/setup makes."""
    completed = subprocess.run(  # noqa: S603 - of this repository
        [str(source / "tools" / "setup")],
        env={**os.environ, "GMAN_VENV": str(place), "PYTHONPATH": ""},
        check=False,
        timeout=SET_UP,
    )
    if completed.returncode:
        raise UsageProblem(f"{name} cannot be set up, see above")
    return Build(name, place / "bin" / "gman")
