"""Volleys as the report draws them: a lane for each call, when it was sent, how long it took, and what was answered."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from string import ascii_uppercase

from conformance.race.checkers.overlap import Overlap, overlap, spread
from conformance.race.checkers.topology import refusal
from conformance.race.engine.history import AFTERWARDS, Record
from conformance.race.operations.project_state import OWNED, Item, items_of, owner

SHORT = 6  # the least number of characters shown of an id: the last ones, as a UUIDv7 begins with the time
FAR = 1.0  # how far the axis may extend for a call that came later, in lengths of the volley
MOST_IDS = 4  # ids that are named of a list


@dataclass(frozen=True)
class Lane:
    """One call. `start` (since the volley's first call) and `length` are milliseconds; `length` is None for a lost one.

    `caller` is a short name, unique in the volley, `answer` sums up the answer, and `kind` numbers the
    answered ids: the same for the same id, 0 for no id. `breaks`: it shows what is wrong; `far`: it came too late for
    the axis to show it.
    """

    caller: str
    operation: str
    start: float
    length: float | None
    answer: str
    kind: int = 0
    breaks: bool = False
    far: bool = False

    @property
    def end(self) -> float:
        return self.start + (self.length or 0.0)


@dataclass(frozen=True)
class Volley:
    """Calls that were released at once. `spread`: milliseconds between the first and the last release.

    `lanes` may have calls that came later, if they show what is wrong. `projects` says which project the callers' names
    begin with, by the end of its id, where there are several.
    """

    name: str
    calls: Sequence[Record]
    lanes: Sequence[Lane]
    spread: float
    overlap: Overlap
    projects: Sequence[tuple[str, str]] = ()

    def is_of(self, race: str, reason: str) -> bool:
        """Whether it belongs to the race, and to the round that a failure's reason begins with, if any."""
        prefix = reason.partition(":")[0].removesuffix(AFTERWARDS)
        return bool(race) and (self.name == prefix or (not prefix.startswith(race) and self.name.startswith(race)))

    @property
    def length(self) -> float:
        """Milliseconds from the first call's start to the end of the time axis."""
        return max((lane.end for lane in self.lanes if not lane.far), default=0.0)

    @property
    def breaking(self) -> list[Lane]:
        return [lane for lane in self.lanes if lane.breaks]


def volleys(records: Iterable[Record]) -> list[Volley]:
    """Every volley of these histories, in order of time."""
    calls = sorted((record for record in records if record.volley), key=lambda record: (record.at, record.invoked))
    return [_volley(group) for group in _released_together(calls)]


def marked(drawn: Sequence[Volley], breaking: Sequence[Record]) -> Volley | None:
    """The volley that these calls were in or came after, with the calls marked; None without calls or volley."""
    if not breaking:
        return None
    first = min(breaking, key=lambda record: record.invoked)
    race = first.race.removesuffix(AFTERWARDS)
    before = [volley for volley in drawn if _is_before(volley, first)]
    own = [volley for volley in before if any(call.race == race for call in volley.calls)]
    return _volley((own or before)[-1].calls, breaking) if before else None


def _is_before(volley: Volley, call: Record) -> bool:
    first = volley.calls[0]
    return first.host == call.host and _family(first) == _family(call) and first.invoked <= call.ended


def _released_together(calls: Sequence[Record]) -> Iterator[list[Record]]:
    """Groups of calls of one family of races, each begun before any of its group had ended."""
    group: list[Record] = []
    for call in calls:
        family = group and _family(group[0]) == _family(call)
        if group and not (family and call.invoked < min(other.ended for other in group)):
            yield group
            group = []
        group.append(call)
    if group:
        yield group


def _family(record: Record) -> tuple[str, str]:
    """Host, and the part of the race's name that all its rounds and projects share."""
    return record.host, record.race.partition("-")[0]


def _volley(calls: Sequence[Record], breaking: Sequence[Record] = ()) -> Volley:
    later = [call for call in breaking if call not in calls]
    names = _short_names([*(call.project for call in calls), *(id_ for call in (*calls, *later) for id_ in _ids(call))])
    letters = dict(zip(dict.fromkeys(call.project for call in calls), _letters(), strict=False))
    if len(letters) == 1:
        letters = {}
    first = min(call.invoked for call in calls)
    last = max((call.completed for call in calls if call.completed is not None), default=first)
    kinds: dict[str, int] = {}

    def lane(call: Record, caller: str) -> Lane:
        answered = _ids(call) if call.volley else []
        return Lane(
            caller=caller,
            operation=call.operation.replace("_", " "),
            start=1000 * (call.invoked - first),
            length=None if call.completed is None else 1000 * (call.completed - call.invoked),
            answer=_answer(call, names),
            kind=kinds.setdefault(answered[0], len(kinds) + 1) if answered else 0,
            breaks=call in breaking,
            far=call.invoked - last > FAR * (last - first),
        )

    numbers = {project: count(1) for project in dict.fromkeys(call.project for call in calls)}
    lanes = [lane(call, f"{letters.get(call.project, '')}{next(numbers[call.project])}") for call in calls]
    lanes += [
        lane(call, f"{letters.get(call.project, '')} {'afterwards' if call.invoked >= last else 'meanwhile'}".strip())
        for call in later
    ]
    projects = [(letter, names[project]) for project, letter in letters.items()]
    return Volley(calls[0].race, calls, lanes, 1000 * spread(calls), overlap(calls), projects)


def _letters() -> Iterator[str]:
    """A to Z, then A1- and so on."""
    yield from ascii_uppercase
    yield from (f"{letter}{number}-" for number in count(1) for letter in ascii_uppercase)


def _short_names(ids: Iterable[str]) -> dict[str, str]:
    """Id -> its last characters, at least SHORT of them and as many as tell the ids apart."""
    unique_ids = set(ids)
    longest = max(map(len, unique_ids), default=0)
    length = next(
        (n for n in range(SHORT, longest) if len({id_[-n:] for id_ in unique_ids}) == len(unique_ids)), longest
    )
    return {id_: id_[-length:] for id_ in unique_ids}


def _ids(call: Record) -> list[str]:
    """The ids in an answer: its own or that of the object in it, or those of the project's objects in a list."""
    if not call.ok or not isinstance(call.answer, dict):
        return []
    if (items := _listed(call)) is not None:
        return [str(item["id"]) for item in items if item.get("id")]
    inner = [value for value in call.answer.values() if isinstance(value, dict)]
    return [str(item["id"]) for item in (call.answer, *inner) if item.get("id")][:1]


def _listed(call: Record) -> list[Item] | None:
    """The project's own objects in the answer to a list; None for another answer."""
    kind = call.operation.partition("_")[2]
    items = items_of(call, kind)
    if items is None:
        return None
    return [item for item in items if OWNED.isdisjoint(item) or owner(item) == call.project]


def _answer(call: Record, names: dict[str, str]) -> str:
    if call.lost:
        return call.lost
    ids = [names[id_] for id_ in _ids(call)]
    if (items := _listed(call)) is not None:
        named = ", ".join(ids[:MOST_IDS]) + (", …" if len(ids) > MOST_IDS else "")
        what = call.operation.partition("_")[2]
        return (
            f"{call.status}, {len(items)} {what if len(items) != 1 else what.removesuffix('s')}: {named}".removesuffix(
                ": "
            )
        )
    inner = call.answer.values() if isinstance(call.answer, dict) else ()
    state = next((str(value["status"]) for value in inner if isinstance(value, dict) and "status" in value), "")
    return " ".join(filter(None, (str(call.status), *(ids or [refusal(call)[1]]), state)))
