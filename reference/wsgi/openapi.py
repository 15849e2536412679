"""A service described in OpenAPI 3.1, made from the very routes it serves. It knows no resource.

Paths, methods and path parameters follow from the routes; what a handler takes beyond that stands beside it, as an
`Operation` made from the tables the handler itself reads. What holds for a whole service is its `Description`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from reference.wsgi.service import Route

Schema = Mapping[str, Any]
PATH = "/openapi.json"
TOKEN = "X-Auth-Token"  # noqa: S105 - the name of a header
REQUEST_ID = "x-openstack-request-id"
STRING: Schema = {"type": "string"}
OBJECT: Schema = {"type": "object"}
UNAUTHORIZED: Schema = {
    "type": "object",
    "required": ["error"],
    "properties": {
        "error": {
            "type": "object",
            "required": ["code", "title", "message"],
            "properties": {"code": {"const": 401}, "title": STRING, "message": STRING},
            "additionalProperties": False,
        }
    },
    "additionalProperties": False,
}


@dataclass(frozen=True)
class Operation:
    """What a route takes and answers: the status of a success, its body (None for none), the statuses of refusals.

    `query` maps parameters to the schema of their values, which may be repeated where it is an array; `body` is the
    schema of the request's body, None where it takes none; `older` are statuses of a success in older versions, and
    `others` those of a success with a body of its own.
    """

    status: int = 200
    errors: tuple[int, ...] = ()
    query: Mapping[str, Schema] = field(default_factory=dict)
    body: Schema | None = None
    answer: Schema | None = field(default_factory=lambda: OBJECT)
    older: tuple[int, ...] = ()
    others: Mapping[int, Schema] = field(default_factory=dict)


def _nothing(_path: str) -> Mapping[str, Schema]:
    return {}


def _never(_path: str) -> tuple[int, ...]:
    return ()


@dataclass(frozen=True)
class Description:
    """A service as a whole: its name, where it answers, the form of its errors.

    `public` says which paths need no token; `headers` which headers one takes beside it; `refusals` which statuses the
    service answers there before the handler is asked.
    """

    title: str
    version: str
    url: str
    error: Schema
    public: Callable[[str], bool]
    headers: Callable[[str], Mapping[str, Schema]] = _nothing
    refusals: Callable[[str], tuple[int, ...]] = _never


def document(about: Description, routes: Iterable[Route]) -> dict[str, Any]:
    """The OpenAPI document of a service."""
    paths: dict[str, dict[str, Any]] = {}
    for route in routes:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(about, route)
    return {
        "openapi": "3.1.0",
        "info": {"title": about.title, "version": about.version},
        "servers": [{"url": about.url}],
        "paths": paths,
        "components": {
            "schemas": {"Error": about.error, "Unauthorized": UNAUTHORIZED},
            "responses": {
                "Error": _response("A refusal, in this service's own form.", _reference("schemas", "Error")),
                "Unauthorized": _response(
                    "There is no valid token.",
                    _reference("schemas", "Unauthorized"),
                    {"WWW-Authenticate": {"schema": STRING}},
                ),
            },
            "headers": {"RequestId": {"description": "This request's name in logs.", "schema": STRING}},
            "securitySchemes": {"token": {"type": "apiKey", "in": "header", "name": TOKEN}},
        },
    }


def _operation(about: Description, route: Route) -> dict[str, Any]:
    public, told = about.public(route.path), route.about
    statuses = {*told.errors, *about.refusals(route.path), *(() if public else (401,))}
    parameters = [
        *({"name": name, "in": "path", "required": True, "schema": STRING} for name in path_parameters(route.path)),
        *({"name": name, "in": "query", "schema": schema} for name, schema in told.query.items()),
        *({"name": name, "in": "header", "schema": schema} for name, schema in about.headers(route.path).items()),
    ]
    success = {str(status): _response("Done.", told.answer) for status in (told.status, *told.older)}
    success |= {str(status): _response("Done.", schema) for status, schema in told.others.items()}
    refused = {
        str(status): _reference("responses", "Unauthorized" if status == 401 else "Error")
        for status in sorted(statuses)
    }
    return {
        "operationId": re.sub(r"\W", "_", f"{route.method.lower()}{route.path}"),
        "parameters": parameters,
        **({"requestBody": {"required": True, "content": _json(told.body)}} if told.body is not None else {}),
        "responses": success | refused,
        "security": [] if public else [{"token": []}],
    }


def path_parameters(path: str) -> list[str]:
    return re.findall(r"{(\w+)}", path)


def _response(text: str, schema: Schema | None, headers: Mapping[str, Schema] | None = None) -> dict[str, Any]:
    named = {REQUEST_ID: _reference("headers", "RequestId"), **(headers or {})}
    return {"description": text, "headers": named, **({"content": _json(schema)} if schema is not None else {})}


def _json(schema: Schema) -> dict[str, Any]:
    return {"application/json": {"schema": schema}}


def _reference(kind: str, name: str) -> Schema:
    return {"$ref": f"#/components/{kind}/{name}"}
