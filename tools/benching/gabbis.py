"""The time of one test of a gabbi file, without its request: with our collector, with gabbi itself, with neither."""

import time
import unittest
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import httpx
import yaml
from gabbi import handlers, suitemaker

from benching.table import Row, Table, times
from benching.volleys import arrivals
from conformance.deadlines import Deadlines
from conformance.gabbi import collector, runner
from conformance.gabbi import files as gabbi_files
from conformance.gabbi.client import Client
from conformance.waits import Waits

TESTS = 100


def overhead(rounds: int) -> Table:
    """The table of milliseconds per test, of `TESTS` with one request each, from building them to their outcome."""
    measured: dict[str, list[float]] = {"httpx alone": [], "our collector": [], "gabbi's own": []}
    with arrivals() as url, TemporaryDirectory(prefix="gman-bench-") as folder:
        path = Path(folder) / "many.yaml"
        test = {"GET": url, "response_json_paths": {"$": "/^[0-9]+$/"}}
        tests = [{"name": f"t{number}", **test} for number in range(TESTS)]
        path.write_text(yaml.safe_dump({"fixtures": [], "tests": tests}))
        for _ in range(rounds):
            for name, work in (("httpx alone", _httpx), ("our collector", _ours), ("gabbi's own", _stock)):
                start = time.monotonic()
                work(path, url)
                measured[name].append(1000 * (time.monotonic() - start) / TESTS)
    plain = median(measured["httpx alone"])
    rows = [
        Row(name, "ms", values, "" if name == "httpx alone" else f"{median(values) - plain:.2f} ms more")
        for name, values in measured.items()
    ]
    stock = times(median(measured["gabbi's own"]), median(measured["our collector"]))
    return Table(f"One gabbi test (gabbi's own {stock} of ours)", rows, "at most 3 ms more than the request")


def _httpx(_path: Path, url: str) -> None:
    with httpx.Client() as client:
        for _ in range(TESTS):
            client.get(url)


def _ours(path: Path, _url: str) -> None:
    client = Client()
    with client.for_all_tests():
        cases = collector.build(gabbi_files.GabbiFile(path.name, path, {}, (), (), yaml.safe_load(path.read_text())))
    waits = Waits(Deadlines())
    for case in cases:
        runner.run(case, waits)
    client.close()


def _stock(path: Path, _url: str) -> None:
    content = {"tests": yaml.safe_load(path.read_text())["tests"]}
    suite = suitemaker.test_suite_from_dict(
        loader=unittest.TestLoader(),
        test_base_name="many",
        suite_dict=content,
        test_directory=str(path.parent),
        host="127.0.0.1",
        port=None,
        fixture_module=None,
        intercept=None,
        handlers=[handler() for handler in handlers.RESPONSE_HANDLERS],
    )
    outcome = unittest.TestResult()
    suite.run(outcome)
    if not outcome.wasSuccessful():
        raise AssertionError(outcome.failures + outcome.errors)
