"""`tools/prove --against REPORT`: the suite's report on real releases, compared with one on their emulation.

Every known fault of the releases is planted at once, the same profiles are claimed, and the two verdicts are compared,
requirement by requirement.
"""

import datetime
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from conformance.verdict.waivers import load
from proving import trial
from reference.faults import EMULATIONS

LONGEST = 900  # seconds that the whole suite may take
RED = "fail"
# states that depend on claims and on the cloud's offer, not on the service
SILENT = {"not-claimed", "unsupported", "blocked", "inconclusive"}


def report_of(path: Path) -> Mapping[str, str]:
    """Requirement id -> state, of a report.json or its directory. Raises OSError, ValueError or KeyError."""
    return {requirement["id"]: requirement["state"] for requirement in _read(path)["requirements"]}


def claimed(path: Path) -> list[str]:
    """The names of the profiles that were claimed for the report."""
    return [name for name, profile in _read(path)["profiles"].items() if profile["claimed"]]


def _read(path: Path) -> dict[str, Any]:
    report: dict[str, Any] = json.loads((path / "report.json" if path.is_dir() else path).read_text())
    return report


def verdicts(states: Mapping[str, str]) -> dict[str, str]:
    """Requirement id -> pass or fail, without SILENT states; a waived failure counts as fail."""
    return {id_: RED if state == "waived" else state for id_, state in states.items() if state not in SILENT}


def emulated(releases: Iterable[str], profiles: Sequence[str]) -> dict[str, str]:
    """The verdicts on the reference with all known faults of the releases. Raises RuntimeError where it breaks."""
    faults = [id_ for release in releases for id_ in EMULATIONS[release]]
    [result] = trial.run(faults, profiles=profiles, longest=LONGEST)
    if result.trouble:
        raise RuntimeError(result.trouble)
    return verdicts(result.states)


def fickle(releases: Iterable[str]) -> set[str]:
    """The requirements that these releases break intermittently, by the waivers of the same name."""
    waivers = [waiver for release in releases for waiver in load(release, datetime.date.min)]
    return {waiver.requirement for waiver in waivers if waiver.intermittent}


def differences(real: Mapping[str, str], emulation: Mapping[str, str]) -> dict[str, str]:
    """Requirement id -> the two verdicts in words, for each requirement that both have and that differs."""
    both = sorted(real.keys() & emulation.keys())
    return {id_: f"real {real[id_]}, emulated {emulation[id_]}" for id_ in both if real[id_] != emulation[id_]}


def main(report: Path, releases: Sequence[str]) -> int:
    """Print the differences; 0 where all are intermittent, 1 where one is not, 3 where the report is invalid."""
    try:
        real, profiles = verdicts(report_of(report)), claimed(report)
    except (OSError, ValueError, KeyError) as error:
        print(f"tools/prove: {report} is no report: {error}")
        return 3
    try:
        emulation = emulated(releases, profiles)
    except RuntimeError as error:
        print(f"tools/prove: {error}")
        return 1
    contrasts, excused = differences(real, emulation), fickle(releases)
    for id_, contrast in contrasts.items():
        print(f"{id_:12} {contrast}{', which comes and goes' if id_ in excused else ''}")
    print(f"{len(real.keys() & emulation.keys())} requirements seen on both, {len(contrasts)} otherwise")
    return 1 if contrasts.keys() - excused else 0
