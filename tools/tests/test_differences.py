"""Lawful differences: each makes the reference differ as its sentence says, and a suite that turns red by one is
noticed.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from member_and_admin import SECONDS, Pair
from proving import __main__ as command
from proving import check_differences, forked, reference_process, trial
from proving.trial import Trial
from shown import SHOWN

from reference.differences import CATALOGUE, clash, together
from reference.tests.clouds import serve

GREEN, RED = Trial({"N-AAT-001": "pass", "N-AAT-002": "unsupported"}, 1.0), Trial({"N-AAT-001": "fail"}, 1.0)


def look(folder: Path, differences: Sequence[str], *shown: str) -> Iterator[tuple[str, bool]]:
    """Which of them are to be seen in one reference that has the `differences`."""
    requested = Pair(reference_process.start([], list(differences), folder / "data"))
    for id_ in shown:
        yield id_, SHOWN[id_](requested)


@pytest.fixture(scope="module")
def usual() -> dict[str, bool]:
    """What is to be seen in a reference without any."""
    return dict(forked.results(look, (), *sorted(SHOWN), longest=SECONDS))


@pytest.mark.long
@pytest.mark.parametrize("id_", sorted(id_ for id_, difference in CATALOGUE.items() if not difference.guests))
def test_each_difference_shows_only_where_it_is_planted(id_: str, usual: dict[str, bool]) -> None:
    assert dict(forked.results(look, (id_,), id_, longest=SECONDS)) == {id_: True}
    assert usual[id_] is False


def test_each_says_what_it_is_and_who_is_like_that() -> None:
    assert all(item.sentence.endswith(".") and item.seen for item in CATALOGUE.values())


def test_together_they_are_all_there_and_no_cloud_has_two_of_a_choice() -> None:
    clouds = together()
    assert {id_ for cloud in clouds for id_ in cloud} == set(CATALOGUE)
    for cloud in clouds:
        choices = [CATALOGUE[id_].choice for id_ in cloud if CATALOGUE[id_].choice]
        assert len(choices) == len(set(choices))


@pytest.mark.parametrize(
    ("minded", "tried", "code"),
    [("", 0, 0), ("other-words", sum(not item.alone for item in CATALOGUE.values()), 1)],
)
def test_a_failure_by_a_difference_is_reported(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], minded: str, tried: int, code: int
) -> None:
    requested: list[list[str]] = []

    def run(
        _faults: Sequence[str], *_ids: Sequence[str], differences: list[str], guests: bool = False, longest: float = 0
    ) -> list[Trial]:
        requested.append(differences)
        assert guests or longest
        assert guests is any(CATALOGUE[id_].guests for id_ in differences)
        if any(CATALOGUE[id_].refused for id_ in differences):
            return [Trial(trouble="nobody may", refused=True)]
        return [RED if minded in differences else GREEN]

    monkeypatch.setattr(trial, "run", run)
    assert check_differences.main([], jobs=1) == code
    assert len(requested) == len(together()) + tried
    output = capsys.readouterr().out
    minding = sum("other-words" in cloud for cloud in together()) + 1
    assert output.count("N-AAT-001 fail") == (minding if minded else 0)


def test_an_unknown_difference_is_one_line(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert command.main(["--differences", "no-such"]) == 3
    line = "tools/prove: there is no difference no-such: gman serve --list-differences\n"
    assert capsys.readouterr().err == line
    assert serve("--data", str(tmp_path), "--differ", "no-such") == (3, "gman: no such difference: no-such\n")


def test_a_cloud_has_one_option_of_a_choice(tmp_path: Path) -> None:
    both = ["--differ", "other-words", "--differ", "short-pages", "--differ", "ipv6-only", "--differ", "ipv4-only"]
    line = "gman: a cloud is only one of ipv4-only, ipv6-only (default pools)\n"
    assert serve("--data", str(tmp_path), *both) == (3, line)
    assert clash(["other-words", "other-words", "ipv6-only", "small-quotas"]) == []


def test_they_can_be_listed() -> None:
    code, listed = serve("--list-differences")
    assert (code, [line.split()[0] for line in listed.splitlines()]) == (0, sorted(CATALOGUE))
