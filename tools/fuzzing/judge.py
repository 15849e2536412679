"""What is wrong with an answer: a list of words, empty where nothing is.

Every answer, whatever the request was, has to be one of the API: no crash, its request's id, and an error in the form
that clients of that API read. Where the request follows an operation, its status is one the description names.
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
TRACE = b"Traceback (most recent call last)"


def wrong(plan: Plan, answer: Answer) -> list[str]:
    """What is wrong with the answer to that plan's request."""
    told = []
    if answer.status >= 500:
        told.append(f"answered {answer.status}")
    if not REQUEST_ID.fullmatch(answer.headers.get("x-openstack-request-id", "")):
        told.append("no request id")
    if TRACE in answer.body:
        told.append("a traceback in the body")
    if plan.method != "HEAD" and not _well_formed(plan.api, answer):
        told.append("an error of no known form" if answer.status >= 400 else "a success that is not JSON")
    if plan.operation is not None and answer.status < 500 and answer.status not in plan.operation.statuses:
        told.append(f"{answer.status} is not in the description")
    return told


def _well_formed(api: str, answer: Answer) -> bool:
    if answer.status < 400 and not answer.body:
        return True
    try:
        body = answer.json()
    except ValueError:
        return False
    if answer.status < 400:
        return isinstance(body, dict)
    if not isinstance(body, dict) or len(body) != 1:
        return False
    (kind, told) = next(iter(body.items()))
    if answer.status == 401:
        return kind == "error" and _has(told, code=int, title=str, message=str) and told["code"] == 401
    if api == "network":
        return kind == "NeutronError" and _has(told, type=str, message=str, detail=str)
    return kind in FAULTS and _has(told, code=int, message=str) and told["code"] == answer.status


def _has(told: Any, **kinds: type) -> bool:
    return isinstance(told, dict) and {name: type(held) for name, held in told.items()} == kinds
