"""Reports side by side: differences first, different versions named, in three formats."""

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from conformance.report import files
from conformance.report.model import Report
from conformance.requirements import registry
from conformance.schema import complaint
from conformance.tests.accessibility import complaints
from conformance.tests.conftest import Gman
from conformance.tests.test_report import GOOD, report, result
from conformance.verdict.states import State


def stored(folder: Path, run_report: Report, cloud: str, version: str = "2026-01-01+a") -> str:
    folder.mkdir()
    files.write(replace(run_report, target={**run_report.target, "cloud": cloud}, requirements_version=version), folder)
    return str(folder)


@pytest.fixture
def folders(tmp_path: Path) -> list[str]:
    bad = report(*GOOD, result("t4", State.FAIL, "no", N_A_001=State.FAIL))
    return [stored(tmp_path / "a", report(*GOOD), "acme"), stored(tmp_path / "b", bad, "<b>|umbra")]


def test_differences_come_first(gman: Gman, folders: list[str]) -> None:
    code, text = gman("matrix", *folders, "--format", "json")
    matrix = json.loads(text)
    assert (code, matrix["notes"]) == (0, [])
    assert [column["name"] for column in matrix["reports"]] == ["acme", "<b>|umbra"]
    assert [column["verdict"] for column in matrix["reports"]] == ["conformant", "failed"]
    assert [(row["id"], row["states"], row["differs"]) for row in matrix["requirements"][:2]] == [
        ("N-A-001", ["pass", "fail"], True),
        ("N-A-004", ["not-claimed", "not-claimed"], False),
    ]


def test_requirements_that_no_cloud_meets_come_before_those_that_all_meet(gman: Gman, tmp_path: Path) -> None:
    waived = report(*GOOD, result("t4", State.WAIVED, "no", N_A_002=State.WAIVED))
    folders = [stored(tmp_path / cloud, waived, cloud) for cloud in ("acme", "umbra")]
    matrix = json.loads(gman("matrix", *folders, "--format", "json")[1])
    assert [row["id"] for row in matrix["requirements"] if row["open"]] == ["N-A-002"]
    page = gman("matrix", *folders, "--format", "html")[1]
    assert page.index('id="open"') < page.index('id="N-A-002"') < page.index('id="same"') < page.index('id="N-A-001"')


def test_it_is_a_page_and_a_text(gman: Gman, folders: list[str], tmp_path: Path) -> None:
    page = tmp_path / "matrix.html"
    assert gman("matrix", *folders, "--format", "html", "--output", str(page)) == (0, "")
    assert complaints(page.read_text()) == []
    assert "&lt;b&gt;|umbra" in page.read_text()
    assert "1 of 7 requirements differ between 2 reports." in page.read_text()
    text = gman("matrix", *folders)[1]
    assert "| Profile | acme | &lt;b&gt;\\|umbra |" in text
    assert "| N-A-001 | MUST | pass | fail | What N-A-001 promises. |" in text


def test_two_reports_of_one_cloud_are_distinguished(gman: Gman, folders: list[str], tmp_path: Path) -> None:
    other = stored(tmp_path / "c", report(*GOOD), "acme")
    matrix = json.loads(gman("matrix", *folders, other, "--format", "json")[1])
    assert [column["name"] for column in matrix["reports"]] == ["acme, a", "<b>|umbra", "acme, c"]
    matrix = json.loads(gman("matrix", *folders, other, other, "--format", "json")[1])
    assert [column["name"] for column in matrix["reports"]] == [
        f"acme, {folders[0]}", "<b>|umbra", f"acme, {other}", f"acme, {other} #2"
    ]  # fmt: skip


def test_a_report_that_says_its_product_is_named_by_it(gman: Gman, folders: list[str], tmp_path: Path) -> None:
    published = replace(report(*GOOD), published={"product": "Acme Cloud", "version": "7.1", "contact": "x"})
    matrix = json.loads(gman("matrix", *folders, stored(tmp_path / "c", published, "acme"), "--format", "json")[1])
    assert [column["name"] for column in matrix["reports"]] == ["acme", "<b>|umbra", "Acme Cloud 7.1"]


def test_the_page_shows_common_versions_once_and_counts_states(gman: Gman, folders: list[str], tmp_path: Path) -> None:
    page = gman("matrix", *folders, "--format", "html")[1]
    assert page.count("2026-01-01+a") == 1
    assert '<td><span class="count">4 pass</span>, <span class="count">2 not-claimed</span>, ' in page
    newer = stored(tmp_path / "c", report(GOOD[0]), "newer", "2026-02-02+b")
    page = gman("matrix", *folders, newer, "--format", "html")[1]
    assert page.partition('id="profiles"')[2].count("2026-01-01+a") == 2


def test_two_versions_of_the_requirements_are_reported(gman: Gman, folders: list[str], tmp_path: Path) -> None:
    newer = stored(tmp_path / "c", report(GOOD[0]), "newer", "2026-02-02+b")
    note = "Not the same version of the requirements: "
    assert (
        f"{note}acme has 2026-01-01+a, newer has 2026-02-02+b."
        in gman("matrix", folders[0], newer, "--format", "html")[1]
    )
    assert gman("compare", folders[0], newer)[1].startswith(f"{note}{folders[0]} has 2026-01-01+a, {newer} has")
    assert note not in gman("compare", *folders)[1]


def test_what_is_no_report_is_one_line(gman: Gman, folders: list[str]) -> None:
    code, text = gman("matrix", *folders, "nowhere")
    assert (code, text.count("\n")) == (3, 1)
    assert "name a report.json" in text


def test_the_version_is_a_date_and_changes_with_the_requirements(tmp_path: Path) -> None:
    assert re.fullmatch(r"20\d\d-\d\d-\d\d\+[0-9a-f]{8}", registry.version())
    (tmp_path / "version.txt").write_text("2026-01-01\n")
    entry = "- {{id: N-A-001, level: MUST, profile: core, sentence: {}, source: s, observable: user}}\n"
    versions = set()
    for text in ("It does.", "It does not.", "It  does."):
        registry.load.cache_clear()
        (tmp_path / "a.yaml").write_text(entry.format(text))
        versions.add(registry.version(tmp_path))
    registry.load.cache_clear()
    assert len(versions) == 2
    assert complaint("report", replace(report(*GOOD), requirements_version=versions.pop()).to_plain()) == ""
