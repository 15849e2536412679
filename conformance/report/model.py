"""The report of a run as data: what report.json holds, and what every renderer reads."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from conformance.claims import Claims
from conformance.verdict import State, Verdict

SCHEMA_VERSION = "1.1"


@dataclass(frozen=True)
class TestLine:
    """One test as an observation of one requirement, or of none. `message` is all that is known of a failure."""

    __test__ = False  # no test, for pytest

    id: str
    state: State
    seconds: float
    message: str = ""


@dataclass(frozen=True)
class RequirementLine:
    """One requirement: there is a line for each of the registry, whatever was run."""

    id: str
    level: str
    profile: str
    sentence: str
    source: str
    state: State
    reason: str
    counts: bool
    tests: list[TestLine]


@dataclass(frozen=True)
class ProfileLine:
    """`counts` gives the number of requirements in each state."""

    state: Verdict
    claimed: bool
    counts: Mapping[str, int]


@dataclass(frozen=True)
class Report:
    """`steps` are tests that went wrong and observe no requirement themselves. `problems` are of the run as a whole:
    waivers that nothing needs any more, files that could not be read, processes that died.
    """

    verdict: Verdict
    exit_code: int
    started: str
    seconds: float
    suite: str
    target: Mapping[str, Any]
    claims: Claims
    profiles: Mapping[str, ProfileLine]
    requirements: list[RequirementLine]
    counts: Mapping[str, int]
    steps: list[TestLine] = field(default_factory=list)
    leaks: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    schema_version: str = SCHEMA_VERSION

    def to_plain(self) -> dict[str, Any]:
        """As report.json has it: schemas/report.json."""
        plain = {**asdict(self), "claims": self.claims.to_plain()}
        return {"schema_version": plain.pop("schema_version"), **plain}

    def failures(self) -> list[tuple[str, TestLine]]:
        """The failed tests with the requirement that each failed, or with none."""
        bad = {State.ERROR, State.FAIL, State.INCONCLUSIVE}
        of_requirements = [(line.id, test) for line in self.requirements for test in line.tests if test.state in bad]
        return of_requirements + [("", test) for test in self.steps if test.state in bad]
