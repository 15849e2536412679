"""`load_tests` for the suite: every test under its own id, with the requirements it observes, and its state as unittest
has it.

    OS_CLOUD=devstack python -m testtools.run conformance.unittest_suite.test_conformance
    OS_CLOUD=devstack stestr run

The cloud and what goes with it come from the environment, see conformance.run.environment. A file is run as a whole
when the first of its tests is asked for, since they build on each other.
"""

import unittest
from collections.abc import Iterator
from functools import cache
from typing import Any

import testtools

from conformance import PACKAGE
from conformance.coverage import requirement_tests
from conformance.coverage.requirement_tests import EVERY_ANSWER
from conformance.gabbi import files as gabbi_files
from conformance.report.collect import Collector, OnlyEnds
from conformance.run import environment, session
from conformance.run.context import RunContext
from conformance.settings import Settings
from conformance.target.capabilities import Capabilities
from conformance.verdict.records import TestRecord
from conformance.verdict.rollup import worst
from conformance.verdict.states import State

MODULE = "conformance.unittest_suite.test_conformance"
CLEAN = "nothing is left behind"


class ConformanceTest(testtools.TestCase):  # type: ignore[misc]
    """One test of a file, or the check of what the file left behind."""

    def __init__(self, file: str, name: str, requirements: tuple[str, ...] = ()) -> None:
        super().__init__("observe")
        self.file = file
        self._name = name
        tags = f"[{','.join(requirements)}]" if requirements else ""
        self._id = f"{MODULE}.{file}::{name.replace(' ', '_')}{tags}"

    def id(self) -> str:
        return self._id

    def observe(self) -> None:
        """Take the state of the test: fails, or is skipped with the reason."""
        records, leaks = _ran(self.file)
        if self._name == CLEAN:
            assert not leaks, "\n".join(leaks)
            return
        own = [record for record in records if self._is_of(record)]
        if self._name == EVERY_ANSWER and not own:
            self.skipTest("no answer shows an object")
        state = worst(record.state for record in own) or State.ERROR
        record = next((record for record in own if record.state is state), None)
        reason = record.message or record.reason if record else "it was not run"
        if state in (State.FAIL, State.INCONCLUSIVE):
            self.fail(f"{state}: {reason}")
        if state is State.ERROR:
            raise RuntimeError(reason)
        if state is not State.PASS:
            self.skipTest(f"{state}: {record.reason if record else ''}")

    def _is_of(self, record: TestRecord) -> bool:
        """Whether a record is the test's, perhaps with parameters, or of what every answer of the file has shown."""
        if self._name == EVERY_ANSWER:
            return record.id.startswith(f"{EVERY_ANSWER}::")
        name = f"{self.file}::{self._name}"
        return record.id == name or record.id.startswith(f"{name}[")


@cache
def _prepared() -> tuple[Settings, Capabilities]:
    """What all files share, looked up once a process. Raises UsageProblem."""
    settings = environment.settings()
    return settings, session.prepared(settings).capabilities


@cache
def _ran(file: str) -> tuple[list[TestRecord], list[str]]:
    """The tests of a file with what became of them, and what it left behind."""
    context = RunContext(*_prepared())
    collector = Collector(OnlyEnds(lambda _record: None))
    path = gabbi_files.folder().parent / file if file.startswith("gabbits/") else PACKAGE.parent / file
    leaks = session.run_file(context, collector, path)
    return list(collector.run.tests.values()), leaks + collector.run.problems


def _tests() -> Iterator[ConformanceTest]:
    files: dict[str, None] = {}
    for test, requirements in requirement_tests.listed():
        file, _, name = test.partition("::")
        files[file] = None
        yield ConformanceTest(file, name, tuple(requirements))
    for file in files:
        yield ConformanceTest(file, EVERY_ANSWER)
        yield ConformanceTest(file, CLEAN)


def load_tests(_loader: Any, _standard: Any, _pattern: Any) -> unittest.TestSuite:
    """The protocol of unittest. Raises RegistryError where the suite contradicts itself."""
    tests: list[Any] = sorted(_tests(), key=lambda test: str(test.file))
    return unittest.TestSuite(tests)
