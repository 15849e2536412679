"""`tools/prove --against REPORT`: what the suite said of real releases, and what it says of their emulation.

Every fault that is known of the releases is planted at once, the same profiles are claimed, and the two verdicts are
held against each other, requirement by requirement.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path

from proving import running
from reference.defects import EMULATIONS

LONGEST = 900  # seconds the whole suite may take
RED = "fail"
# What says nothing of the service: who claimed what, and what the cloud that was tried happens to offer
SILENT = {"not-claimed", "unsupported", "blocked", "inconclusive"}


def verdicts(report: Path) -> dict[str, str]:
    """Requirement id -> pass or fail, of a report.json or the directory it is in; a known failure is one as well.

    Errors: OSError, ValueError where there is no report.
    """
    file = report / "report.json" if report.is_dir() else report
    states = {each["id"]: each["state"] for each in json.loads(file.read_text())["requirements"]}
    return {id_: RED if state == "waived" else state for id_, state in states.items() if state not in SILENT}


def claimed(report: Path) -> list[str]:
    """The profiles that were claimed for the report."""
    file = report / "report.json" if report.is_dir() else report
    return [name for name, profile in json.loads(file.read_text())["profiles"].items() if profile["claimed"]]


def emulated(releases: Iterable[str], profiles: list[str], folder: Path) -> dict[str, str]:
    """The verdicts on the reference with all known faults of the releases in it. Errors: RuntimeError."""
    report = folder / "report"
    arguments = ["run", "-n", "0", "--profile", ",".join(profiles), "--report", str(report)]
    faults = ",".join(id_ for release in releases for id_ in EMULATIONS[release])
    if running.gman(arguments, {"GMAN_DEFECT": faults}, folder, LONGEST) is None:
        raise RuntimeError(f"the suite did not end within {LONGEST} s")
    if not (report / "report.json").exists():
        raise RuntimeError(running.last_words(folder))
    return verdicts(report)


def differences(real: Mapping[str, str], emulation: Mapping[str, str]) -> list[str]:
    """A line for each requirement that both were seen to meet or not, and one of them otherwise than the other."""
    both = sorted(real.keys() & emulation.keys())
    return [f"{id_:12} real {real[id_]}, emulated {emulation[id_]}" for id_ in both if real[id_] != emulation[id_]]


def main(report: Path, releases: Iterable[str]) -> int:
    """Print the differences; 0 where there is none, 1 where there is, 3 where there is no report."""
    try:
        real, profiles = verdicts(report), claimed(report)
    except (OSError, ValueError, KeyError) as wrong:
        print(f"tools/prove: {report} is no report: {wrong}")
        return 3
    with tempfile.TemporaryDirectory(prefix="gman-prove-") as folder:
        try:
            emulation = emulated(releases, profiles, Path(folder))
        except RuntimeError as wrong:
            print(f"tools/prove: {wrong}")
            return 1
    found = differences(real, emulation)
    print("\n".join(found))
    print(f"{len(real.keys() & emulation.keys())} requirements seen on both, {len(found)} otherwise")
    return 1 if found else 0
