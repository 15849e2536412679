"""What a service serves, as data: routes, the call a handler is given, the answer it returns."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import falcon

from reference.wsgi import bodies, reading
from reference.wsgi.context import Caller

Schema = Mapping[str, Any]  # a JSON schema, in the dialect of OpenAPI 3.1
STRING: Schema = {"type": "string"}
OBJECT: Schema = {"type": "object"}


@dataclass(frozen=True)
class Answer:
    """A success: a JSON body (None for no body), its HTTP status, more headers."""

    body: object = None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Call:
    """One request as a handler sees it; `params` are those of the route's path, as text."""

    request: falcon.Request
    params: Mapping[str, str]

    @property
    def caller(self) -> Caller:
        """The caller that authentication has found; only on paths that need a token."""
        caller: Caller = self.request.context.caller
        return caller

    @property
    def request_id(self) -> str:
        """The id that names the request in logs."""
        request_id: str = self.request.context.request_id
        return request_id

    def query(self, name: str) -> list[str]:
        """Every value the query has for `name`, in order; empty where the parameter is absent."""
        values: str | list[str] = self.request.params.get(name, [])
        return [values] if isinstance(values, str) else list(values)

    def parameters(self, *without: str) -> list[tuple[str, str]]:
        """The query's parameters but those `without`: name and value, a pair for each value, in order."""
        return [(name, value) for name in self.request.params if name not in without for value in self.query(name)]

    def raw(self) -> bytes:
        """The body. Raises falcon.HTTPError where it is too long, or has not arrived."""
        return bodies.read(self.request)

    def json(self) -> Any:
        """The body as JSON. Raises ValueError for an empty or malformed body, and for values that cannot be stored."""
        return reading.parse(self.raw())


Handler = Callable[[Call], Answer]


@dataclass(frozen=True)
class Operation:
    """What a route accepts and answers: the status of a success, its body (None for none), the statuses of refusals.

    `query` maps parameters to the schema of their values, which may be repeated where it is an array; `body` is the
    schema of the request's body, None where it takes none; `older` are statuses of a success in older versions,
    and `others` those of a success with a body of its own, by status.
    """

    status: int = 200
    errors: tuple[int, ...] = ()
    query: Mapping[str, Schema] = field(default_factory=dict)
    body: Schema | None = None
    answer: Schema | None = field(default_factory=lambda: OBJECT)
    older: tuple[int, ...] = ()
    others: Mapping[int, Schema] = field(default_factory=dict)


@dataclass(frozen=True)
class Route:
    """A method of a path, its handler, and what that takes and answers."""

    method: str
    path: str
    handler: Handler
    about: Operation = field(default_factory=Operation)


class Handlers(Protocol):
    """The resources of a service, each with the routes it serves."""

    def routes(self) -> list[Route]: ...
