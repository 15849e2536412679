"""What is known of the objects of a cloud, by what was sent and what was shown."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from math import inf
from typing import Any


class _Unknown:
    """The value of UNKNOWN, which equals nothing that an answer shows."""

    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN: Any = _Unknown()
MAC = "MAC address"  # a kind of its own in the world, whose parts are the addresses of the port that has it
MOST = 50_000  # objects that are remembered


@dataclass
class Span:
    """When a value was shown: the end of the first answer that did, and the start of the last request for one."""

    first_ended: float
    last_invoked: float


@dataclass
class Facts:
    """One object. Times are monotonic seconds, but `born`, which is seconds since the epoch."""

    sent: dict[str, Any] = field(default_factory=dict)  # the values that requests have set
    since: dict[str, float] = field(default_factory=dict)  # the end of the last request that set each
    owner: str = ""  # this field and the next three come from the POST; empty or UNKNOWN if the suite did not send it
    user: str = ""
    request_id: str = ""
    born: float | Any = UNKNOWN
    first: dict[str, Any] = field(default_factory=dict)  # constant field -> its first value after the last change
    first_parts: dict[str, dict[str, frozenset[str]]] = field(default_factory=dict)  # steady ones, by part
    spans: dict[str, dict[float, Span]] = field(default_factory=dict)  # rising field -> each value -> when it was shown
    # a network's subnets, the networks that were a project's topology, or a MAC address's IP addresses: the end of the
    # first answer that said so
    parts: dict[str, float] = field(default_factory=dict)
    deleted: float = inf  # the end of the first DELETE that was accepted
    gone: float = inf  # from then on it certainly was
    shown: float = -inf  # the start of the last request whose answer showed it
    ran: float = inf  # the end of the first answer that showed it running
    built: float = inf  # the end of the first answer that showed that its build had ended
    created: float = inf  # the end of the POST that made it
    unlisted: float = inf  # the end of the first list of its project that did not show it
    names: dict[Any, frozenset[str]] = field(default_factory=dict)  # user -> the fields that its own GET showed
    built_after: float = -inf  # the start of the last request whose answer showed it being built

    def write(self, values: dict[str, Any], invoked: float, ended: float) -> None:
        """Remember values that a request set; UNKNOWN for a field that two overlapping requests set."""
        for name, value in values.items():
            self.sent[name] = UNKNOWN if self.since.get(name, -inf) > invoked else value
            self.since[name] = max(ended, self.since.get(name, -inf))
            self.first.pop(name, None)
            self.first_parts.pop(name, None)

    def forget_sent(self) -> None:
        """Forget the values that were sent, as something else may have changed the object."""
        self.sent.clear()
        self.first.clear()
        self.first_parts.clear()


class World:
    """The facts of all objects, by kind's name and id; beyond MOST of them the oldest is forgotten."""

    def __init__(self) -> None:
        self._facts: dict[tuple[str, str], Facts] = {}

    def remember(self, kind: str, id_: str) -> Facts:
        """The facts of an object, new ones for one that is not known yet."""
        if (kind, id_) not in self._facts and len(self._facts) >= MOST:
            self._facts.pop(next(iter(self._facts)))
        return self._facts.setdefault((kind, id_), Facts())

    def look_up(self, kind: str, id_: Any) -> Facts:
        """The facts of an object; for an unknown one empty facts, which are not remembered."""
        return self._facts.get((kind, str(id_))) or Facts()

    def __iter__(self) -> Iterator[tuple[str, str, Facts]]:
        """Kind's name, id and facts of each."""
        return ((kind, id_, facts) for (kind, id_), facts in self._facts.items())
