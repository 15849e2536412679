"""Reads answers that the suite itself depends on: the objects in them, or an ApiError that shows what came instead."""

import json
from typing import Any, Protocol

from conformance.redact import redact
from conformance.target.cloud import ApiError

SHOWN = 100  # characters of an answer

Item = dict[str, Any]


class Api(Protocol):
    """What is needed of an account."""

    def call(self, method: str, url: str, json: Any = None) -> Any: ...


def items(account: Api, url: str, key: str) -> list[Item]:
    """The objects, each with its id, that a list answers under the key. Raises ApiError."""
    answer = account.call("GET", url)
    listed = answer.get(key) if isinstance(answer, dict) else None
    if not isinstance(listed, list) or not all(map(_is_item, listed)):
        raise _unexpected(f"GET {url}", f"a list of {key}", answer)
    return listed


def create(account: Api, url: str, key: str, body: Item) -> str:
    """Create an object, and return its id. Request and answer have it under the key. Raises ApiError."""
    answer = account.call("POST", url, {key: body})
    item = answer.get(key) if isinstance(answer, dict) else None
    if isinstance(item, dict) and _is_item(item):
        return str(item["id"])
    raise _unexpected(f"POST {url}", f"a {key}", answer)


def _is_item(value: Any) -> bool:
    return isinstance(value, dict) and isinstance(value.get("id"), str)


def _unexpected(request: str, expected: str, answer: Any) -> ApiError:
    return ApiError(f"{request} answered not {expected}, but {json.dumps(redact(answer))[:SHOWN]}", 200)
