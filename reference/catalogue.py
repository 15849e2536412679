"""Catalogues of what can be planted in a running reference, each entry a function under its own name."""

from collections.abc import Callable, Iterable
from typing import Protocol, TypeVar

Plant = Callable[[], None]


class Entry(Protocol):
    """Anything with a function that plants it."""

    @property
    def plant(self) -> Plant: ...


T = TypeVar("T", bound=Entry)


class Catalogue(dict[str, T]):
    """Entries by their id; `kind` is what several of them are called."""

    def __init__(self, kind: str) -> None:
        super().__init__()
        self._kind = kind

    def enter(self, plant: Plant, entry: Callable[[str, str], T]) -> None:
        """Add `entry(id, sentence)`: the function's name is the id, its docstring the sentence.

        Errors: ValueError for an id that is taken.
        """
        id_ = plant.__name__.replace("_", "-")
        if id_ in self:
            raise ValueError(f"there are two {self._kind} {id_}")
        self[id_] = entry(id_, " ".join((plant.__doc__ or "").split()))

    def plant(self, ids: Iterable[str]) -> list[str]:
        """Plant these; the ids that name none, in which case nothing is planted."""
        wanted = list(ids)
        unknown = [each for each in wanted if each not in self]
        if not unknown:
            for each in wanted:
                self[each].plant()
        return unknown
