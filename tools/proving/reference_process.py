"""The reference with faults or differences in it: what `gman serve` does, in a forked process that has it loaded."""

import os
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

from reference import cli

UP = b"A cloud is up"  # how that begins which it prints when it serves
MOST = 4096  # bytes of it that are looked at


def start(faults: Iterable[str], differences: Iterable[str], data: Path, source: Path | None = None) -> Path:
    """Start it and wait until it serves; its clouds.yaml. It ends with its caller's process group.

    `source` is a folder with a package `reference` that is to be taken instead of the one that is loaded.
    Errors: RuntimeError with its last words where it ends instead.
    """
    reading, writing = os.pipe()
    log = log_of(data)
    if os.fork() == 0:
        os.close(reading)
        _serve({"GMAN_DEFECT": ",".join(faults), "GMAN_DIFFER": ",".join(differences)}, data, log, writing, source)
    os.close(writing)
    said = os.read(reading, MOST)  # from now on nobody reads, but it stays open, lest a further word breaks the pipe
    if not said.startswith(UP):
        raise RuntimeError(f"the reference has ended: {_last_line(log)}")
    return data / "clouds.yaml"


def _serve(planted: Mapping[str, str], data: Path, log: Path, output: int, source: Path | None) -> None:
    """What the forked process does, until it is ended."""
    code = 1
    try:
        os.dup2(output, 1)
        os.dup2(os.open(log, os.O_WRONLY | os.O_CREAT, 0o600), 2)
        os.environ.update(planted)
        serve = ["serve", "--host", "127.0.0.1", "--port", "0", "--data", str(data)]
        if source:
            os.chdir(source)
            os.execv(sys.executable, [sys.executable, "-m", "reference", *serve])  # noqa: S606 - it needs no shell
        code = cli.main(serve)
    finally:
        os._exit(code)


def crash(data: Path) -> str:
    """What the reference died of in a request, if it did: a fault that is planted breaks what it says, not itself."""
    said = log_of(data).read_text(errors="replace")
    return f"the fault itself is broken: {said.splitlines()[-1]}" if "Traceback" in said else ""


def log_of(data: Path) -> Path:
    return data.with_suffix(".log")


def _last_line(log: Path) -> str:
    return next(reversed(log.read_text(errors="replace").strip().splitlines()), "without a word")
