"""`tools/prove --against REPORT`: what the suite said of real releases, and what it says of their emulation.

Every fault that is known of the releases is planted at once, the same profiles are claimed, and the two verdicts are
held against each other, requirement by requirement.
"""

import datetime
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from conformance.verdict.waivers import load
from proving import trial
from reference.faults import EMULATIONS

LONGEST = 900  # seconds the whole suite may take
RED = "fail"
# What says nothing of the service: who claimed what, and what the cloud that was tried happens to offer
SILENT = {"not-claimed", "unsupported", "blocked", "inconclusive"}


def report_of(path: Path) -> Mapping[str, str]:
    """Requirement id -> state, of a report.json or the directory it is in. Errors: OSError, ValueError, KeyError."""
    return {each["id"]: each["state"] for each in _read(path)["requirements"]}


def claimed(path: Path) -> list[str]:
    """The profiles that were claimed for the report."""
    return [name for name, profile in _read(path)["profiles"].items() if profile["claimed"]]


def _read(path: Path) -> dict:
    return json.loads((path / "report.json" if path.is_dir() else path).read_text())


def verdicts(states: Mapping[str, str]) -> dict[str, str]:
    """Those that say something of the service: pass or fail; a known failure is one as well."""
    return {id_: RED if state == "waived" else state for id_, state in states.items() if state not in SILENT}


def emulated(releases: Iterable[str], profiles: Sequence[str]) -> dict[str, str]:
    """The verdicts on the reference with all known faults of the releases in it. Errors: RuntimeError."""
    faults = [id_ for release in releases for id_ in EMULATIONS[release]]
    [found] = trial.run(faults, profiles=profiles, longest=LONGEST)
    if found.trouble:
        raise RuntimeError(found.trouble)
    return verdicts(found.states)


def fickle(releases: Iterable[str]) -> set[str]:
    """The requirements that these releases break now and then, by the waivers of the same name."""
    waivers = [each for release in releases for each in load(release, datetime.date.min)]
    return {each.requirement for each in waivers if each.intermittent}


def differences(real: Mapping[str, str], emulation: Mapping[str, str]) -> dict[str, str]:
    """A line for each requirement that both were seen to meet or not, and one of them otherwise than the other."""
    both = sorted(real.keys() & emulation.keys())
    return {id_: f"real {real[id_]}, emulated {emulation[id_]}" for id_ in both if real[id_] != emulation[id_]}


def main(report: Path, releases: Sequence[str]) -> int:
    """Print the differences; 0 where all of them come and go, 1 where one does not, 3 where there is no report."""
    try:
        real, profiles = verdicts(report_of(report)), claimed(report)
    except (OSError, ValueError, KeyError) as wrong:
        print(f"tools/prove: {report} is no report: {wrong}")
        return 3
    try:
        emulation = emulated(releases, profiles)
    except RuntimeError as wrong:
        print(f"tools/prove: {wrong}")
        return 1
    found, excused = differences(real, emulation), fickle(releases)
    for id_, how in found.items():
        print(f"{id_:12} {how}{', which comes and goes' if id_ in excused else ''}")
    print(f"{len(real.keys() & emulation.keys())} requirements seen on both, {len(found)} otherwise")
    return 1 if found.keys() - excused else 0
