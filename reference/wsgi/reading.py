"""Bodies and numbers of a request, limited to what answers, checks and every database can represent."""

import json
from math import isfinite
from typing import Any

DEEPEST = 64  # levels of objects and lists within each other
MOST = 2**31 - 1  # the largest number that an integer column of every database can hold


def parse(content: bytes) -> Any:
    """The document in `content`. Raises ValueError for invalid JSON, and for JSON that cannot be stored.

    Not stored are: NUL and halves of surrogate pairs in text, NaN, numbers beyond the range of a float, and anything
    nested deeper than DEEPEST.
    """
    try:
        document = json.loads(content)
    except RecursionError:
        raise ValueError("too deep") from None
    level = [document]
    for _ in range(DEEPEST):
        level = [part for value in level for part in _parts(value)]
        if not level:
            return document
    raise ValueError("too deep")


def _parts(value: Any) -> list[Any]:
    """The values inside the value. Raises ValueError where the value itself cannot be stored."""
    if isinstance(value, dict):
        return [*value, *value.values()]
    if isinstance(value, list):
        return value
    if isinstance(value, str) and not is_text(value):
        raise ValueError("not a text")
    if isinstance(value, float) and not isfinite(value):
        raise ValueError("not a number")
    return []


def whole(text: str, most: int = MOST) -> int | None:
    """The number in plain digits, at most `most`; None where the text is anything else."""
    if not (text.isascii() and text.isdigit()):
        return None
    digits = text.lstrip("0") or "0"
    return most if len(digits) > len(str(most)) else min(int(digits), most)


def is_text(value: str) -> bool:
    """Whether a database can store the text and UTF-8 can encode it."""
    try:
        return b"\0" not in value.encode()
    except UnicodeEncodeError:
        return False
