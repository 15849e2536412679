"""Requests to Networking: their bodies and envelopes, and whether their callers may change things."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.engine import Row

from reference.network.rest.errors import bad_request, error
from reference.network.rest.resource import Resource, Values, owned_by
from reference.wsgi.context import Caller
from reference.wsgi.routes import Call


def parse(call: Call) -> Values:
    """The body as a JSON object. Raises Problem (400) (N-ERR-005)."""
    try:
        body = call.json()
    except ValueError:
        raise bad_request("Body contains invalid data") from None
    if not isinstance(body, dict):
        raise bad_request("Body contains invalid data")
    return body


def enveloped(body: Mapping[str, Any], key: str) -> Values:
    """The object under `key`. Raises Problem: 400 without one (N-ERR-006)."""
    if key not in body:
        raise bad_request(f"Unable to find '{key}' in request body")
    if not isinstance(body[key], dict):
        raise bad_request(f"Invalid format: '{key}' must be an object")
    return dict(body[key])


def no_body(call: Call) -> None:
    """Refuse a body. Raises Problem (400)."""
    if call.raw():
        raise bad_request("Request body is not supported in DELETE.")


def require(resource: Resource, caller: Caller, operation: str, row: Row[Any] | None = None) -> None:
    """Require a member of the owning project, or an admin (N-RBAC-001). Raises Problem (403)."""
    if not (caller.is_member and (row is None or owned_by(caller, row))):
        raise error("PolicyNotAuthorized", rule=f"{operation}_{resource.singular}")
