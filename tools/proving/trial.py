"""One run of a part of the suite against the embedded reference with one fault in it."""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from proving import running
from reference.defects import Defect

LONGEST = 180  # seconds a run may take
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
    with tempfile.TemporaryDirectory(prefix="gman-prove-") as name:
        folder = Path(name)
        report = folder / "report"
        arguments = ["run", "-n", "0", "--profile", EVERY, "--report", str(report)]
        arguments += ["--requirement", ",".join(requirements)] if requirements else []
        code = running.gman(arguments, {"GMAN_DEFECT": defect.id}, folder, LONGEST)
        seconds = time.monotonic() - began
        if code is None:
            return Trial((), seconds, f"did not end within {LONGEST} s")
        if not (report / "report.json").exists():
            return Trial((), seconds, running.last_words(folder))
        found = json.loads((report / "report.json").read_text())["requirements"]
    red = tuple(each["id"] for each in found if each["state"] == "fail")
    return Trial(red, seconds, "" if code in (0, RED, 2) else f"exit code {code}")
