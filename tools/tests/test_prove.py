"""`tools/prove`: when a fault counts as found, and a sample of the faults themselves."""

import json
import signal
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from proving import __main__ as command
from proving import compare_release, forked, reference_process, trial
from proving.table import Row, data, line, total
from proving.trial import Trial

from conformance.deadlines import attempts
from conformance.requirements import registry
from reference.faults import CATALOGUE, EMULATIONS, Fault

PROVE = Path(__file__).parent.parent / "prove"
SECONDS = 240  # for a sample, on a busy machine
RIGHT, WRONG = Trial({"N-AAT-040": "fail"}, 1.0), Trial({"N-AAT-001": "fail"}, 1.0)
GREEN, LATE = Trial({"N-AAT-040": "pass"}, 1.0), Trial({"N-AAT-040": "fail"}, 11.0)


OPEN = Trial({"N-AAT-040": "inconclusive"}, 1.0)


def fault(*, race: bool = False, endless: bool = False) -> Fault:
    breaks = ("N-AAT-040", "N-AAT-041")
    return Fault("a-fault", "It is wrong.", breaks, lambda: None, race=race, endless=endless)


@pytest.mark.parametrize(
    ("row", "expected", "says"),
    [
        (Row(fault(), [RIGHT]), True, "found by N-AAT-040"),
        (Row(fault(), [Trial({"N-AAT-040": "fail", "N-AAT-001": "fail"}, 1.0)]), True, "found by N-AAT-040"),
        (Row(fault(), [LATE]), True, "found by N-AAT-040"),
        (Row(fault(), [WRONG], ("N-AAT-001",)), False, "FOUND ELSEWHERE by N-AAT-001, not by N-AAT-040 N-AAT-041"),
        (Row(fault(), [GREEN]), False, "NOT FOUND by N-AAT-040 N-AAT-041 (pass)"),
        (Row(fault(), [Trial({"N-AAT-040": "fail"}, 1.0, "the fault itself is broken")]), False, "itself is broken"),
        (Row(fault(), [OPEN]), False, "NOT FOUND by N-AAT-040 N-AAT-041 (inconclusive)"),
        (Row(fault(endless=True), [OPEN]), True, "found by N-AAT-040"),
        (Row(fault(endless=True), [GREEN]), False, "NOT FOUND by N-AAT-040 N-AAT-041 (pass)"),
        (Row(fault(race=True), [RIGHT] * 20), True, "20/20"),
        (Row(fault(race=True), [RIGHT] * 19 + [GREEN]), False, "FOUND TOO SELDOM by N-AAT-040 (pass)"),
        (Row(fault(race=True), [RIGHT] * 19 + [LATE]), False, "19/20"),
    ],
)
def test_verdict(row: Row, expected: bool, says: str) -> None:
    assert row.found is expected
    assert says in line(row)
    assert (line(row) in total([row])) is not expected
    assert [item["found"] for item in json.loads(data([row]))] == [expected]


@pytest.mark.parametrize(
    ("whole", "expected", "elsewhere"),
    [(RIGHT, True, ()), (WRONG, False, ("N-AAT-001",)), (GREEN, False, ())],
)
def test_the_whole_suite_is_asked_where_the_right_tests_stay_green(
    monkeypatch: pytest.MonkeyPatch, whole: Trial, expected: bool, elsewhere: tuple[str, ...]
) -> None:
    requested: list[Sequence[str]] = []

    def run(_faults: Sequence[str], requirements: Sequence[str] = (), _rounds: int = 1, *, guests: bool) -> list[Trial]:
        assert not guests
        requested.append(requirements)
        return [GREEN if requirements else whole]

    monkeypatch.setattr(trial, "run", run)
    row = command.prove(fault(), rounds=20)
    assert requested == [("N-AAT-040", "N-AAT-041"), ()]
    assert (row.found, row.elsewhere) == (expected, elsewhere)


def test_a_race_is_run_again_and_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trial, "run", lambda _faults, _requirements, rounds, guests: [RIGHT] * rounds)
    assert len(command.prove(fault(race=True), rounds=20).trials) == 20
    assert len(command.prove(fault(), rounds=20).trials) == 1


def test_servers_run_where_the_fault_is_one_of_the_data_plane(monkeypatch: pytest.MonkeyPatch) -> None:
    running: list[bool] = []

    def run(_faults: Sequence[str], _requirements: Sequence[str], _rounds: int, *, guests: bool) -> list[Trial]:
        running.append(guests)
        return [Trial({"D-OUT-001": "fail"})]

    monkeypatch.setattr(trial, "run", run)
    assert command.prove(CATALOGUE["gateways-are-down"], rounds=1).found
    assert running == [True]


@pytest.mark.parametrize("option", ["--sample", "--rounds", "--jobs"])
def test_a_number_that_is_none(option: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        command.main([option, "0"])
    assert ended.value.code == 3
    assert capsys.readouterr().err == f"tools/prove: argument {option}: '0' is not a number from 1 on\n"


def work(_folder: Path, *, ends: str) -> Iterator[int]:
    """Three kinds of trial: each starts another process, and then ends, breaks or hangs."""
    yield subprocess.Popen(["sleep", str(SECONDS)]).pid
    if ends == "broken":
        raise ValueError("the fault\nand more")
    while ends == "silent":
        signal.pause()


@pytest.mark.parametrize(
    ("ends", "output"), [("well", ""), ("broken", "the fault"), ("silent", "did not end within 15 s")]
)
def test_processes_of_a_trial_end_with_it(ends: str, output: str) -> None:
    results = forked.results(partial(work, ends=ends), longest=15)
    started = next(results)
    with nullcontext() if ends == "well" else pytest.raises((RuntimeError, TimeoutError), match=f"^{output}$"):
        assert list(results) == []
    assert any(not is_alive(started) for _ in attempts(10))  # a killed process takes its time to go


def is_alive(pid: int) -> bool:
    """Whether the process is alive, and no zombie."""
    try:
        return "Z" not in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2]
    except FileNotFoundError:
        return False


def test_rounds_are_judged_apart() -> None:
    trials = trial.run(["loser-keeps-port"], ["N-AAT-041"], 2)
    assert [(item.red, item.trouble) for item in trials] == [(("N-AAT-041",), "")] * 2


def test_without_a_fault_nothing_is_red() -> None:
    [result] = trial.run([], ["N-AAT-041", "N-AAT-025"])
    assert (result.red, result.trouble, result.states["N-AAT-041"]) == ((), "", "pass")


def test_a_fault_that_does_not_work_finds_nothing(tmp_path: Path) -> None:
    data = tmp_path / "data"
    reference_process.log_of(data).write_text("WARNING all is well\n")
    assert reference_process.crash(data) == ""
    reference_process.log_of(data).write_text('Traceback (most recent call last):\n  File "x", line 1\nKeyError: 1\n')
    assert reference_process.crash(data) == "the fault itself is broken: KeyError: 1"


def test_a_reference_that_does_not_start() -> None:
    [result] = trial.run(["no-such-fault"], ["N-AAT-025"])
    assert (result.red, result.trouble) == ((), "the reference has ended: gman: no such fault: no-such-fault")


def test_every_fault_breaks_something_there_is() -> None:
    requirements = registry.load()
    assert len(CATALOGUE) >= 100
    assert [item.id for item in CATALOGUE.values() if not item.sentence or not item.breaks] == []
    assert {id_ for item in CATALOGUE.values() for id_ in item.breaks} <= requirements.keys()
    assert all(id_ in CATALOGUE for ids in EMULATIONS.values() for id_ in ids)


@pytest.mark.long
def test_a_sample_is_found(tmp_path: Path) -> None:
    table = tmp_path / "table.json"
    completed = subprocess.run(
        [PROVE, "--sample", "4", "--rounds", "1", "--report", table],
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert completed.returncode == 0, completed.stdout + completed.stderr
    assert "4 of 4 faults found by a right requirement" in completed.stdout
    assert [item["found"] for item in json.loads(table.read_text())] == [True] * 4


def test_a_fault_nobody_knows() -> None:
    completed = subprocess.run(
        [PROVE, "--only", "nonsense"], capture_output=True, text=True, timeout=SECONDS, check=False
    )
    assert (completed.returncode, len(completed.stderr.splitlines())) == (3, 1)
    assert "nonsense" in completed.stderr


def report(folder: Path, **states: str) -> Path:
    lines = [{"id": id_.replace("_", "-"), "state": state} for id_, state in states.items()]
    profiles = {"core": {"claimed": True}, "race": {"claimed": False}}
    (folder / "report.json").write_text(json.dumps({"requirements": lines, "profiles": profiles}))
    return folder


def test_a_release_and_its_emulation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    real = report(tmp_path, N_1="pass", N_2="waived", N_3="pass", N_4="unsupported", N_5="fail")
    emulation = {"N-1": "pass", "N-2": "fail", "N-3": "fail", "N-4": "pass"}
    requested: list[tuple[tuple[str, ...], list[str]]] = []

    def emulated(releases: tuple[str, ...], profiles: list[str]) -> dict[str, str]:
        requested.append((releases, profiles))
        return emulation

    monkeypatch.setattr(compare_release, "emulated", emulated)
    assert command.main(["--against", str(real)]) == 1
    output = capsys.readouterr().out
    assert output == "N-3          real pass, emulated fail\n3 requirements seen on both, 1 otherwise\n"
    assert requested == [(("neutron-2026.2", "nova-2026.2"), ["core"])]
    emulation["N-3"] = "pass"
    assert command.main(["--against", str(real), "--release", "neutron-2025.2"]) == 0
    assert requested[-1][0] == ("neutron-2025.2",)


def test_a_release_nobody_knows(capsys: Any) -> None:
    with pytest.raises(SystemExit, match="3"):
        command.main(["--against", "report", "--release", "neutron-1999.1"])
    assert "'neutron-1999.1' is none of neutron-2025.2, neutron-2026.2" in capsys.readouterr().err


def test_intermittent_failures_of_a_release_are_no_difference(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    real = report(tmp_path, N_AAT_001="pass", N_AAT_053="waived")
    states = {"N-AAT-001": "fail", "N-AAT-053": "fail"}
    monkeypatch.setattr(compare_release, "emulated", lambda _releases, _profiles: states)
    assert command.main(["--against", str(real)]) == 0
    assert "which comes and goes" in capsys.readouterr().out
    states["N-AAT-053"] = "pass"
    assert command.main(["--against", str(real)]) == 1


def test_no_report(tmp_path: Path, capsys: Any) -> None:
    assert command.main(["--against", str(tmp_path)]) == 3
    assert len(capsys.readouterr().out.splitlines()) == 1
