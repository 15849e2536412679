"""Catalogues of changes that can be planted in a running reference: faults, and lawful differences."""

from collections.abc import Callable, Iterable
from typing import Any, Protocol, TypeVar

Plant = Callable[[], None]


class Entry(Protocol):
    """An entry of a catalogue: `plant` makes the change, in this process."""

    @property
    def id(self) -> str: ...

    @property
    def plant(self) -> Plant: ...


T = TypeVar("T", bound=Entry)


def named(function: Callable[..., Any]) -> tuple[str, str]:
    """The id and the sentence of an entry that is written as a function: its name and its docstring."""
    return function.__name__.replace("_", "-"), " ".join((function.__doc__ or "").split())


class Catalogue(dict[str, T]):
    """Entries by their id; `kind` is their name in the plural, for messages."""

    def __init__(self, kind: str) -> None:
        super().__init__()
        self._kind = kind

    def add(self, entry: T) -> None:
        """Add an entry. Raises ValueError for an id that is taken."""
        if entry.id in self:
            raise ValueError(f"there are two {self._kind} {entry.id}")
        self[entry.id] = entry

    def plant(self, ids: Iterable[str]) -> list[str]:
        """Plant these entries, each once; the unknown ones among the ids, in which case nothing is planted."""
        requested = list(dict.fromkeys(ids))
        unknown = [id_ for id_ in requested if id_ not in self]
        if not unknown:
            for id_ in requested:
                self[id_].plant()
        return unknown
