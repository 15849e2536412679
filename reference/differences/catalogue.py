"""What a lawful difference is: an id, the clouds that are like that, and how it is planted. `@difference` adds one."""

from collections.abc import Callable
from dataclasses import dataclass

from reference.catalogue import Catalogue, Plant, named


@dataclass(frozen=True)
class Difference:
    """A way in which right clouds differ: no requirement may fail because of it.

    `seen` tells which clouds are like that. A cloud can have one difference of each `choice`. `by_members`: the
    suite has no administrator there, as the difference would not apply to one. `refused`: the suite cannot prepare its
    tests there, and has to say so before the first one. `guests`: it shows only where servers run. `slow`: a run there
    takes long.
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
        """Whether it needs a cloud of its own."""
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
