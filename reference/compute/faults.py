"""Compute's errors: the name of each status, and the body they travel in (C-ERR-001)."""

from __future__ import annotations

from reference.wsgi.errors import Problem

# -500 is the sentence of a crash
NAMES: dict[int, str] = {
    400: "badRequest",
    401: "unauthorized",
    403: "forbidden",
    404: "itemNotFound",
    405: "badMethod",
    409: "conflictingRequest",
    413: "overLimit",
    415: "badMediaType",
    429: "overLimit",
    501: "notImplemented",
    503: "serviceUnavailable",
    500: "computeFault",  # and of every status without a name of its own
    -500: "Unexpected API Error. The server's log says more, under this request's id.",
}


def fault(status: int, message: str) -> Problem:
    """The refusal with this status, under the name clients expect."""
    return Problem(status, NAMES.get(status, NAMES[500]), message)


def forbidden(rule: str) -> Problem:
    return fault(403, f"Policy doesn't allow {rule} to be performed.")


def server_not_found(server: str) -> Problem:
    return fault(404, f"Instance {server} could not be found.")


def dialect(problem: Problem) -> object:
    return {problem.kind: {"code": problem.status, "message": problem.message}}
