"""A report that others can check: whole, signed, and with a verdict that follows from its records."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from conformance.race.engine.history import History, Record
from conformance.race.rules import Judgement, Rules
from conformance.report import bundle, files, recompute
from conformance.report.folder import RACES
from conformance.report.model import Report
from conformance.settings import UsageProblem
from conformance.tests.conftest import Gman
from conformance.tests.test_report import GOOD, report, result
from conformance.tests.tiny_cloud import running
from conformance.verdict.states import State

ONE = ["-k", "topology-get.yaml"]
SIGNING = pytest.mark.skipif(not shutil.which("ssh-keygen"), reason="takes ssh-keygen")


def written(folder: Path, run_report: Report) -> Path:
    folder.mkdir(exist_ok=True)
    files.write(run_report, folder)
    bundle.seal(folder)
    return folder


def keys(folder: Path, name: str) -> Path:
    subprocess.run(
        ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / name)], check=True, stdin=subprocess.DEVNULL
    )
    return folder / name


@SIGNING
def test_a_run_that_is_signed_verifies(gman: Gman, tmp_path: Path) -> None:
    key = keys(tmp_path, "key")
    with running() as tiny:
        assert gman("run", "--cloud", "tiny", "--sign", str(key), *ONE, url=tiny.url)[0] == 0
    folder = str(tmp_path / "report")
    assert gman("verify", folder, "--key", f"{key}.pub") == (
        0, "whole: partial, 9 outcomes, 0 races and scenes judged again, signed\n"
    )  # fmt: skip
    other = keys(tmp_path, "other")
    code, printed = gman("verify", folder, "--key", f"{other}.pub")
    assert (code, "wrong  the signature is not of" in printed) == (1, True)
    (tmp_path / "report" / bundle.SIGNATURE).unlink()
    assert "it was not signed" in gman("verify", folder, "--key", f"{key}.pub")[1]


def test_changes_of_a_report_are_reported(tmp_path: Path) -> None:
    folder = written(tmp_path / "r", report(*GOOD))
    assert list(bundle.differences(folder)) == []
    (folder / "junit.xml").write_text("<testsuites/>")
    (folder / "report.html").unlink()
    (folder / "more.txt").write_text("")
    assert list(bundle.differences(folder)) == [
        "report.html is missing",
        "more.txt is not of this report",
        "junit.xml has been changed",
    ]


def test_names_of_files_and_links_are_not_trusted(gman: Gman, tmp_path: Path) -> None:
    folder = written(tmp_path / "r", report(*GOOD))
    manifest = json.loads((folder / bundle.MANIFEST).read_text())
    (folder / "junit.xml").unlink()
    (folder / "junit.xml").symlink_to("/proc/self/mem")  # a file that cannot be read from its beginning
    (folder / "c\x1b[2J\n\udcff").touch()
    (folder / bundle.MANIFEST).write_text(json.dumps({"files": {**manifest["files"], "a\x1b[2J\nb\ud800": "x"}}))
    code, printed = gman("verify", str(folder))
    assert (code, printed.count("\n")) == (1, 4), printed
    assert "\x1b" not in printed
    names = (
        "a\\x1b[2J\\nb\\ud800 is missing",
        "\\udcff is not of this report",
        "junit.xml is a link instead of a file",
    )
    assert all(f"{name}\n" in printed for name in names)


def test_a_history_that_is_no_file_or_has_odd_names_is_one_line(
    gman: Gman, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recompute, "JUDGEMENTS", {"test_it": LOST})
    for content in ('{"a\\nb": 1}', None):
        _made, folder = raced(tmp_path, "", State.PASS)
        path = folder / RACES / "topology.run.host.main.ndjson"
        path.unlink()
        path.write_text(content) if content else path.symlink_to("/proc/self/mem")
        bundle.seal(folder) if content else None
        code, printed = gman("verify", str(folder))
        assert (code, printed.count("\n")) == (3, 1), printed
        assert gman("report", str(folder), "--format", "html")[0] == 0


def test_characters_that_no_file_can_hold_are_escaped_on_the_page(gman: Gman, tmp_path: Path) -> None:
    folder = written(tmp_path / "r", report(*GOOD))
    history = History(folder / RACES / "topology.run.host.main.ndjson")
    history.path.parent.mkdir()
    history.add(Record("topology-\ud800\x1b[2J", "get_topology", "p", 1.0, volley=True, completed=2.0, status=200))
    code, page = gman("report", str(folder), "--format", "html")
    assert (code, "topology-\\ud800\\x1b[2J" in page) == (0, True)


def edited(folder: Path, **changes: Any) -> Path:
    """The report with other values, and a manifest that fits."""
    path = folder / "report.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))
    bundle.seal(folder)
    return folder


def test_a_verdict_that_does_not_follow_is_reported(gman: Gman, tmp_path: Path) -> None:
    failed = report(*GOOD, result("t4", State.FAIL, "no", N_A_001=State.FAIL))
    assert list(recompute.differences(failed)) == []
    folder = edited(written(tmp_path / "r", failed), verdict="conformant", exit_code=0)
    code, printed = gman("verify", str(folder))
    assert code == 1
    assert "wrong  the verdict is failed (1), not conformant (0)\nnot whole: conformant" in printed
    plain = failed.to_plain()
    plain["requirements"][0]["state"] = "pass"
    edited(folder, verdict="failed", exit_code=1, requirements=plain["requirements"])
    assert "wrong  N-A-001 is fail, not pass" in gman("verify", str(folder))[1]


@pytest.mark.parametrize(
    "run_report",
    [
        report(*GOOD, leaks=["a leak"]),
        report(*GOOD, problems=["process gw0 died: killed"]),
        report(*GOOD, interrupted=True),
        report(GOOD[0]),
        report(*GOOD, result("step", State.FAIL, "no", file_covers=("N-A-001",))),
    ],
)
def test_every_verdict_follows_from_its_report(run_report: Report) -> None:
    assert list(recompute.differences(Report.from_plain(json.loads(json.dumps(run_report.to_plain()))))) == []


LOST = Judgement("topology", [Rules(history=(lambda records: [record.lost for record in records if record.lost],))])


def raced(tmp_path: Path, lost: str, state: State) -> tuple[Report, Path]:
    folder = tmp_path / "report"
    (folder / RACES).mkdir(parents=True, exist_ok=True)
    history = History(folder / RACES / "topology.run.host.main.ndjson")
    history.path.unlink(missing_ok=True)
    history.add(Record("topology-1", "get_topology", "p", 0.0, lost=lost))
    names = ("test_it", "test_other", "test_gone")
    tests = [result(f"conformance/stress/test_r.py::{name}", state, "no", N_A_001=state) for name in names]
    return report(*tests), written(folder, report(*tests))


def test_a_race_is_judged_again_by_its_history(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recompute, "JUDGEMENTS", {"test_it": LOST})
    name = "conformance/stress/test_r.py::test_it"
    for lost, state in (("", State.PASS), ("a call", State.FAIL), ("a call", State.WAIVED)):
        assert list(recompute.judged_again(*raced(tmp_path, lost, state))) == [(name, "")]
    [(_, reason)] = recompute.judged_again(*raced(tmp_path, "a call", State.PASS))
    assert reason == "its history says fail (topology-1: a call), not pass"
    raced_report, folder = raced(tmp_path, "", State.FAIL)
    assert list(recompute.judged_again(raced_report, folder)) == [(name, "its history says pass (it held), not fail")]
    (folder / RACES / "topology.run.host.main.ndjson").write_text("{")
    with pytest.raises(ValueError, match="not a record of a race"):
        list(recompute.judged_again(raced_report, folder))


def test_records_that_no_check_can_read_are_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def check(_records: object) -> list[str]:
        raise TypeError("not iterable")

    monkeypatch.setattr(recompute, "JUDGEMENTS", {"test_it": Judgement("topology", [Rules(history=(check,))])})
    [(_, reason)] = recompute.judged_again(*raced(tmp_path, "", State.FAIL))
    assert reason == "its history says error (TypeError: not iterable), not fail"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["verify", "nowhere"], "no manifest.json that can be read"),
        (["report", "nowhere"], "name a report.json"),
        (["run", "--sign", "nowhere"], "--sign nowhere: no such file"),
    ],
)
def test_mistakes_are_one_line(gman: Gman, arguments: list[str], says: str) -> None:
    code, printed = gman(*arguments)
    assert (code, printed.count("\n")) == (3, 1)
    assert says in printed


@SIGNING
def test_an_invalid_key_is_refused(tmp_path: Path) -> None:
    folder = written(tmp_path / "r", report(*GOOD))
    with pytest.raises(UsageProblem, match="name a private SSH key"):
        bundle.sign(folder, folder / "report.json")
    bundle.sign(folder, keys(tmp_path, "key"))
    with pytest.raises(UsageProblem, match="no public SSH key"):
        bundle.signature_problem(folder, tmp_path / "nowhere")


def test_a_report_is_rendered_again(gman: Gman, tmp_path: Path) -> None:
    folder = written(tmp_path / "r", report(*GOOD))
    for form, name in (("html", "report.html"), ("junit", "junit.xml")):
        assert gman("report", str(folder), "--format", form) == (0, (folder / name).read_text())
    out = tmp_path / "out.md"
    assert gman("report", str(folder / "report.json"), "--output", str(out)) == (0, "")
    assert out.read_text().startswith("# Get me a network")
    assert "name another file" in gman("report", str(folder), "--output", str(tmp_path))[1]
