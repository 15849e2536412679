"""Runs one gabbi test: its request, again where it polls, and what came of it in the suite's terms."""

import json
from contextlib import suppress
from functools import partial
from typing import Any

import requests

from conformance.deadlines import Deadlines, attempts
from conformance.gabbi.every_response import violations_of
from conformance.gabbi.handlers import reached
from conformance.target.gateway import GatewayAnswer
from conformance.target.soft_delete import FORCE, ForcedDeletes
from conformance.target.transport import JSON, TOKEN_HEADER, Unreachable
from conformance.verdict.signals import Inconclusive, ResponseViolations, Unsupported

BUILD_POLL = {"count": 300, "delay": 1}  # how a gabbi file asks for the deadline of a server's build


class StepError(Exception):
    """The gabbi file asks for something that the suite does not have."""


class ExpectedFailure(Exception):
    """A test marked xfail failed."""


def run(case: Any, deadlines: Deadlines) -> None:
    """Send what a gabbi HTTPTestCase says and judge the answer.

    Returns if it held. Raises AssertionError if not, ResponseViolations if only what every response must have is
    missing, ExpectedFailure for xfail, TestEnded if nothing was learned, StepError if the file is wrong.
    """
    case.test_data["timeout"] = deadlines.request
    case.cast = None
    case.answers = []
    skip = case.replace_template(case.test_data["skip"])
    if skip:
        raise Unsupported(str(skip))
    expected_to_fail, case.test_data["xfail"] = case.test_data["xfail"], False
    try:
        _poll(case, deadlines) if case.test_data["poll"] else _once(case)
    except AssertionError as wrong:
        if expected_to_fail:
            raise ExpectedFailure(str(wrong)) from None
        raise
    finally:
        case.has_run = True
    if expected_to_fail:
        raise AssertionError("passed, where the file expects it to fail (xfail)")
    if found := [violation for answer in case.answers for violation in violations_of(answer)]:
        raise ResponseViolations(found)


def _once(case: Any) -> None:
    case.response = None
    try:
        case._run_test()
    except AssertionError as wrong:
        if "unable to replace $ENVIRON" in str(wrong):
            raise StepError(str(wrong)) from None
        raise AssertionError(_explained(case, wrong)) from None
    except GatewayAnswer as instead:
        raise Inconclusive(f"{case.url}: {instead}") from None
    except (Unreachable, requests.Timeout) as lost:
        raise Inconclusive(f"no answer from {case.url}: {type(lost).__name__} {lost}".rstrip()) from None
    except requests.ConnectionError as broken:
        raise AssertionError(f"the connection broke before the answer was there: {broken}") from None


def _poll(case: Any, deadlines: Deadlines) -> None:
    """Ask until the answer is as wanted, or final and not, or the deadline is missed."""
    poll, case.test_data["poll"] = case.test_data["poll"], {}
    seconds = deadlines.server_build if poll == BUILD_POLL else float(poll["count"]) * float(poll["delay"])
    last = AssertionError("was not asked")
    ends = ForcedDeletes(partial(_force, case))
    for _ in attempts(seconds):
        case.answers = []
        try:
            return _once(case)
        except AssertionError as wrong:
            if _is_final(case):
                raise
            last = wrong
            if "404" in str(case.test_data["status"]):
                ends.force_if_kept(case.http.last.url.partition("?")[0], case.response_data)
    raise Inconclusive(f"not within {seconds:g} s: {last}")


def _force(case: Any, url: str) -> None:
    """In the name of whoever waits for the server to be gone."""
    headers = {TOKEN_HEADER: case.http.last.headers.get(TOKEN_HEADER, ""), "content-type": JSON}
    with suppress(requests.RequestException):
        case.http.request(url, "POST", json.dumps(FORCE).encode(), headers, False, case.test_data["timeout"])


def _is_final(case: Any) -> bool:
    """Whether the answer will not change any more: a state to end with, a server in ERROR, an unexpected refusal."""
    if case.response is None or reached(case):
        return True
    data = case.response_data
    server = data.get("server") if isinstance(data, dict) else None
    if isinstance(server, dict) and server.get("status") == "ERROR":
        return True
    return int(case.response["status"]) >= 400 and not _status_as_wanted(case)


def _status_as_wanted(case: Any) -> bool:
    wanted = str(case.test_data["status"]).split("||")
    return case.response["status"] in [status.strip() for status in wanted]


def _explained(case: Any, wrong: AssertionError) -> str:
    """The first thing to know: that the status is another one, and the service's own words for it."""
    if case.response is None or _status_as_wanted(case):
        return str(wrong)
    return f"answered {case.response['status']}{_refusal(case.response_data)}, not {case.test_data['status']}"


def _refusal(data: Any) -> str:
    """What an error of any of the services says, in brackets."""
    if not isinstance(data, dict):
        return ""
    fault = next((value for value in data.values() if isinstance(value, dict)), {})
    said = ": ".join(str(fault[key]) for key in ("type", "message") if fault.get(key))
    return f" ({said})" if said else ""
