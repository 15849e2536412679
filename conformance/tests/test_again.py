"""`gman run --again`: tests that a report left unsettled run once more, and the rest of the report stays."""

import json
import shutil
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from conformance import USER_AGENT, cli
from conformance.commands import run as run_command
from conformance.deadlines import Deadlines
from conformance.report import again, files
from conformance.report.again import Earlier, unsettled
from conformance.report.bundle import seal
from conformance.report.model import Report
from conformance.requirements import registry
from conformance.run import command_line
from conformance.settings import UsageProblem
from conformance.tests.conftest import Gman
from conformance.tests.test_report import GOOD, report, result
from conformance.tests.tiny_cloud import running
from conformance.verdict.records import RunRecord, TestRecord
from conformance.verdict.states import State

OWN: dict[str, Any] = {"suite": USER_AGENT, "requirements_version": registry.version()}
TWO = ["-k", "topology-get.yaml or version-documents"]
CORE = ["--claim", "core", "-n", "0"]


def plain(folder: Path) -> dict[str, Any]:
    read: dict[str, Any] = json.loads((folder / "report.json").read_text())
    return read


def states(folder: Path) -> dict[str, str]:
    return {test["id"]: test["state"] for test in plain(folder)["tests"]}


def test_red_tests_run_again_and_others_stay(gman: Gman, tmp_path: Path) -> None:
    with running() as tiny:
        tiny.faults.add("no-request-id")
        code, printed = gman("run", "--cloud", "tiny", *CORE, *TWO, url=tiny.url)
        before = states(tmp_path / "report")
        assert (code, "fail" in before.values(), "not-claimed" in before.values()) == (1, True, True)
        assert f"gman run --again {tmp_path / 'report'}" in printed
        tiny.faults.clear()
        code, printed = gman("run", "--again", str(tmp_path / "report"), url=tiny.url)
    plain_report = plain(tmp_path / "report")
    assert (code, "--again" in printed) == (0, False)
    assert set(states(tmp_path / "report").values()) <= {"pass", "not-claimed", "unsupported"}
    assert set(states(tmp_path / "report")) == set(before)
    [line] = plain_report["earlier"]
    assert (line["verdict"], 0 < line["kept"] < len(before)) == ("failed", True)
    assert plain_report["options"] == ["--cloud=tiny", "--claim=core", TWO[0] + TWO[1], "-n0"]
    assert gman("verify", str(tmp_path / "report"))[0] == 0
    earlier = (
        f"Run again: of the run of {line['started']}, which was failed, {line['kept']} of {len(before)} tests are kept."
    )
    assert earlier in printed
    assert earlier in gman("report", str(tmp_path / "report"))[1]
    assert earlier in (tmp_path / "report" / "report.html").read_text()


def test_a_violation_in_every_answer_passes_once_it_is_looked_at_again(gman: Gman, tmp_path: Path) -> None:
    with running("untrue") as tiny:
        gman("run", "--cloud", "tiny", *CORE, *TWO, url=tiny.url)
        [red] = [test for test in plain(tmp_path / "report")["tests"] if test["state"] == "fail"]
        assert red["id"].startswith("every answer::")
        assert [*red["seen_in"]] == ["network tenant_id in GET networks/ID"]
        again = ("run", "--again", str(tmp_path / "report"))
        assert gman(*again, url=tiny.url)[0] == 1
        tiny.faults.clear()
        assert gman(*again, url=tiny.url)[0] == 0
    [settled] = [test for test in plain(tmp_path / "report")["tests"] if test["id"] == red["id"]]
    assert (settled["state"], "fallen short ran again" in settled["reason"]) == ("pass", True)
    assert len(plain(tmp_path / "report")["earlier"]) == 2
    assert gman("verify", str(tmp_path / "report"))[0] == 0


def test_the_merged_report_takes_the_place_of_a_directory_and_not_of_an_archive(
    gman: Gman, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with running("no-request-id") as tiny:
        gman("run", "--cloud", "tiny", *CORE, *TWO, "--report", "before", url=tiny.url)
        plain_report = plain(tmp_path / "before")
        shutil.make_archive("packed", "gztar", tmp_path, "before")
        tiny.faults.clear()
        for place, goes in (("packed.tar.gz", "report"), ("before", "before")):
            monkeypatch.setattr(sys, "argv", ["gman", "run", "--again", place])
            assert cli.main() == 0
            assert [line["started"] for line in plain(tmp_path / goes)["earlier"]] == [plain_report["started"]]


def test_another_cloud_other_profiles_and_a_settled_report_are_refused(gman: Gman, tmp_path: Path) -> None:
    folder = str(tmp_path / "report")
    with running("no-request-id") as tiny:
        gman("run", "--cloud", "tiny", *CORE, *TWO, url=tiny.url)
    before = plain(tmp_path / "report")
    with running() as tiny:
        assert "not of tiny (" in refused(gman, "--again", folder, url=tiny.url)
    assert plain(tmp_path / "report") == before
    with running() as tiny:
        gman("run", "--cloud", "tiny", *CORE, "-k", "version-documents", url=tiny.url)
        assert "that report judges core: leave --claim out" in refused(
            gman, "--again", folder, "--claim", "core,ipv6", url=tiny.url
        )
        code, printed = gman("run", "--again", folder, url=tiny.url)
    assert (code, printed.count("\n")) == (3, 2)  # the first line names the cloud
    assert "no test of that report is left to run again" in printed


def refused(gman: Gman, *arguments: str, **more: Any) -> str:
    code, printed = gman("run", *arguments, **more)
    assert (code, printed.strip().count("\n")) == (3, 0)
    return printed


def stored(folder: Path, run_report: Report) -> Path:
    folder.mkdir()
    files.write(run_report, folder)
    seal(folder)
    return folder


def earlier_of(folder: Path, *tests: TestRecord) -> Earlier:
    """A report of these tests, stored in a folder of its own, to be run again."""
    run_report = replace(report(*tests), **OWN)
    place = stored(folder / f"r{len([*folder.iterdir()])}", run_report)
    return again.earlier(place, run_report, place, same_waivers=True)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"suite": "get-me-a-network/0"}, "made by get-me-a-network/0, this is"),
        ({"requirements_version": "2026-01-01+0"}, "made by 2026-01-01+0, this is"),
        ({"options": ["--race-from=popen//python=sh"]}, "'--race-from=popen//python=sh' is none that a report names"),
        ({"options": ["--sign=key"]}, "'--sign=key' is none that a report names"),
        ({"options": ["--race-width=x"]}, "'x' is not a whole number"),
        ({"exit_code": 0}, "the verdict is failed (1), not failed (0): name a report that gman verify finds whole"),
    ],
)
def test_an_unsuitable_report_is_refused_in_one_line(
    gman: Gman, tmp_path: Path, changes: dict[str, Any], says: str
) -> None:
    run_report = report(*GOOD, result("t4", State.FAIL, "no", N_A_001=State.FAIL))
    folder = stored(tmp_path / "r", replace(run_report, **{**OWN, **changes}))
    assert says in refused(gman, "--again", str(folder))
    (folder / "report.html").unlink()
    assert "--again" in refused(gman, "--again", str(folder))
    assert "name a report.json" in refused(gman, "--again", str(tmp_path / "nowhere"))


def test_a_new_value_for_a_deadline_keeps_the_other_deadlines() -> None:
    parser = command_line.Parser()
    run_command.add(parser)
    options, others = (
        parser.parse_args([f"--deadline={deadline}" for deadline in deadlines])
        for deadlines in (["request=240"], ["server_build=300", "request=120"])
    )
    command_line.complete(options, parser.parse_args([]), others)
    deadlines = Deadlines().having(options.deadlines)
    assert (deadlines.server_build, deadlines.request) == (300, 240)


def test_a_file_a_race_and_a_scene_run_as_a_whole() -> None:
    race = (
        "s/test_boot_race.py::test_a",
        "conformance/stress/test_topology_race.py::test_a_get_after_the_race_has_a_whole_topology",
    )
    tests = ["g/a.yaml::one", "g/a.yaml::two", "g/b.yaml::one", "x.py::test_one", "x.py::test_two", *race]
    assert unsettled(tests, {*tests} - {"g/a.yaml::two", "x.py::test_two"}) == {*tests[:2], "x.py::test_two"}
    assert unsettled(tests, ()) == {*tests}


def test_waived_failures_run_again_with_other_waivers_and_leaks_stay(tmp_path: Path) -> None:
    run_report = report(*GOOD, result("t4", State.WAIVED, "known", N_A_001=State.WAIVED), leaks=["project p keeps n"])
    run_report = replace(run_report, **OWN)
    folder = stored(tmp_path / "r", run_report)
    assert "t4" in again.earlier(folder, run_report, folder, same_waivers=True).settled
    before = again.earlier(folder, run_report, folder, same_waivers=False)
    assert "t4" not in before.settled
    run = RunRecord({"t4": result("t4", State.PASS, N_A_001=State.PASS)})
    before.merge(run)
    assert ([*run.tests], run.leaks) == (["t1", "t2", "t3", "t4"], ["project p keeps n"])
    with pytest.raises(UsageProblem, match="judges core: leave --claim out"):
        before.require_same(run_report.target, ("core", "race"))
