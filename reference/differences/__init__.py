"""Ways in which right clouds differ: no test may fail because of them.

Planted faults show that a verdict is red where it should be; these show that it stays green where it should. They are
planted like faults, at the same seams, by `gman serve --differ ID`; `tools/prove --differences` runs the suite on them.
"""

from collections.abc import Iterable
from itertools import groupby

from reference.differences import (
    accounts,
    administrators,
    agents,
    answers,
    builds,
    data_plane,
    limits,
    operators,
    pace,
    routers,
    small_projects,
)
from reference.differences.catalogue import CATALOGUE, Difference

FAMILIES = (
    accounts,
    administrators,
    agents,
    answers,
    builds,
    data_plane,
    limits,
    operators,
    pace,
    routers,
    small_projects,
)

__all__ = ["CATALOGUE", "FAMILIES", "Difference", "clash", "together"]


def clash(ids: Iterable[str]) -> list[str]:
    """Two or more of these differences that are options of one choice, and so exclude each other; empty without any."""
    for _choice, same in groupby(sorted(ids, key=_choice_of), key=_choice_of):
        several = sorted(set(same))
        if len(several) > 1 and CATALOGUE[several[0]].choice:
            return several
    return []


def _choice_of(id_: str) -> str:
    return CATALOGUE[id_].choice


def together() -> list[list[str]]:
    """All differences, in as few clouds as possible. The first clouds each have all differences that exclude no other,
    and one of every choice. Then come differences that need a cloud to themselves, and last those of clouds whose
    servers run.
    """
    plain = [entry.id for entry in CATALOGUE.values() if not entry.choice and not entry.alone]
    choices: dict[str, list[str]] = {}
    for entry in CATALOGUE.values():
        if entry.choice and not entry.alone:
            choices.setdefault(entry.choice, []).append(entry.id)
    clouds = max((len(ids) for ids in choices.values()), default=1)
    shared = [[*plain, *(ids[number % len(ids)] for ids in choices.values())] for number in range(clouds)]
    running: dict[str, list[str]] = {}
    for entry in CATALOGUE.values():
        if entry.guests:
            running.setdefault(entry.choice, []).append(entry.id)
    return [
        *shared,
        *([entry.id] for entry in CATALOGUE.values() if entry.alone and not entry.guests),
        *running.values(),
    ]
