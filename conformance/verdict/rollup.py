"""How states roll up: requirement -> profile -> run -> exit code. Pure functions."""

from collections.abc import Iterable
from typing import Protocol

from conformance.verdict.states import Exit, State, Verdict


class Counted(Protocol):
    """A requirement's record, as far as a roll-up knows it; `counts` is False if it decides no profile."""

    @property
    def profile(self) -> str: ...
    @property
    def state(self) -> State: ...
    @property
    def counts(self) -> bool: ...


def worst(states: Iterable[State]) -> State | None:
    """The worst of the states; None of none."""
    order = list(State)
    return min(states, key=order.index, default=None)


def of_profile(requirements: Iterable[Counted]) -> Verdict:
    """The verdict of a claimed profile from its requirements.

    An error of the suite always shows, even in a MAY. A profile without a pass is not conformant.
    """
    requirements = list(requirements)
    if any(requirement.state is State.ERROR for requirement in requirements):
        return Verdict.ERROR
    return _of_states({requirement.state for requirement in requirements if requirement.counts})


def _of_states(states: set[State]) -> Verdict:
    if State.ERROR in states:
        return Verdict.ERROR
    if states & {State.FAIL, State.BLOCKED}:
        return Verdict.FAILED
    if State.INCONCLUSIVE in states:
        return Verdict.INCONCLUSIVE
    return Verdict.CONFORMANT if states == {State.PASS} else Verdict.PARTIAL


def of_run(
    requirements: Iterable[Counted], claimed: Iterable[str], steps: Iterable[State] = (), *, spoilt: bool = False
) -> Verdict:
    """The verdict of a run over the claimed profiles.

    `steps` are the states of tests that cover no requirement themselves; `spoilt`: the run as a whole broke a rule, as
    it left something behind or had a waiver that is no longer needed. A profile in which no requirement counts is
    ignored.
    """
    requirements = list(requirements)
    profiles = [[entry for entry in requirements if entry.profile == profile] for profile in claimed]
    verdicts = [
        of_profile(entries)
        for entries in profiles
        if any(entry.counts or entry.state is State.ERROR for entry in entries)
    ]
    verdicts += [_of_states({state}) for state in steps]
    verdicts += [Verdict.FAILED] * spoilt
    order = list(Verdict)
    return min(verdicts, key=order.index, default=Verdict.PARTIAL)


def exit_code(verdict: Verdict, requirements: Iterable[Counted], claimed: Iterable[str]) -> int:
    """The exit code of a run. Partial is good enough (0) when all that is open was waived or not claimed."""
    if verdict is Verdict.PARTIAL:
        profiles = set(claimed)
        states = [entry.state for entry in requirements if entry.counts and entry.profile in profiles]
        good_enough = State.PASS in states and State.UNSUPPORTED not in states
        return Exit.CONFORMANT if good_enough else Exit.FAILED
    return {
        Verdict.CONFORMANT: Exit.CONFORMANT,
        Verdict.FAILED: Exit.FAILED,
        Verdict.INCONCLUSIVE: Exit.INCONCLUSIVE,
        Verdict.ERROR: Exit.ERROR,
    }[verdict]
