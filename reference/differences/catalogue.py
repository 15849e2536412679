"""What a lawful difference is: an id, who is like that, and how it gets there. `@difference` adds one."""

from collections.abc import Callable
from dataclasses import dataclass

from reference.catalogue import Catalogue, Plant, named


@dataclass(frozen=True)
class Difference:
    """Something in which clouds differ and none of them is wrong: no requirement may turn red by it.

    `seen` tells which clouds are like that; of those that name the same `choice` a cloud can have one. `by_members`:
    there is no administrator for the suite, which a member would not be held to. `refused`: the suite cannot prepare
    its tests there, and has to say so before the first one. `guests`: it shows only where servers run. `slow`: a run
    there takes its time.
    """

    id: str
    sentence: str
    seen: str
    plant: Plant
    choice: str = ""
    by_members: bool = False
    refused: bool = False
    guests: bool = False
    slow: bool = False

    @property
    def alone(self) -> bool:
        """Whether it takes another cloud than the usual ones."""
        return self.by_members or self.refused or self.guests or self.slow


CATALOGUE: Catalogue[Difference] = Catalogue("differences")


def difference(
    seen: str,
    choice: str = "",
    *,
    by_members: bool = False,
    refused: bool = False,
    guests: bool = False,
    slow: bool = False,
) -> Callable[[Plant], Plant]:
    """Add the function to the catalogue: its name is the id, its docstring the sentence, calling it plants it.

    Raises ValueError for an id that is taken.
    """

    def add(plant: Plant) -> Plant:
        CATALOGUE.add(Difference(*named(plant), seen, plant, choice, by_members, refused, guests, slow))
        return plant

    return add
