"""Plans sent one by one, each answer judged; what goes wrong is kept once a kind, with its shortest request."""

import time
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from fuzzing import judge, shortest, wire
from fuzzing.known import Known
from fuzzing.plans import Plan
from fuzzing.wire import Connection, Lost

MOST = 25  # kinds of failure after which a run has seen enough


@dataclass(frozen=True)
class Failure:
    """What went wrong, where, and how to see it again; `often` tells how many requests ended so."""

    what: str
    where: str
    again: str
    said: str
    often: int = 1


@dataclass
class Gun:
    """One caller of one API: what it sent, what it saw."""

    connection: Connection
    tokens: Mapping[str, str]
    known: Known
    seen: Counter[tuple[str, int]] = field(default_factory=Counter)
    failures: dict[tuple[str, str], Failure] = field(default_factory=dict)
    often: Counter[tuple[str, str]] = field(default_factory=Counter)

    def fire(self, plans: Iterable[Plan], until: float) -> None:
        """Send them, until that moment of the monotonic clock at most."""
        for plan in plans:
            if time.monotonic() > until or len(self.failures) >= MOST:
                return
            settled = self.known.settle(plan)
            for what in self._try(settled):
                self._keep(what, settled)

    def _try(self, plan: Plan) -> list[str]:
        """Send it; what is wrong."""
        try:
            answer = self.connection.send(wire.write(plan, self.tokens))
        except Lost as lost:
            self.seen[_where(plan), 0] += 1
            self._said = str(lost)
            return ["no answer"]
        self.seen[_where(plan), answer.status] += 1
        self.known.learn(plan, answer)
        self._said = f"{answer.status} {answer.body[:300].decode(errors='replace')}"
        return judge.wrong(plan, answer)

    def all_failures(self) -> list[Failure]:
        return [replace(failure, often=self.often[kind]) for kind, failure in self.failures.items()]

    def _keep(self, what: str, plan: Plan) -> None:
        kind = (what, _where(plan))
        self.often[kind] += 1
        if kind in self.failures:
            return
        said = self._said
        short = shortest.shorten(plan, lambda shorter: _where(shorter) == kind[1] and what in self._try(shorter))
        request = wire.write(short, self.tokens)
        whose = short.token if short.token in self.tokens else ""
        self.failures[kind] = Failure(*kind, shortest.curl(request, whose), said)


def _where(plan: Plan) -> str:
    return plan.operation.name if plan.operation else f"{plan.method} /{plan.api} (no operation)"
