"""How states roll up: requirement -> profile -> run -> exit code. Pure functions."""

from collections.abc import Iterable
from dataclasses import dataclass

from conformance.verdict.states import Exit, State, Verdict


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
