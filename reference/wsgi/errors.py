"""Errors as exceptions, rendered by each service in its own dialect.

A handler raises `Problem`; the service's `Dialect` turns it, and what Falcon raises by itself (no route, wrong
method, broken JSON), into the body its clients expect. A database that cannot be used is a 503, a value that it refuses
a 400. Anything else becomes a 500 without a trace in the body.
"""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import falcon
import sqlalchemy as sa

from reference.store import failures

LOG = logging.getLogger(__name__)


@dataclass
class Problem(Exception):
    """An error: HTTP status, its name in the service's dialect, a message, more headers."""

    status: int
    kind: str
    message: str
    headers: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.status} {self.kind}: {self.message}"


Dialect = Callable[[Problem], object]


def unauthorized(problem: Problem) -> object:
    """The body of a 401, in Identity's form whatever the service: the token check is no part of it (N-ERR-015)."""
    return {"error": {"code": 401, "title": "Unauthorized", "message": problem.message}}


def install(app: falcon.App[falcon.Request, falcon.Response], dialect: Dialect, names: Mapping[int, str]) -> None:
    """Let `app` answer every error through `dialect`; `names` gives the kind of the statuses Falcon raises itself."""

    def answer(resp: falcon.Response, problem: Problem) -> None:
        resp.status = falcon.code_to_http_status(problem.status)
        resp.media = unauthorized(problem) if problem.status == 401 else dialect(problem)
        for name, value in problem.headers.items():
            resp.set_header(name, value)

    def on_problem(_req: falcon.Request, resp: falcon.Response, error: Problem, _params: object) -> None:
        answer(resp, error)

    def on_http_error(_req: falcon.Request, resp: falcon.Response, error: falcon.HTTPError, _params: object) -> None:
        kind = names.get(error.status_code, names[500])
        text = error.description or error.title or falcon.code_to_http_status(error.status_code)
        headers = dict(error.headers) if isinstance(error.headers, Mapping) else dict(error.headers or ())
        answer(resp, Problem(error.status_code, kind, text, headers))

    def on_anything(req: falcon.Request, resp: falcon.Response, error: Exception, _params: object) -> None:
        LOG.error("%s %s failed", req.method, req.path, exc_info=error)
        answer(resp, Problem(500, names[500], "The server failed to answer the request."))

    def on_database_error(req: falcon.Request, resp: falcon.Response, error: Exception, params: object) -> None:
        if failures.is_outage(error):
            LOG.error("%s %s: the database cannot be used: %s", req.method, req.path, failures.summary(error))
            answer(resp, Problem(503, names.get(503, names[500]), "The database cannot be used at present."))
        elif failures.is_unstorable(error):
            answer(resp, Problem(400, names.get(400, names[500]), "The request has a value that cannot be stored."))
        else:
            on_anything(req, resp, error, params)

    app.add_error_handler(Exception, on_anything)
    app.add_error_handler(sa.exc.SQLAlchemyError, on_database_error)
    app.add_error_handler(falcon.HTTPError, on_http_error)
    app.add_error_handler(Problem, on_problem)
