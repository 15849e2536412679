"""The part of Identity v3 that real clients need."""

import falcon

from reference.config import Settings
from reference.identity.admin import Admin
from reference.identity.api import Api
from reference.identity.application_credentials import ApplicationCredentials
from reference.identity.role_assignments import RoleAssignments
from reference.store import Store
from reference.wsgi.context import Authenticator
from reference.wsgi.errors import Problem
from reference.wsgi.service import Authentication, build

_NAMES = {
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    409: "Conflict",
    500: "Internal Server Error",
}


def _dialect(problem: Problem) -> object:
    return {
        "error": {
            "code": problem.status,
            "title": _NAMES.get(problem.status, "Error"),
            "message": problem.message,
        }
    }


def _public(request: falcon.Request) -> bool:
    """Whether the request needs no token: discovery, authentication itself, and what is no part of v3.

    That is not found, as in Keystone: a client that looks for /v2.0 and is refused would sign in to look again.
    """
    discovery = request.method == "GET" and request.path in ("", "/", "/v3", "/v3/")
    authentication = request.method == "POST" and request.path == "/v3/auth/tokens"
    return discovery or authentication or not request.path.startswith("/v3/")


def application(
    store: Store, settings: Settings, authenticator: Authenticator
) -> falcon.App[falcon.Request, falcon.Response]:
    """The WSGI application of Identity."""
    return build(
        [
            Api(store, settings),
            Admin(store, settings),
            RoleAssignments(store, settings),
            ApplicationCredentials(store, settings),
        ],
        middleware=[Authentication(authenticator, _public, settings.url("identity"))],
        dialect=_dialect,
        names=_NAMES,
    )
