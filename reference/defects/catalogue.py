"""What a planted fault is: an id, what it breaks, and how it gets there. `@defect` adds one to the catalogue."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Defect:
    """A fault that can be planted in a running reference.

    `breaks` are the requirements of which at least one must turn red; `row` is its line in the field's history of
    such faults; `race` means that it shows only when requests meet; `live` names the release that has it.
    """

    id: str
    sentence: str
    breaks: tuple[str, ...]
    plant: Callable[[], None]
    row: str = ""
    race: bool = False
    live: str = ""


CATALOGUE: dict[str, Defect] = {}


def defect(
    *breaks: str, row: str = "", race: bool = False, live: str = ""
) -> Callable[[Callable[[], None]], Callable[[], None]]:
    """Add the function to the catalogue: its name is the id, its docstring the sentence, calling it plants it.

    Errors: ValueError for an id that is taken.
    """

    def add(plant: Callable[[], None]) -> Callable[[], None]:
        id_ = plant.__name__.replace("_", "-")
        if id_ in CATALOGUE:
            raise ValueError(f"there are two faults {id_}")
        CATALOGUE[id_] = Defect(id_, " ".join((plant.__doc__ or "").split()), breaks, plant, row, race, live)
        return plant

    return add
