"""Catalogues of what can be planted in a running reference: faults, and lawful differences."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Protocol, TypeVar

Plant = Callable[[], None]


class Entry(Protocol):
    """Anything with an id and a function that plants it."""

    @property
    def id(self) -> str: ...

    @property
    def plant(self) -> Plant: ...


T = TypeVar("T", bound=Entry)


def named(function: Callable[..., Any]) -> tuple[str, str]:
    """The id and the sentence of an entry that is written as a function: its name and its docstring."""
    return function.__name__.replace("_", "-"), " ".join((function.__doc__ or "").split())


class Catalogue(dict[str, T]):
    """Entries by their id; `kind` is what several of them are called."""

    def __init__(self, kind: str) -> None:
        super().__init__()
        self._kind = kind

    def add(self, entry: T) -> None:
        """Raises ValueError for an id that is taken."""
        if entry.id in self:
            raise ValueError(f"there are two {self._kind} {entry.id}")
        self[entry.id] = entry

    def plant(self, ids: Iterable[str]) -> list[str]:
        """Plant these; the ids that name none, in which case nothing is planted."""
        requested = list(ids)
        unknown = [id_ for id_ in requested if id_ not in self]
        if not unknown:
            for id_ in requested:
                self[id_].plant()
        return unknown
