"""The witness of all answers of a process, whoever asked: a step, a poll, an observer, a race, or the cleaning up.

It remembers what was sent and shown of each object, and compares each answer that shows it with that. It sends nothing.
"""

import threading
from collections.abc import Iterator
from urllib.parse import urlsplit

from conformance.answers import lists, over_time
from conformance.answers.facts import Facts
from conformance.answers.kinds import KINDS, SERVER, TOPOLOGY
from conformance.answers.memory import Memory
from conformance.answers.rules import Scene
from conformance.answers.sightings import Reading, Sighting, read
from conformance.answers.tally import Tally
from conformance.answers.values import judged
from conformance.target.answered import AnsweredCall

CONSTANT = {"N": "N-OBJ-011", "C": "C-OBJ-006"}  # by family of kinds
RISING = {"N": "N-OBJ-012", "C": "C-OBJ-007"}
LISTS = {"N": "N-OBJ-015", "C": "C-OBJ-013"}
GONE = {"N": "N-OBJ-013", "C": "C-OBJ-008"}
ON_ITS_WAY, BUILT_ONCE = "C-OBJ-009", "C-OBJ-012"
REQUIREMENTS = (
    *dict.fromkeys(kind.values for kind in KINDS if kind.values),
    *(id_ for ids in (CONSTANT, RISING, GONE, LISTS) for id_ in ids.values()),
    ON_ITS_WAY,
    BUILT_ONCE,
    *over_time.IN_STATE,
)
Finding = tuple[str, str, str]  # requirement, what about, violation or ""


class Witness:
    """Listens to the answers of all threads; `test` is the id of the test that runs, or that is being cleaned up once
    it is `over`.
    """

    def __init__(self) -> None:
        self.tally = Tally()
        self.test = ""
        self.over = False
        self._memory = Memory()
        self._lock = threading.Lock()

    def hear(self, call: AnsweredCall) -> None:
        """Take note of one answered call, and judge what its answer shows."""
        reading = read(call)
        if reading is None:
            return
        with self._lock:
            self._memory.note(reading)
            for sighting in reading.sightings:
                self._judge(reading, sighting)
            self._judge_list(reading)

    def left_in(self, project: str, since: float) -> dict[str, list[str]]:
        """As Memory.left_in: the path of a kind -> ids of what was made in the project and may still be there."""
        with self._lock:
            return self._memory.left_in(project, since)

    def _judge(self, reading: Reading, sighting: Sighting) -> None:
        facts = self._memory.facts_of(reading, sighting.kind, sighting.id)
        by = f"{reading.call.method} {reading.place.kind.path}{'/ID' if reading.place.id else ''}"
        for requirement, about, violation in (
            *self._values(reading, sighting, facts),
            *_over_time(reading.call, sighting, facts),
            *self._references(reading.call, sighting),
            *(_of_server(reading.call, sighting, facts) if sighting.kind is SERVER else ()),
        ):
            text = violation and f"{self._where(reading.call)}: {sighting.kind.name} {sighting.id} {violation}"
            self.tally.add(requirement, f"{sighting.kind.name} {about}", by, text, self.test)

    def _judge_list(self, reading: Reading) -> None:
        """Judge the answer as a list, where it is one."""
        kind = reading.place.kind
        if kind.key != "id" or kind.family not in LISTS:
            return
        lists.note_fields(reading, self._memory)
        for about, violation in lists.judged(reading, self._memory):
            text = violation and f"{self._where(reading.call)}: the list of {kind.plural} {violation}"
            self.tally.add(LISTS[kind.family], f"{kind.name} {about}", f"GET {kind.path}", text, self.test)

    def _values(self, reading: Reading, sighting: Sighting, facts: Facts) -> Iterator[Finding]:
        kind, who = sighting.kind, self._memory.who(reading.call)
        if kind is TOPOLOGY:
            facts.owner = facts.owner or self._memory.project_of(reading)
            facts.parts.setdefault(str(sighting.item.get("id")), reading.call.ended)
        scene = Scene(
            sighting.item,
            facts,
            self._memory.world,
            sighting.requested_id,
            sighting.parent,
            reading.call.invoked,
            who.project,
            reading.sets,
        )
        for name, violation in judged(kind.fields, scene):
            yield kind.values, name, violation

    def _references(self, call: AnsweredCall, sighting: Sighting) -> Iterator[Finding]:
        """Whether what an object refers to was there."""
        for name, kind, id_ in over_time.referred_to(sighting.kind.name, sighting.item):
            gone = over_time.gone(self._memory.world.look_up(kind, id_), call.invoked)
            yield GONE[sighting.kind.family], name, gone and f"shows in {name} the {kind} {id_}, which {gone}"

    def _where(self, call: AnsweredCall) -> str:
        test = f" {'after' if self.over else 'in'} {self.test}" if self.test else ""
        return f"{call.method} {urlsplit(call.url).path}{test}"


def _over_time(call: AnsweredCall, sighting: Sighting, facts: Facts) -> Iterator[Finding]:
    """What holds of every kind of objects of Networking and Compute that has ids."""
    kind = sighting.kind
    if not kind.key or kind.family not in CONSTANT:
        return
    for name, violation in over_time.constants(kind.fields, facts, sighting.item):
        yield CONSTANT[kind.family], name, violation
    for name, violation in over_time.steady(kind.fields, facts, sighting.item):
        yield CONSTANT[kind.family], name, violation
    for name, violation in over_time.rising(kind.fields, facts, sighting.item, call.invoked, call.ended):
        yield RISING[kind.family], name, violation
    yield GONE[kind.family], "gone", over_time.gone(facts, call.invoked)
    unlisted = lists.left_out(sighting, facts, call.invoked)
    if unlisted is not None:
        yield LISTS[kind.family], "left out", unlisted


def _of_server(call: AnsweredCall, sighting: Sighting, facts: Facts) -> Iterator[Finding]:
    is_going = over_time.on_its_way(facts, sighting.item, call.invoked, call.ended)
    in_state = {id_: rule(sighting.item) for id_, rule in over_time.IN_STATE.items()}
    is_built_again = over_time.built_once(facts, sighting.item, call.invoked, call.ended)
    for id_, violation in {ON_ITS_WAY: is_going, BUILT_ONCE: is_built_again, **in_state}.items():
        if violation is not None:
            yield id_, id_, violation
