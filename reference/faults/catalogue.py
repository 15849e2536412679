"""What a fault is, and the two ways to write one down: `entry` in a `table`, or `@fault` over a function."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from reference.catalogue import Catalogue, Plant, named

GUESTS = "D-"  # begins the ids of requirements on servers that run


@dataclass(frozen=True)
class Fault:
    """A fault that can be planted in a running reference.

    `breaks` are the requirements of which at least one must turn red; `row` is its line in the field's history of
    such faults; `race` means that it shows only when requests meet; `live` names the releases that have it. `endless`
    means that it shows only by something that never happens: then its requirements are inconclusive.
    """

    id: str
    sentence: str
    breaks: tuple[str, ...]
    plant: Plant
    row: str = ""
    race: bool = False
    live: tuple[str, ...] = ()
    endless: bool = False

    @property
    def guests(self) -> bool:
        """Whether it shows only where servers run (`gman serve --guests`)."""
        return all(id_.startswith(GUESTS) for id_ in self.breaks)


CATALOGUE: Catalogue[Fault] = Catalogue("faults")
F = TypeVar("F", bound=Callable[..., Any])


def table(*faults: Fault) -> None:
    """Add the faults to the catalogue. Raises ValueError for an id that is taken."""
    for fault in faults:
        CATALOGUE.add(fault)


def entry(
    id_: str, *breaks: str, row: str = "", race: bool = False, live: tuple[str, ...] = (), endless: bool = False
) -> Callable[[str, Plant], Fault]:
    """A line of a table: `entry(id, requirements...)(sentence, plant)` is the fault."""
    return lambda sentence, plant: Fault(id_, sentence, breaks, plant, row, race, live, endless)


def fault(
    *breaks: str,
    at: Callable[[Any], Plant] = lambda plant: plant,
    row: str = "",
    race: bool = False,
    live: tuple[str, ...] = (),
) -> Callable[[F], F]:
    """Add the function to the catalogue: its name is the id, its docstring the sentence.

    `at` is the seam at which the function is planted; without one, calling the function plants it.
    Raises ValueError for an id that is taken.
    """

    def add(function: F) -> F:
        id_, sentence = named(function)
        CATALOGUE.add(Fault(id_, sentence, breaks, at(function), row, race, live))
        return function

    return add
