"""The files of `.ci` with what runs in turns: each line has its days, and every day has a cloud."""

import re

from documented import ROOT

LINE = re.compile(r"(?P<remainder>\d+)/(?P<divisor>\d+)\s+(?P<what>\S.*)")
DAYS = range(1, 367)


def turns(name: str) -> list[re.Match[str]]:
    """The lines of that file of `.ci`, each with `remainder`, `divisor` and `what`."""
    lines = [line for line in (ROOT / ".ci" / name).read_text().splitlines() if line and not line.startswith("#")]
    turns = [LINE.fullmatch(line) for line in lines]
    assert None not in turns, lines
    return [turn for turn in turns if turn]


def on(day: int, turn: re.Match[str]) -> bool:
    return day % int(turn["divisor"]) == int(turn["remainder"])


def test_every_line_has_its_days() -> None:
    for turn in turns("parts") + turns("clouds"):
        assert any(on(day, turn) for day in DAYS), turn[0]


def test_every_part_is_a_command_of_this_project() -> None:
    for turn in turns("parts"):
        assert (ROOT / turn["what"].split()[0]).is_file(), turn[0]


def test_each_day_has_one_or_two_clouds_and_the_first_is_on_ovn() -> None:
    for day in DAYS:
        clouds = [turn["what"].split() for turn in turns("clouds") if on(day, turn)]
        assert 1 <= len(clouds) <= 2, day
        assert clouds[0][1] == "ovn", day
