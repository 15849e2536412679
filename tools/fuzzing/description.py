"""What an API says of itself, as the fuzzer reads it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Schema = Mapping[str, Any]


@dataclass(frozen=True)
class Operation:
    """A method of a path of an API, the statuses it may answer, the schemas of what it takes (`body` None for none)."""

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
        _operation(api, method.upper(), path, told)
        for path, methods in document["paths"].items()
        for method, told in methods.items()
    ]


def _operation(api: str, method: str, path: str, told: Mapping[str, Any]) -> Operation:
    taken = {place: {} for place in ("query", "header", "path")}
    for each in told["parameters"]:
        taken[each["in"]][each["name"]] = each["schema"]
    content = told.get("requestBody", {}).get("content", {})
    statuses = frozenset(int(status) for status in told["responses"])
    body = content["application/json"]["schema"] if content else None
    return Operation(api, method, path, statuses, taken["query"], taken["header"], body)
