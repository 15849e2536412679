"""The rules by which a field of an answer is judged: the tables of fields consist of them.

A field is *ours* where the user or the user's requests determine it, *known* where other answers or the cloud's rules
do, and *opaque* where only the cloud knows its value.
"""

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from conformance.answers import comparisons
from conformance.answers.facts import UNKNOWN, Facts, World

Item = Mapping[str, Any]
Expected = Callable[["Scene"], Any]
Same = Callable[[Any, Any], bool]
Steady = Callable[[Any], Mapping[str, frozenset[str]]]


class Source(StrEnum):
    """What determines the value of a field."""

    OURS = "ours"
    KNOWN = "known"
    OPAQUE = "opaque"


@dataclass(frozen=True)
class Scene:
    """An object in one answer: the item as it is shown, and what is known of the object.

    `requested_id` is the id in the URL, empty for a list; `parent` is the id of the object that it is a part of, such
    as a server's interface. `invoked` is when the request began, `project` that of its user. `sets` are the names of
    the fields that the request sets: those in its body, and for a POST also those with a default.
    """

    item: Item
    facts: Facts
    world: World
    requested_id: str
    parent: str
    invoked: float
    project: str
    sets: frozenset[str]

    @property
    def user_owns(self) -> bool:
        """Whether the object belongs to the user's project: other users may see less of it."""
        return bool(self.project) and self.facts.owner == self.project


@dataclass(frozen=True)
class Field:
    """`expected` gives the value that a scene determines, UNKNOWN for none; `same(shown, expected)` compares the two.

    `sent_as` is its name in requests, where they set it; `default` is the value where a POST does not say, or a
    function of the POST's body that gives it. A `constant` field shows the same in all answers, or in all in which
    `when(item)` holds, and a `rising` one never shows less than before. `steady(shown)` gives parts of the value, each
    a set; only a request that sets the field may replace members of a set.
    """

    source: Source
    expected: Expected = lambda _scene: UNKNOWN
    same: Same = operator.eq
    sent_as: str = ""
    default: Any = UNKNOWN
    constant: bool = False
    rising: bool = False
    steady: Steady | None = None
    when: Callable[[Item], bool] = lambda _item: True


Fields = Mapping[str, Field]


def opaque(*, constant: bool = False, rising: bool = False, steady: Steady | None = None) -> Field:
    return Field(Source.OPAQUE, constant=constant, rising=rising, steady=steady)


def constant_when(holds: Callable[[Item], bool]) -> Field:
    """A value that the cloud chooses, and that is the same in all answers for whose item that holds."""
    return Field(Source.OPAQUE, constant=True, when=holds)


def one_of(*values: Any) -> Field:
    """A value that the cloud chooses, of those that the API knows."""
    return Field(Source.KNOWN, lambda _scene: values, lambda shown, expected: shown in expected)


def known(
    expected: Expected,
    same: Same = operator.eq,
    *,
    constant: bool = False,
    rising: bool = False,
    steady: Steady | None = None,
) -> Field:
    return Field(Source.KNOWN, expected, same, constant=constant, rising=rising, steady=steady)


def since(name: str) -> Field:
    """A time that is never before the time in the field `name`, nor before a value that was shown earlier."""
    return known(lambda scene: scene.item.get(name, UNKNOWN), comparisons.not_before, rising=True)


def ours(expected: Expected, same: Same = operator.eq, *, sent_as: str = "", constant: bool = False) -> Field:
    return Field(Source.OURS, expected, same, sent_as, constant=constant)


def sent(
    name: str,
    default: Any = UNKNOWN,
    same: Same = operator.eq,
    *,
    lasting: bool = True,
    nulls: bool = False,
    constant: bool = False,
    steady: Steady | None = None,
) -> Field:
    """The value that the last request set under `name`.

    Unless it is `lasting`, the cloud changes it as well, and only the answer to that request is judged by it. A null
    means that the cloud chooses, unless the field takes `nulls`.
    """

    def expected(scene: Scene) -> Any:
        if name not in scene.sets and not (lasting and scene.invoked >= scene.facts.since.get(name, 0.0)):
            return UNKNOWN
        value = scene.facts.sent.get(name, UNKNOWN)
        return UNKNOWN if value is None and not nulls else value

    return Field(Source.OURS, expected, same, name, default, constant, steady=steady)


def owner() -> Field:
    """The project of the creator, or the one that an administrator named; project_id and tenant_id are equal."""

    def expected(scene: Scene) -> Any:
        return scene.facts.owner or (scene.item.get("project_id", UNKNOWN))

    return ours(expected, constant=True)


def identity() -> Field:
    """The id: that of the URL, where there is one."""
    return ours(lambda scene: scene.requested_id or UNKNOWN)


def links(path: str) -> Field:
    """Links to the object itself: each ends in its path and id."""
    return known(lambda scene: f"/{path}/{scene.item.get('id')}", _all_lead_to)


def linked(path: str) -> Field:
    """One link that ends in the path, with the object's id in place of {id}."""
    return known(lambda scene: path.replace("{id}", str(scene.item.get("id"))), lambda url, end: str(url).endswith(end))


def _all_lead_to(shown: Any, end: str) -> bool:
    targets = shown.values() if isinstance(shown, dict) else (link["href"] for link in shown)
    return all(str(target).endswith(end) for target in targets)
