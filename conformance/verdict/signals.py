"""Exceptions that end a test as neither passed nor failed, and violations that it finds beside its own subject."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NoReturn

from conformance.verdict.states import State


class TestEnded(Exception):
    """Raised by a test, or by what prepares it, to end it neither passed nor failed; the text is the reason."""

    __test__ = False  # pytest would take it for a test
    state = State.ERROR


class Inconclusive(TestEnded):
    """The test ran and proved nothing: too little overlap, a deadline missed."""

    state = State.INCONCLUSIVE


class Blocked(TestEnded):
    """An earlier test of the same gabbi file failed."""

    state = State.BLOCKED


class Unsupported(TestEnded):
    """The cloud does not offer what the test needs; the reason names the evidence."""

    state = State.UNSUPPORTED


class NotClaimed(TestEnded):
    """The operator did not claim it, or did not give the run what the test needs."""

    state = State.NOT_CLAIMED


class SetUpFailed(TestEnded):
    """The run could not make what its tests need, such as a project: this is no finding about the cloud under test."""

    state = State.ERROR


class Waived(TestEnded):
    """The test comes after a failure that is known, and waived."""

    state = State.WAIVED


BEHIND: dict[State, type[TestEnded]] = {
    State.INCONCLUSIVE: Inconclusive,
    State.UNSUPPORTED: Unsupported,
    State.NOT_CLAIMED: NotClaimed,
    State.WAIVED: Waived,
}


def raise_blocked_by(state: State, step: str) -> NoReturn:
    """End a test of a file in which `step` ended in that state: Blocked, unless the step did not really fail."""
    raise BEHIND.get(state, Blocked)(f"{'behind' if state in BEHIND else 'blocked by'} {step!r}")


@dataclass(frozen=True)
class Violation:
    """What a response lacks. `requirement` is the id of the one it violates, empty for that of the test itself."""

    text: str
    requirement: str = ""


class ResponseViolations(AssertionError):
    """The test held, and responses to it lack what every response must have."""

    def __init__(self, violations: Sequence[Violation]) -> None:
        super().__init__("; ".join(violation.text for violation in violations))
        self.violations = violations
