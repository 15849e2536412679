"""The options of the races, as pytest parses them."""

import argparse

import pytest

from conformance.race.options import DEFAULT_ROUNDS, DEFAULT_WIDTH, add_options


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
    assert (chosen.race_width, chosen.race_rounds) == (DEFAULT_WIDTH, DEFAULT_ROUNDS)


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
    ],
)
def test_values_out_of_bounds_are_refused(
    parser: Parser, capsys: pytest.CaptureFixture[str], arguments: list[str], complaint: str
) -> None:
    with pytest.raises(SystemExit):
        parser.parse_args([f"{arguments[0]}={arguments[1]}"])
    assert complaint in capsys.readouterr().err
