"""The command-line options of the races, the same for pytest and for `gman run`."""

import argparse
from dataclasses import dataclass
from typing import Any, Protocol

import execnet

from conformance.race.engine.rounds import Rounds

FROM = "--race-from"


@dataclass(frozen=True)
class Number:
    """An option whose value is a whole number from `least` to `most`; `what` is its help.

    It is also the option's type for argparse: called with a text, it returns the number, or raises ArgumentTypeError.
    """

    name: str
    least: int
    most: int
    default: int
    what: str

    def __call__(self, text: str) -> int:
        if not text.isdecimal() or not self.least <= int(text) <= self.most:
            raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from {self.least} to {self.most}")
        return int(text)


WIDTH = Number(  # more than the workers of a small service, so that workers race each other and their own threads
    "--race-width", 2, 256, 8, "how many calls a race releases at once"
)
ROUNDS = Number("--race-rounds", 1, 1000, 3, "how often a race is run")
SECONDS = Number("--race-seconds", 1, 86_400, 60, "no third or later round of a race begins after so many seconds")
PROJECTS = Number(
    "--race-projects", 2, 200, 4, "how many projects race for one pool, or boot at once, where there are so many"
)
WALKS = Number(  # some seconds of a real cloud each
    "--race-walks", 1, 10_000, 2, "how many random walks are taken through a topology's life"
)
SEED = Number("--race-seed", 0, 2**32 - 1, 1, "which random walks")
NUMBERS = (WIDTH, ROUNDS, SECONDS, PROJECTS, WALKS, SEED)


class Config(Protocol):
    """What this module needs of pytest.Config."""

    def getoption(self, name: str) -> Any: ...


class Parser(Protocol):
    """What this module needs of pytest.Parser, its groups, and a parser of argparse that looks like them."""

    def addoption(self, *names: str, **attributes: object) -> None: ...


def add_options(parser: Parser) -> None:
    """Add the options to the parser, which refuses a number outside its bounds with a line that names the bounds."""
    for number in NUMBERS:
        text = f"{number.what} (default {number.default})"
        parser.addoption(number.name, type=number, default=number.default, metavar="N", help=text)
    parser.addoption(
        FROM,
        type=_sender,
        action="append",
        default=[],
        metavar="SPEC",
        help="let the calls of races come from there: popen, ssh=HOST, with //python=... or without; may be repeated",
    )


def repeated(arguments: argparse.Namespace) -> list[str]:
    """The parsed options as words of another command line, whose values are the same."""
    numbers = [f"{number.name}={getattr(arguments, _attribute(number.name))}" for number in NUMBERS]
    return numbers + [f"{FROM}={spec}" for spec in getattr(arguments, _attribute(FROM))]


def _attribute(name: str) -> str:
    """The attribute in which argparse keeps the value of the option with that name."""
    return name.removeprefix("--").replace("-", "_")


def width(config: Config) -> int:
    """How many calls a race releases at once."""
    return int(config.getoption(WIDTH.name))


def rounds(config: Config) -> Rounds:
    """The rounds of a race: how many, and for how many seconds new ones begin."""
    return Rounds(int(config.getoption(ROUNDS.name)), config.getoption(SECONDS.name))


def projects(config: Config) -> int:
    """How many projects race each other."""
    return int(config.getoption(PROJECTS.name))


def walks(config: Config) -> tuple[int, int]:
    """The seed of the random walks, and their number."""
    return int(config.getoption(SEED.name)), int(config.getoption(WALKS.name))


def senders(config: Config) -> list[str]:
    """The execnet specs of the processes that send the calls of races; empty where the tests' own processes do."""
    return list(config.getoption(FROM))


def _sender(text: str) -> str:
    """The text, an execnet spec that tells where a process is started. Raises argparse.ArgumentTypeError."""
    try:
        spec = execnet.XSpec(text)
    except (ValueError, AttributeError, IndexError):  # the last for an empty one
        spec = None
    if spec is None or not (spec.popen or spec.ssh or spec.vagrant_ssh):
        raise argparse.ArgumentTypeError(f"{text!r} is neither popen nor ssh=HOST, with //python=... or without")
    return text
