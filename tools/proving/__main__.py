"""The command line of `tools/prove`."""

import argparse
import random
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

from command_line import USAGE, Parser, count, run

from conformance.requirements.registry import RegistryError
from conformance.run import session
from proving import check_differences, compare_release, stories, table, trial
from proving.table import Row
from reference import differences
from reference.faults import CATALOGUE, EMULATIONS, NEWEST, Fault


def _file(text: str) -> Path:
    if not Path(text).parent.is_dir():
        raise argparse.ArgumentTypeError(f"there is no directory {Path(text).parent}")
    return Path(text)


def _parser() -> argparse.ArgumentParser:
    parser = Parser(
        prog="tools/prove",
        description="Plant every known fault in the reference, one at a time, and see that the suite finds it, by a "
        "requirement that the fault breaks. Exit code 0 if all are found, 1 if not.",
    )
    parser.add_argument("--only", metavar="ID,...", default="", help="these faults alone")
    parser.add_argument("--sample", metavar="N", type=count, help="N faults, picked at random")
    parser.add_argument("--seed", metavar="N", type=int, default=0, help="which sample (default 0)")
    parser.add_argument("--rounds", metavar="N", type=count, default=20, help="runs against each fault that is a race")
    parser.add_argument("--jobs", metavar="N", type=count, default=2, help="runs at the same time (default 2)")
    parser.add_argument("--report", metavar="FILE", type=_file, help="write the table as JSON, too")
    parser.add_argument(
        "--against",
        metavar="REPORT",
        type=Path,
        help="plant what releases are known for, all at once, and compare with a report on the real ones",
    )
    parser.add_argument(
        "--differences",
        metavar="ID,...",
        nargs="?",
        const="",
        help="plant what right clouds differ in, all of it or these alone, and see that nothing is red",
    )
    parser.add_argument(
        "--release",
        metavar="NAME,...",
        type=_releases,
        default=NEWEST,
        help=f"the releases that the report is on, of {', '.join(EMULATIONS)} (default: the newest)",
    )
    return parser


def _releases(text: str) -> tuple[str, ...]:
    """Names of releases, joined by commas. Raises ArgumentTypeError."""
    names = tuple(text.split(","))
    if unknown := [name for name in names if name not in EMULATIONS]:
        raise argparse.ArgumentTypeError(f"{unknown[0]!r} is none of {', '.join(EMULATIONS)}")
    return names


def _chosen(only: str, sample: int | None, seed: int) -> list[Fault]:
    """The faults to plant: those of `only`, ids joined by commas, or all; `sample` of them. Raises KeyError."""
    ids = [id_ for id_ in only.split(",") if id_] or sorted(CATALOGUE)
    if sample is not None:
        ids = random.Random(seed).sample(ids, min(sample, len(ids)))  # noqa: S311 - a sample, no secret
    return [CATALOGUE[id_] for id_ in ids]


def prove(fault: Fault, rounds: int) -> Row:
    """The fault's row: run `rounds` times if it is a race; with the whole suite where its requirements stay green."""
    requirements = stories.of(fault.breaks)
    trials = trial.run([fault.id], requirements, rounds if fault.race else 1, guests=fault.guests)
    row = Row(fault, trials)
    if row.by:
        return row
    [whole] = trial.run([fault.id], guests=fault.guests)
    return Row(fault, [*trials[1:], whole]) if set(whole.red) & set(fault.breaks) else Row(fault, trials, whole.red)


def _differences(only: str, jobs: int) -> int:
    ids = [id_ for id_ in only.split(",") if id_]
    if unknown := sorted(set(ids) - differences.CATALOGUE.keys()):
        problem = f"there is no difference {', '.join(unknown)}: gman serve --list-differences"
        print(f"tools/prove: {problem}", file=sys.stderr)
        return USAGE
    return check_differences.main(ids, jobs)


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table; the exit code, 0 where every fault is found."""
    options = _parser().parse_args(arguments)
    if options.against:
        return compare_release.main(options.against, options.release)
    try:
        faults = _chosen(options.only, options.sample, options.seed)
    except KeyError as error:
        print(f"tools/prove: there is no fault {error}: gman serve --list-faults", file=sys.stderr)
        return USAGE
    try:
        session.check_tests()
    except RegistryError as error:
        print(f"tools/prove: {error}", file=sys.stderr)
        return USAGE
    if options.differences is not None:
        return _differences(options.differences, options.jobs)
    start = time.monotonic()
    with ThreadPoolExecutor(options.jobs) as pool:
        # races first: they take longest
        faults.sort(key=lambda fault: not fault.race)
        running = [pool.submit(prove, fault, options.rounds) for fault in faults]
        rows = []
        try:
            for future in as_completed(running):
                rows.append(future.result())
                print(table.line(rows[-1]), flush=True)
        except KeyboardInterrupt:
            pool.shutdown(wait=False, cancel_futures=True)  # trials that already run are not stopped
            raise
    print(f"\n{table.total(rows)}")
    print(f"after {time.monotonic() - start:.0f} s, {options.jobs} at a time")
    if options.report:
        options.report.write_text(table.data(rows))
    return 0 if all(row.found for row in rows) else 1


if __name__ == "__main__":
    run("tools/prove", main)
