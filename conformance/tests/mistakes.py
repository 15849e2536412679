"""Mistakes that people and programs make in files: a value of another kind, or a missing one."""

import copy
import random
from collections.abc import Iterator
from typing import Any

KINDS: list[Any] = [None, True, -1, 1e308, "", "x", "\ud800\x1b[2J", [], {}, [[]], {"a": {}}, ["x"], {"x": "pass"}]


def paths(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path to each part of a JSON value."""
    yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, content in items:
        yield from paths(content, (*path, key))


def changed(content: Any, choose: random.Random) -> Any:
    """The content with one value of another kind, or without that value."""
    copied = copy.deepcopy(content)
    *way, last = choose.choice([path for path in paths(content) if path])
    parent = copied
    for key in way:
        parent = parent[key]
    if choose.random() < 0.1:
        del parent[last]
    else:
        parent[last] = choose.choice(KINDS)
    return copied
