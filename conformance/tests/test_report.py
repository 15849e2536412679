"""The report: a line for every requirement, and a verdict that hides no test's state."""

from dataclasses import replace
from datetime import date
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from conformance.race.engine.history import History, Record
from conformance.report import files, folder
from conformance.report.build import INTERRUPTED, NOT_RUN, build
from conformance.report.files import html
from conformance.report.markdown import markdown
from conformance.report.model import Report
from conformance.report.recompute import differences
from conformance.report.terminal import lines
from conformance.requirements.registry import Level, Profile, Requirement
from conformance.schema import complaint
from conformance.verdict.claims import Claims, Finding, Kind
from conformance.verdict.classify import state_of
from conformance.verdict.records import RunRecord, TestRecord
from conformance.verdict.states import State, Verdict
from conformance.verdict.waivers import Waiver, unneeded

P, F, B = State.PASS, State.FAIL, State.BLOCKED
TARGET = {
    "cloud": "<acme>", "identity": "i", "image": "g", "network": "n", "compute": "c",
    "max_microversion": "2.96", "extensions": ["router"],
}  # fmt: skip


def requirement(id_: str, level: str = "MUST", profile: str = "core", **more: str) -> Requirement:
    keys = {"sentence": f"What {id_} promises.", "source": "spec", "observable": "user", **more}
    return Requirement(id=id_, level=Level(level), profile=Profile(profile), **keys)


REGISTRY = {
    entry.id: entry
    for entry in (
        requirement("N-A-001"),
        requirement("N-A-002", "SHOULD"),
        requirement("N-A-003", "MAY"),
        requirement("N-A-004", untested="Nobody can look.", observable="not"),
        requirement("N-P-001", profile="policy"),
        requirement("N-ERR-017"),
        requirement("N-EXT-001", extension="rbac-policies"),
    )
}


def result(
    name: str, state: State, reason: str = "", file_covers: tuple[str, ...] = (), **observed: State
) -> TestRecord:
    """`observed` names requirements as N_A_001; of none, the test is a step."""
    states = {id_.replace("_", "-"): its_state for id_, its_state in observed.items()} or {"": state}
    reasons = dict.fromkeys(states, reason) if reason else {}
    return TestRecord(name, state, reason, states, reasons, file_covers, 0.5, f"{reason}\nall of it")


def report(
    *results: TestRecord, waivers: tuple[Waiver, ...] = (), findings: tuple[Finding, ...] = (), **more: Any
) -> Report:
    run = RunRecord({record.id: record for record in results}, **more)
    held = Claims(("core",), ("core",), findings)
    stale = list(unneeded(waivers, run.observations()))
    run_report = build(REGISTRY, run, stale, TARGET, held, "2026-01-01T00:00:00+00:00", 1.5)
    assert complaint("report", run_report.to_plain()) == ""
    return run_report


def line(run_report: Report, id_: str) -> Any:
    return next(one for one in run_report.requirements if one.id == id_)


GOOD = (result("t1", P, N_A_001=P, N_ERR_017=P, N_EXT_001=P), result("t2", P, N_A_002=P), result("t3", P, N_A_003=P))


def test_a_run_is_conformant_in_spite_of_unobservable_requirements() -> None:
    run_report = report(*GOOD)
    assert (run_report.verdict, run_report.exit_code) == (Verdict.CONFORMANT, 0)
    assert [one.id for one in run_report.requirements] == list(REGISTRY)
    assert (line(run_report, "N-A-004").state, line(run_report, "N-A-004").reason) == (
        State.NOT_CLAIMED,
        "Nobody can look.",
    )
    assert run_report.profiles["core"].counts["pass"] == 5
    assert run_report.profiles["policy"].state is Verdict.NOT_CLAIMED


def test_tests_that_were_not_run_are_never_green() -> None:
    run_report = report(GOOD[0])
    assert run_report.verdict is Verdict.PARTIAL
    assert (line(run_report, "N-A-002").state, line(run_report, "N-A-002").reason) == (State.NOT_CLAIMED, NOT_RUN)


def test_the_worst_test_makes_the_requirement_and_gives_the_reason() -> None:
    run_report = report(
        *GOOD, result("t4", F, "answered 500", N_A_001=F), result("t5", B, "blocked by 't4'", N_A_001=B)
    )
    assert (run_report.verdict, run_report.exit_code) == (Verdict.FAILED, 1)
    assert (line(run_report, "N-A-001").state, line(run_report, "N-A-001").reason) == (F, "answered 500")
    tests = {test.id: test for test in line(run_report, "N-A-001").tests}
    assert (tests["t4"].message, tests["t4"].seconds) == ("answered 500\nall of it", 0.5)
    assert tests["t1"].message == ""


@pytest.mark.parametrize(("id_", "verdict"), [("N_A_002", Verdict.FAILED), ("N_A_003", Verdict.CONFORMANT)])
def test_a_may_does_not_count_and_a_should_does(id_: str, verdict: Verdict) -> None:
    observed: Any = {id_: F}
    run_report = report(*GOOD, result("t4", F, "no", **observed))
    assert run_report.verdict is verdict
    assert line(run_report, id_.replace("_", "-")).state is F


@pytest.mark.parametrize("about", ["extension", "feature"])
@pytest.mark.parametrize(("state", "verdict"), [(State.UNSUPPORTED, Verdict.CONFORMANT), (F, Verdict.FAILED)])
def test_optional_requirements_count_if_the_cloud_has_the_feature(
    state: State, verdict: Verdict, about: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(REGISTRY, "N-EXT-001", requirement("N-EXT-001", **{about: "rbac-policies"}))
    run_report = report(*GOOD[1:], result("t4", P, N_A_001=P, N_ERR_017=P), result("t5", state, "why", N_EXT_001=state))
    assert run_report.verdict is verdict
    assert line(run_report, "N-EXT-001").state is state


@pytest.mark.parametrize(
    ("file_covers", "verdict"),
    [
        (("N-A-001",), Verdict.FAILED),
        ((), Verdict.FAILED),
        (("N-A-003",), Verdict.CONFORMANT),
        (("N-P-001",), Verdict.CONFORMANT),
    ],
)
def test_a_step_that_fails_counts_where_its_file_does(file_covers: tuple[str, ...], verdict: Verdict) -> None:
    run_report = report(*GOOD, result("the last step", F, "answered 409", file_covers=file_covers))
    assert run_report.verdict is verdict
    assert [step.id for step in run_report.steps] == (["the last step"] if verdict is Verdict.FAILED else [])


def test_a_requirement_on_every_answer_is_one_line_with_its_violations() -> None:
    assert [test.id for test in line(report(*GOOD), "N-ERR-017").tests] == ["every answer"]
    run_report = report(*GOOD, result("t4", F, "no id", N_ERR_017=F, N_A_001=P))
    assert [test.id for test in line(run_report, "N-ERR-017").tests] == ["every answer", "t4"]
    assert (line(run_report, "N-ERR-017").state, line(run_report, "N-A-001").state) == (F, P)


def test_leftovers_fail_the_run() -> None:
    run_report = report(*GOOD, leaks=["project p keeps networks n"])
    assert (run_report.verdict, run_report.exit_code) == (Verdict.FAILED, 1)
    assert "left behind" in "\n".join(lines(run_report))


def test_a_waiver_that_nothing_needs_fails_the_run() -> None:
    stale = Waiver(reason="r", owner="o", link="l", expires=date.max, requirement="N-A-001")
    run_report = report(*GOOD, waivers=(stale,))
    assert run_report.verdict is Verdict.FAILED
    assert run_report.stale == ["waiver N-A-001: no longer fails: remove the waiver"]


def test_a_process_that_died_is_the_suites_error() -> None:
    run_report = report(*GOOD, problems=["process gw0 died: killed"])
    assert (run_report.verdict, run_report.exit_code) == (Verdict.ERROR, 4)


@pytest.mark.parametrize(
    ("results", "verdict"), [(GOOD[:1], Verdict.INCONCLUSIVE), ((result("t", F, "no", N_A_001=F),), Verdict.FAILED)]
)
def test_an_interrupted_run_proves_nothing_but_failures(results: tuple[TestRecord, ...], verdict: Verdict) -> None:
    run_report = report(*results, interrupted=True)
    assert run_report.verdict is verdict
    assert line(run_report, "N-A-002").reason == INTERRUPTED


def test_the_page_shows_everything_and_escapes_it() -> None:
    run_report = report(*GOOD, result("t4", F, "<script>alert(1)</script>", N_A_001=F), leaks=["a leak"])
    page = html(run_report)
    assert "&lt;acme&gt;" in page
    assert "<script" not in page
    assert all(f'id="{id_}"' in page for id_ in REGISTRY)
    assert all(text in page for text in ("What N-A-002 promises.", "a leak", "all of it", "Nobody can look."))


def test_the_page_draws_the_races(tmp_path: Path) -> None:
    record = Record("topology-1", "get_topology", "p", 0.0, volley=True, completed=0.5, status=409, answer=None)
    history = History(tmp_path / folder.RACES / "topology.ndjson")
    history.path.parent.mkdir()
    history.add(record)
    files.write(report(*GOOD), tmp_path)
    page = (tmp_path / folder.HTML).read_text()
    assert "<svg" in page
    assert "topology-1: 1 call<" in page
    assert "<td>409 <small>500.0 ms" in page
    with history.path.open("a") as file:
        file.write('{"race": "topo')  # killed while it wrote
    (tmp_path / folder.GUESTS).mkdir()
    (tmp_path / folder.GUESTS / "one.ndjson").write_text("null\n" * 20)
    files.write(report(*GOOD), tmp_path)
    page = (tmp_path / folder.HTML).read_text()
    assert "topology-1: 1 call<" in page
    assert "<li>races/topology.ndjson:2: not a record of a race: not JSON: Unterminated string" in page
    assert page.count("not a record of a guest") == files.MOST_UNREADABLE - 1
    assert "<li>and 11 more</li>" in page


def test_the_summary_names_what_is_red_and_why() -> None:
    run_report = report(
        *GOOD, result("t4", F, "answered [500]", N_A_001=F), result("s", F, "step failed", file_covers=("N-A-001",))
    )
    out = StringIO()
    console = Console(file=out, width=60)
    for text in lines(run_report):
        console.print(text, soft_wrap=True, highlight=False)
    printed = out.getvalue()
    assert "fail N-A-001 MUST: What N-A-001 promises.\n    answered [500]\n" in printed
    assert "fail s: step failed" in printed
    assert "core      failed (4 pass, 1 not-claimed, 1 fail)" in printed
    assert printed.splitlines()[-1] == "failed after 1.5 s"
    assert "N-A-002" not in printed


def test_a_claim_that_the_cloud_does_not_show_has_its_own_line() -> None:
    finding = Finding("ipv6", Kind.MISSING, "there is no default IPv6 subnet pool")
    run_report = report(*GOOD, findings=(finding,))
    assert run_report.verdict is Verdict.CONFORMANT
    assert "[yellow]claimed, not shown[/] ipv6: there is no default IPv6 subnet pool" in lines(run_report)
    assert "there is no default IPv6 subnet pool" in html(run_report)


@pytest.mark.parametrize(
    ("error", "state"),
    [
        (None, P),
        (AssertionError("1\n2"), F),
        (ZeroDivisionError("oops"), State.ERROR),
        (pytest.skip.Exception("not here"), State.UNSUPPORTED),
        (pytest.fail.Exception("no"), F),
    ],
)
def test_states_of_exceptions(error: BaseException | None, state: State) -> None:
    assert state_of(error)[0] is state
    assert "\n" not in state_of(error)[1]


def test_a_record_survives_its_journey_to_another_process() -> None:
    sent = result("t", F, "no", ("N-A-001",), N_A_001=F, N_ERR_017=P)
    assert TestRecord.from_plain(sent.to_plain()) == sent


def test_a_record_of_an_older_report_is_read() -> None:
    plain = result("t", F, "no", ("N-A-001",), N_A_001=F).to_plain()
    plain["arc"] = plain.pop("file_covers")
    assert TestRecord.from_plain(plain).file_covers == ("N-A-001",)


@pytest.mark.parametrize("interrupted", [True, False])
def test_a_profile_of_which_no_test_has_ended_was_not_run(interrupted: bool) -> None:
    run_report = report(interrupted=interrupted)
    assert run_report.profiles["core"].state is Verdict.NOT_RUN
    assert any("not run" in text and text.startswith("core") for text in lines(run_report))
    assert list(differences(run_report)) == []
    assert report(*GOOD, interrupted=True).profiles["core"].state is not Verdict.NOT_RUN


def test_older_reports_gave_a_verdict_on_what_was_not_run() -> None:
    run_report = report(interrupted=True)
    profiles = {**run_report.profiles, "core": replace(run_report.profiles["core"], state=Verdict.PARTIAL)}
    assert list(differences(replace(run_report, profiles=profiles, schema_version="1.2"))) == []
    assert list(differences(replace(run_report, profiles=profiles))) == ["profile core is not run, by its requirements"]


def test_waits_that_were_cut_short_are_reported() -> None:
    run_report = report(*GOOD, waits=["server_build: 2 waits of 90 s were in vain"])
    assert run_report.waits
    assert any("cut short" in text and "server_build" in text for text in lines(run_report))
    assert run_report.waits[0] in html(run_report)
    assert run_report.waits[0] in markdown(run_report).replace("\\", "")


def test_leftovers_and_problems_are_escaped_for_the_terminal() -> None:
    run_report = report(*GOOD, leaks=["a\x1b[2J"], problems=["b\x9b\ud800"])
    assert (run_report.leaks, run_report.problems) == (["a\\x1b[2J"], ["b\\x9b\\ud800"])
