"""Ways in which clouds differ, and which are all right: a suite must not turn red by any of them.

Planted faults show that a verdict is red where it should be; these show that it is not where it should not. They come
as faults do, by `gman serve --differ ID`, at the same seams, and `tools/prove --differences` runs the suite on them.
"""

from __future__ import annotations

from reference.differences import accounts, agents, answers, builds, limits, operators, routers
from reference.differences.catalogue import CATALOGUE, Difference

FAMILIES = (accounts, agents, answers, builds, limits, operators, routers)

__all__ = ["CATALOGUE", "FAMILIES", "Difference", "together"]


def together() -> list[list[str]]:
    """All of them in as few clouds as can be: each has what is no choice, and one of every choice."""
    plain = [each.id for each in CATALOGUE.values() if not each.choice]
    choices: dict[str, list[str]] = {}
    for each in CATALOGUE.values():
        if each.choice:
            choices.setdefault(each.choice, []).append(each.id)
    clouds = max((len(ids) for ids in choices.values()), default=1)
    return [[*plain, *(ids[number % len(ids)] for ids in choices.values())] for number in range(clouds)]
