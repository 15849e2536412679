"""The states of a test, and how they roll up: test -> requirement -> profile -> run -> exit code. Pure functions."""

from collections.abc import Iterable
from dataclasses import dataclass
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


class Verdict(StrEnum):
    """What a profile, or a run, came to; worst first."""

    ERROR = "error"
    FAILED = "failed"
    INCONCLUSIVE = "inconclusive"
    PARTIAL = "partial"
    CONFORMANT = "conformant"
    NOT_CLAIMED = "not-claimed"


class Exit:
    """Exit codes of `gman run`."""

    CONFORMANT = 0
    FAILED = 1
    INCONCLUSIVE = 2
    USAGE = 3
    ERROR = 4
    INTERRUPTED = 130


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


@dataclass(frozen=True)
class Line:
    """One requirement in a roll-up. `counts` is False for what no profile hangs on: MAY, and the unobservable."""

    profile: str
    state: State
    counts: bool = True


def worst(states: Iterable[State]) -> State | None:
    """The worst of the states; None of none."""
    order = list(State)
    return min(states, key=order.index, default=None)


def of_profile(lines: Iterable[Line]) -> Verdict:
    """The verdict of a claimed profile from its requirements' lines.

    A suite that broke is never hidden, not even by a MAY. Without a single pass nothing is conformant.
    """
    lines = list(lines)
    states = {line.state for line in lines if line.counts}
    if any(line.state is State.ERROR for line in lines):
        return Verdict.ERROR
    if states & {State.FAIL, State.BLOCKED}:
        return Verdict.FAILED
    if State.INCONCLUSIVE in states:
        return Verdict.INCONCLUSIVE
    return Verdict.CONFORMANT if states == {State.PASS} else Verdict.PARTIAL


def of_run(
    lines: Iterable[Line], claimed: Iterable[str], strays: Iterable[State] = (), *, spoilt: bool = False
) -> Verdict:
    """The verdict of a run over the claimed profiles.

    `strays` are the states of steps that cover no requirement themselves; `spoilt` says that the run as a whole broke a
    rule: it left something behind, or holds a waiver that nothing needs any more. A profile in which nothing counts has
    no say.
    """
    lines = list(lines)
    profiles = [[line for line in lines if line.profile == profile] for profile in claimed]
    verdicts = [of_profile(own) for own in profiles if any(line.counts or line.state is State.ERROR for line in own)]
    verdicts += [of_profile([Line("", state)]) for state in strays]
    verdicts += [Verdict.FAILED] * spoilt
    order = list(Verdict)
    return min(verdicts, key=order.index, default=Verdict.PARTIAL)


def exit_code(verdict: Verdict, lines: Iterable[Line], claimed: Iterable[str]) -> int:
    """The exit code of a run. Partial is good enough (0) when all that is open was waived or not claimed."""
    if verdict is Verdict.PARTIAL:
        claims = set(claimed)
        states = [line.state for line in lines if line.counts and line.profile in claims]
        good_enough = State.PASS in states and State.UNSUPPORTED not in states
        return Exit.CONFORMANT if good_enough else Exit.FAILED
    return {
        Verdict.CONFORMANT: Exit.CONFORMANT,
        Verdict.FAILED: Exit.FAILED,
        Verdict.INCONCLUSIVE: Exit.INCONCLUSIVE,
        Verdict.ERROR: Exit.ERROR,
    }[verdict]
