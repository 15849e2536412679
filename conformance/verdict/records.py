"""The three records that a verdict is made of: a test, a requirement, a run."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Self

from conformance.redact import redact, shortened
from conformance.untrusted import printable
from conformance.verdict.states import State

ATTRIBUTE = "gman_record"  # of a pytest report, under which a test's record travels with it
LONGEST_REASON = 300  # characters
FAILED = {State.ERROR, State.FAIL, State.INCONCLUSIVE}  # pytest counts these as failed, and others as skipped


@dataclass(frozen=True)
class TestRecord:
    """One test that has ended; `seconds` without setting up and taking down.

    `observed` gives the state of each requirement that it says something about, `reasons` why that is no pass. A test
    that covers none is a step towards those of its gabbi file, `file_covers`, and its own state is under "".
    `seen_in`, for what is checked in every answer: what fell short, by which call -> the ids of the tests it was in,
    the empty one before the first test.
    `message` is all that is known of a failure, `reason` sums it up in a line.
    """

    __test__ = False  # pytest would take it for a test

    id: str
    state: State
    reason: str = ""
    observed: Mapping[str, State] = field(default_factory=dict)
    reasons: Mapping[str, str] = field(default_factory=dict)
    file_covers: Collection[str] = ()
    seconds: float = 0.0
    message: str = ""
    seen_in: Mapping[str, Collection[str]] = field(default_factory=dict)

    def without(self, secrets: Collection[str]) -> Self:
        """The same without secrets in its texts, and with characters escaped that could harm a terminal or a file."""
        reasons = {id_: printable(shortened(text, secrets, LONGEST_REASON)) for id_, text in self.reasons.items()}
        reason = printable(shortened(self.reason, secrets, LONGEST_REASON))
        return replace(self, reason=reason, reasons=reasons, message=printable(redact(self.message, secrets)))

    def to_plain(self) -> dict[str, Any]:
        """Plain data, for report.json and for other processes."""
        return {
            **vars(self),
            "seconds": round(self.seconds, 4),
            "state": str(self.state),
            "observed": {id_: str(state) for id_, state in self.observed.items()},
            "file_covers": sorted(self.file_covers),
            "seen_in": {what: sorted(tests) for what, tests in self.seen_in.items()},
        }

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> Self:
        """The inverse of `to_plain`; in reports of schema versions before 1.2 `file_covers` is called `arc`."""
        members = {key: value for key, value in plain.items() if key != "arc"}
        members["file_covers"] = tuple(plain.get("file_covers", plain.get("arc", ())))
        observed = {id_: State(state) for id_, state in plain["observed"].items()}
        return cls(**{**members, "state": State(plain["state"]), "observed": observed})


@dataclass(frozen=True)
class Observation:
    """One test as an observation of one requirement, or of none. `message` is all that is known of a failure."""

    id: str
    state: State
    seconds: float
    message: str = ""


@dataclass(frozen=True)
class RequirementRecord:
    """One requirement: a run has a record for each of the registry, whatever was run.

    `counts` is False for a requirement that decides no profile: a MAY, or one that cannot be observed.
    """

    id: str
    level: str
    profile: str
    sentence: str
    source: str
    state: State
    reason: str
    counts: bool
    tests: list[Observation]


@dataclass
class RunRecord:
    """The results of all processes of a run. `tests`: id -> the newest record of that test.

    `problems` are of the run as a whole: files that could not be read, processes that died. `waits` says which waits
    were cut short. `stopped` is the test after which no other began, as its failure was to be the last. `looked` gives
    each requirement on every answer what was looked at for it, by which calls.
    """

    tests: dict[str, TestRecord] = field(default_factory=dict)
    leaks: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    interrupted: bool = False
    waits: list[str] = field(default_factory=list)
    stopped: str = ""
    looked: Mapping[str, Collection[str]] = field(default_factory=dict)

    def observations(self) -> Iterator[tuple[str, str, State]]:
        """Test, requirement or "" for none, and the state it was observed in."""
        for test in self.tests.values():
            for id_, state in test.observed.items():
                yield test.id, id_, state
