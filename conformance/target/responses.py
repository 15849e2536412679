"""What the suite reads out of answers for its own ends: it is there, or a line says what is instead."""

import json
from typing import Any, Protocol

from conformance.target.cloud import ApiError

SHOWN = 100  # characters of an answer

Item = dict[str, Any]


class Asked(Protocol):
    """What is needed of an account."""

    def call(self, method: str, url: str, json: Any = None) -> Any: ...


def items(asked: Asked, url: str, key: str) -> list[Item]:
    """The objects, each with its id, that a list answers under the key. Raises ApiError."""
    found = asked.call("GET", url)
    listed = found.get(key) if isinstance(found, dict) else None
    if not isinstance(listed, list) or not all(map(_is_item, listed)):
        raise _strange(f"GET {url}", f"a list of {key}", found)
    return listed


def made(asked: Asked, url: str, key: str, body: Item) -> str:
    """The id of what is made of that body, which is sent and answered under the key. Raises ApiError."""
    found = asked.call("POST", url, {key: body})
    item = found.get(key) if isinstance(found, dict) else None
    if isinstance(item, dict) and _is_item(item):
        return str(item["id"])
    raise _strange(f"POST {url}", f"a {key}", found)


def _is_item(value: Any) -> bool:
    return isinstance(value, dict) and isinstance(value.get("id"), str)


def _strange(request: str, wanted: str, found: Any) -> ApiError:
    return ApiError(f"{request} answered not {wanted}, but {json.dumps(found)[:SHOWN]}", 200)
