"""What a list shows: each object once, in the order asked for, with all its fields, and none left out."""

import re
from collections.abc import Iterator
from math import inf
from typing import Any
from urllib.parse import parse_qs, urlsplit

from conformance.answers.compute_fields import TASK
from conformance.answers.facts import Facts
from conformance.answers.kinds import SERVER
from conformance.answers.memory import Memory, Who
from conformance.answers.over_time import ENDED, GOING
from conformance.answers.sightings import Reading, Sighting

Finding = tuple[str, str]  # what about, violation or ""
HARMLESS = {"project_id", "tenant_id", "sort_key", "sort_dir"}  # parameters that narrow no list of one's own objects
PLAIN = re.compile(r"[a-z0-9]+")  # texts that every database sorts alike
NETWORKING = "N"  # the family of its kinds
DEPENDENT = {"is_default"}  # fields that are there or not by the value of others


def judged(reading: Reading, memory: Memory) -> Iterator[Finding]:
    """What about, and the violation, empty for none, of one answer to a GET of a collection; nothing for others.

    What is left out is remembered in the facts of the object, and judged once a later answer shows it.
    """
    if reading.call.method != "GET" or not reading.call.ok or reading.place.id or reading.place.rest:
        return
    items = [sighting for sighting in reading.sightings if sighting.kind is reading.place.kind]
    query = parse_qs(urlsplit(reading.call.url).query, keep_blank_values=True)
    ids = [sighting.id for sighting in items]
    yield "twice", "shows an object twice" if len(set(ids)) < len(ids) else ""
    yield from _order(items, query)
    who = memory.who(reading.call)
    if not query.get("fields") and reading.place.kind.family == NETWORKING:
        yield from _fields(items, memory, who)
    if _is_whole(reading, query, who):
        for id_, facts in memory.owned(reading.place.kind.name, who.project):
            if facts.created <= reading.call.invoked and facts.deleted == facts.gone == inf and id_ not in ids:
                facts.unlisted = min(facts.unlisted, reading.call.ended)
        yield "left out", ""


def note_fields(reading: Reading, memory: Memory) -> None:
    """Remember which fields an object's own GET shows to the user."""
    if reading.call.method == "GET" and reading.place.id and "fields=" not in reading.call.url:
        for sighting in reading.sightings:
            if sighting.kind is reading.place.kind:
                facts = memory.facts_of(reading, sighting.kind, sighting.id)
                facts.names[memory.who(reading.call)] = frozenset(sighting.item) & sighting.kind.fields.keys()


def left_out(sighting: Sighting, facts: Facts, invoked: float) -> str | None:
    """The violation of an object that a list has left out, and that an answer to a later request shows; empty for
    others, None where the object may be on its way out.
    """
    item = sighting.item
    if sighting.kind is SERVER and (item.get("status") in (None, *ENDED[:2]) or item.get(TASK) in GOING):
        return None
    return "was left out of a list of its project, and is there" if facts.unlisted <= invoked else ""


def _is_whole(reading: Reading, query: dict[str, list[str]], who: Who) -> bool:
    """Whether the list is to show all objects of the user's project."""
    kind = reading.place.kind
    owners = {owner for name in ("project_id", "tenant_id") for owner in query.get(name, ())}
    links = reading.shown.get(f"{kind.plural}_links") if isinstance(reading.shown, dict) else None
    whole = set(query) <= HARMLESS | {"fields"} and "id" in query.get("fields", ["id"])
    is_owned = kind.family == NETWORKING or kind is SERVER
    return is_owned and bool(who.project) and whole and owners <= {who.project} and not links


def _order(items: list[Sighting], query: dict[str, list[str]]) -> Iterator[Finding]:
    keys, directions = query.get("sort_key", []), query.get("sort_dir", ["asc"])
    if len(keys) != 1 or len(directions) != 1:
        return
    values: list[Any] = [sighting.item.get(keys[0]) for sighting in items]
    if all(isinstance(value, str) and PLAIN.fullmatch(value.replace("-", "")) for value in values):
        is_uuid = all(len(value) == 36 for value in values)
        if is_uuid or all("-" not in value for value in values):
            ordered = sorted(values, reverse=directions[0] == "desc")
            yield "order", "" if values == ordered else f"is not in the order of {keys[0]}"


def _fields(items: list[Sighting], memory: Memory, who: Who) -> Iterator[Finding]:
    for sighting in items:
        names = memory.world.look_up(sighting.kind.name, sighting.id).names.get(who, frozenset())
        if names:
            missing = sorted(names - sighting.item.keys() - DEPENDENT)
            yield "fields", f"shows {sighting.id} without its {', '.join(missing)}" if missing else ""
