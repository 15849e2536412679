"""`gman run` against a tiny cloud: its output, its verdict, and the files that it writes."""

import json
import re
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from xml.etree import ElementTree as ET

import pytest
import yaml

from conformance import USER_AGENT
from conformance.coverage import requirement_tests
from conformance.gabbi.every_response import FORM_OF_ID
from conformance.run import session
from conformance.schema import complaint
from conformance.tests.conftest import Gman
from conformance.tests.gabbi_runs import Serve, write
from conformance.tests.gabbi_runs import run as gabbi_run
from conformance.tests.tiny_cloud import PASSWORD, TOKEN, running, write_clouds
from conformance.tests.tiny_runs import ONE, RACING, report

# observed in every answer that shows an object, or several
IN_PASSING = ("C-OBJ-013", "N-OBJ-001", "N-OBJ-010", "N-OBJ-011", "N-OBJ-013", "N-OBJ-015")
RACED = ("N-AAT-040", "N-AAT-041", "N-AAT-042", "N-AAT-077")  # observed by that race as a whole


def test_one_selected_requirement_passes_and_others_are_not_selected(gman: Gman, tmp_path: Path) -> None:
    with running() as tiny:
        code, printed = gman("run", "--cloud", "tiny", *ONE, url=tiny.url)
    assert (code, "partial after" in printed) == (0, True)
    report_ = report(tmp_path)
    states = {line["id"]: line["state"] for line in report_["requirements"]}
    assert {id_ for id_, state in states.items() if state == "pass"} == {"N-AAT-001", "N-ERR-017", *IN_PASSING}
    assert set(states.values()) == {"pass", "not-claimed"}
    assert report_["leaks"] == []
    assert tiny.network is None


@pytest.mark.parametrize("processes", [0, 2])
def test_a_run_tells_how_it_goes_and_ends_with_what_was_asked_for(gman: Gman, tmp_path: Path, processes: int) -> None:
    with running("broken") as tiny:
        _code, printed = gman(
            "run", "--cloud", "tiny", "-v", "-n", str(processes), "--requirement", "N-AAT-001", url=tiny.url
        )
    assert re.search(r"^fail N-AAT-001: .+\nReport: ", printed, re.MULTILINE)
    events = [json.loads(line) for line in (tmp_path / "report/events.ndjson").read_text().splitlines()]
    [total] = [event["total"] for event in events if event["event"] == "tests-collected"]
    started = [event["id"] for event in events if event["event"] == "test-started"]
    assert total == len(started) > 0
    assert set(started) <= {event["id"] for event in events if event["event"] == "test-ended"}
    for test in started:
        assert re.search(rf"^\w+ {re.escape(test)}", printed, re.MULTILINE), test


def test_a_quiet_run_says_what_it_came_to_and_nothing_before(gman: Gman) -> None:
    with running("broken") as tiny:
        _code, printed = gman("run", "--cloud", "tiny", "--quiet", "--color", "always", *ONE, url=tiny.url)
    assert printed.startswith("\x1b[31mfail\x1b[0m ")
    assert printed.count("Target: ") == 1


def test_the_report_keeps_to_its_schema_and_needs_nothing_else(gman: Gman, tmp_path: Path) -> None:
    with running("broken") as tiny:
        code, _ = gman("run", "--cloud", "tiny", *ONE, url=tiny.url)
    assert code == 1
    assert complaint("report", report(tmp_path)) == ""
    page = (tmp_path / "report" / "report.html").read_text()
    assert "<script" not in page
    assert "http-equiv" not in page
    assert "X-Auth-Token: $OS_TOKEN" in page


def test_every_call_names_the_suite_and_the_requirement(gman: Gman) -> None:
    """So do the calls of sign-ins, gabbi files, races and clean-ups."""
    with running() as tiny:
        gman("run", "--cloud", "tiny", *RACING, url=tiny.url)
    ids = [id_ for _agent, id_ in tiny.askers]
    assert {agent.partition(" ")[0] for agent, _id in tiny.askers} == {USER_AGENT}
    assert all(FORM_OF_ID.fullmatch(id_) for id_ in ids)
    assert len(set(ids)) == len(ids)
    asking = dict(zip(reversed(tiny.requests), reversed(tiny.askers), strict=True))  # the first of each kind
    assert asking["POST /identity/v3/auth/tokens"][0] == USER_AGENT
    agents = {agent for agent, _id in tiny.askers}
    assert {f"{USER_AGENT} (N-AAT-001)", f"{USER_AGENT} ({', '.join(RACED)})"} <= agents


def test_no_secret_is_printed_or_kept(gman: Gman, tmp_path: Path) -> None:
    """All files are searched, also those of races in a folder below the report."""
    with running("broken") as tiny:
        code, printed = gman("run", "--cloud", "tiny", *RACING, url=tiny.url)
    assert code == 1
    folders = (tmp_path / "report", tmp_path / "state")
    contents = {path: path.read_bytes() for folder in folders for path in folder.rglob("*") if path.is_file()}
    assert {path.suffix for path in contents} >= {".html", ".json", ".ndjson", ".xml"}
    assert all(content for path, content in contents.items() if path.suffix != ".lock")
    texts = {"printed": printed.encode(), **{path.name: content for path, content in contents.items()}}
    assert [name for name, text in texts.items() if any(secret.encode() in text for secret in (PASSWORD, TOKEN))] == []


def test_junit_tells_failures_and_skips_apart_and_names_requirements(gman: Gman, tmp_path: Path) -> None:
    with running("broken") as tiny:
        gman("run", "--cloud", "tiny", *ONE, url=tiny.url)
    cases = ET.parse(tmp_path / "report" / "junit.xml").getroot().findall(".//testcase")[:-1]  # not that of the run
    by_state = {case.find("properties/property[@name='state']").get("value"): case for case in cases}  # type: ignore[union-attr]
    assert set(by_state) == {"pass", "fail", "blocked"}
    assert by_state["fail"].find("failure") is not None
    assert by_state["blocked"].find("skipped") is not None
    named = by_state["fail"].findall("properties/property[@name='requirement']")
    assert "N-AAT-001" in [entry.get("value") for entry in named]


@pytest.mark.parametrize(
    ("fault", "red"),
    [("broken", {"N-AAT-001"}), ("cannot", {"N-AAT-001"}), ("no-request-id", {"N-ERR-017"})],
)
def test_a_wrong_cloud_fails_and_does_not_hide_behind_its_set_up(
    gman: Gman, tmp_path: Path, fault: str, red: set[str]
) -> None:
    with running(fault) as tiny:
        code, printed = gman("run", "--cloud", "tiny", *ONE, url=tiny.url)
    assert code == 1
    assert "failed after" in printed
    assert {line["id"] for line in report(tmp_path)["requirements"] if line["state"] == "fail"} == red
    assert all(f"fail {id_} MUST: " in printed for id_ in red)


WAIVER = '[{requirement: N-AAT-001, reason: known, owner: we, link: "https://example.org/1", expires: 2999-01-01}]'


@pytest.mark.parametrize(("faults", "code", "state"), [(["broken"], 1, "waived"), ([], 1, "pass")])
def test_a_waiver_covers_a_failure_and_fails_the_run_without_one(
    gman: Gman, tmp_path: Path, faults: list[str], code: int, state: str
) -> None:
    """Nothing passes on the broken cloud, so that even waived it does not conform."""
    waivers = tmp_path / "waivers.yaml"
    waivers.write_text(WAIVER)
    with running(*faults) as tiny:
        ended, printed = gman("run", "--cloud", "tiny", "--waivers", str(waivers), *ONE, url=tiny.url)
    report_ = report(tmp_path)
    assert {line["state"] for line in report_["requirements"] if line["id"] == "N-AAT-001"} == {state}
    assert bool(report_["stale"]) is (state == "pass")
    assert ("no longer fails: remove the waiver" in printed) is (state == "pass")
    assert (ended, report_["verdict"]) == ((code, "failed") if state == "pass" else (0, "partial"))


def test_the_cloud_of_the_environment_is_used(gman: Gman, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OS_CLOUD", "nowhere")
    assert "was not found in " in gman("run")[1]


def test_version_and_help(gman: Gman) -> None:
    assert gman("--version")[1].startswith("gman 1.")
    code, text = gman("run", "--help")
    assert code == 0
    assert all(word in text for word in ("--cloud NAME", "--waivers FILE", "exit codes:", "server_build"))


@pytest.mark.parametrize(
    ("room", "files", "requested", "embedded", "whole", "number"),
    [
        (float("inf"), 100, None, False, True, 4),
        (2.0, 100, None, False, False, 2),
        (1.0, 100, None, False, True, 0),
        (float("inf"), 2, None, False, False, 2),
        (float("inf"), 1, None, False, False, 0),
        (float("inf"), 100, None, True, False, 0),
        (float("inf"), 1, 7, True, False, 7),
        (1.0, 100, 0, False, True, 0),
    ],
)
def test_there_are_as_many_processes_as_make_sense(
    room: float, files: int, requested: int | None, embedded: bool, whole: bool, number: int
) -> None:
    context: Any = SimpleNamespace(projects=SimpleNamespace(room=room))
    assert session.processes_to_start(context, requested, embedded=embedded, whole=whole, files=files) == number


@pytest.mark.parametrize(("cores", "number"), [(None, 2), (1, 2), (2, 3), (16, 4)])
def test_beside_the_reference_there_is_one_more_than_cores(
    monkeypatch: pytest.MonkeyPatch, cores: int | None, number: int
) -> None:
    monkeypatch.setattr("os.cpu_count", lambda: cores)
    context: Any = SimpleNamespace(projects=SimpleNamespace(room=float("inf")))
    assert session.processes_to_start(context, None, embedded=True, whole=True, files=100) == number


def test_the_files_of_a_selection_are_counted() -> None:
    assert session.number_of_files(["N-AAT-025"]) in range(1, 20)
    assert session.number_of_files([]) == len({test.partition("::")[0] for test in requirement_tests.tests()})


def test_a_sourced_openrc_is_the_cloud(gman: Gman, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with running() as tiny:
        write_clouds(tmp_path / "c.yaml", tiny.url)
        auth = yaml.safe_load((tmp_path / "c.yaml").read_text())["clouds"]["tiny"]["auth"]
        for name, value in auth.items():
            monkeypatch.setenv(f"OS_{name.upper()}", str(value))
        monkeypatch.setattr("conformance.tests.conftest.write_clouds", lambda *_: None)  # there is no clouds.yaml
        code, printed = gman("run", *ONE)
    assert code == 0
    assert printed.startswith(f"Target: envvars ({auth['auth_url']}")
    assert printed.strip().splitlines()[-1] == printed.splitlines()[0]


def test_a_closed_pipe_ends_a_list_quietly(tmp_path: Path) -> None:
    command = f"{sys.executable} -m conformance list | head -1"
    completed = subprocess.run(["sh", "-c", command], capture_output=True, text=True, timeout=60, check=True)
    assert (completed.stdout.count("\n"), completed.stderr) == (1, "")


def test_without_a_command_there_is_help(gman: Gman) -> None:
    code, printed = gman()
    assert code == 0
    assert "gman doctor --cloud devstack" in printed


def test_a_gabbi_file_with_a_mistake_is_named_and_no_interruption(tmp_path: Path, serve: Serve) -> None:
    _script, context = serve(one=[(200, {"id": 1})])
    write(tmp_path, "network/a.yaml", "- name: first\n  GET: {url}/one\n  response_json_path: {$.id: 1}\n")
    results = gabbi_run(tmp_path, context)
    assert not results.interrupted
    assert "response_json_path" in results.problems[0]
