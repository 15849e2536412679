"""The report of a run as data: what report.json holds, and what every renderer reads."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from conformance.verdict.claims import Claims
from conformance.verdict.outcome import TestOutcome
from conformance.verdict.states import State, Verdict

SCHEMA_VERSION = "1.1"


@dataclass
class TestResult:
    """One test that has ended; `seconds` without setting up and taking down. `message` is all known of a failure."""

    __test__ = False  # no test, for pytest

    id: str
    outcome: TestOutcome
    seconds: float = 0.0
    message: str = ""

    def to_plain(self) -> dict[str, Any]:
        return {"id": self.id, "seconds": round(self.seconds, 4), "message": self.message, **self.outcome.to_plain()}

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> Self:
        outcome = {key: value for key, value in plain.items() if key not in ("id", "seconds", "message")}
        return cls(plain["id"], TestOutcome.from_plain(outcome), plain["seconds"], plain["message"])


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
    """`tests` are all that ended, with their outcomes: the rest follows from them. `steps` are those that went wrong
    and observe no requirement themselves. `problems` are of the run as a whole: files that could not be read, processes
    that died. `stale` are waivers that nothing needs any more.
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
    stale: list[str] = field(default_factory=list)
    interrupted: bool = False
    tests: list[TestResult] = field(default_factory=list)
    schema_version: str = SCHEMA_VERSION

    def to_plain(self) -> dict[str, Any]:
        """As report.json has it: schemas/report.json."""
        plain = {
            **vars(self),
            "claims": self.claims.to_plain(),
            "profiles": {name: vars(profile) for name, profile in self.profiles.items()},
            "requirements": [{**vars(line), "tests": [*map(vars, line.tests)]} for line in self.requirements],
            "steps": [*map(vars, self.steps)],
            "tests": [result.to_plain() for result in self.tests],
        }
        return {"schema_version": plain.pop("schema_version"), **plain}

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> Self:
        """The report in a report.json, which keeps to its schema."""
        requirements = [
            RequirementLine(**{**line, "state": State(line["state"]), "tests": _lines(line["tests"])})
            for line in plain["requirements"]
        ]
        profiles = {
            name: ProfileLine(Verdict(profile["state"]), profile["claimed"], profile["counts"])
            for name, profile in plain["profiles"].items()
        }
        return cls(
            **{
                **plain,
                "verdict": Verdict(plain["verdict"]),
                "claims": Claims.from_plain(plain["claims"]),
                "profiles": profiles,
                "requirements": requirements,
                "steps": _lines(plain["steps"]),
                "tests": [TestResult.from_plain(result) for result in plain["tests"]],
            }
        )

    def failures(self) -> list[tuple[str, TestLine]]:
        """The failed tests with the requirement that each failed, or with none."""
        bad = {State.ERROR, State.FAIL, State.INCONCLUSIVE}
        of_requirements = [(line.id, test) for line in self.requirements for test in line.tests if test.state in bad]
        return of_requirements + [("", test) for test in self.steps if test.state in bad]


def _lines(plain: list[dict[str, Any]]) -> list[TestLine]:
    return [TestLine(**{**line, "state": State(line["state"])}) for line in plain]
