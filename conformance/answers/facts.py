"""What is known of the objects of a cloud, by what was sent and what was shown."""

from dataclasses import dataclass, field
from math import inf
from typing import Any


class _Unknown:
    """The value of UNKNOWN, which equals nothing that an answer shows."""

    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN: Any = _Unknown()
MOST = 50_000  # objects that are remembered


@dataclass
class Span:
    """When a value was shown: the end of the first answer that did, and the begin of the last request for one."""

    first_ended: float
    last_invoked: float


@dataclass
class Facts:
    """One object. Times are monotonic seconds, `born` is seconds since the epoch.

    `sent`: the values that requests set, `since`: when the last request that set it had ended. `owner`, `user`,
    `request_id`, `born`: of the POST; empty or UNKNOWN for what others made. `first`: the first value shown of each
    constant field. `spans`: of each rising field the values, and when they were shown. `parts`: the subnets made on a
    network, or the networks that were a project's topology, and the end of the first answer that said so. `deleted`:
    the end of the first accepted DELETE, `gone`: when it was gone for certain. `shown`: the begin of the last request
    whose answer showed it, `ran`: the end of the first answer that showed it running.
    """

    sent: dict[str, Any] = field(default_factory=dict)
    since: dict[str, float] = field(default_factory=dict)
    owner: str = ""
    user: str = ""
    request_id: str = ""
    born: float | Any = UNKNOWN
    first: dict[str, Any] = field(default_factory=dict)
    spans: dict[str, dict[float, Span]] = field(default_factory=dict)
    parts: dict[str, float] = field(default_factory=dict)
    deleted: float = inf
    gone: float = inf
    shown: float = -inf
    ran: float = inf

    def write(self, values: dict[str, Any], invoked: float, ended: float) -> None:
        """A request has set these values. Of two that overlap, nobody knows which came last."""
        for name, value in values.items():
            self.sent[name] = UNKNOWN if self.since.get(name, -inf) > invoked else value
            self.since[name] = max(ended, self.since.get(name, -inf))
            self.first.pop(name, None)

    def forget_sent(self) -> None:
        """Something else may have changed it."""
        self.sent.clear()
        self.first.clear()


class World:
    """All objects: the facts of each by its kind's name and its id, the oldest forgotten beyond MOST."""

    def __init__(self) -> None:
        self._facts: dict[tuple[str, str], Facts] = {}

    def of(self, kind: str, id_: str) -> Facts:
        """The facts of an object, new ones for one that is not known."""
        if (kind, id_) not in self._facts and len(self._facts) >= MOST:
            self._facts.pop(next(iter(self._facts)))
        return self._facts.setdefault((kind, id_), Facts())

    def known(self, kind: str, id_: Any) -> Facts:
        """The same, without remembering one that is not known."""
        return self._facts.get((kind, str(id_))) or Facts()
