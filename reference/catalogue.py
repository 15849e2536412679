"""Catalogues of changes that can be planted in a running reference, each entry a function under its own name."""

from collections.abc import Callable, Iterable
from typing import Protocol, TypeVar

Plant = Callable[[], None]


class Entry(Protocol):
    """An entry of a catalogue: `plant` makes the change, in this process."""

    @property
    def plant(self) -> Plant: ...


T = TypeVar("T", bound=Entry)


class Catalogue(dict[str, T]):
    """Entries by their id; `kind` is their name in the plural, for messages."""

    def __init__(self, kind: str) -> None:
        super().__init__()
        self._kind = kind

    def enter(self, plant: Plant, entry: Callable[[str, str], T]) -> None:
        """Add `entry(id, sentence)`: the function's name is the id, its docstring the sentence.

        Raises ValueError for an id that is taken.
        """
        id_ = plant.__name__.replace("_", "-")
        if id_ in self:
            raise ValueError(f"there are two {self._kind} {id_}")
        self[id_] = entry(id_, " ".join((plant.__doc__ or "").split()))

    def plant(self, ids: Iterable[str]) -> list[str]:
        """Plant these entries; the unknown ones among the ids, in which case nothing is planted."""
        requested = list(ids)
        unknown = [id_ for id_ in requested if id_ not in self]
        if not unknown:
            for id_ in requested:
                self[id_].plant()
        return unknown
