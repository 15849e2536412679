"""A service as data: one table of routes, assembled into a Falcon application.

Handlers are plain functions of a `Call` that return an `Answer`. Which methods a path has, and so its 405s, follow
from the table. The order of the middleware is the order of refusals: a request first gets its id, so that every refusal
carries one; then come the checks of its body's size, of its caller, and the service's own.
"""

import functools
import logging
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from types import SimpleNamespace
from typing import Any

import falcon

from reference.wsgi import bodies, errors, openapi, reading
from reference.wsgi.context import Authenticator, new_request_id
from reference.wsgi.errors import Dialect, Problem
from reference.wsgi.openapi import Description
from reference.wsgi.routes import Answer, Call, Handler, Handlers, Route

LOG = logging.getLogger(__name__)


def _responder(handler: Handler) -> Callable[..., None]:
    """The handler as Falcon calls it."""

    def respond(req: falcon.Request, resp: falcon.Response, **params: str) -> None:
        call = Call(req, params)
        _refuse_unstorable(call)
        answer = handler(call)
        resp.status = falcon.code_to_http_status(answer.status)
        if answer.body is not None:
            resp.media = answer.body
        for name, value in answer.headers.items():
            resp.set_header(name, value)

    return respond


def _refuse_unstorable(call: Call) -> None:
    """Refuse texts that no database can store. Raises falcon.HTTPError: 404 for one in the path, 400 in the query."""
    if not all(reading.is_text(value) for value in call.params.values()):
        raise falcon.HTTPNotFound
    if not all(reading.is_text(text) for pair in call.parameters() for text in pair):
        raise falcon.HTTPBadRequest(description="The query has a character that cannot be stored.")


class RequestId:
    """Give the request an id, answer it in a header, and log the outcome under it."""

    def process_request(self, req: falcon.Request, _resp: falcon.Response) -> None:
        req.context.request_id = new_request_id()
        req.context.began = time.monotonic()

    def process_response(self, req: falcon.Request, resp: falcon.Response, _resource: object, _succeeded: bool) -> None:
        resp.set_header("x-openstack-request-id", req.context.request_id)
        if not LOG.isEnabledFor(logging.INFO):
            return
        caller = getattr(req.context, "caller", None)
        LOG.info(
            "%s %s%s %s",
            req.method,
            req.env.get("SCRIPT_NAME", ""),
            req.path,
            resp.status_code,
            extra={
                "milliseconds": round(1000 * (time.monotonic() - req.context.began), 1),
                "request_id": req.context.request_id,
                "global_request_id": req.get_header("X-OpenStack-Request-ID") or "-",
                "project_id": caller.project_id if caller else "-",
            },
        )


class Authentication:
    """Refuse a request without a valid token, except where a service is public (K-004, N-ERR-015).

    `public` returns whether a request needs no token; `uri` is Identity's, for the header of a 401.
    """

    def __init__(self, authenticator: Authenticator, public: Callable[[falcon.Request], bool], uri: str) -> None:
        self.authenticator, self.public, self.uri = authenticator, public, uri

    def process_request(self, req: falcon.Request, _resp: falcon.Response) -> None:
        if self.public(req):
            return
        caller = self.authenticator(req)
        if caller is None:
            message = "The request you have made requires authentication."
            raise Problem(401, "unauthorized", message, {"WWW-Authenticate": f'Keystone uri="{self.uri}"'})
        req.context.caller = caller


def build(
    resources: Iterable[Handlers],
    *,
    middleware: Sequence[Any],
    dialect: Dialect,
    names: Mapping[int, str],
    description: Description | None = None,
) -> falcon.App[falcon.Request, falcon.Response]:
    """The WSGI application of a service: its resources' routes behind `middleware`, errors in its `dialect`.

    `names` maps statuses that the framework raises itself (500 at least) to the dialect's kind. With a `description`
    the service serves its OpenAPI document at openapi.PATH.
    """
    app = falcon.App(middleware=[RequestId(), bodies.Size(), *middleware], cors_enable=False)
    app.req_options.keep_blank_qs_values = True
    app.req_options.auto_parse_qs_csv = False
    app.req_options.media_handlers.clear()
    responders: dict[str, dict[str, Callable[..., None]]] = defaultdict(dict)
    routes = [route for resource in resources for route in resource.routes()]
    if description is not None:
        service, document = description, functools.cache(lambda: openapi.document(service, routes))
        routes.append(Route("GET", openapi.PATH, lambda _call: Answer(document())))
    for route in routes:
        responders[route.path][f"on_{route.method.lower()}"] = _responder(route.handler)
    for path, by_method in responders.items():
        app.add_route(path, SimpleNamespace(**by_method))
    errors.install(app, dialect, names)
    return app
