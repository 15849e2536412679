"""The reference with faults or differences planted: `gman serve` in a forked process that has it loaded."""

import os
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

from reference import cli

UP = b"A cloud is up"  # the first words of its output once it serves
MOST = 4096  # bytes of its output that are read


def start(
    faults: Iterable[str], differences: Iterable[str], data: Path, source: Path | None = None, *, guests: bool = False
) -> Path:
    """The clouds.yaml of a reference that has been started and serves; it ends with its caller's process group.

    With `guests` its servers run. `source` is a folder with another package `reference`, to be run instead of the one
    that is loaded.
    Raises RuntimeError with the last line of its log where it ends instead.
    """
    reading, writing = os.pipe()
    log = log_of(data)
    if os.fork() == 0:
        os.close(reading)
        planted = {"GMAN_FAULT": ",".join(faults), "GMAN_DEFECT": "", "GMAN_DIFFER": ",".join(differences)}
        _serve(planted, data, log, writing, source, ["--guests"] if guests else [])
    os.close(writing)
    greeting = os.read(reading, MOST)  # the rest is not read, but the pipe stays open, so that writing cannot fail
    if not greeting.startswith(UP):
        lines = log.read_text(errors="replace").strip().splitlines()
        raise RuntimeError(f"the reference has ended: {lines[-1] if lines else 'without a word'}")
    return data / "clouds.yaml"


def _serve(
    planted: Mapping[str, str], data: Path, log: Path, output: int, source: Path | None, more: list[str]
) -> None:
    """The forked process: serve until it is killed."""
    code = 1
    try:
        os.dup2(output, 1)
        os.dup2(os.open(log, os.O_WRONLY | os.O_CREAT, 0o600), 2)
        os.environ.update(planted)
        serve = ["serve", "--host", "127.0.0.1", "--port", "0", "--data", str(data), *more]
        if source:
            os.chdir(source)
            os.execv(sys.executable, [sys.executable, "-m", "reference", *serve])  # noqa: S606 - it needs no shell
        code = cli.main(serve)
    finally:
        os._exit(code)


def crash(data: Path) -> str:
    """Why a request crashed, in a sentence; empty if none did. A planted fault must not raise errors itself."""
    log = log_of(data).read_text(errors="replace")
    return f"the fault itself is broken: {log.splitlines()[-1]}" if "Traceback" in log else ""


def log_of(data: Path) -> Path:
    return data.with_suffix(".log")
