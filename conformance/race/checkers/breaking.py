"""Which call of a history breaks an invariant: the first whose answer shows that it is broken."""

import re
from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import replace

from conformance.race.engine.history import Record
from conformance.race.operations.project_state import KINDS, Item, items_of, owner
from conformance.verdict.signals import Inconclusive

Rule = Callable[[Sequence[Record]], list[str]]  # the violations that a history shows
ID = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}|[0-9a-f]{32}")
LISTS = {f"list_{kind}": kind for kind in KINDS}  # the operations that list what a project has


def breaking_calls(rule: Rule, records: Sequence[Record], violation: str) -> list[Record]:
    """The calls that show a violation of the rule: the first call after whose answer the records until then show it. If
    this call is a list, the calls are all lists that name the violation's objects, as lists are judged together. Empty
    for calls of several hosts, which have no common order as their clocks differ.
    """
    if len({record.host for record in records}) != 1:
        return []
    answered = sorted((record for record in records if record.completed is not None), key=lambda record: record.ended)
    gist = _gist(violation)
    place = bisect_left(
        answered, True, key=lambda record: gist in map(_gist, _violations(rule, known_at(records, record.ended)))
    )
    if place == len(answered):
        return []
    if answered[place].operation in LISTS:
        return _telling_lists(answered, violation) or [answered[place]]
    return [answered[place]]


def known_at(records: Sequence[Record], moment: float) -> list[Record]:
    """The history as it was known at a moment (seconds, by the clock of its host): later answers are still to come."""
    return [
        record
        if record.ended <= moment
        else replace(record, completed=None, first_byte=None, status=None, answer=None, request_id="", lost="in flight")
        for record in records
        if record.invoked <= moment
    ]


def _violations(rule: Rule, records: Sequence[Record]) -> list[str]:
    try:
        return rule(records)
    except Inconclusive:  # not all is listed yet
        return []


def _gist(violation: str) -> object:
    """The part of a violation that further answers do not change: the ids that it names, or all of it."""
    return frozenset(ID.findall(violation)) or violation


def _telling_lists(records: Sequence[Record], violation: str) -> list[Record]:
    """The last lists of a kind of objects with an object that the violation names; without one, any last lists."""
    last = {(record.project, record.operation): record for record in records if record.operation in LISTS}

    def named(item: Item, _: str) -> bool:
        return any(value and str(value) in violation for value in (item.get("id"), item.get("cidr")))

    def own(item: Item, project: str) -> bool:
        return owner(item) == project

    for matches in (named, own):
        for operation, kind in LISTS.items():
            lists = [record for record in last.values() if record.operation == operation]
            if matching := [
                list_ for list_ in lists if any(matches(item, list_.project) for item in items_of(list_, kind) or [])
            ]:
                return matching
    return []
