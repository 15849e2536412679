"""The report of a run as data: what report.json holds, and what every renderer reads."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from conformance.verdict.claims import Claims
from conformance.verdict.records import FAILED, Observation, RequirementRecord, TestRecord
from conformance.verdict.states import State, Verdict

SCHEMA_VERSION = "1.4"
EMBEDDED = "the embedded reference"  # the name of the cloud in a run that was given none


@dataclass(frozen=True)
class ProfileRecord:
    """`counts` gives the number of requirements in each state."""

    state: Verdict
    claimed: bool
    counts: Mapping[str, int]


@dataclass(frozen=True)
class Report:
    """`tests` are all that ended: the rest follows from them. `steps` are those that went wrong and observe no
    requirement themselves. `problems` are of the run as a whole: files that could not be read, processes
    that died. `stale` are waivers that nothing needs any more. `waits` says which waits were cut short, as the same had
    been in vain before. `requirements_version` is empty before 1.4.
    `stopped` is the test after whose failure no other began, as -x asks for.
    `published` is what its publisher says of the product: organization, product, version, contact, each where given.
    `options` are the words of the command line that say what is tested. `earlier` are the runs whose records this
    report keeps, oldest first: schemas/report.json.
    """

    verdict: Verdict
    exit_code: int
    started: str
    seconds: float
    suite: str
    target: Mapping[str, Any]
    claims: Claims
    profiles: Mapping[str, ProfileRecord]
    requirements: list[RequirementRecord]
    counts: Mapping[str, int]
    steps: list[Observation] = field(default_factory=list)
    leaks: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    stale: list[str] = field(default_factory=list)
    waits: list[str] = field(default_factory=list)
    interrupted: bool = False
    stopped: str = ""
    requirements_version: str = ""
    published: Mapping[str, str] = field(default_factory=dict)
    options: list[str] = field(default_factory=list)
    earlier: list[Mapping[str, Any]] = field(default_factory=list)
    tests: list[TestRecord] = field(default_factory=list)
    schema_version: str = SCHEMA_VERSION

    def to_plain(self) -> dict[str, Any]:
        """As report.json has it: schemas/report.json."""
        plain = {
            **vars(self),
            "claims": self.claims.to_plain(),
            "profiles": {name: vars(profile) for name, profile in self.profiles.items()},
            "requirements": [{**vars(line), "tests": [*map(vars, line.tests)]} for line in self.requirements],
            "steps": [*map(vars, self.steps)],
            "tests": [test.to_plain() for test in self.tests],
        }
        return {"schema_version": plain.pop("schema_version"), **plain}

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> Self:
        """The report in a report.json, which keeps to its schema."""
        requirements = [
            RequirementRecord(**{**line, "state": State(line["state"]), "tests": _lines(line["tests"])})
            for line in plain["requirements"]
        ]
        profiles = {
            name: ProfileRecord(Verdict(profile["state"]), profile["claimed"], profile["counts"])
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
                "tests": [TestRecord.from_plain(test) for test in plain["tests"]],
            }
        )

    def history(self) -> list[str]:
        """A sentence on where the run stopped, if it did, and one for each run whose records this report keeps."""
        stopped = f"Stopped after the failure of {self.stopped}: no other test began."
        return [stopped] * bool(self.stopped) + [
            f"Run again: of the run of {line['started']}, which was {line['verdict']}, {line['kept']} of "
            f"{len(self.tests)} tests are kept."
            for line in self.earlier
        ]

    def failures(self) -> list[tuple[str, Observation]]:
        """The failed tests with the requirement that each failed, or with none."""
        of_requirements = [(line.id, test) for line in self.requirements for test in line.tests if test.state in FAILED]
        return of_requirements + [("", test) for test in self.steps if test.state in FAILED]


def _lines(plain: list[dict[str, Any]]) -> list[Observation]:
    return [Observation(**{**line, "state": State(line["state"])}) for line in plain]
