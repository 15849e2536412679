"""A service's description in OpenAPI 3.1, made from the routes it serves. It knows no resource.

Paths, methods and path parameters follow from the routes; query, headers and bodies are the route's `Operation`, made
from the tables that the handler itself reads. What holds for a whole service is its `Description`.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from reference.wsgi.routes import STRING, Route, Schema

PATH = "/openapi.json"
TOKEN = "X-Auth-Token"  # noqa: S105 - the name of a header
REQUEST_ID = "x-openstack-request-id"
# answers to any request: characters that cannot be stored, a body too slow or too long, no database
ANYWHERE = (400, 408, 413, 503)
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
class Description:
    """A service as a whole: its name and version, its URL, the schema of its errors.

    Of a method and a path, `public` returns whether it needs no token; of a path, `headers` the schemas of its request
    headers besides that, `refusals` the statuses that the service may answer before any handler runs.
    """

    title: str
    version: str
    url: str
    error: Schema
    public: Callable[[str, str], bool]
    headers: Callable[[str], Mapping[str, Schema]] = lambda _path: {}
    refusals: Callable[[str], tuple[int, ...]] = lambda _path: ()


def document(description: Description, routes: Iterable[Route]) -> dict[str, Any]:
    """The OpenAPI document of a service, as JSON data."""
    paths: dict[str, dict[str, Any]] = {}
    for route in routes:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(description, route)
    return {
        "openapi": "3.1.0",
        "info": {"title": description.title, "version": description.version},
        "servers": [{"url": description.url}],
        "paths": paths,
        "components": {
            "schemas": {"Error": description.error, "Unauthorized": UNAUTHORIZED},
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


def _operation(description: Description, route: Route) -> dict[str, Any]:
    public, operation = description.public(route.method, route.path), route.about
    statuses = {*ANYWHERE, *operation.errors, *description.refusals(route.path), *(() if public else (401,))}
    statuses |= {404} if path_parameters(route.path) else set()
    parameters = [
        *({"name": name, "in": "path", "required": True, "schema": STRING} for name in path_parameters(route.path)),
        *({"name": name, "in": "query", "schema": schema} for name, schema in operation.query.items()),
        *({"name": name, "in": "header", "schema": schema} for name, schema in description.headers(route.path).items()),
    ]
    success = {str(status): _response("Done.", operation.answer) for status in (operation.status, *operation.older)}
    success |= {str(status): _response("Done.", schema) for status, schema in operation.others.items()}
    failures = {
        str(status): _reference("responses", "Unauthorized" if status == 401 else "Error")
        for status in sorted(statuses)
    }
    return {
        "operationId": re.sub(r"\W", "_", f"{route.method.lower()}{route.path}"),
        "parameters": parameters,
        **({"requestBody": {"required": True, "content": _json(operation.body)}} if operation.body is not None else {}),
        "responses": success | failures,
        "security": [] if public else [{"token": []}],
    }


def path_parameters(path: str) -> list[str]:
    """The names of the path's parameters, in order."""
    return re.findall(r"{(\w+)}", path)


def _response(text: str, schema: Schema | None, headers: Mapping[str, Schema] | None = None) -> dict[str, Any]:
    """A response object with that schema (None for no body) and those headers beside the request's id."""
    all_headers = {REQUEST_ID: _reference("headers", "RequestId"), **(headers or {})}
    return {"description": text, "headers": all_headers, **({"content": _json(schema)} if schema is not None else {})}


def _json(schema: Schema) -> dict[str, Any]:
    return {"application/json": {"schema": schema}}


def _reference(kind: str, name: str) -> Schema:
    return {"$ref": f"#/components/{kind}/{name}"}
