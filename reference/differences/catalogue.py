"""What a lawful difference is: an id, who is like that, and how it gets there. `@difference` adds one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Difference:
    """Something in which clouds differ and none of them is wrong: no requirement may turn red by it.

    `seen` tells which clouds are like that; of those that name the same `choice` a cloud can have one.
    """

    id: str
    sentence: str
    seen: str
    plant: Callable[[], None]
    choice: str = ""


CATALOGUE: dict[str, Difference] = {}


def difference(seen: str, choice: str = "") -> Callable[[Callable[[], None]], Callable[[], None]]:
    """Add the function to the catalogue: its name is the id, its docstring the sentence, calling it plants it.

    Errors: ValueError for an id that is taken.
    """

    def add(plant: Callable[[], None]) -> Callable[[], None]:
        id_ = plant.__name__.replace("_", "-")
        if id_ in CATALOGUE:
            raise ValueError(f"there are two differences {id_}")
        CATALOGUE[id_] = Difference(id_, " ".join((plant.__doc__ or "").split()), seen, plant, choice)
        return plant

    return add
