"""A violated requirement on every answer passes again if enough of the violations were looked at again."""

from dataclasses import replace

from conformance.answers.tally import MOST_TESTS, Tally
from conformance.report.every_answer import records
from conformance.report.fell_short import merged, to_repeat
from conformance.requirements import registry
from conformance.tests.test_report import result
from conformance.verdict.records import RunRecord, TestRecord
from conformance.verdict.states import State

ID = "N-OBJ-001"
NAME, TAGS = "network name in GET networks", "network tags in PUT networks/ID"


def of_file(test: str) -> str:
    return test.partition("::")[0]


def fell_short(**seen_in: list[str]) -> TestRecord:
    """A record of what was looked at in every answer; `name` and `tags` fell short in these tests."""
    names = {"name": NAME, "tags": TAGS}
    tests_of = {names[name]: tests for name, tests in seen_in.items()}
    return replace(result(f"every answer::{ID}", State.FAIL, "no", N_OBJ_001=State.FAIL), seen_in=tests_of)


def held() -> TestRecord:
    return result(f"every answer::{ID}", State.PASS, "looked at 9 times", N_OBJ_001=State.PASS)


def of_run(*looked: str, **states: State) -> RunRecord:
    return RunRecord({id_: result(id_, state) for id_, state in states.items()}, looked={ID: looked})


def test_the_shortest_files_for_each_violation_run_again() -> None:
    seconds = {f"{file}::{step}": float(cost) for cost, file in enumerate("abcdef", 1) for step in ("one", "two")}
    everywhere = [f"{file}::one" for file in "abcdef"]
    line = fell_short(name=everywhere, tags=["f::two", "gone::one"])
    assert to_repeat([line], (), seconds, of_file) == {"f::two", "f::one", "a::one", "b::one"}
    assert to_repeat([line], ["e::two"], seconds, of_file) == {"f::two", "f::one", "e::one", "a::one"}
    assert to_repeat([], (), seconds, of_file) == set()


def test_a_violation_before_the_first_test_alone_needs_the_shortest_file() -> None:
    seconds = {"a::one": 2.0, "b::one": 1.0}
    assert to_repeat([fell_short(name=[""])], (), seconds, of_file) == {"b::one"}


def test_it_passes_if_each_violation_is_gone_in_a_test_that_had_it() -> None:
    before = fell_short(name=["t1", "t2", "t3"], tags=["t2"])
    run = of_run(NAME, TAGS, t1=State.PASS, t2=State.PASS)
    run_report = merged(before, held(), run, was_open=True)
    text = "looked at 9 times; 2 of the tests in which it had fallen short ran again"
    assert (run_report.state, run_report.reason, run_report.reasons, run_report.seen_in) == (
        State.PASS,
        text,
        {ID: text},
        {},
    )


def test_it_stays_red_if_a_violation_was_not_looked_at_again() -> None:
    before = fell_short(name=["t1"], tags=["t2"])
    for run in (
        of_run(NAME, t1=State.PASS, t2=State.PASS),
        of_run(NAME, TAGS, t1=State.PASS, t2=State.INCONCLUSIVE),
        of_run(NAME, TAGS, t1=State.PASS, t9=State.PASS),
    ):
        run_report = merged(before, held(), run, was_open=True)
        assert (run_report.state, run_report.seen_in) == (State.FAIL, {TAGS: ["t2"]})
        assert run_report.reason == f"no; not looked at again: {TAGS}"


def test_what_fell_short_before_the_first_test_is_looked_at_there_again() -> None:
    before = fell_short(name=[""])
    assert merged(before, held(), of_run(NAME, t1=State.PASS), was_open=True).state is State.PASS
    assert merged(before, held(), of_run(t1=State.PASS), was_open=True).state is State.FAIL


def test_a_repeated_violation_keeps_the_tests_that_did_not_run() -> None:
    again = fell_short(name=["t1"])
    run_report = merged(
        fell_short(name=["t1", "t2"], tags=["t3", "t1"]), again, of_run(NAME, t1=State.PASS), was_open=True
    )
    assert (run_report.state, run_report.seen_in) == (State.FAIL, {NAME: ["t1", "t2"], TAGS: ["t3"]})


def test_of_two_passes_the_run_that_looked_at_more_counts() -> None:
    waived = replace(fell_short(name=["t1"]), state=State.WAIVED)
    passed = replace(held(), reason="looked at 999 times")
    run = of_run(NAME, t1=State.PASS)
    assert merged(waived, held(), run, was_open=False) is waived
    assert merged(passed, held(), run, was_open=False) is passed
    never = result(f"every answer::{ID}", State.NOT_CLAIMED, "never", N_OBJ_001=State.NOT_CLAIMED)
    assert merged(never, held(), run, was_open=False).state is State.PASS


def test_a_tally_records_checks_by_call_and_violations_by_test() -> None:
    tally, other = Tally(), Tally()
    tally.add(ID, "network name", "GET networks", "")
    tally.begin_tests()
    for number in range(MOST_TESTS + 9):
        other.add(ID, "network tags", "PUT networks/ID", "is wrong", f"t{number:03}")
    tally.include(other)
    assert tally.looked() == {ID: {NAME, TAGS}}
    [record] = records(tally, registry.load(), [], whole=False)
    assert (record.state, list(record.seen_in), len(record.seen_in[TAGS])) == (State.FAIL, [TAGS], MOST_TESTS)
    assert TestRecord.from_plain(record.to_plain()) == record
    assert record.reason == f"is wrong (looked at {MOST_TESTS + 9} times)"
