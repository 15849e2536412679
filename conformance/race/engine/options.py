"""The command-line options of the races, for pytest and for `gman run`."""

import argparse
from dataclasses import dataclass
from typing import Any, Protocol

import execnet

from conformance.race.engine.rounds import Rounds

FROM = "--race-from"


@dataclass(frozen=True)
class Number:
    """An option that is a whole number from `least` to `most`; `what` is its help.

    Called with a text, it gives the number. Raises argparse.ArgumentTypeError.
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
SECONDS = Number("--race-seconds", 1, 86_400, 60, "after so many seconds no round of a race begins but its second")
PROJECTS = Number(
    "--race-projects", 2, 200, 4, "how many projects race for one pool, or boot at once, where there are so many"
)
WALKS = Number(  # some seconds of a real cloud each
    "--race-walks", 1, 10_000, 2, "how many random walks are taken through a topology's life"
)
SEED = Number("--race-seed", 0, 2**32 - 1, 1, "which random walks")
NUMBERS = (WIDTH, ROUNDS, SECONDS, PROJECTS, WALKS, SEED)


class Config(Protocol):
    """What is needed of pytest.Config."""

    def getoption(self, name: str) -> Any: ...


class Parser(Protocol):
    """What is needed of pytest.Parser and its groups."""

    def addoption(self, *names: str, **attributes: object) -> None: ...


def add_options(parser: Parser) -> None:
    """Add the options; a value outside its bounds is refused with a line that names them."""
    for number in NUMBERS:
        text = f"{number.what} (default {number.default})"
        parser.addoption(number.name, type=number, default=number.default, metavar="N", help=text)
    parser.addoption(
        FROM,
        type=_gateway,
        action="append",
        default=[],
        metavar="SPEC",
        help="let the calls of races come from there: popen, ssh=HOST, with //python=... or without; may be repeated",
    )


def repeated(arguments: argparse.Namespace) -> list[str]:
    """The same options as words of another command line."""
    numbers = [f"{number.name}={getattr(arguments, _attribute(number.name))}" for number in NUMBERS]
    return numbers + [f"{FROM}={spec}" for spec in getattr(arguments, _attribute(FROM))]


def _attribute(name: str) -> str:
    return name.removeprefix("--").replace("-", "_")


def width(config: Config) -> int:
    """How many calls a race releases at once."""
    return int(config.getoption(WIDTH.name))


def rounds(config: Config) -> Rounds:
    """How often a race is run."""
    return Rounds(int(config.getoption(ROUNDS.name)), config.getoption(SECONDS.name))


def projects(config: Config) -> int:
    """How many projects race each other."""
    return int(config.getoption(PROJECTS.name))


def walks(config: Config) -> tuple[int, int]:
    """The seed of the random walks, and how many of them."""
    return int(config.getoption(SEED.name)), int(config.getoption(WALKS.name))


def senders(config: Config) -> list[str]:
    """The execnet specs of the processes that send the calls of races; empty for those that run the tests."""
    return list(config.getoption(FROM))


def _gateway(text: str) -> str:
    try:
        spec = execnet.XSpec(text)
    except (ValueError, AttributeError, IndexError):  # the last for an empty one
        spec = None
    if spec is None or not (spec.popen or spec.ssh or spec.vagrant_ssh):
        raise argparse.ArgumentTypeError(f"{text!r} is neither popen nor ssh=HOST, with //python=... or without")
    return text
