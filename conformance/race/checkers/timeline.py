"""Volleys as the report draws them: which project sent what when, how long it took, and which id was answered."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from conformance.race.checkers.overlap import Overlap, overlap, spread
from conformance.race.checkers.topology import refusal
from conformance.race.engine.history import AFTERWARDS, Record

SHORT = 8  # characters of an id that tell it from others: the last, for the first of a UUIDv7 are its time


@dataclass(frozen=True)
class Bar:
    """One call. `start` (since the volley's first call) and `length` are milliseconds; `length` is None for a lost one.

    `who` is a part of the project's id, `label` sums up the answer, and `kind` numbers the answered ids: the same for
    the same id, 0 for a refusal or a lost call. `id` is the answered one, or empty.
    """

    who: str
    operation: str
    start: float
    length: float | None
    label: str
    kind: int
    id: str = ""


@dataclass(frozen=True)
class Volley:
    """Calls that were released at once. `spread`: milliseconds between the first and the last release."""

    name: str
    bars: Sequence[Bar]
    spread: float
    overlap: Overlap

    def is_of(self, race: str, reason: str) -> bool:
        """Whether it belongs to a race, and to its round, where the reason of a failure begins with that."""
        prefix = reason.partition(":")[0].removesuffix(AFTERWARDS)
        return bool(race) and (self.name == prefix or (not prefix.startswith(race) and self.name.startswith(race)))

    @property
    def length(self) -> float:
        """Milliseconds from the first call's start to the last answer."""
        return max((bar.start + (bar.length or 0.0) for bar in self.bars), default=0.0)


def volleys(records: Iterable[Record]) -> list[Volley]:
    """Every volley of these histories, in order of time."""
    calls = sorted((record for record in records if record.volley), key=lambda record: (record.at, record.invoked))
    return [_volley(group) for group in _released_together(calls)]


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


def _volley(calls: Sequence[Record]) -> Volley:
    first = min(call.invoked for call in calls)
    kinds: dict[str, int] = {}
    bars = []
    for call in calls:
        id_ = _id(call) if call.ok else ""
        label = call.lost or f"{call.status} {id_[-SHORT:] or refusal(call)[1]}".strip()
        length = None if call.completed is None else 1000 * (call.completed - call.invoked)
        kind = kinds.setdefault(id_, len(kinds) + 1) if id_ else 0
        bars.append(Bar(call.project[-SHORT:], call.operation, 1000 * (call.invoked - first), length, label, kind, id_))
    return Volley(calls[0].race, bars, 1000 * spread(calls), overlap(calls))


def _id(call: Record) -> str:
    """The id in an answer: its own, or that of the object in it; empty for none."""
    answer = call.answer if isinstance(call.answer, dict) else {}
    inner = [value for value in answer.values() if isinstance(value, dict)]
    return str(next((item["id"] for item in (answer, *inner) if item.get("id")), ""))
