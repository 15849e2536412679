"""The command line of `tools/mutate`."""

import argparse
import random
import shutil
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from command_line import USAGE, Parser, count, run
from proving import trial
from proving.trial import Trial

import reference
from conformance.verdict.states import Exit, State
from mutating.mutants import Mutant, mutant, places

PACKAGE = Path(reference.__file__).resolve().parent
MUTABLE = (PACKAGE / "network", PACKAGE / "compute")  # the two APIs that the requirements are about
NOT_FOUND = "NOT FOUND"


def _parser() -> argparse.ArgumentParser:
    parser = Parser(
        prog="tools/mutate",
        description="Change the reference in one place at a time, at random, and run the suite against it until "
        "something is red. What is not found is listed: a gap in the suite, or a change that nobody can see. "
        "Exit code 0 whatever is found.",
    )
    parser.add_argument(
        "paths", metavar="PATH", nargs="*", type=Path, default=MUTABLE, help="what to change (default: both APIs)"
    )
    parser.add_argument("--sample", metavar="N", type=count, default=20, help="how many changes (default 20)")
    parser.add_argument("--seed", metavar="N", type=int, default=0, help="which ones (default 0)")
    parser.add_argument("--jobs", metavar="N", type=count, default=2, help="runs at the same time (default 2)")
    parser.add_argument("-k", metavar="EXPR", dest="keyword", default="", help="only tests whose names match")
    return parser


def chosen(paths: Sequence[Path], sample: int, seed: int) -> list[Mutant]:
    """`sample` different mutants of the files, and of those in the folders, or all mutants if there are fewer."""
    files = sorted(file for path in paths for file in ([path] if path.is_file() else path.rglob("*.py")))
    candidates = [(file, place) for file in files for place in range(places(file))]
    picked = random.Random(seed).sample(candidates, min(sample, len(candidates)))  # noqa: S311 - a sample, no secret
    return [mutant(file, place) for file, place in picked]


def tried(candidate: Mutant, keyword: str) -> str:
    """Run the suite against the mutant until a test fails; the verdict in words (`verdict_of`)."""
    options = ["-x", *([f"-k{keyword}"] if keyword else [])]
    with tempfile.TemporaryDirectory(prefix="gman-mutate-") as folder:
        copy = Path(folder) / PACKAGE.name
        shutil.copytree(PACKAGE, copy, ignore=shutil.ignore_patterns("__pycache__", "tests"))
        (copy / candidate.file.relative_to(PACKAGE)).write_text(candidate.source)
        [result] = trial.run([], source=Path(folder), options=options)
    return verdict_of(result)


def verdict_of(result: Trial) -> str:
    """What found the mutant, or why nothing did; "on the way": found by a step that observes no requirement."""
    red = [id_ for id_, state in result.states.items() if state == State.FAIL]
    if red:
        return f"found by {' '.join(red)}"
    if result.trouble:
        return f"broken: {result.trouble}"
    return {Exit.FAILED: "found on the way", Exit.INCONCLUSIVE: "in doubt"}.get(result.code, NOT_FOUND)


def main(arguments: Sequence[str] | None = None) -> int:
    """Try mutants and print what found each; the exit code, 0 whatever is found."""
    options = _parser().parse_args(arguments)
    start = time.monotonic()
    paths = [path.resolve() for path in options.paths]
    if unusable := [path for path in paths if not path.exists() or PACKAGE not in path.parents]:
        print(f"tools/mutate: {unusable[0]} is no file or folder in {PACKAGE.name}/", file=sys.stderr)
        return USAGE
    mutants = chosen(paths, options.sample, options.seed)
    missed = 0
    with ThreadPoolExecutor(options.jobs) as pool:
        running = [pool.submit(tried, candidate, options.keyword) for candidate in mutants]
        try:
            for candidate, trial_run in zip(mutants, running, strict=True):
                verdict = trial_run.result()
                missed += verdict == NOT_FOUND
                place = f"{candidate.file.relative_to(PACKAGE.parent)}:{candidate.line}"
                print(f"{place}: {verdict}\n    {candidate.before}\n    {candidate.after}", flush=True)
        except KeyboardInterrupt:
            pool.shutdown(wait=False, cancel_futures=True)  # trials that already run are not stopped
            raise
    print(f"{missed} of {len(mutants)} changes not found, after {time.monotonic() - start:.0f} s")
    return 0


if __name__ == "__main__":
    run("tools/mutate", main)
