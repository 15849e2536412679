"""The options of the races, for the pytest plug-in to offer."""

import argparse
from collections.abc import Callable
from typing import Any, Protocol

import execnet

WIDTH = "--race-width"
ROUNDS = "--race-rounds"
PROJECTS = "--race-projects"
WALKS = "--race-walks"
SEED = "--race-seed"
FROM = "--race-from"

DEFAULT_WIDTH = 8  # more than the workers of a small service, so that workers race each other and their own threads
DEFAULT_ROUNDS = 3
DEFAULT_PROJECTS = 4
DEFAULT_WALKS = 2  # some seconds of a real cloud each
DEFAULT_SEED = 1
MAX_WIDTH = 256  # connections that one process opens side by side
MAX_ROUNDS = 1000
MAX_PROJECTS = 200
MAX_WALKS = 10_000
MAX_SEED = 2**32 - 1


class Config(Protocol):
    """What is needed of pytest.Config."""

    def getoption(self, name: str) -> Any: ...


class Parser(Protocol):
    """What is needed of pytest.Parser and its groups."""

    def addoption(self, *names: str, **attributes: object) -> None: ...


def add_options(parser: Parser) -> None:
    """Offer the options; values outside their bounds are refused with a line that names the bounds."""
    parser.addoption(
        WIDTH,
        type=_between(2, MAX_WIDTH),
        default=DEFAULT_WIDTH,
        metavar="N",
        help=f"how many calls a race releases at once (default {DEFAULT_WIDTH})",
    )
    parser.addoption(
        ROUNDS,
        type=_between(1, MAX_ROUNDS),
        default=DEFAULT_ROUNDS,
        metavar="N",
        help=f"how often a race is run (default {DEFAULT_ROUNDS})",
    )
    parser.addoption(
        PROJECTS,
        type=_between(2, MAX_PROJECTS),
        default=DEFAULT_PROJECTS,
        metavar="N",
        help=f"how many projects race for one pool, where there are so many (default {DEFAULT_PROJECTS})",
    )
    parser.addoption(
        WALKS,
        type=_between(1, MAX_WALKS),
        default=DEFAULT_WALKS,
        metavar="N",
        help=f"how many random walks are taken through a topology's life (default {DEFAULT_WALKS})",
    )
    parser.addoption(
        SEED,
        type=_between(0, MAX_SEED),
        default=DEFAULT_SEED,
        metavar="N",
        help=f"which random walks (default {DEFAULT_SEED})",
    )
    parser.addoption(
        FROM,
        type=_gateway,
        action="append",
        default=[],
        metavar="SPEC",
        help="let the calls of races come from there: popen, ssh=HOST, with //python=... or without; may be repeated",
    )


def chosen(config: Config) -> tuple[int, int]:
    """The width and the number of rounds that the run was given."""
    return config.getoption(WIDTH), config.getoption(ROUNDS)


def projects(config: Config) -> int:
    """How many projects the run was asked to let race."""
    return int(config.getoption(PROJECTS))


def walks(config: Config) -> tuple[int, int]:
    """The seed of the random walks, and how many of them."""
    return int(config.getoption(SEED)), int(config.getoption(WALKS))


def senders(config: Config) -> list[str]:
    """Where the calls of races are sent from; empty: from the processes that run the tests."""
    return list(config.getoption(FROM))


def _gateway(text: str) -> str:
    try:
        spec = execnet.XSpec(text)
    except (ValueError, AttributeError, IndexError):  # the last for an empty one
        spec = None
    if spec is None or not (spec.popen or spec.ssh or spec.vagrant_ssh):
        raise argparse.ArgumentTypeError(f"{text!r} is neither popen nor ssh=HOST, with //python=... or without")
    return text


def _between(least: int, most: int) -> Callable[[str], int]:
    def whole_number(text: str) -> int:
        if not text.isdecimal() or not least <= int(text) <= most:
            raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from {least} to {most}")
        return int(text)

    return whole_number
