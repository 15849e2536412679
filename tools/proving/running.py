"""Runs of gman in processes forked from one that has loaded the suite: hundreds of runs would each load it anew."""

from __future__ import annotations

import multiprocessing
import os
import sys
from collections.abc import Mapping, Sequence
from multiprocessing.context import ForkServerProcess
from pathlib import Path

LAST_STEPS = 60  # seconds a run that was ended may take to stop its reference
SAID = "said"  # the file of what gman said

_FORKED = multiprocessing.get_context("forkserver")
_FORKED.set_forkserver_preload(["proving.preload"])


def gman(arguments: Sequence[str], settings: Mapping[str, str], folder: Path, longest: float) -> int | None:
    """Run gman in that folder; its exit code, or None if it did not end in time and was ended.

    `settings` are added to the environment. What it said is in the folder's file SAID.
    """
    environment = {**os.environ, "XDG_STATE_HOME": str(folder), **settings}
    environment.pop("OS_CLOUD", None)
    process = _FORKED.Process(target=_gman, args=(list(arguments), environment, str(folder)))
    process.start()
    process.join(longest)
    if process.exitcode is None:
        end(process)
        return None
    return process.exitcode


def last_words(folder: Path) -> str:
    """The last line that gman said."""
    return ((folder / SAID).read_text(errors="replace").strip().splitlines() or ["gman said nothing"])[-1]


def end(process: ForkServerProcess) -> None:
    """End a run so that it ends its reference, which is no child of this process."""
    process.terminate()
    process.join(LAST_STEPS)
    if process.exitcode is None:
        process.kill()
        process.join()


def _gman(arguments: list[str], environment: dict[str, str], folder: str) -> None:
    """What the forked process does; it ends with gman's exit code."""
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    with open(SAID, "wb") as said:
        os.dup2(said.fileno(), 1)
        os.dup2(said.fileno(), 2)
    sys.argv = ["gman", *arguments]
    from conformance.cli import main

    sys.exit(main())
