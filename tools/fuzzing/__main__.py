"""The command line of `tools/fuzz`."""

import argparse
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from command_line import USAGE, Parser, count, run
from empty_database import KINDS, SQLITE, Unreachable, empty

from fuzzing import target as targets
from fuzzing.description import operations
from fuzzing.fire import Failure, Gun
from fuzzing.known import Known
from fuzzing.plans import plans
from fuzzing.target import Target
from fuzzing.wire import Connection

APIS = ("identity", "image", "network", "compute")
ROUND = 500  # requests to each API between two clean starts
ROUNDS = 1000  # at most for one seed, each with a seed of its own
TROUBLE = ("Traceback", "CRITICAL", "was sent SIG", "cannot be used")  # in a log


def _parser() -> argparse.ArgumentParser:
    parser = Parser(
        prog="tools/fuzz",
        description="Start a reference and send it thousands of requests that follow its own description, right and "
        "broken ones. Exit code 0 if every answer was one of the API, 1 if not.",
    )
    parser.add_argument("--requests", metavar="N", type=count, default=10000, help="how many (default 10000)")
    parser.add_argument("--seed", metavar="N", type=int, default=0, help="which ones (default 0)")
    parser.add_argument("--seconds", metavar="N", type=count, default=600, help="send no more after this time")
    parser.add_argument("--database", choices=KINDS, default=SQLITE, help="on which kind of database (default sqlite)")
    parser.add_argument("--data", metavar="DIR", type=Path, help="keep the reference's database and log there")
    return parser


def fuzz(target: Target, count: int, seed: int, until: float) -> tuple[list[Gun], list[str]]:
    """Send `count` requests, in rounds, until the monotonic time `until`. Returns the senders, and problems that no
    answer shows.
    """
    share = -(-count // len(APIS))
    described = [operations(api, target.described(api)) for api in APIS]
    guns = [Gun(Connection(target.port), target.tokens, Known(spared=target.spared)) for _api in APIS]
    workers, trouble = target.workers(), []
    for number, start in enumerate(range(0, share, ROUND)):
        # of this round alone, as generating all would take longer than some runs
        loads = [plans(routes, min(ROUND, share - start), seed * ROUNDS + number) for routes in described]
        target.reset()
        ids_of = targets.fill(target)
        with ThreadPoolExecutor(len(APIS)) as pool:
            for api, gun in zip(APIS, guns, strict=True):
                gun.known = Known(_unspared(target, ids_of) if api == "identity" else ids_of, target.spared)
            list(pool.map(Gun.fire, guns, loads, [until] * len(guns)))
        if target.workers() != workers:
            trouble.append("a worker died")
            workers = target.workers()
        trouble += targets.empty(target) + targets.unwhole(target)
        if time.monotonic() > until:
            break
    return guns, trouble


def _unspared(target: Target, ids_of: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    """The ids that requests to Identity may change or delete; the others are needed for further requests."""
    return {
        kind: [item for item in ids if kind == "callers" or item not in target.spared] for kind, ids in ids_of.items()
    }


def _logged(target: Target) -> list[str]:
    """The log's lines that speak of crashes, each once, the first 20."""
    lines = target.log.read_text(errors="replace").splitlines()
    return sorted({line[:300] for line in lines if any(word in line for word in TROUBLE)})[:20]


def report(answers: Counter[tuple[str, int]], failures: Sequence[Failure], trouble: Sequence[str]) -> str:
    """Statuses by route, then each failure with a command that reproduces it, then further problems."""
    by_route: dict[str, list[str]] = defaultdict(list)
    for (route, status), number in sorted(answers.items()):
        by_route[route].append(f"{status or 'none'}: {number}")
    lines = [f"{route:64} {'  '.join(counts)}" for route, counts in by_route.items()]
    for failure in failures:
        lines += [
            "",
            f"{failure.problem}: {failure.operation} ({failure.often} times)",
            f"  {failure.answer}",
            f"  {failure.command}",
        ]
    lines += ["", *trouble] if trouble else []
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> int:
    """Fuzz a reference, print the report, and return the exit code."""
    options = _parser().parse_args(arguments)
    start = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="gman-fuzz-") as folder:
        data = options.data or Path(folder)
        data.mkdir(parents=True, exist_ok=True)
        try:
            with empty(options.database, "fuzz") as url, targets.running(data, url) as target:
                guns, trouble = fuzz(target, options.requests, options.seed, start + options.seconds)
            trouble += _logged(target)
        except (RuntimeError, Unreachable) as error:
            print(f"tools/fuzz: {error}", file=sys.stderr)
            return USAGE
    answers = sum((gun.seen for gun in guns), Counter[tuple[str, int]]())
    failures = [failure for gun in guns for failure in gun.all_failures()]
    print(report(answers, failures, trouble))
    elapsed = time.monotonic() - start
    print(
        f"\n{answers.total()} requests in {elapsed:.0f} s on {options.database}, seed {options.seed}: "
        f"{len(failures) + len(trouble)} failures"
    )
    return 1 if failures or trouble else 0


if __name__ == "__main__":
    run("tools/fuzz", main)
