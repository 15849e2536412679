"""Runs one gabbi test: its request, repeated where it polls, with the outcome as the suite's exceptions."""

import json
from contextlib import suppress
from typing import Any

import requests

from conformance.deadlines import attempts
from conformance.gabbi.every_response import violations_of
from conformance.gabbi.handlers import reached
from conformance.target.deletion import GONE, why_it_stays
from conformance.target.gateway import GatewayAnswer
from conformance.target.soft_delete import FORCE, ForcedDeletes
from conformance.target.transport import JSON, TOKEN_HEADER, Unreachable
from conformance.verdict.signals import Inconclusive, ResponseViolations, Unsupported
from conformance.waits import Waits

# The names of deadlines that files write as `poll`. Missing server_build proves nothing, as a build may take longer
# than anyone waits; missing catch_up is a failure: one service knows what another does not show.
BUILD_POLL, CATCH_UP_POLL = {"count": 300, "delay": 1}, {"count": 60, "delay": 1}
POLLS = {"server_build": BUILD_POLL, "catch_up": CATCH_UP_POLL}


class UnknownVariable(Exception):
    """The gabbi file uses a variable that the suite does not set."""


class ExpectedFailure(Exception):
    """A test marked xfail failed."""


def run(case: Any, waits: Waits) -> None:
    """Run a gabbi HTTPTestCase; returns where it passes.

    Raises AssertionError where it fails, ResponseViolations where only checks of every response fail, ExpectedFailure
    for xfail, TestEnded (Unsupported, Inconclusive) where nothing was learned, UnknownVariable where the file is
    invalid.
    """
    case.test_data["timeout"] = waits.seconds("request")
    case.cast = None
    case.answers = []
    skip = case.replace_template(case.test_data["skip"])
    if skip:
        case.has_run = True  # else gabbi would run it again before the later ones
        raise Unsupported(str(skip))
    expected_to_fail, case.test_data["xfail"] = case.test_data["xfail"], False
    try:
        _poll(case, waits) if case.test_data["poll"] else _send_once(case)
    except AssertionError as error:
        if expected_to_fail:
            raise ExpectedFailure(str(error)) from None
        raise
    finally:
        case.has_run = True
    if expected_to_fail:
        raise AssertionError("passed, where the file expects it to fail (xfail)")
    if violations := [violation for response in case.answers for violation in violations_of(response)]:
        raise ResponseViolations(violations)


def _send_once(case: Any) -> None:
    """Send the request once and judge the answer. Raises as `run` does."""
    case.response = None
    try:
        case._run_test()
    except AssertionError as error:
        if "unable to replace $ENVIRON" in str(error):
            raise UnknownVariable(str(error)) from None
        if case.response is None or _has_expected_status(case):
            raise AssertionError(str(error)) from None
        # an unexpected status comes first, with the service's own message
        status, expected = case.response["status"], case.test_data["status"]
        raise AssertionError(f"answered {status}{_error_text(case.response_data)}, not {expected}") from None
    except GatewayAnswer as error:
        raise Inconclusive(f"{case.url}: {error}") from None
    except (Unreachable, requests.Timeout) as error:
        raise Inconclusive(f"no answer from {case.url}: {type(error).__name__} {error}".rstrip()) from None
    except requests.ConnectionError as error:
        raise AssertionError(f"the connection broke before the answer was there: {error}") from None


def _poll(case: Any, waits: Waits) -> None:
    """Repeat the request until the answer is as expected. Raises Inconclusive at the deadline, else as `run` does."""
    poll, case.test_data["poll"] = case.test_data["poll"], {}
    name = next((name for name, stand_in in POLLS.items() if stand_in == poll), "")
    seconds, passed = float(poll["count"]) * float(poll["delay"]), 0.0
    last = AssertionError("was not asked")

    def force(url: str) -> None:
        """With the token of the user who waits for the server to be gone."""
        headers = {TOKEN_HEADER: case.http.last.headers.get(TOKEN_HEADER, ""), "content-type": JSON}
        with suppress(requests.RequestException):
            case.http.request(url, "POST", json.dumps(FORCE).encode(), headers, False, case.test_data["timeout"])

    deletes = ForcedDeletes(force)
    for waited in waits.attempts(name) if name else attempts(seconds):
        case.answers, passed = [], waited
        try:
            return _send_once(case)
        except AssertionError as error:
            if _is_final(case):
                raise
            last = error
            if _awaits_end(case):
                if why := why_it_stays(int(case.response["status"]), case.response_data):
                    raise AssertionError(why) from None
                deletes.force_if_kept(case.http.last.url.partition("?")[0], case.response_data)
    missed = AssertionError if poll == CATCH_UP_POLL else Inconclusive
    in_vain = waits.in_vain(name, passed) if name else f"not within {seconds:g} s"
    raise missed(f"{in_vain}: {last}")


def _is_final(case: Any) -> bool:
    """Whether the answer is final: the last state, a server in ERROR, or an unexpected refusal."""
    if case.response is None or reached(case):
        return True
    data = case.response_data
    server = data.get("server") if isinstance(data, dict) else None
    if isinstance(server, dict) and server.get("status") == "ERROR" and not _awaits_end(case):
        return True
    return int(case.response["status"]) >= 400 and not _has_expected_status(case)


def _awaits_end(case: Any) -> bool:
    """Whether the test waits for something to be gone."""
    return str(GONE) in str(case.test_data["status"])


def _has_expected_status(case: Any) -> bool:
    statuses = str(case.test_data["status"]).split("||")
    return case.response["status"] in [status.strip() for status in statuses]


def _error_text(data: Any) -> str:
    """Type and message of an error of any of the services, in brackets; empty for other answers."""
    if not isinstance(data, dict):
        return ""
    error = next((value for value in data.values() if isinstance(value, dict)), {})
    text = ": ".join(str(error[key]) for key in ("type", "message") if error.get(key))
    return f" ({text})" if text else ""
