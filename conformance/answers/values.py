"""Whether an answer shows of an object what was sent, what belongs to its user, and what else is known of it."""

from collections.abc import Iterator
from typing import Any

from conformance.answers.facts import UNKNOWN
from conformance.answers.rules import Field, Fields, Scene, Source

SHOWN = 100  # characters of a value in a text


def judged(fields: Fields, scene: Scene) -> Iterator[tuple[str, str]]:
    """(name, violation) of each field that the scene determines; the violation is empty where it shows that value."""
    for name, field in fields.items():
        if name not in scene.item or field.source is Source.OPAQUE:
            continue
        expected = _expected(field, scene)
        if expected is not UNKNOWN:
            shown = scene.item[name]
            right = _is_same(field, shown, expected)
            yield name, "" if right else f"{name} is {cut(shown)}, not {cut(expected)}"


def _expected(field: Field, scene: Scene) -> Any:
    """The value that the scene determines; UNKNOWN where the answer's fields are malformed."""
    try:
        return field.expected(scene)
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError):
        return UNKNOWN


def _is_same(field: Field, shown: Any, expected: Any) -> bool:
    try:
        return bool(field.same(shown, expected))
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError):
        return False


def cut(value: Any) -> str:
    text = repr(set(value) if isinstance(value, frozenset) else value)
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}..."
