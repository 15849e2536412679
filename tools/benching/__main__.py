"""The command line of `tools/bench`."""

import argparse
import sys
from collections.abc import Callable, Sequence

from command_line import USAGE, Parser, count, run

from benching import calls, gabbis, growth, processor, real, since, suite, tempests, volleys
from benching.table import FORMATS, Table
from benching.target import REFERENCES, opened
from conformance.settings import UsageProblem

Claim = Callable[[argparse.Namespace], list[Table]]


def _on_targets(*measures: Callable[..., Table]) -> Claim:
    """A claim that opens the targets of `--on` once for all its measurements."""

    def measured(options: argparse.Namespace) -> list[Table]:
        with opened(options.on) as targets:
            return [measure(targets, options.rounds) for measure in measures]

    return measured


# name -> (what is measured, in a sentence, the function that measures it)
CLAIMS: dict[str, tuple[str, Claim]] = {
    "calls": ("a first GET, a steady GET, a DELETE of the topology", _on_targets(calls.one_user)),
    "crowds": ("N projects on one pool, N GETs of one project", _on_targets(calls.crowds)),
    "boots": ("POST min_count 3 until all servers are ACTIVE", _on_targets(calls.boots)),
    "growth": (
        "a first GET beside so many other topologies (--sizes)",
        lambda options: [growth.growth(options.sizes, options.rounds)],
    ),
    "memory": ("resident memory of the reference", lambda options: [growth.memory(50 * options.rounds)]),
    "volley": ("how close together a volley arrives", lambda options: [volleys.spread(32, options.rounds)]),
    "gabbi": ("what one gabbi test costs", lambda options: [gabbis.overhead(options.rounds)]),
    "tempest": ("Tempest's tests of this subject, and what observes the same here", _on_targets(tempests.beside)),
    "server": (
        "processor time of the reference, today's beside that of --since",
        lambda options: processor.since(options.since, options.on, options.rounds),
    ),
    "suite": (
        "wall time of the whole suite, and its own share",
        lambda options: [suite.embedded(options.rounds), suite.own_work(options.rounds)],
    ),
}


SINCE, REAL = "since", "real"  # first words that have command lines of their own, without claims
START = "86ecc7e"


def _names(text: str) -> list[str]:
    return [name for name in text.split(",") if name]


def _sizes(text: str) -> list[int]:
    if not all(size.isdecimal() for size in _names(text)):
        raise argparse.ArgumentTypeError(f"{text!r} is not numbers with commas")
    return [int(size) for size in _names(text)]


def _parser() -> argparse.ArgumentParser:
    claims = "\n".join(f"  {name:8} {about}" for name, (about, _how) in CLAIMS.items())
    parser = Parser(
        prog="tools/bench",
        description="Measure one claim at a time, side by side, as medians and ratios; nothing is judged.",
        epilog=f"claims:\n{claims}\n\nand by itself, this repository's today beside an older revision:\n"
        f"  {SINCE} REV\n  {REAL} [--since REV] [--cloud NAME]",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("claims", nargs="+", metavar="CLAIM", choices=CLAIMS, help="see below")
    parser.add_argument(
        "--on",
        type=_names,
        default=["sqlite"],
        metavar="TARGET,...",
        help=f"{', '.join(REFERENCES)}, or a cloud of clouds.yaml that has NAME-admin beside it (default sqlite)",
    )
    parser.add_argument("--sizes", type=_sizes, default=[50_000], metavar="N,...", help="for growth (default 50000)")
    parser.add_argument("--since", default=START, metavar="REV", help=f"for server (default {START})")
    _add_common(parser, 10, "rounds, all targets in each")
    return parser


def _since_parser() -> argparse.ArgumentParser:
    parser = Parser(
        prog=f"tools/bench {SINCE}",
        description="Measure the whole embedded run of today beside that of an older revision, in turns.",
    )
    parser.add_argument("revision", metavar="REV", help="a commit of this repository's history")
    _add_common(parser, 5, "pairs of runs")
    return parser


def _real_parser() -> argparse.ArgumentParser:
    parser = Parser(
        prog=f"tools/bench {REAL}",
        description="Measure whole runs of this revision and of an older one, in turns, on a cloud that is up.",
    )
    parser.add_argument("--since", default=START, metavar="REV", help=f"a commit of the history (default {START})")
    parser.add_argument(
        "--cloud",
        default="openstack",
        metavar="NAME",
        help="a cloud of clouds.yaml that has NAME-admin beside it (default openstack)",
    )
    parser.add_argument("--processes", type=count, default=4, metavar="N", help="of each run (default 4)")
    _add_common(parser, 1, "pairs of runs")
    return parser


def _add_common(parser: argparse.ArgumentParser, rounds: int, what: str) -> None:
    parser.add_argument("--rounds", type=count, default=rounds, metavar="N", help=f"{what} (default {rounds})")
    parser.add_argument("--format", choices=FORMATS, default="text", help="of the tables (default text)")


def _claims(options: argparse.Namespace) -> list[Table]:
    return [table for claim in options.claims for table in CLAIMS[claim][1](options)]


# first word with a command line of its own -> (its parser, the function that measures)
OWN: dict[str, tuple[Callable[[], argparse.ArgumentParser], Claim]] = {
    SINCE: (_since_parser, lambda options: [since.since(options.revision, options.rounds)]),
    REAL: (_real_parser, lambda options: [real.real(options.since, options.cloud, options.processes, options.rounds)]),
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the tables of the claims, or of today and an older revision; the exit code."""
    given = sys.argv[1:] if arguments is None else list(arguments)
    own = OWN.get(given[0]) if given else None
    parser, measured = own or (_parser, _claims)
    options = parser().parse_args(given[1:] if own else given)
    try:
        tables = measured(options)
    except UsageProblem as error:
        print(f"tools/bench: {error}", file=sys.stderr)
        return USAGE
    print(FORMATS[options.format](tables))
    return 0


if __name__ == "__main__":
    run("tools/bench", main)
