"""From the exception that ended a test, or none, to what became of it."""

from collections.abc import Collection, Iterable
from typing import Any

import pytest
import requests
from fixtures import MultipleExceptions

from conformance.gabbi.runner import Breached
from conformance.target.cloud import ApiError
from conformance.target.gateway import InFront
from conformance.verdict.outcome import TestOutcome
from conformance.verdict.rollup import worst
from conformance.verdict.signals import Outcome
from conformance.verdict.states import State
from conformance.verdict.waivers import Waiver, waived

LONGEST_REASON = 300  # characters


def of(wrong: BaseException | None) -> tuple[State, str]:
    """The state that an exception ends a test in, and the reason in one line."""
    match wrong:
        case None | Breached():
            return State.PASS, ""
        case MultipleExceptions():  # a fixture that failed, and then what it had begun
            return of(wrong.args[0][1])
        case Outcome():
            return wrong.state, _line(wrong)
        case pytest.skip.Exception():
            return State.UNSUPPORTED, _line(wrong)
        case pytest.xfail.Exception():
            return State.WAIVED, f"fails as expected: {_line(wrong)}"
        case AssertionError() | pytest.fail.Exception():
            return State.FAIL, _line(wrong)
        case ApiError():
            return (State.FAIL if wrong.status else State.INCONCLUSIVE), _line(wrong)
        case InFront():
            return State.INCONCLUSIVE, _line(wrong)
        case requests.RequestException():
            return State.INCONCLUSIVE, f"no answer: {_line(wrong)}"
        case _:
            return State.ERROR, f"{type(wrong).__name__}: {_line(wrong)}"


def text(wrong: BaseException | None) -> str:
    """All that an exception says."""
    return (
        text(wrong.args[0][1]) if isinstance(wrong, MultipleExceptions) else str(getattr(wrong, "msg", None) or wrong)
    )


def judge(
    test: str,
    wrong: BaseException | None,
    covers: Collection[str],
    owed: Iterable[str] = (),
    waivers: Collection[Waiver] = (),
    arc: Collection[str] = (),
) -> TestOutcome:
    """The outcome of a test that observes the requirements `covers`, and in passing those of `owed`.

    A breach is a failure of the requirement that it is a breach of, or else of those that the test is about.
    """
    state, reason = of(wrong)
    observed = dict.fromkeys(owed, State.PASS) | dict.fromkeys(covers or [""], state)
    reasons = {id_: reason for id_ in covers or [""] if reason}
    for breach in wrong.breaches if isinstance(wrong, Breached) else ():
        for id_ in [breach.requirement] if breach.requirement in observed else covers or [""]:
            observed[id_], reasons[id_] = State.FAIL, breach.text
    for id_, its_state in observed.items():
        waiver = waived(waivers, test, id_)
        if its_state is State.FAIL and waiver:
            observed[id_] = State.WAIVED
            reasons[id_] = f"{reasons[id_]} (waived: {waiver.reason})"
    overall = worst(observed.values()) or state
    why = next((reasons[id_] for id_, its_state in observed.items() if its_state is overall and id_ in reasons), reason)
    return TestOutcome(overall, why, observed, reasons, arc)


def _line(wrong: Any) -> str:
    """The first line of what an exception says."""
    lines = str(getattr(wrong, "msg", None) or wrong).strip().splitlines()
    line = lines[0] if lines else type(wrong).__name__
    return line if len(line) <= LONGEST_REASON else f"{line[:LONGEST_REASON]}..."
