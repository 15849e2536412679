"""A story, sent to both sides step by step, up to the first step whose answers differ."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from fuzzing import wire
from fuzzing.plans import Plan
from fuzzing.values import Ref
from fuzzing.wire import Answer

from differential.comparison import Difference, Twins, differences
from differential.real_side import ServiceError
from differential.scenes import Story
from differential.sides import CALLERS, Side

Ids = tuple[str, str]  # ids of one object: at the real service, at the reference
Explained = Callable[[Plan, Difference], bool]
_UNKNOWN = "99999999-9999-9999-9999-999999999999"
ADD_INTERFACE = "add_router_interface"
_TOKENS = dict.fromkeys(CALLERS, "")


@dataclass(frozen=True)
class Mismatch:
    """A step whose answers differ, the last of its story."""

    story: Story
    difference: Difference

    @property
    def step(self) -> Plan:
        return self.story[-1]

    @property
    def kind(self) -> tuple[str, str, str, str]:
        """What distinguishes it from other differences, as long as its reason is not known."""
        difference = self.difference
        values = f"{difference.real} {difference.reference}" if difference.kind in ("status", "type") else ""
        return pattern(self.step), difference.kind, difference.place, values


class Objects:
    """The ids of what a story has created, by kind, in order of creation."""

    def __init__(self, start: Mapping[str, Sequence[Ids]]) -> None:
        self.ids = defaultdict(list, {kind: list(ids) for kind, ids in start.items()})

    def copy(self) -> "Objects":
        return Objects(self.ids)

    def learn(self, step: Plan, real: Answer, reference: Answer) -> None:
        """Add what both have created; the port of a router's interface is one of `interfaces`."""
        if step.path[-1] == ADD_INTERFACE and real.status == reference.status == 200:
            self.ids["interfaces"].append((real.json()["port_id"], reference.json()["port_id"]))
        if step.method == "POST" and len(step.path) == 3 and real.status == reference.status == 201:
            self.ids[str(step.path[2])] += zip(_created(real), _created(reference), strict=False)

    def settled(self, step: Plan, side: int) -> Plan:
        """The step with ids of one side, 0 the real one, instead of references; an unknown id where there is none."""

        def id_of(ref: Ref) -> str:
            ids = self.ids[ref.kind]
            return ids[ref.pick % len(ids)][side] if ids else _UNKNOWN

        return with_references(step, id_of)

    def numbered(self, step: Plan) -> Plan:
        """The step with each reference as the number of its object, as fewer objects exist than numbers are drawn."""
        return with_references(step, lambda ref: replace(ref, pick=ref.pick % max(len(self.ids[ref.kind]), 1)))


def with_references(step: Plan, replaced: Callable[[Ref], Any]) -> Plan:
    """The step with `replaced(reference)` for each of its references."""

    def settle(value: Any) -> Any:
        if isinstance(value, Ref):
            return replaced(value)
        if isinstance(value, dict):
            return {name: settle(inner) for name, inner in value.items()}
        return [settle(inner) for inner in value] if isinstance(value, list) else value

    path = tuple(settle(part) for part in step.path)
    query = tuple((name, settle(value)) for name, value in step.query)
    return replace(step, path=path, query=query, body=settle(step.body))


def _created(answer: Answer) -> list[str]:
    created: Any = next(iter(answer.json().values()), {})
    return [item["id"] for item in (created if isinstance(created, list) else [created]) if "id" in item]


@dataclass(frozen=True)
class State:
    """A state of both sides, under a name, with the objects in it."""

    name: str
    objects: Objects
    twins: Twins


class Pair:
    """The real service and the reference, and the states from which stories begin: the operator's set-up, and scenes.

    `scenes` are beginnings that many stories share: the state behind each is made once.
    """

    def __init__(self, real: Side, reference: Side, scenes: Sequence[Story] = ()) -> None:
        self.sides = (real, reference)
        self.scenes = {repr(scene[:length]) for scene in scenes for length in range(1, len(scene) + 1)}
        self.states: dict[str, State] = {}  # created by the story so far
        self.sent = 0

    def prepare(self, steps: Sequence[Plan]) -> None:
        """Make the operator's set-up, from which every story begins. Raises ServiceError where a side refuses it."""
        objects, twins = Objects({}), Twins()
        for step in steps:
            real, reference = self._send(step, objects)
            if not real.status == reference.status == 201:
                raise ServiceError(
                    f"{pattern(step)}: {real.status} {real.body!r}, {reference.status} {reference.body!r}"
                )
            objects.learn(step, real, reference)
            differences(real, reference, twins)
        objects.ids["external"] = objects.ids["networks"][:1]
        self.begin(objects, twins)

    def begin(self, objects: Objects, twins: Twins) -> None:
        """Let every story begin in the state that both sides are in now, with those objects."""
        self._keep((), objects, twins)

    def play(self, story: Story, explained: Explained = lambda _step, _difference: False) -> Mismatch | None:
        """The first difference of the story that is not explained; None without one.

        An explained difference of statuses ends the story, for what follows happens to two different states.
        """
        prefix = next(length for length in range(len(story) - 1, -1, -1) if repr(story[:length]) in self.states)
        objects, twins = self._restored(self.states[repr(story[:prefix])])
        played = list(story[:prefix])
        for index, step in enumerate(story[prefix:], prefix + 1):
            played.append(objects.numbered(step))
            real, reference = self._send(step, objects)
            differing = differences(real, reference, twins, ordered=_is_ordered(step))
            if unexplained := [difference for difference in differing if not explained(step, difference)]:
                return Mismatch(tuple(played), unexplained[0])
            if real.status != reference.status:
                return None
            objects.learn(step, real, reference)
            so_far = repr(story[:index])
            if so_far in self.scenes and so_far not in self.states:
                self._keep(story[:index], objects, twins)
        return None

    def _keep(self, played: Story, objects: Objects, twins: Twins) -> None:
        name = str(len(self.states))
        for side in self.sides:
            side.keep(name)
        self.states[repr(played)] = State(name, objects.copy(), twins.copy())

    def _restored(self, state: State) -> tuple[Objects, Twins]:
        for side in self.sides:
            side.restore(state.name)
        return state.objects.copy(), state.twins.copy()

    def _send(self, step: Plan, objects: Objects) -> tuple[Answer, Answer]:
        self.sent += 1
        real, reference = (
            side.send(wire.write(objects.settled(step, number), _TOKENS), step.token)
            for number, side in enumerate(self.sides)
        )
        return real, reference


def pattern(step: Plan) -> str:
    """The step's method and path, an object's id as `*`."""
    path = "/".join(str(part) if isinstance(part, str) else "*" for part in step.path)
    return f"{step.method} {path}{step.tail}"


def _is_ordered(step: Plan) -> bool:
    """Whether the answer is a list with an order: by the query, or by ids if it has pages."""
    return step.method == "GET" and any(name in ("limit", "marker", "sort_key") for name, _value in step.query)
