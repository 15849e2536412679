"""Compute's errors: the name of each status, and their body (C-ERR-001)."""

from reference.wsgi.errors import Problem

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
}
CRASH = "Unexpected API Error. The server's log says more, under this request's id."
_NO_ROUTE = "404 Not Found"  # the message of the framework


def fault(status: int, message: str) -> Problem:
    """The problem with this status, under the name that clients expect, to be raised."""
    return Problem(status, NAMES.get(status, NAMES[500]), message)


def forbidden(rule: str) -> Problem:
    """The 403 of a policy rule."""
    return fault(403, f"Policy doesn't allow {rule} to be performed.")


def bad_query(name: str, value: str, why: str) -> Problem:
    """The 400 of an invalid query parameter, with the reason."""
    return fault(400, f"Invalid input for query parameters {name}. Value: {value}. {why}")


def server_not_found(server: str) -> Problem:
    return fault(404, f"Instance {server} could not be found.")


def dialect(problem: Problem) -> object:
    """The body of an error; a crash tells nothing but the request's id."""
    message = CRASH if problem.status == 500 else problem.message
    if message == _NO_ROUTE:
        message = "The resource could not be found."
    return {problem.kind: {"code": problem.status, "message": message}}
