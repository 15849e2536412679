"""Regular expressions that clients send, matched in time linear in the text (RE2): none can be of exponential cost.

What RE2 lacks is refused: references to groups, and looking ahead or behind.
"""

import sqlite3
from functools import lru_cache
from typing import Any

import re2

LONGEST = 255  # characters of an expression
MEMORY = 1 << 16  # bytes that a compiled expression and its states may take, which bounds the time, too


def _options() -> Any:
    options = re2.Options()
    options.log_errors = False
    options.max_mem = MEMORY
    return options


@lru_cache(maxsize=128)
def compiled(expression: str) -> Any:
    """The compiled expression, whose method `search` finds it in a text. Raises ValueError where it is invalid."""
    if len(expression) > LONGEST:
        raise ValueError("too long")
    try:
        return re2.compile(expression, _options())
    except re2.error:
        raise ValueError("invalid") from None


def install(connection: sqlite3.Connection) -> None:
    """Let the SQL of this connection search with such expressions."""

    def is_found(expression: str, text: str | None) -> bool:
        return text is not None and compiled(expression).search(text) is not None

    connection.create_function("regexp", 2, is_found, deterministic=True)
