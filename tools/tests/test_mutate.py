"""`tools/mutate`: the changes it makes, and its report of them."""

from pathlib import Path

import pytest
from mutating.__main__ import NOT_FOUND, PACKAGE, chosen, main, verdict_of
from mutating.mutants import mutant, places
from proving.trial import Trial

from conformance.verdict.states import Exit

MODULE = """
def of_project(rows: dict[str, bool], project: str) -> list[str]:
    if project not in rows:
        raise KeyError(project)
    wanted = ("network", "router")
    note(project)
    return [name for name in wanted if name and not rows[name]]
"""
CHANGES = {
    ("if project not in rows: raise KeyError(project)", "if True: raise KeyError(project)"),
    ("if project not in rows: raise KeyError(project)", "if False: raise KeyError(project)"),
    ("if project not in rows: raise KeyError(project)", "if project in rows: raise KeyError(project)"),
    ("raise KeyError(project)", "..."),
    ("wanted = ('network', 'router')", "wanted = ('router',)"),
    ("wanted = ('network', 'router')", "wanted = ('network',)"),
    ("note(project)", "..."),
    ("return [name for name in wanted if name and (not rows[name])]", "return [name for name in wanted]"),
    (
        "return [name for name in wanted if name and (not rows[name])]",
        "return [name for name in wanted if name or not rows[name]]",
    ),
    (
        "...ame for name in wanted if name and (not rows[name])]",
        "...ame for name in wanted if name and (not not rows[name])]",
    ),
}


@pytest.fixture
def module(tmp_path: Path) -> Path:
    file = tmp_path / "module.py"
    file.write_text(MODULE)
    return file


def test_each_change_is_one_and_leaves_a_module(module: Path) -> None:
    mutants = [mutant(module, place) for place in range(places(module))]
    assert len({item.source for item in mutants}) == len(mutants) == len(CHANGES)
    for item in mutants:
        compile(item.source, "module", "exec")
    assert {(item.before, item.after) for item in mutants} == CHANGES


def test_the_context_of_a_change_is_shortened(module: Path) -> None:
    module.write_text(f"limits = {dict.fromkeys(map(str, range(100)), 1)}")
    one = mutant(module, 50)
    assert (one.line, one.before.count("'50'"), one.after.count("'50'")) == (1, 1, 0)
    assert one.before[:3] == one.before[-3:] == "..."
    assert len(one.before) < 120


def test_a_seed_chooses_the_same_again() -> None:
    first, again, other = (chosen([PACKAGE / "network" / "topology.py"], 3, seed) for seed in (1, 1, 2))
    assert first == again != other
    assert {item.file for item in first} == {PACKAGE / "network" / "topology.py"}


@pytest.mark.parametrize(
    ("came", "says"),
    [
        (Trial({"N-AAT-001": "fail", "N-AAT-002": "pass"}, trouble="a trace in the log"), "found by N-AAT-001"),
        (Trial(trouble="the reference has ended"), "broken: the reference has ended"),
        (Trial({"N-AAT-001": "blocked"}, code=Exit.FAILED), "found on the way"),
        (Trial({"N-AAT-001": "inconclusive"}, code=Exit.INCONCLUSIVE), "in doubt"),
        (Trial({"N-AAT-001": "pass"}), NOT_FOUND),
    ],
)
def test_red_goes_before_trouble_and_doubt(came: Trial, says: str) -> None:
    assert verdict_of(came) == says


@pytest.mark.parametrize("path", ["reference/nowhere.py", "conformance/target/cloud.py"])
def test_an_invalid_path_is_one_line(capsys: pytest.CaptureFixture[str], path: str) -> None:
    assert main([str(PACKAGE.parent / path)]) == 3
    assert capsys.readouterr().err.count("\n") == 1


@pytest.mark.parametrize(("keyword", "expected"), [("networks-life", False), ("topology-delete.yaml", True)])
def test_a_mutant_is_found_by_tests_that_observe_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *, keyword: str, expected: bool
) -> None:
    """The mutant deletes nothing, which does not show in tests that build no topology."""
    file = PACKAGE / "network" / "topology.py"
    mutants = (mutant(file, place) for place in range(places(file)))
    nothing_goes = next(
        one for one in mutants if (one.before, one.after) == ("if record is None: return", "if True: return")
    )
    monkeypatch.setattr("mutating.__main__.chosen", lambda *_wanted: [nothing_goes])
    assert main(["-k", keyword, "--jobs", "1"]) == 0
    printed = capsys.readouterr().out
    assert ("N-AAT-050" in printed, NOT_FOUND in printed) == (expected, not expected)
