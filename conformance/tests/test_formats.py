"""The formats of a run: events, subunit, JUnit, Markdown; each says the same of every test."""

import importlib.util
import json
from collections import Counter
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from conformance.report.events import Event, Events, Log, Subunit
from conformance.report.junit import WHOLE, junit
from conformance.report.markdown import markdown
from conformance.report.model import Report
from conformance.schema import complaint
from conformance.settings import UsageProblem
from conformance.tests.test_report import GOOD, report, result
from conformance.verdict.states import State

STATES = [result(f"gabbits/a/b.yaml::{state}", state, f"because {state}", N_A_001=state) for state in State]
BAD = report(*STATES, leaks=["project p keeps networks n"])
# What xunit2 allows: element -> its attributes, and its children in the order they may come in
ALLOWED: dict[str, tuple[set[str], list[str]]] = {
    "testsuites": ({"name", "tests", "failures", "errors", "skipped"}, ["testsuite"]),
    "testsuite": (
        {"name", "tests", "failures", "errors", "skipped", "time", "timestamp", "hostname"},
        ["properties", "testcase"],
    ),
    "testcase": ({"classname", "name", "time"}, ["properties", "skipped", "error", "failure"]),
    "properties": (set(), ["property"]),
    "property": ({"name", "value"}, []),
    "failure": ({"message", "type"}, []),
    "error": ({"message", "type"}, []),
    "skipped": ({"message", "type"}, []),
}


def cases(run_report: Report) -> dict[str, ET.Element]:
    return {case.attrib["name"]: case for case in ET.fromstring(junit(run_report)).iter("testcase")}


def test_junit_keeps_to_its_schema() -> None:
    for element in ET.fromstring(junit(BAD)).iter():
        attributes, children = ALLOWED[element.tag]
        assert set(element.attrib) == attributes
        order = [children.index(child.tag) for child in element]
        assert order == sorted(order)
        assert element.tag != "testcase" or len([child for child in element if child.tag != "properties"]) <= 1


def test_junit_tells_every_state() -> None:
    elements = cases(BAD)
    children = {state: [child.tag for child in elements[state] if child.tag != "properties"] for state in State}
    assert children == {
        **{state: ["skipped"] for state in State},
        State.PASS: [],
        State.FAIL: ["failure"],
        State.ERROR: ["error"],
        State.INCONCLUSIVE: ["error"],
    }
    properties = [(entry.attrib["name"], entry.attrib["value"]) for entry in elements["fail"].iter("property")]
    assert properties == [("requirement", "N-A-001"), ("state", "fail")]
    assert elements["fail"].attrib["classname"] == "gabbits.a.b"
    [failure] = elements["fail"].findall("failure")
    assert (failure.attrib["message"], failure.text) == ("fail: because fail", "because fail\nall of it")


def test_junit_counts_and_tells_of_the_run_as_a_whole() -> None:
    root = ET.fromstring(junit(BAD))
    assert (root.attrib["tests"], root.attrib["failures"], root.attrib["errors"], root.attrib["skipped"]) == (
        str(len(State) + 1), "2", "2", str(len(State) - 4),
    )  # fmt: skip
    assert "left behind: project p" in str(cases(BAD)[WHOLE].find("failure").text)  # type: ignore[union-attr]
    assert cases(report(*GOOD))[WHOLE].find("failure") is None
    assert cases(report(*GOOD, interrupted=True))[WHOLE].find("error") is not None


def test_junit_escapes_whatever_a_service_answers() -> None:
    run_report = report(result("t", State.FAIL, "a\x00b\x1b[31m<&\ud800", N_A_001=State.FAIL))
    assert "a?b?[31m<&?" in str(cases(run_report)[""].find("failure").text)  # type: ignore[union-attr]


def told(run_report: Report, *listeners: Any) -> None:
    with Events(*listeners) as events:
        events.tell(Event.RUN_STARTED, suite="s", run_id="r", cloud="c", claimed=["core"])
        events.tests_collected(len(run_report.tests))
        for one in run_report.tests:
            events.test_started(one.id)
            events.test_ended(one)
        events.concluded(run_report)


def test_events_are_whole_lines_in_the_order_of_the_run(tmp_path: Path) -> None:
    requests: list[str] = []
    path = tmp_path / "events.ndjson"

    def look(_event: Any) -> None:
        requests.append(path.read_text())

    told(BAD, Log(path), look)
    events = [json.loads(line) for line in path.read_text().splitlines()]
    assert all(text.endswith("\n") for text in requests), "a line that is not there yet would be lost with the run"
    assert [len(text.splitlines()) for text in requests] == list(range(1, len(events) + 1))
    counted = Counter(event["event"] for event in events)
    assert counted == {
        "run-started": 1, "tests-collected": 1, "test-started": len(State),
        "test-ended": len(State), "requirement-concluded": len(BAD.requirements), "leak": 1,
        "verdict": 1,
    }  # fmt: skip
    assert list(dict.fromkeys(event["event"] for event in events)) == list(Event)
    assert events[-1]["verdict"] == "error"


def test_subunit_is_an_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "subunit.v2", None)
    with pytest.raises(UsageProblem, match="install"):
        Subunit(tmp_path / "s")


@pytest.mark.skipif(not importlib.util.find_spec("subunit"), reason="takes the extra subunit")
def test_subunit_tells_every_state(tmp_path: Path) -> None:
    from subunit.v2 import ByteStreamToStreamResult
    from testtools import StreamResult

    class Seen(StreamResult):  # type: ignore[misc]
        def __init__(self) -> None:
            self.statuses: dict[str, tuple[str, set[str]]] = {}

        def status(self, test_id: Any = None, test_status: Any = None, test_tags: Any = None, **_more: Any) -> None:
            self.statuses[test_id] = (test_status, test_tags)

    path = tmp_path / "stream"
    told(BAD, Subunit(path))
    listener = Seen()
    ByteStreamToStreamResult(BytesIO(path.read_bytes())).run(listener)
    assert {id_: status for id_, (status, _tags) in listener.statuses.items()} == {
        f"gabbits/a/b.yaml::{state}": {"pass": "success", "fail": "fail", "error": "fail", "inconclusive": "fail"}.get(
            state, "skip"
        )
        for state in State
    }
    assert listener.statuses["gabbits/a/b.yaml::waived"][1] == {"state:waived", "N-A-001"}


@pytest.mark.skipif(not importlib.util.find_spec("subunit"), reason="takes the extra subunit")
def test_subunit_tells_how_long_a_test_took(tmp_path: Path) -> None:
    from subunit.v2 import ByteStreamToStreamResult
    from testtools import StreamToDict

    path = tmp_path / "stream"
    told(report(replace(result("slow", State.FAIL, "time-out", N_A_001=State.FAIL), seconds=1.5)), Subunit(path))
    ends: list[dict[str, Any]] = []
    reader = StreamToDict(ends.append)
    reader.startTestRun()
    ByteStreamToStreamResult(BytesIO(path.read_bytes())).run(reader)
    reader.stopTestRun()
    [[started, ended]] = [test["timestamps"] for test in ends]
    assert (ended - started).total_seconds() == 1.5


def test_a_subunit_file_that_cannot_be_written(tmp_path: Path) -> None:
    with pytest.raises(UsageProblem, match="--subunit"):
        Subunit(tmp_path / "nowhere" / "s")


def test_markdown_names_what_did_not_pass_and_stays_in_its_cells() -> None:
    text = markdown(report(*GOOD, result("t", State.FAIL, "a|b\n<c>", N_A_001=State.FAIL), leaks=["a leak"]))
    assert text.startswith("# Get me a network, on &lt;acme&gt;: failed\n")
    assert "| N-A-001 | MUST | fail | What N-A-001 promises. | a\\|b &lt;c&gt; |" in text
    assert "| N-A-002" not in text
    assert "left behind: a leak" in text


def test_a_report_comes_back_as_it_was() -> None:
    plain = json.loads(json.dumps(BAD.to_plain()))
    assert complaint("report", plain) == ""
    assert Report.from_plain(plain).to_plain() == BAD.to_plain()
