"""The report as JUnit XML, as pytest's xunit2 has it: a case for each test, and one for the run as a whole."""

import re
import socket
from xml.etree import ElementTree as ET

from conformance.report.model import Report
from conformance.verdict.records import TestRecord
from conformance.verdict.states import State

CHILD = {State.FAIL: "failure", State.ERROR: "error", State.INCONCLUSIVE: "error", State.PASS: ""}
NAME = "get-me-a-network"
WHOLE = "the run as a whole"
UNPRINTABLE = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # characters that XML cannot hold


def junit(report: Report) -> str:
    """A test that fails is a failure, one that broke or proved nothing an error, the others are skipped or passed.

    What the run left behind, and what was wrong with it, are a case of their own.
    """
    cases = [_case(test) for test in report.tests] + [_whole(report)]
    suite = ET.Element("testsuite", {"name": NAME, **_counts(cases)})
    suite.set("time", f"{report.seconds:.3f}")
    suite.set("timestamp", report.started)
    suite.set("hostname", socket.gethostname())
    _properties(suite, [("verdict", str(report.verdict)), ("suite", report.suite), ("cloud", report.target["cloud"])])
    suite.extend(cases)
    suites = ET.Element("testsuites", {"name": NAME, **_counts(cases)})
    suites.append(suite)
    ET.indent(suites, " ")
    return ET.tostring(suites, encoding="unicode", xml_declaration=True) + "\n"


def _counts(cases: list[ET.Element]) -> dict[str, str]:
    numbers = {name: sum(case.find(name) is not None for case in cases) for name in ("failure", "error", "skipped")}
    names = {
        "failures": numbers["failure"],
        "errors": numbers["error"],
        "skipped": numbers["skipped"],
        "tests": len(cases),
    }
    return {name: str(number) for name, number in names.items()}


def _case(test: TestRecord) -> ET.Element:
    file, _, name = test.id.partition("::")
    class_name = re.sub(r"\.(yaml|py)$", "", file).replace("/", ".")
    case = ET.Element("testcase", classname=class_name, name=_clean(name), time=f"{test.seconds:.3f}")
    ids = [("requirement", id_) for id_ in test.observed if id_]
    _properties(case, [*ids, ("state", str(test.state))])
    child = CHILD.get(test.state, "skipped")
    if child:
        summary = _clean(f"{test.state}: {test.reason}")
        detail = ET.SubElement(case, child, message=summary, type=str(test.state))
        detail.text = _clean(test.message or test.reason)
    return case


def _whole(report: Report) -> ET.Element:
    case = ET.Element("testcase", classname="gman", name=WHOLE, time="0.000")
    _properties(case, [("state", str(report.verdict))])
    failures = [f"left behind: {leak}" for leak in report.leaks] + report.stale
    errors = [*report.problems, *(["interrupted"] if report.interrupted else [])]
    if errors or failures:
        element = ET.SubElement(
            case, "error" if errors else "failure", message=_clean((errors or failures)[0]), type="run"
        )
        element.text = _clean("\n".join([*errors, *failures]))
    return case


def _properties(parent: ET.Element, pairs: list[tuple[str, str]]) -> None:
    properties = ET.SubElement(parent, "properties")
    for name, value in pairs:
        ET.SubElement(properties, "property", name=name, value=_clean(value))


def _clean(text: str) -> str:
    return UNPRINTABLE.sub("?", text)
