"""What a planted fault is: an id, what it breaks, and how it gets there. `@defect` adds one to the catalogue."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from reference.catalogue import Catalogue, Plant


@dataclass(frozen=True)
class Defect:
    """A fault that can be planted in a running reference.

    `breaks` are the requirements of which at least one must turn red; `row` is its line in the field's history of
    such faults; `race` means that it shows only when requests meet; `live` names the release that has it.
    """

    id: str
    sentence: str
    breaks: tuple[str, ...]
    plant: Plant
    row: str = ""
    race: bool = False
    live: str = ""


CATALOGUE: Catalogue[Defect] = Catalogue("faults")


def defect(*breaks: str, row: str = "", race: bool = False, live: str = "") -> Callable[[Plant], Plant]:
    """Add the function to the catalogue: its name is the id, its docstring the sentence, calling it plants it.

    Errors: ValueError for an id that is taken.
    """

    def add(plant: Plant) -> Plant:
        CATALOGUE.enter(plant, lambda id_, sentence: Defect(id_, sentence, breaks, plant, row, race, live))
        return plant

    return add
