"""The suite finds faults: on a reference with a known fault, the requirement turns red that the fault breaks."""

import datetime
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from conformance.coverage import requirement_tests
from conformance.requirements import registry
from conformance.requirements.registry import Profile
from conformance.verdict import waivers
from reference.faults import CATALOGUE, EMULATIONS
from reference.faults.catalogue import entry, fault, table
from reference.tests.clouds import serve, start, stop

GMAN = Path(sys.executable).with_name("gman")
SECONDS = 120  # for one run of a part of the suite, on a busy machine


def run(data: Path, selection: str) -> tuple[int, dict[str, Any]]:
    """Exit code and report of that part of the suite, run against the reference with its data there."""
    clouds = ["--cloud", "gman", "--admin-cloud", "gman-admin", "--profile", "core,compute,race,ipv6,policy,operator"]
    environment = {**os.environ, "OS_CLIENT_CONFIG_FILE": str(data / "clouds.yaml")}
    environment.pop("OS_CLOUD", None)
    command = [str(GMAN), "run", *clouds, "-n", "0", "-k", selection, "--report", str(data / "report")]
    completed = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=SECONDS, check=False)
    assert "Traceback" not in completed.stdout + completed.stderr
    return completed.returncode, json.loads((data / "report" / "report.json").read_text())


@pytest.mark.long
@pytest.mark.parametrize(
    ("id_", "selection", "requirement"),
    [
        ("no-unique-key", "topology_race", "N-AAT-040"),
        ("loser-keeps-network", "topology_race", "N-AAT-041"),
        ("auto-too-early", "servers-networks", "C-NET-005"),
    ],
)
def test_found(tmp_path: Path, id_: str, selection: str, requirement: str) -> None:
    server = start(tmp_path, "--fault", id_)
    try:
        code, report = run(tmp_path, selection)
    finally:
        stop(server)
    states = {item["id"]: item["state"] for item in report["requirements"]}
    assert (code, report["verdict"], states[requirement]) == (1, "failed", "fail")


@pytest.mark.parametrize(
    ("flags", "says"),
    [
        (["--fault", "nonsense"], "no such fault: nonsense"),
        (["--fault", "no-router", "--fault", "a", "--fault", "b"], "no such fault: a, b"),
        (["--defect", "a", "--fault", "b"], "no such fault: a, b"),
        (
            ["--emulate", "nova-1"],
            "argument --emulate: choose from neutron-2025.2, neutron-2026.2, nova-2025.2, nova-2026.2",
        ),
    ],
)
def test_a_fault_nobody_knows(tmp_path: Path, flags: list[str], says: str) -> None:
    assert serve("--data", str(tmp_path), *flags) == (3, f"gman: {says}\n")


@pytest.mark.parametrize("name", ["GMAN_FAULT", "GMAN_DEFECT"])
def test_faults_come_from_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(name, "a,b")
    assert serve("--data", str(tmp_path)) == (3, "gman: no such fault: a, b\n")


def test_the_newer_name_in_the_environment_goes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GMAN_DEFECT", "a")
    monkeypatch.setenv("GMAN_FAULT", "b")
    assert serve("--data", str(tmp_path)) == (3, "gman: no such fault: b\n")


@pytest.mark.parametrize("flag", ["--list-faults", "--list-defects"])
def test_all_are_listed(flag: str) -> None:
    code, listed = serve(flag)
    assert (code, [line.split()[0] for line in listed.splitlines()]) == (0, sorted(CATALOGUE))


def test_each_says_what_it_breaks_and_tests_look_at_that() -> None:
    observed = requirement_tests.covered(registry.load()).keys()
    for planted in CATALOGUE.values():
        assert planted.breaks, planted.id
        assert set(planted.breaks) <= observed, planted.id
        assert planted.sentence.endswith("."), planted.id
        assert re.fullmatch(r"(DEF-[NC]-\d{3}( |$))*", planted.row), planted.id


def test_each_finds_what_it_replaces() -> None:
    """Each in a process of its own, for what is planted stays."""
    unknown = {}
    for id_, planted in CATALOGUE.items():
        child = os.fork()
        if child == 0:
            code = 1
            try:
                planted.plant()
                code = 0
            finally:
                os._exit(code)
        if os.waitpid(child, 0)[1]:
            unknown[id_] = planted.sentence
    assert not unknown


def test_an_id_is_given_once() -> None:
    with pytest.raises(ValueError, match="two faults no-router"):
        fault("N-AAT-001")(no_router)
    with pytest.raises(ValueError, match="two faults no-router"):
        table(entry("no-router", "N-AAT-001")("Another one of that name.", lambda: None))


def no_router() -> None:
    """Another one of that name."""


def without_servers(ids: set[str]) -> set[str]:
    """The requirements that need no running servers."""
    return {id_ for id_ in ids if registry.load()[id_].profile is not Profile.CONNECTIVITY}


@pytest.mark.long
def test_the_known_faults_of_releases_are_planted_together(tmp_path: Path) -> None:
    """The requirements in their lists of known failures turn red; intermittent ones may not."""
    steady, comes_and_goes = set(), set()
    for release, faults in EMULATIONS.items():
        entries = waivers.load(release, datetime.date.min)
        listed = {entry.requirement for entry in entries}
        broken = {id_ for item in faults for id_ in CATALOGUE[item].breaks}
        assert listed <= broken
        assert without_servers(broken) == without_servers(listed)  # some requirements need servers that run
        steady |= without_servers(listed)
        comes_and_goes |= {entry.requirement for entry in entries if entry.intermittent}
    server = start(tmp_path, "--emulate", ",".join(EMULATIONS))
    try:
        shown = "topology-delete topology-ipv6 delete_race churn_race attach-refused networks-filters pools-shared"
        _, report = run(tmp_path, " or ".join([*shown.split(), "pools-lent", "rbac-external", "external-in-use"]))
    finally:
        stop(server)
    red = {item["id"] for item in report["requirements"] if item["state"] == "fail"}
    assert steady - comes_and_goes <= red <= steady
