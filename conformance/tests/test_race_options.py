"""The options of the races, as pytest parses them."""

import argparse

import pytest

from conformance.race.engine.options import NUMBERS, ROUNDS, WIDTH, add_options, repeated


class Parser(argparse.ArgumentParser):
    """argparse under pytest's name for adding an option."""

    def addoption(self, *names: str, **attributes: object) -> None:
        self.add_argument(*names, **attributes)  # type: ignore[arg-type]


@pytest.fixture
def parser() -> Parser:
    parser = Parser()
    add_options(parser)
    return parser


def test_defaults(parser: Parser) -> None:
    chosen = parser.parse_args([])
    assert (chosen.race_width, chosen.race_rounds) == (WIDTH.default, ROUNDS.default)


def test_values_within_the_bounds_are_numbers(parser: Parser) -> None:
    chosen = parser.parse_args(["--race-width", "2", "--race-rounds", "1000"])
    assert (chosen.race_width, chosen.race_rounds) == (2, 1000)


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["--race-width", "1"], "'1' is not a whole number from 2 to 256"),
        (["--race-width", "many"], "'many' is not a whole number from 2 to 256"),
        (["--race-rounds", "0"], "'0' is not a whole number from 1 to 1000"),
        (["--race-rounds", "-3"], "'-3' is not a whole number from 1 to 1000"),
        (["--race-walks", "0"], "'0' is not a whole number from 1 to 10000"),
        (["--race-seed", "-1"], "'-1' is not a whole number from 0 to 4294967295"),
        (["--race-from", "carrier-pigeon"], "'carrier-pigeon' is neither popen nor ssh=HOST"),
        (["--race-from", ""], "'' is neither popen nor ssh=HOST"),
    ],
)
def test_values_out_of_bounds_are_refused(
    parser: Parser, capsys: pytest.CaptureFixture[str], arguments: list[str], complaint: str
) -> None:
    with pytest.raises(SystemExit):
        parser.parse_args([f"{arguments[0]}={arguments[1]}"])
    assert complaint in capsys.readouterr().err


def test_places_to_send_from_add_up(parser: Parser) -> None:
    chosen = parser.parse_args(["--race-from", "popen", "--race-from", "ssh=load1//python=python3"])
    assert chosen.race_from == ["popen", "ssh=load1//python=python3"]
    assert parser.parse_args([]).race_from == []


def test_options_can_be_repeated(parser: Parser) -> None:
    options = ["--race-walks=9", "--race-seed=0", "--race-width=5", "--race-from=popen", "--race-from=ssh=load1"]
    chosen = parser.parse_args(options)
    assert set(options) <= set(repeated(chosen))
    assert parser.parse_args(repeated(chosen)) == chosen
    assert all(number.least <= number.default <= number.most for number in NUMBERS)
