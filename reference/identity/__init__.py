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
from reference.wsgi.openapi import Description
from reference.wsgi.routes import STRING, Schema
from reference.wsgi.service import Authentication, build

TOKENS_PATH = "/v3/auth/tokens"

_TITLES = {
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    408: "Request Timeout",
    409: "Conflict",
    413: "Request Entity Too Large",
    500: "Internal Server Error",
    503: "Service Unavailable",
}


def _error_body(problem: Problem) -> object:
    return {
        "error": {
            "code": problem.status,
            "title": _TITLES.get(problem.status, "Error"),
            "message": problem.message,
        }
    }


ERROR: Schema = {
    "type": "object",
    "required": ["error"],
    "properties": {
        "error": {
            "type": "object",
            "required": ["code", "title", "message"],
            "properties": {"code": {"type": "integer"}, "title": STRING, "message": STRING},
            "additionalProperties": False,
        }
    },
    "additionalProperties": False,
}


def _is_public(method: str, path: str) -> bool:
    """Whether a request needs no token: discovery, authentication itself, and what is no part of v3.

    Paths outside v3 are answered 404, as by Keystone: on 401 a client that looks for /v2.0 would sign in first.
    """
    discovery = method == "GET" and path == "/v3/"
    return discovery or (method == "POST" and path == TOKENS_PATH) or not path.startswith("/v3/")


class TrailingSlash:
    """Serve `/v3/projects/` as `/v3/projects`, as Keystone's URLNormalizingMiddleware does; Nova and Glance do not."""

    def process_request(self, req: falcon.Request, _resp: falcon.Response) -> None:
        if req.path.rstrip("/") not in ("", "/v3"):  # the documents of versions
            req.path = req.path.rstrip("/")


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
        middleware=[
            TrailingSlash(),
            Authentication(authenticator, lambda req: _is_public(req.method, req.path), settings.url("identity")),
        ],
        dialect=_error_body,
        names=_TITLES,
        description=Description("Identity", "v3", settings.url("identity"), ERROR, _is_public),
    )
