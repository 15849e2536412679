"""The states of a test and of a requirement, the verdicts of a profile and of a run, and the exit codes."""

from collections.abc import Mapping
from enum import StrEnum


class State(StrEnum):
    """What a test, or a requirement, came to; worst first."""

    ERROR = "error"
    FAIL = "fail"
    INCONCLUSIVE = "inconclusive"
    BLOCKED = "blocked"
    UNSUPPORTED = "unsupported"
    NOT_CLAIMED = "not-claimed"
    WAIVED = "waived"
    PASS = "pass"  # noqa: S105


UNSETTLED = frozenset({State.ERROR, State.FAIL, State.INCONCLUSIVE, State.BLOCKED})  # another run might say otherwise


class Verdict(StrEnum):
    """What a profile, or a run, came to; worst first."""

    ERROR = "error"
    FAILED = "failed"
    INCONCLUSIVE = "inconclusive"
    PARTIAL = "partial"
    CONFORMANT = "conformant"
    NOT_CLAIMED = "not-claimed"
    NOT_RUN = "not run"  # a profile without a test that has ended


MEANINGS: Mapping[str, str] = {
    State.PASS: "tested, and it held",
    State.FAIL: "tested, and it did not hold",
    State.INCONCLUSIVE: "tested, but that proves nothing: too little overlap in a race, a deadline missed",
    State.BLOCKED: "not tested, as an earlier step of the same file failed",
    State.UNSUPPORTED: "not tested, as the cloud does not have what it takes; the reason says what",
    State.NOT_CLAIMED: "not tested, as nobody asked for it, or nobody can see it from outside; the reason says which",
    State.WAIVED: "failed, as a list of known failures says",
    State.ERROR: "the suite itself broke",
    Verdict.PARTIAL: "of a profile: nothing failed, but not all that counts was shown to hold",
}  # what a reader of a report is told of states and verdicts


class Exit:
    """Exit codes of `gman run`."""

    CONFORMANT = 0
    FAILED = 1
    INCONCLUSIVE = 2
    USAGE = 3
    ERROR = 4
    INTERRUPTED = 130
