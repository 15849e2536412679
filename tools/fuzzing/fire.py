"""Sends plans one by one, and judges each answer; keeps one failure of each kind, with its shortest request."""

import time
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from fuzzing import judge, shortest, wire
from fuzzing.known import Known
from fuzzing.plans import Plan
from fuzzing.wire import Connection, Lost

MOST = 25  # kinds of failure after which a run stops


@dataclass(frozen=True)
class Failure:
    """A problem, its operation, a command that reproduces it, the answer; `often` is the number of such requests."""

    problem: str
    operation: str
    command: str
    answer: str
    often: int = 1


@dataclass
class Gun:
    """One sender of requests to one API, with the statuses it has seen and the failures it has found."""

    connection: Connection
    tokens: Mapping[str, str]
    known: Known
    seen: Counter[tuple[str, int]] = field(default_factory=Counter)
    failures: dict[tuple[str, str], Failure] = field(default_factory=dict)
    often: Counter[tuple[str, str]] = field(default_factory=Counter)

    def fire(self, plans: Iterable[Plan], until: float) -> None:
        """Send the plans, until that time of the monotonic clock."""
        for plan in plans:
            if time.monotonic() > until or len(self.failures) >= MOST:
                return
            settled = self.known.settle(plan)
            for problem in self._try(settled):
                self._keep(problem, settled)

    def _try(self, plan: Plan) -> list[str]:
        """The problems of the answer to the plan's request; `_said` is the answer from now on."""
        try:
            answer = self.connection.send(wire.write(plan, self.tokens))
        except Lost as error:
            self.seen[_where(plan), 0] += 1
            self._said = str(error)
            return ["no answer"]
        self.seen[_where(plan), answer.status] += 1
        self.known.learn(plan, answer)
        self._said = f"{answer.status} {answer.body[:300].decode(errors='replace')}"
        return judge.problems_of(plan, answer)

    def all_failures(self) -> list[Failure]:
        return [replace(failure, often=self.often[kind]) for kind, failure in self.failures.items()]

    def _keep(self, problem: str, plan: Plan) -> None:
        kind = (problem, _where(plan))
        self.often[kind] += 1
        if kind in self.failures:
            return
        last_answer = self._said
        short = shortest.shorten(plan, lambda shorter: _where(shorter) == kind[1] and problem in self._try(shorter))
        request = wire.write(short, self.tokens)
        caller = short.token if short.token in self.tokens else ""
        self.failures[kind] = Failure(*kind, shortest.curl(request, caller), last_answer)


def _where(plan: Plan) -> str:
    return plan.operation.name if plan.operation else f"{plan.method} /{plan.api} (no operation)"
