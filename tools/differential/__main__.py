"""The command line of `tools/against`."""

import argparse
import itertools
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from command_line import USAGE, Parser, count, run
from openstack_cloud import releases

from differential import bodies, cloud, lawful, real_side, shrinking, sweeps
from differential.lawful import Lawful
from differential.play import Mismatch, Pair
from differential.progress import Progress
from differential.real_side import ServiceError
from differential.scenes import Story
from differential.search import Search
from differential.stories import stories

BATCH = 20  # stories generated at once
SWEPT = 4  # stories of the sweep between two random ones
LONG = 5000  # steps of a run that should see every lawful kind


@dataclass(frozen=True)
class Comparison:
    """One comparison: its share of the steps, its two sides, its random stories, and those of the sweep."""

    share: float
    sides: Callable[[Path, Path], AbstractContextManager[Pair]]
    chance: Callable[[int, int], list[Story]]
    sweep: Callable[[int], Iterator[Story]]

    def stories(self, seed: int) -> Iterator[Story]:
        """Stories without end, the same ones for the same seed: those of the sweep, while there are any, and random
        ones.
        """
        sweep = self.sweep(seed)
        for batch in itertools.count():
            for story in self.chance(BATCH, seed * 100_000 + batch):
                yield from itertools.islice(sweep, SWEPT)
                yield story


APIS = {
    "network": Comparison(0.6, cloud.networking, stories, sweeps.networking),
    "schemas": Comparison(0.4, cloud.schemas, bodies.requests, sweeps.schemas),
}


def _parser() -> argparse.ArgumentParser:
    parser = Parser(
        prog="tools/against",
        description="Send generated requests to the real Neutron and to the request schemas of the real Nova and "
        "Keystone, and to the reference, all in processes of this machine, and compare the answers. Exit code 0 if "
        "they differ only where that is listed as lawful, 1 if not.",
    )
    parser.add_argument("--steps", metavar="N", type=count, default=2000, help="how many requests (default 2000)")
    parser.add_argument("--seed", metavar="N", type=int, default=0, help="which ones (default 0)")
    parser.add_argument("--seconds", metavar="N", type=count, default=3600, help="send no more after this time")
    parser.add_argument("--only", choices=sorted(APIS), help="Networking, or the schemas of the others")
    parser.add_argument(
        "--release", choices=sorted(releases.RELEASES), default=releases.DEFAULT, help=f"default {releases.DEFAULT}"
    )
    return parser


def compared(options: argparse.Namespace, python: Path, folder: Path, listed: Lawful) -> tuple[list[Mismatch], int]:
    """The differences that are not lawful, and the number of requests. Raises ServiceError."""
    mismatches: list[Mismatch] = []
    sent = 0
    for name, comparison in APIS.items():
        if options.only not in (None, name):
            continue
        with comparison.sides(python, folder) as pair:
            part = 1 if options.only else comparison.share
            steps = int(options.steps * part)
            search = Search(pair, listed, Progress(name, steps))
            until = time.monotonic() + options.seconds * part
            search.through(comparison.stories(options.seed), steps, until)
            mismatches += search.mismatches.values()
            sent += pair.sent
    return mismatches, sent


def report(mismatches: Sequence[Mismatch]) -> str:
    """Each difference, and the commands that show it."""
    lines = []
    for difference in sorted(mismatches, key=lambda one: one.kind):
        lines += [f"{difference.difference}", *(f"  {line}" for line in shrinking.commands(difference.story)), ""]
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> int:
    """Compare, and print what differs; the exit code."""
    options = _parser().parse_args(arguments)
    start = time.monotonic()
    listed = lawful.load()
    with tempfile.TemporaryDirectory(prefix="gman-against-") as folder:
        try:
            mismatches, sent = compared(options, real_side.python(options.release), Path(folder), listed)
        except subprocess.CalledProcessError as error:
            print(f"tools/against: set-up failed, see pip's message above: {error}", file=sys.stderr)
            return USAGE
        except ServiceError as error:
            print(f"tools/against: {error}", file=sys.stderr)
            return USAGE
    print(report(mismatches))
    is_long = options.steps >= LONG and not options.only
    unused = [entry.reason for entry in listed.entries if is_long and not listed.uses[entry]]
    print(*(f"listed as lawful, and not seen: {reason}" for reason in unused), sep="\n", end="\n" if unused else "")
    print(
        f"{sent} requests in {time.monotonic() - start:.0f} s, seed {options.seed}: {len(mismatches)} differences, "
        f"besides those of {len(listed.entries)} lawful kinds"
    )
    return 1 if mismatches else 0


if __name__ == "__main__":
    run("tools/against", main)
