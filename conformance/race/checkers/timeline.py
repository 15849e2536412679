"""Volleys as they are drawn: who sent what when, how long it took, and which id came back."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from conformance.race.checkers.overlap import Overlap, overlap, spread
from conformance.race.checkers.topology import refusal
from conformance.race.engine.history import Record

SHORT = 8  # characters of an id that tell it from others


@dataclass(frozen=True)
class Bar:
    """One call. `start` and `length` are milliseconds from the volley's first one; `length` None: no answer came.

    `kind` numbers what came back: equal for equal ids, 0 for a refusal or no answer.
    """

    who: str
    operation: str
    start: float
    length: float | None
    label: str
    kind: int


@dataclass(frozen=True)
class Volley:
    """Calls that were released at once. `spread` is in milliseconds."""

    name: str
    bars: Sequence[Bar]
    spread: float
    overlap: Overlap

    @property
    def length(self) -> float:
        """Milliseconds from the first call's start to the last one's end."""
        return max((bar.start + (bar.length or 0.0) for bar in self.bars), default=0.0)


def volleys(records: Iterable[Record]) -> list[Volley]:
    """Every volley of these histories, in order of time."""
    flown = sorted((record for record in records if record.volley), key=lambda record: (record.at, record.invoked))
    return [_volley(calls) for calls in _released_together(flown)]


def _released_together(flown: Sequence[Record]) -> Iterator[list[Record]]:
    """Calls of one family of races, each begun before all that came before it had ended."""
    held: list[Record] = []
    for record in flown:
        met = held and _family(held[0]) == _family(record) and record.invoked < min(each.ended for each in held)
        if held and not met:
            yield held
            held = []
        held.append(record)
    if held:
        yield held


def _family(record: Record) -> tuple[str, str]:
    return record.host, record.race.partition("-")[0]


def _volley(calls: Sequence[Record]) -> Volley:
    first = min(call.invoked for call in calls)
    kinds: dict[str, int] = {}
    bars = []
    for call in calls:
        id_ = _id(call) if call.ok else ""
        label = call.lost or f"{call.status} {id_[:SHORT] or refusal(call)[1]}".strip()
        length = None if call.completed is None else 1000 * (call.completed - call.invoked)
        kind = kinds.setdefault(id_, len(kinds) + 1) if id_ else 0
        bars.append(Bar(call.project[:SHORT], call.operation, 1000 * (call.invoked - first), length, label, kind))
    return Volley(calls[0].race, bars, 1000 * spread(calls), overlap(calls))


def _id(call: Record) -> str:
    """The id of what the answer holds: its own, or that of the one object in it."""
    answer = call.answer if isinstance(call.answer, dict) else {}
    inner = [value for value in answer.values() if isinstance(value, dict)]
    return str(next((each["id"] for each in (answer, *inner) if each.get("id")), ""))
