"""What a page says first: the verdict in a sentence, then failures by weight, those of one cause together."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from conformance.race.engine.history import History, Record
from conformance.report import files
from conformance.report.advice import advice
from conformance.report.failures import MAY, MUST, SHOULD, UNCLAIMED, UNPROVEN, Failure, parts
from conformance.report.folder import RACES
from conformance.report.model import Report
from conformance.tests.accessibility import complaints
from conformance.tests.test_report import GOOD, report, result
from conformance.verdict.records import Observation, TestRecord
from conformance.verdict.states import State, Verdict

CURL = 'curl -i -X {} -H "X-Auth-Token: $OS_TOKEN" http://h/network/v2.0/networks/{}\n\n{} Whatever after 1 ms'
IDS = ("01a22b57-263d-7889-8897-2c12712ab675", "f18f7375be154bd390d13e109822683d")


def failed(name: str, reason: str, exchange: str = "", state: State = State.FAIL, **observed: State) -> TestRecord:
    record = result(name, state, reason, (), **(observed or {"N_A_001": state}))
    return TestRecord(**{**vars(record), "message": f"{state}: {reason}\n\n{exchange}"})


def test_failures_of_one_cause_are_together() -> None:
    run_report = report(
        failed("a", f"the body differs from that of 'one': {IDS[0]}", CURL.format("GET", IDS[0], 200)),
        failed("b", f"the body differs from that of 'another': {IDS[1]}", CURL.format("GET", f"{IDS[1]}?q=1", 200)),
        failed("c", "the body differs from that of 'one': x", CURL.format("GET", IDS[0], 404)),
        failed("d", "the body differs from that of 'one': x", CURL.format("DELETE", IDS[0], 200)),
        failed("e", "the body lacks 'id'", CURL.format("GET", IDS[0], 200)),
    )
    [part] = parts(run_report)
    assert [(cause.call, [failure.test.id for failure in cause.failures]) for cause in part.causes] == [
        ("GET /network/v2.0/networks/… answered 200", ["a", "b"]),
        ("GET /network/v2.0/networks/… answered 404", ["c"]),
        ("DELETE /network/v2.0/networks/… answered 200", ["d"]),
        ("GET /network/v2.0/networks/… answered 200", ["e"]),
    ]
    assert part.causes[3].title == "the body lacks 'id'"


def test_rounds_and_races_that_say_the_same_are_one_cause() -> None:
    names = (
        "test_topology_race.py::test_losers_leave_nothing_behind",
        "test_boot_race.py::test_nothing_stays_of_servers_and_topology",
    )
    reasons = ("topology-1: after it there are 2 networks", "boot-2-deleted: after it there are 13 networks")
    run_report = report(*map(failed, names, reasons))
    [[cause]] = [part.causes for part in parts(run_report)]
    assert (cause.call, cause.title, len(cause.failures)) == ("", "after it there are 2 networks", 2)


def test_a_test_is_listed_once_at_its_weightiest_failure() -> None:
    run_report = report(
        failed("both", "x", N_A_001=State.FAIL, N_A_003=State.FAIL),
        failed("should", "x", N_A_002=State.FAIL),
        failed("may", "x", N_A_003=State.FAIL),
        failed("unsure", "x", state=State.INCONCLUSIVE),
        failed("step", "x", **{"": State.FAIL}),
    )
    tests_of_part = {
        part.name: [failure.test.id for cause in part.causes for failure in cause.failures]
        for part in parts(run_report)
    }
    assert tests_of_part == {MUST: ["both", "step"], SHOULD: ["should"], UNPROVEN: ["unsure"], MAY: ["may"]}
    assert [part.pale for part in parts(run_report)] == [False, False, False, True]
    page = files.html(run_report)
    assert (
        page.index('id="failures"') < page.index('id="should"') < page.index('id="may"') < page.index('id="profiles"')
    )
    assert complaints(page) == []
    assert re.findall(r"[^{}\n]*\.state \{[^}]*\}", page) == [
        " .state { font-weight: 600; white-space: nowrap; }",
        ".pale, .pale .state { color: var(--dim); }",
    ]  # no other rule overrides a state's colour


@pytest.mark.parametrize(
    ("run_report", "says"),
    [
        (report(*GOOD), "meets all 5 requirements that were tested. 2 were not tested"),
        (report(*GOOD, failed("t", "no", CURL.format("GET", "x", 500))), "breaks 1 MUST of the 5"),
        (report(*GOOD, failed("t", "no"), failed("u", "yes")), "2 tests failed, for 2 reasons."),
        (report(*GOOD, failed("t", "no", **{"": State.FAIL})), "No requirement is known to be broken"),
        (report(*GOOD, leaks=["l"]), "The run left 1 thing behind"),
        (report(*GOOD, problems=["p"]), "The suite broke"),
        (report(*GOOD, interrupted=True), "The run was interrupted"),
        (report(*GOOD, failed("t", "no", state=State.INCONCLUSIVE)), "but 1 requirement could not be observed well"),
        (report(*GOOD, failed("t", "no", state=State.UNSUPPORTED)), "counted as met: 1 unsupported. Give the run"),
        (report(GOOD[0]), "of what was selected, but that leaves out 1 requirement."),
        (
            report(*GOOD, failed("t", "known", state=State.WAIVED)),
            "1 requirement cannot be counted as met: 1 waived. Nothing has to be",
        ),
        (report(*GOOD, failed("t", "no", state=State.BLOCKED)), "A test could not run"),
    ],
)  # fmt: skip
def test_the_verdict_says_what_to_do_next(run_report: Report, says: str) -> None:
    lines = advice(run_report)
    assert says in f"{lines.finding} {lines.next}"
    assert f"</strong>: {lines.finding[:20]}" in files.html(run_report)


def test_the_verdict_names_what_to_begin_with_and_what_else_there_is() -> None:
    run_report = report(
        *GOOD[1:],
        failed("a step", "it differs", CURL.format("GET", IDS[0], 200), **{"": State.FAIL}),
        failed("the requirement", "it differs", CURL.format("GET", IDS[1], 200)),
        failed("s/test_r.py::test_losers_leave_nothing_behind", "topology-1: x", N_A_002=State.FAIL),
        failed("known", "known", N_ERR_017=State.WAIVED),
    )
    lines = advice(run_report)
    assert lines.finding == (
        "The cloud breaks 1 MUST and 1 SHOULD of the 4 requirements that were tested. 3 tests failed, for 2 reasons. "
        "1 of these tests sends many requests at once. 1 more fails as a waiver expects."
    )
    assert (
        "GET /network/v2.0/networks/… answered 200: it differs. What has to hold is N-A-001: “What N-A-001 "
        in lines.next
    )


def test_the_verdict_names_races() -> None:
    run_report = report(failed("s/test_r.py::test_losers_leave_nothing_behind", "topology-1: another network was left"))
    assert "below. With many requests at once, another network was left. What has to hold is" in advice(run_report).next


def test_failures_of_unclaimed_profiles_are_apart() -> None:
    run_report = report(
        *GOOD, failed("other", "no", N_P_001=State.FAIL), failed("unsure", "x", N_P_001=State.INCONCLUSIVE)
    )
    assert [(part.name, part.pale, part.tests) for part in parts(run_report)] == [(UNCLAIMED, True, 2)]
    assert advice(run_report).finding.startswith("The cloud meets all 5 requirements")


def test_leftovers_of_a_race_come_after_its_other_failures() -> None:
    names = [f"s/test_{number}.py::test_losers_leave_nothing_behind" for number in (1, 2, 3)]
    reasons = ("topology-1-deleted: left", "topology-2-deleted: left", "topology-1: another network")
    [part] = parts(report(*map(failed, names, reasons)))
    assert [cause.title for cause in part.causes] == ["another network", "left"]


def test_a_list_is_named_with_its_query() -> None:
    exchange = CURL.format("GET", f"?is_default=true&project_id={IDS[0]}", 200)
    [part] = parts(report(failed("a", "it has one", exchange)))
    assert part.causes[0].call == "GET /network/v2.0/networks/?is_default=true&project_id=… answered 200"


def test_ids_in_a_title_are_as_short_as_in_pictures() -> None:
    [part] = parts(report(failed("t", f"network {IDS[0]} was left")))
    assert part.causes[0].title == "network …2ab675 was left"


def test_equal_answers_to_one_call_are_one_cause() -> None:
    exchange = CURL.format("GET", "", "200") + "\nserver: s\n\n"
    tests = [failed("a", "no id", f"{exchange}{IDS[0]}"), failed("b", "no name", f"{exchange}{IDS[1]}")]
    [part] = parts(report(*tests, failed("c", "no tags", f"{exchange}x")))
    assert [[failure.test.id for failure in cause.failures] for cause in part.causes] == [["a", "b"], ["c"]]


def test_a_common_reason_is_named_but_not_that_of_a_waiver() -> None:
    open_ = [failed(f"t{id_}", "needs an administrator", **{id_: State.UNSUPPORTED}) for id_ in ("N_A_001", "N_A_002")]
    run_report = report(*GOOD, *open_, failed("w", "known", N_ERR_017=State.WAIVED))
    assert "2 unsupported, 1 waived. The reason for 2 of them: needs an administrator." in advice(run_report).finding


def test_a_verdict_that_contradicts_its_profiles_is_rendered() -> None:
    run_report = replace(report(*GOOD), verdict=Verdict.PARTIAL)
    assert "0 requirements cannot be counted as met" in files.html(run_report)


def test_open_requirements_of_a_partial_profile_are_named() -> None:
    page = files.html(report(GOOD[0]))
    assert '<a href="#N-A-002">N-A-002</a>' in page.partition('<h2 id="open">')[2].partition('<h2 id="profiles">')[0]
    assert 'id="open"' not in files.html(report(*GOOD))


@pytest.fixture
def raced(tmp_path: Path) -> Path:
    """The folder of a report with two rounds; in each, two calls get the ids of two different networks."""
    history = History(tmp_path / RACES / "topology.run.host.main.ndjson")
    history.path.parent.mkdir()
    for round_ in (1, 2):
        for number, id_ in enumerate(IDS):
            answer = {"auto_allocated_topology": {"id": id_}}
            began = 10.0 * round_
            history.add(Record(f"topology-{round_}", "get_topology", "p", began, volley=True, at=began,
                               completed=began + 1 - number / 10, status=200, answer=answer))  # fmt: skip
    return tmp_path


def test_the_picture_of_a_race_stands_at_its_failure_with_the_call_that_breaks_it(raced: Path) -> None:
    test = "s/test_r.py::test_first_requests_at_once_share_one_network"
    run_report = report(failed(test, f"all rounds: no order of these calls explains their answers: {IDS[0]}"))
    page = files.page(run_report, raced)
    shown = page.partition('id="profiles"')[0]
    assert shown.count("<table") == 1
    assert "topology-1: 2 calls" in shown
    [lane] = re.findall(r'<tr class="breaks">.*?</tr>', shown, re.DOTALL)
    assert "</span> 1 <small>get topology" in lane
    assert "<td>200 2ab675 <small>1000.0 ms" in lane
    assert complaints(page) == []


def test_a_race_that_proves_nothing_has_the_picture_of_its_round(raced: Path) -> None:
    unproven = failed("s/test_r.py::test_losers_leave_nothing_behind", "topology-2: lost", state=State.INCONCLUSIVE)
    shown = files.page(report(unproven), raced).partition('id="profiles"')[0]
    assert "topology-2: 2 calls" in shown
    assert 'class="breaks"' not in shown
    assert "<table" not in files.html(report(unproven)).partition('id="profiles"')[0]


def test_a_call_is_found_by_the_last_url_of_its_line_even_if_the_line_is_long() -> None:
    line = "curl -i -X POST -d '{\"a\": \" http://other/x\"}' 'http://h/network/v2.0/networks?a=1&b=2'"
    exchanges = (f"{line}\n\n500 Whatever", "curl -i -X GET" + " http://h/a" * 100_000)
    calls = [Failure(Observation("t", State.FAIL, 1.0, f"fail: no\n\n{exchange}"), []).call for exchange in exchanges]
    assert calls == ["POST /network/v2.0/networks answered 500", ""]
