"""The differences that are meant: data in `lawful.toml`, each with its reason."""

import json
import re
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from fuzzing.plans import Plan

from differential.comparison import Difference
from differential.play import pattern

FILE = Path(__file__).parent / "lawful.toml"


@dataclass(frozen=True)
class Entry:
    """One lawful kind of difference; a field that is not given matches anything.

    `request` (method and path), `place`, `real` and `reference` are patterns as of a shell, any of `places` may match.
    One of `names`, or any where there are none, has to be an attribute or a parameter of the request, with a value, as
    JSON, that the regular expression `value` matches; `body` is one that the JSON of the whole body has to match.
    """

    reason: str
    kind: str = "*"
    request: str = "*"
    places: tuple[str, ...] = ("*",)
    real: str = "*"
    reference: str = "*"
    names: tuple[str, ...] = ()
    value: str = ""
    body: str = ""
    callers: tuple[str, ...] = ()

    def explains(self, step: Plan, difference: Difference) -> bool:
        texts = (
            (difference.kind, self.kind),
            (pattern(step), self.request),
            (_word(difference.real), self.real),
            (_word(difference.reference), self.reference),
        )
        return (
            all(fnmatchcase(text, form) for text, form in texts)
            and any(fnmatchcase(difference.place, place) for place in self.places)
            and (not self.callers or step.token in self.callers)
            and re.search(self.body, json.dumps(step.body, default=str)) is not None
            and (not (self.names or self.value) or self._is_of(step))
        )

    def _is_of(self, step: Plan) -> bool:
        return any(
            name in (self.names or (name,)) and re.search(self.value, text) is not None
            for name, text in _named_values(step)
        )


@dataclass
class Lawful:
    """All entries, and how often each has explained something."""

    entries: tuple[Entry, ...]
    uses: Counter[Entry] = field(default_factory=Counter)

    def explains(self, step: Plan, difference: Difference) -> bool:
        entry = next((entry for entry in self.entries if entry.explains(step, difference)), None)
        if entry is not None:
            self.uses[entry] += 1
        return entry is not None


def load(file: Path = FILE) -> Lawful:
    """The entries of a file. Raises TypeError for one with an unknown key, or without a reason."""
    listed = tomllib.loads(file.read_text()).get("lawful", [])
    return Lawful(tuple(Entry(**{name: _frozen(value) for name, value in entry.items()}) for entry in listed))


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def names(step: Plan) -> set[str]:
    """The names of attributes and parameters in the request."""
    return {name for name, _text in _named_values(step)}


def _word(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, default=str)


def _named_values(step: Plan) -> Iterator[tuple[str, str]]:
    """Names in the request, with their values as JSON: of the query, and at any depth of the body."""
    yield from ((name, _word(value)) for name, value in step.query)
    yield from _within(step.body)


def _within(value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        yield from ((name, json.dumps(inner, default=str)) for name, inner in value.items())
    parts: Iterable[Any] = value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ()
    for part in parts:
        yield from _within(part)
