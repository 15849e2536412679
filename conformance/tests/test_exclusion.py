"""`--exclude FILE`: what it lists is left out, with all of its gabbi file, and the report says so."""

from pathlib import Path

import pytest

from conformance.coverage import exclusion, requirement_tests
from conformance.settings import UsageProblem
from conformance.tests.conftest import Gman
from conformance.tests.test_again import CORE, TWO, plain
from conformance.tests.tiny_cloud import running

STORY = "gabbits/network/topology-get.yaml"
WALKS = "conformance/stress/test_walks.py"


def read(tmp_path: Path, text: str) -> dict[str, str]:
    file = tmp_path / "left-out.txt"
    file.write_text(text)
    return exclusion.read(str(file))


def of_file(name: str) -> set[str]:
    return {test for test in requirement_tests.tests() if test.startswith(f"{name}::")}


def test_excluding_a_step_excludes_its_file_and_nothing_else(tmp_path: Path) -> None:
    step = f"{STORY}::the first request answers one id"
    walk, *_others = sorted(of_file(WALKS))
    left_out = read(tmp_path, f"# what we know of\n\n{step}  # slow: see #7\n  {walk}\n")
    assert left_out == {
        **dict.fromkeys(of_file(STORY), f"{exclusion.LEFT_OUT}: slow: see #7"),
        walk: exclusion.LEFT_OUT,
    }
    assert exclusion.reason(f"{walk}[1]", left_out) == exclusion.reason(walk, left_out) == exclusion.LEFT_OUT
    assert exclusion.reason("another", left_out) == ""


def test_ids_in_any_case_files_and_patterns(tmp_path: Path) -> None:
    by_requirement = read(tmp_path, "n-aat-040\nN-SP-003B")
    assert {id_ for test, ids in requirement_tests.listed() for id_ in ids if test in by_requirement} > {
        "N-AAT-040",
        "N-SP-003b",
    }
    assert set(read(tmp_path, STORY)) == of_file(STORY)
    assert set(read(tmp_path, "conformance/stress/test_walk*")) == of_file(WALKS)
    assert exclusion.read("") == {}


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("N-AAT-999", "line 2: 'N-AAT-999' is no requirement with tests, and matches no test: see gman list"),
        ("gabbits/none.yaml::*", "'gabbits/none.yaml::*' is no requirement with tests"),
        ("N-OBJ-001", "N-OBJ-001 is looked at in every answer: waive it"),
        ("n-err-017", "n-err-017 is looked at in every answer: waive it"),
    ],
)
def test_an_invalid_exclusion_is_refused_in_one_line(tmp_path: Path, line: str, says: str) -> None:
    with pytest.raises(UsageProblem) as caught:
        read(tmp_path, f"{STORY}\n{line}")
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (None, "No such file"),
        (b"\xff", "not text in UTF-8"),
        (b"a" * 2**21, "larger than 1 MiB"),
        (b"N-AAT-001\n" * 5001, "more than 5,000 lines"),
        (b"a" * 1001, "more than 5,000 lines, or one of more than 1000 characters"),
    ],
)
def test_an_unreadable_file_is_refused_in_one_line(tmp_path: Path, content: bytes | None, says: str) -> None:
    if content is not None:
        (tmp_path / "f").write_bytes(content)
    with pytest.raises(
        UsageProblem, match=rf"^--exclude {tmp_path / 'f'}: {says}.*: (name a file|leave out whole files)"
    ):
        exclusion.read(str(tmp_path / "f"))


def test_excluded_tests_do_not_run_until_they_are_no_longer_excluded(gman: Gman, tmp_path: Path) -> None:
    left_out = tmp_path / "left-out.txt"
    left_out.write_text("N-AAT-001  # our network is down\n")
    folder = tmp_path / "report"
    with running() as tiny:
        code, _printed = gman("run", "--cloud", "tiny", *CORE, *TWO, "--exclude", str(left_out), url=tiny.url)
        assert (code, any("N-AAT-001" in agent for agent, _id in tiny.askers)) == (1, False)
        tests = {test["id"]: test for test in plain(folder)["tests"] if test["id"].startswith(STORY)}
        assert {(test["state"], test["reason"]) for test in tests.values()} == {
            ("not-claimed", "left out by --exclude: our network is down")
        }
        [line] = [line for line in plain(folder)["requirements"] if line["id"] == "N-AAT-001"]
        assert (line["state"], line["reason"]) == ("not-claimed", "left out by --exclude: our network is down")
        assert f"--exclude={left_out}" in plain(folder)["options"]
        assert gman("run", "--again", str(folder), url=tiny.url)[0] == 3  # the test is left out again
        left_out.write_text("")
        assert gman("run", "--again", str(folder), url=tiny.url)[0] == 0
    assert {test["state"] for test in plain(folder)["tests"] if test["id"].startswith(STORY)} == {"pass"}
