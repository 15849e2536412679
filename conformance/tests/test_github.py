"""The annotations for GitHub Actions: each is one command, whatever characters its texts have."""

from dataclasses import replace
from pathlib import Path

import pytest

from conformance.report.github import annotation, github
from conformance.tests.conftest import Gman
from conformance.tests.test_again import CORE, TWO
from conformance.tests.test_report import GOOD, report, result
from conformance.tests.tiny_cloud import running
from conformance.verdict.states import State

F, U = State.FAIL, State.INCONCLUSIVE
ODD = "50% of a, b: c\r\n::error::not mine\n%0A"
UNESCAPED = {"%3A": ":", "%2C": ",", "%0D": "\r", "%0A": "\n", "%25": "%"}  # the sign itself comes last


def understood(line: str) -> tuple[str, dict[str, str], str]:
    """The command, its properties and its message, as a runner of GitHub reads the line."""
    assert line.startswith("::")
    head, _, data = line[2:].partition("::")
    command, _, properties = head.partition(" ")
    pairs = dict(pair.split("=", 1) for pair in properties.split(",") if pair)
    return command, {name: plain(value) for name, value in pairs.items()}, plain(data)


def plain(text: str) -> str:
    for code, character in UNESCAPED.items():
        text = text.replace(code, character)
    return text


@pytest.mark.parametrize("text", [ODD, "plain", "::", "a=b,c=d", "%%3A%2525", "ü\u2028"])
def test_any_text_comes_through_as_it_was(text: str) -> None:
    line = annotation("error", text, text, text)
    assert "\n" not in line
    assert "\r" not in line
    assert understood(line) == ("error", {"file": text, "title": text}, text)


def test_each_cause_is_one_annotation_by_its_weight() -> None:
    many = [result(f"gabbits/network/a.yaml::{n}", F, f"answered {n}", N_A_001=F) for n in range(7)]
    run_report = report(
        result("gabbits/network/c.yaml::may", F, "odd", N_A_003=F),
        result("conformance/stress/test_a.py::test_a", U, "too little overlap", N_A_001=U),
        *many,
        leaks=["network: n1, of p"],
    )
    lines = [understood(line) for line in github(run_report).splitlines()]
    assert [(command, properties.get("title")) for command, properties, _text in lines] == [
        ("error", "get me a network: of the run as a whole"),
        ("error", "fail N-A-001"),
        ("warning", "inconclusive N-A-001"),
        ("notice", "fail N-A-003"),
    ]
    assert lines[0][1:] == ({"title": "get me a network: of the run as a whole"}, "left behind: network: n1, of p")
    assert lines[1][1]["file"] == "gabbits/network/a.yaml"
    first, observed, *tests = lines[1][2].split("\n")
    assert (first, observed) == ("N-A-001 MUST: What N-A-001 promises.", "answered 0")
    assert tests == [f"gabbits/network/a.yaml::{n}" for n in range(5)] + ["and 2 more"]


def test_only_a_report_with_problems_has_annotations() -> None:
    assert github(report(*GOOD)) == ""
    broken = replace(report(*GOOD), problems=["process gw1 died: signal 9"])
    assert [understood(line)[2] for line in github(broken).splitlines()] == ["process gw1 died: signal 9"]


def test_the_command_prints_them(gman: Gman, tmp_path: Path) -> None:
    with running("broken") as tiny:
        gman("run", "--cloud", "tiny", *CORE, *TWO, url=tiny.url)
    code, printed = gman("report", str(tmp_path / "report"), "--format", "github")
    [(command, properties, text)] = [understood(line) for line in printed.splitlines()]
    assert (code, command, properties["file"]) == (0, "error", "gabbits/network/topology-get.yaml")
    assert "auto-allocated-topology" in text
