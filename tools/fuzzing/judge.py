"""The problems of an answer.

Every request has to get an answer of the API: no crash, the request's id, an error in the form of that API. Where the
request follows an operation, the status has to be in the description.
"""

import re
from typing import Any

from fuzzing.plans import Plan
from fuzzing.wire import Answer

REQUEST_ID = re.compile(r"req-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
FAULTS = [
    "badRequest",
    "forbidden",
    "itemNotFound",
    "badMethod",
    "conflictingRequest",
    "overLimit",
    "badMediaType",
    "notImplemented",
    "serviceUnavailable",
    "computeFault",
]
NOT_IMPLEMENTED = 501  # the only right answer above 499: for a part of the API that this cloud lacks
TRACE = b"Traceback (most recent call last)"


def problems_of(plan: Plan, answer: Answer) -> list[str]:
    """The problems of the answer to that plan's request, in words; empty where there are none."""
    problems = []
    described = plan.operation.statuses if plan.operation is not None else frozenset()
    if answer.status >= 500 and not (answer.status == NOT_IMPLEMENTED and NOT_IMPLEMENTED in described):
        problems.append(f"answered {answer.status}")
    if not REQUEST_ID.fullmatch(answer.headers.get("x-openstack-request-id", "")):
        problems.append("no request id")
    if TRACE in answer.body:
        problems.append("a traceback in the body")
    if plan.method != "HEAD" and not _well_formed(plan.api, answer):
        problems.append("an error of no known form" if answer.status >= 400 else "a success that is not JSON")
    if plan.operation is not None and answer.status < 500 and answer.status not in described:
        problems.append(f"{answer.status} is not in the description")
    return problems


def _well_formed(api: str, answer: Answer) -> bool:
    if answer.status < 400 and not answer.body:
        return True
    try:
        body = answer.json()
    except ValueError:
        return False
    if answer.status < 400:
        return isinstance(body, dict)
    if api == "image" and answer.status != 401:
        return _has(body, code=int, title=str, message=str) and body["code"] == answer.status
    if not isinstance(body, dict) or len(body) != 1:
        return False
    (kind, content) = next(iter(body.items()))
    if answer.status == 401 or api == "identity":
        return kind == "error" and _has(content, code=int, title=str, message=str) and content["code"] == answer.status
    if api == "network":
        return kind == "NeutronError" and _has(content, type=str, message=str, detail=str)
    return kind in FAULTS and _has(content, code=int, message=str) and content["code"] == answer.status


def _has(content: Any, **kinds: type) -> bool:
    return isinstance(content, dict) and {name: type(value) for name, value in content.items()} == kinds
