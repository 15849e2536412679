"""What a test raises to end neither passed nor failed; the text is the reason."""

from conformance.verdict.states import State


class Outcome(Exception):
    """Raised by a test, or by what prepares it, to end it neither passed nor failed; the text is the reason."""

    state = State.ERROR


class Inconclusive(Outcome):
    """The test ran and proved nothing: too little overlap, a deadline missed."""

    state = State.INCONCLUSIVE


class Blocked(Outcome):
    """An earlier step of the same arc failed."""

    state = State.BLOCKED


class Unsupported(Outcome):
    """The cloud does not offer what the test needs; the reason names the evidence."""

    state = State.UNSUPPORTED


class NotClaimed(Outcome):
    """The operator did not claim it, or did not give what it takes to look."""

    state = State.NOT_CLAIMED


class Waived(Outcome):
    """It stands behind a failure that is known, and waived."""

    state = State.WAIVED


BEHIND: dict[State, type[Outcome]] = {
    State.INCONCLUSIVE: Inconclusive,
    State.UNSUPPORTED: Unsupported,
    State.NOT_CLAIMED: NotClaimed,
    State.WAIVED: Waived,
}


def behind(state: State, step: str) -> Outcome:
    """What becomes of a test whose arc broke at `step`: blocked, unless the step itself came to less than that."""
    return BEHIND.get(state, Blocked)(f"{'blocked by' if state not in BEHIND else 'behind'} {step!r}")
