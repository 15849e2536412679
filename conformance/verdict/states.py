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
    State.INCONCLUSIVE: "tested, but without proof: too little overlap in a race, a deadline missed",
    State.BLOCKED: "not tested, as an earlier step of the same file failed",
    State.UNSUPPORTED: "not tested, as the cloud lacks what the test needs; the reason says what",
    State.NOT_CLAIMED: "not tested, as it was not claimed, or cannot be seen from outside; the reason says which",
    State.WAIVED: "failed, as a list of known failures says",
    State.ERROR: "the suite itself broke",
    Verdict.PARTIAL: "of a profile: nothing failed, but not every requirement that counts has passed",
}  # explanations of states and verdicts for readers of a report


class Exit:
    """Exit codes of `gman run`."""

    CONFORMANT = 0
    FAILED = 1
    INCONCLUSIVE = 2
    USAGE = 3
    ERROR = 4
    INTERRUPTED = 130
