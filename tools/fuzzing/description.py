"""The operations of an OpenAPI document, as the fuzzer needs them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Schema = Mapping[str, Any]


@dataclass(frozen=True)
class Operation:
    """A method of a path of an API, its possible statuses, the schemas of its parameters and of its body, if any."""

    api: str
    method: str
    path: str
    statuses: frozenset[int]
    query: Mapping[str, Schema]
    headers: Mapping[str, Schema]
    body: Schema | None

    @property
    def name(self) -> str:
        return f"{self.method} /{self.api}{self.path}"


def operations(api: str, document: Mapping[str, Any]) -> list[Operation]:
    """Every operation of the OpenAPI document."""
    return [
        _operation(api, method.upper(), path, description)
        for path, methods in document["paths"].items()
        for method, description in methods.items()
    ]


def _operation(api: str, method: str, path: str, description: Mapping[str, Any]) -> Operation:
    schemas: dict[str, dict[str, Any]] = {place: {} for place in ("query", "header", "path")}
    for parameter in description["parameters"]:
        schemas[parameter["in"]][parameter["name"]] = parameter["schema"]
    content = description.get("requestBody", {}).get("content", {})
    statuses = frozenset(int(status) for status in description["responses"])
    body = content["application/json"]["schema"] if content else None
    return Operation(api, method, path, statuses, schemas["query"], schemas["header"], body)
