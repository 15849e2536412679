"""`gman run -x`: no test begins after the first failure of a MUST, what was never run says so, and --again runs it."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from conformance.report import build
from conformance.report.again import is_open
from conformance.report.build import INTERRUPTED, STOPPED, decides
from conformance.tests.conftest import Gman
from conformance.tests.test_again import earlier_of, plain, states
from conformance.tests.test_report import REGISTRY, report, result
from conformance.tests.tiny_cloud import running
from conformance.verdict.records import RunRecord, TestRecord
from conformance.verdict.states import State, Verdict

P, F, NEVER = State.PASS, State.FAIL, State.NOT_CLAIMED
TWO_FILES = ["-k", "topology-get or topology-check", "--claim", "core"]


def test_a_failure_of_a_must_of_a_claimed_profile_decides() -> None:
    def of(test: TestRecord, *claims: str) -> bool:
        return decides(test, REGISTRY, claims or ("core",))

    assert of(result("t", F, N_A_001=F))
    assert not of(result("t", F, N_A_001=F), "policy")
    assert not of(result("t", F, N_A_002=F))  # SHOULD
    assert not of(result("t", F, N_A_003=F, N_A_001=P))  # MAY
    assert not of(result("t", State.INCONCLUSIVE, N_A_001=State.INCONCLUSIVE))
    assert of(result("a step on the way to one", F, file_covers=("N-A-001",)))
    assert not of(result("a step on the way to none", F, file_covers=("N-A-003",)))
    assert of(result("broken", State.ERROR))


@pytest.mark.parametrize("processes", ["0", "2"])
def test_nothing_begins_after_it_and_again_runs_the_rest(gman: Gman, tmp_path: Path, processes: str) -> None:
    folder = tmp_path / "report"
    with running("broken") as tiny:
        code, printed = gman("run", "--cloud", "tiny", "-x", "-n", processes, *TWO_FILES, url=tiny.url)
        assert (code, "Again, what is red or did not run:" in printed) == (1, True)
        plain_report = plain(folder)
        never = [test for test in plain_report["tests"] if test["reason"] == STOPPED]
        assert plain_report["stopped"] in [id_ for id_, state in states(folder).items() if state == "fail"]
        assert never
        assert f"Stopped after the failure of {plain_report['stopped']}: no other test began." in printed
        assert gman("verify", str(folder))[0] == 0
        tiny.faults.clear()
        gman("run", "--again", str(folder), url=tiny.url)
    again = plain(folder)
    assert {test["id"] for test in again["tests"]} >= {test["id"] for test in plain_report["tests"]}
    assert [test["id"] for test in again["tests"] if test["reason"] == STOPPED] == []
    assert again["stopped"] == ""
    assert gman("verify", str(folder))[0] == 0


def test_a_requirement_of_which_a_test_was_never_run_is_no_pass() -> None:
    never = replace(result("t2", NEVER, STOPPED, N_A_002=NEVER), message="")  # nothing is known of what did not run
    run_report = report(result("t1", F, "no", N_A_001=F), result("t0", P, N_A_002=P), never, stopped="t1")
    by_id = {line.id: line for line in run_report.requirements}
    assert (by_id["N-A-002"].state, by_id["N-A-002"].reason) == (NEVER, STOPPED)
    assert by_id["N-A-003"].reason == STOPPED  # no test of this requirement was collected
    assert is_open(report(never))
    assert report(never).profiles["core"].state is Verdict.NOT_RUN
    assert not is_open(report(result("t2", NEVER, "profile race is not claimed", N_A_002=NEVER)))


def merged(now: dict[str, TestRecord], *before: TestRecord, folder: Path) -> dict[str, Any]:
    run = RunRecord(now)
    earlier_of(folder, *before).merge(run)
    return {id_: (record.state, record.reason) for id_, record in run.tests.items()}


def test_tests_that_were_not_repeated_keep_their_records_unless_their_file_began(tmp_path: Path) -> None:
    def never(name: str) -> TestRecord:
        return result(name, NEVER, INTERRUPTED, N_A_001=NEVER)

    old = [result(name, F, "no", N_A_001=F) for name in ("g/a.yaml::one", "g/a.yaml::two", "g/b.yaml::one")]
    now = {"g/a.yaml::one": result("g/a.yaml::one", P, N_A_001=P)}
    now |= {name: never(name) for name in ("g/a.yaml::two", "g/b.yaml::one")}
    assert merged(now, *old, folder=tmp_path) == {
        "g/a.yaml::one": (P, ""),
        "g/a.yaml::two": (NEVER, INTERRUPTED),
        "g/b.yaml::one": (F, "no"),
    }
    assert earlier_of(tmp_path, *now.values()).settled == {"g/a.yaml::one"}
    assert all(build.is_never_run(never(name)) for name in now)
