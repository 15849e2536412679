"""One run of a part of the suite against the embedded reference with one fault in it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from reference.defects import Defect

GMAN = Path(sys.executable).with_name("gman")
LONGEST = 180  # seconds a run may take
LAST_STEPS = 60  # seconds a run that was ended may take to stop its reference
EVERY = "core,compute,race,ipv6,policy,operator"
RED = 1  # gman's exit code for a cloud that does not conform


@dataclass(frozen=True)
class Trial:
    """What came of one run: the requirements that turned red, how long it took, what gman said if it did not run."""

    red: tuple[str, ...]
    seconds: float
    trouble: str = ""


def run(defect: Defect, requirements: Sequence[str]) -> Trial:
    """Run what observes the requirements, all of the suite where none is named, against that fault."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="gman-prove-") as folder:
        report = Path(folder) / "report"
        command = [str(GMAN), "run", "-n", "0", "--profile", EVERY, "--report", str(report)]
        command += ["--requirement", ",".join(requirements)] if requirements else []
        environment = {**os.environ, "GMAN_DEFECT": defect.id, "XDG_STATE_HOME": folder}
        environment.pop("OS_CLOUD", None)
        process = subprocess.Popen(  # noqa: S603 - gman of this very environment
            command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, cwd=folder
        )
        try:
            _, said = process.communicate(timeout=LONGEST)
        except subprocess.TimeoutExpired:
            end(process)
            return Trial((), time.monotonic() - began, f"did not end within {LONGEST} s")
        seconds = time.monotonic() - began
        if not (report / "report.json").exists():
            return Trial((), seconds, (said.strip().splitlines() or ["gman said nothing"])[-1])
        found = json.loads((report / "report.json").read_text())["requirements"]
    red = tuple(each["id"] for each in found if each["state"] == "fail")
    return Trial(red, seconds, "" if process.returncode in (0, RED, 2) else f"exit code {process.returncode}")


def end(process: subprocess.Popen[str]) -> None:
    """End a run so that it ends its reference, which is no child of this process."""
    process.terminate()
    try:
        process.communicate(timeout=LAST_STEPS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
