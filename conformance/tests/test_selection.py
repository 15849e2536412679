"""`--requirement`: a run of what observes some requirements, with the steps that lead there."""

from pathlib import Path

import pytest

from conformance import cli
from conformance.run import selection
from conformance.settings import UsageProblem
from conformance.tests.gabbi_runs import FakeContext, Script, run, write
from conformance.tests.tiny_cloud import serving

TWO = """\
- name: before
  GET: {url}/one
- name: first
  GET: {url}/one
"""


@pytest.mark.parametrize(
    ("requested", "files"),
    [
        ([], ["a", "b", "c"]),
        (["--requirement=N-AAT-001"], ["a"]),
        (["--requirement=N-AAT-001,N-AAT-003"], ["a", "c"]),
        (["--requirement=N-AAT-001", "--requirement=N-AAT-002"], ["a", "b"]),
        (["--requirement=N-AAT-004"], []),
        (["--requirement=N-ERR-017"], ["a", "b", "c"]),  # looked at in every answer
    ],
)
def test_files_that_observe_one_are_run_whole(tmp_path: Path, requested: list[str], files: list[str]) -> None:
    for number, name in enumerate("abc", 1):
        write(tmp_path, f"network/{name}.yaml", TWO, covers={"first": f"N-AAT-00{number}"})
    with serving(Script(one=[(200, {})])) as url:
        results = run(tmp_path, FakeContext(url), *requested)
    assert list(results.tests) == [
        f"gabbits/network/{file}.yaml::{name}" for file in files for name in ("before", "first")
    ]


def test_ids_are_known_in_small_letters_too() -> None:
    assert selection.requested_ids(["n-aat-001,", "C-MV-001"]) == {"N-AAT-001", "C-MV-001"}
    assert selection.requested_ids(["N-SP-003b,n-sp-020B"]) == {"N-SP-003b", "N-SP-020b"}


def test_an_unknown_id_is_named() -> None:
    with pytest.raises(UsageProblem, match=r"^argument --requirement: there is no requirement N-AAT-999, X$"):
        selection.requested_ids(["x,N-AAT-001", "N-AAT-999"])


def test_the_command_says_so_before_it_asks_the_cloud(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    arguments = ["gman", "run", "--cloud", "nowhere", "--requirement", "N-AAT-999", "--report", str(tmp_path)]
    monkeypatch.setattr("sys.argv", arguments)
    assert cli.main() == 3
    assert capfd.readouterr().err == "gman: argument --requirement: there is no requirement N-AAT-999\n"
