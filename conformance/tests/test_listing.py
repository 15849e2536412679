"""`gman run --list`: the tests that a run with the same selection would run; no cloud is asked."""

from pathlib import Path

from conformance.coverage import exclusion
from conformance.run.listing import NOT_ASKED
from conformance.tests.conftest import Gman
from conformance.tests.test_again import CORE, TWO, plain
from conformance.tests.tiny_cloud import running

STORY = "gabbits/network/topology-get.yaml"


def listed(printed: str) -> tuple[list[str], list[str]]:
    """The tests, and what comes after a #."""
    lines = printed.splitlines()
    return [line for line in lines if not line.startswith("#")], [line for line in lines if line.startswith("#")]


def test_the_list_is_what_a_run_with_the_same_options_runs(gman: Gman, tmp_path: Path) -> None:
    with running("no-request-id") as tiny:
        code, printed = gman("run", "--cloud", "tiny", *CORE, *TWO, "--list", url=tiny.url)
        assert (code, tiny.requests) == (0, [])
        assert not (tmp_path / "report").exists()
        gman("run", "--cloud", "tiny", *CORE, *TWO, url=tiny.url)
        again = gman("run", "--again", str(tmp_path / "report"), "--list", url=tiny.url)
    tests, comments = listed(printed)
    run = [test["id"] for test in plain(tmp_path / "report")["tests"] if test["state"] != "not-claimed"]
    assert tests == [id_ for id_ in run if "every answer" not in id_]
    assert comments == [
        "# not run, 4 tests of 1 file: profile compute is not claimed",
        f"# {len(tests)} tests of 1 file",
        NOT_ASKED,
    ]
    assert (again[0], listed(again[1])[0]) == (0, tests)


def test_requirements_keywords_and_exclusions_choose_and_no_test_is_an_error(gman: Gman, tmp_path: Path) -> None:
    left_out = tmp_path / "left-out.txt"
    left_out.write_text(f"{STORY}\n")
    options = ("run", "--list", "--requirement", "N-AAT-001")
    tests, _comments = listed(gman(*options)[1])
    assert any(test.startswith(STORY) for test in tests)
    fewer, comments = listed(gman(*options, "--exclude", str(left_out))[1])
    assert fewer == [test for test in tests if not test.startswith(f"{STORY}::")]
    assert f"# not run, 3 tests of 1 file: {exclusion.LEFT_OUT}" in comments
    assert listed(gman(*options, "-k", "topology-get.yaml")[1])[0] == [test for test in tests if test.startswith(STORY)]
    code, printed = gman("run", "--list", "-k", "nosuchtest")
    assert (code, printed.count("\n"), "no test is left of the selection" in printed) == (3, 1, True)


def test_tests_without_their_user_are_not_run(gman: Gman) -> None:
    options = ("run", "--list", "-k", "quota-ports or topology-two-projects", "--claim", "core,compute,race,operator")
    tests, comments = listed(gman(*options, "--cloud", "nowhere")[1])
    assert tests == []
    assert any("needs an administrator: --admin-cloud" in line for line in comments)
    assert any("needs a second project: --alt-cloud" in line for line in comments)
    assert len(listed(gman(*options)[1])[0]) > 10  # of the reference, the run has both
