"""What a request says, as a service takes it: what answers, checks and every database it may end in can bear."""

import json
from math import isfinite
from typing import Any

DEEPEST = 64  # levels of objects and lists within each other
MOST = 2**31 - 1  # what any database holds in a column of numbers


def parse(content: bytes) -> Any:
    """The document in `content`. Errors: ValueError for what is no JSON, and for JSON that cannot be kept.

    Not kept are: NUL and halves of surrogate pairs in text, numbers that are none (NaN) or that no float holds, and
    what is nested deeper than DEEPEST.
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
    """What the value holds, itself found to be bearable. Errors: ValueError."""
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
    """The number that plain digits write, `most` where it is larger; None where the text is no such number."""
    if not (text.isascii() and text.isdigit()):
        return None
    digits = text.lstrip("0") or "0"
    return most if len(digits) > len(str(most)) else min(int(digits), most)


def is_text(value: str) -> bool:
    """Whether a database can keep it and UTF-8 can carry it."""
    try:
        return b"\0" not in value.encode()
    except UnicodeEncodeError:
        return False
