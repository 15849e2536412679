"""The states of a test and of a requirement, the verdicts of a profile and of a run, and the exit codes."""

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
    NOT_RUN = "not run"  # of a profile of which no test has ended


class Exit:
    """Exit codes of `gman run`."""

    CONFORMANT = 0
    FAILED = 1
    INCONCLUSIVE = 2
    USAGE = 3
    ERROR = 4
    INTERRUPTED = 130
