"""From the exception that ended a test, or none, to the test's state and record."""

from collections.abc import Collection, Iterable
from typing import Any

import pytest
import requests
from fixtures import MultipleExceptions

from conformance.target.cloud import ApiError
from conformance.target.gateway import GatewayAnswer
from conformance.verdict.records import TestRecord
from conformance.verdict.rollup import worst
from conformance.verdict.signals import ResponseViolations, TestEnded
from conformance.verdict.states import State
from conformance.verdict.waivers import Waiver, waiver_for


def state_of(error: BaseException | None) -> tuple[State, str]:
    """The state that an exception ends a test in, and the reason in one line."""
    match error:
        case None | ResponseViolations():
            return State.PASS, ""
        case MultipleExceptions():  # a fixture's set-up failed: the first error is the cause
            return state_of(error.args[0][1])
        case TestEnded():
            return error.state, _line(error)
        case pytest.skip.Exception():
            return State.UNSUPPORTED, _line(error)
        case pytest.xfail.Exception():
            return State.WAIVED, f"fails as expected: {_line(error)}"
        case AssertionError() | pytest.fail.Exception():
            return State.FAIL, _line(error)
        case ApiError():
            return (State.FAIL if error.status else State.INCONCLUSIVE), _line(error)
        case GatewayAnswer():
            return State.INCONCLUSIVE, _line(error)
        case requests.RequestException():
            return State.INCONCLUSIVE, f"no answer: {_line(error)}"
        case _:
            return State.ERROR, f"{type(error).__name__}: {_line(error)}"


def text(error: BaseException | None) -> str:
    """All that an exception says."""
    if isinstance(error, MultipleExceptions):
        return text(error.args[0][1])
    return str(getattr(error, "msg", None) or error)


def classify(
    test: str,
    error: BaseException | None,
    covers: Collection[str],
    in_passing: Iterable[str] = (),
    waivers: Collection[Waiver] = (),
    file_covers: Collection[str] = (),
) -> TestRecord:
    """The record of a test that observes the requirements `covers`, and in passing those of `in_passing`.

    A violation is a failure of the requirement that it names, or else of those that the test is about.
    """
    state, reason = state_of(error)
    observed = dict.fromkeys(in_passing, State.PASS) | dict.fromkeys(covers or [""], state)
    reasons = {id_: reason for id_ in covers or [""] if reason}
    for violation in error.violations if isinstance(error, ResponseViolations) else ():
        for id_ in [violation.requirement] if violation.requirement in observed else covers or [""]:
            observed[id_], reasons[id_] = State.FAIL, violation.text
    for id_, its_state in observed.items():
        waiver = waiver_for(waivers, test, id_)
        if its_state is State.FAIL and waiver:
            observed[id_] = State.WAIVED
            reasons[id_] = waiver.excuse(reasons[id_])
    overall = worst(observed.values()) or state
    why = next((reasons[id_] for id_, its_state in observed.items() if its_state is overall and id_ in reasons), reason)
    return TestRecord(test, overall, why, observed, reasons, file_covers)


def _line(error: Any) -> str:
    """The first line of what an exception says."""
    lines = str(getattr(error, "msg", None) or error).strip().splitlines()
    return lines[0] if lines else type(error).__name__
