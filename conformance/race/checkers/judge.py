"""From histories to a verdict: violations fail it, doubts make it inconclusive, else it holds."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from conformance.race.checkers.linearizable import linearizable
from conformance.race.checkers.overlap import overlap
from conformance.race.checkers.topology import register_steps
from conformance.race.engine.history import AFTERWARDS, Record
from conformance.race.operations.project_state import ProjectState, last_state
from conformance.target.gateway import ADVICE
from conformance.verdict.signals import Inconclusive

Races = Mapping[str, Sequence[Record]]
HistoryRule = Callable[[Sequence[Record]], list[str]]  # violations that the history shows
StateRule = Callable[[Sequence[Record], ProjectState], list[str]]  # violations that the project shows afterwards
Doubt = Callable[[Races], list[str]]  # reasons why the races show nothing


@dataclass(frozen=True)
class Violation:
    """What a rule says of a race's history, without the race's name."""

    race: str
    text: str
    rule: HistoryRule

    def __str__(self) -> str:
        return f"{self.race}: {self.text}"


def by_race(records: Iterable[Record], *, afterwards: bool = False) -> dict[str, list[Record]]:
    """Name -> records of each race, in the order in which they began; with `afterwards` those of their cleanup."""
    races: dict[str, list[Record]] = {}
    for record in records:
        if record.race.endswith(AFTERWARDS) == afterwards:
            races.setdefault(record.race, []).append(record)
    return races


def judge(
    races: Races, *, history: Sequence[HistoryRule] = (), state: Sequence[StateRule] = (), doubts: Sequence[Doubt] = ()
) -> None:
    """Check invariants on races. Raises AssertionError with all violations, else Inconclusive with all doubts."""
    broken, unknown = violations(races, history, state)
    if broken:
        raise AssertionError("\n".join(map(str, broken)))
    reasons = [reason for rule in (*doubts, too_many_came_later) for reason in rule(races)] + unknown
    if reasons or not races:
        raise Inconclusive("; ".join(reasons) or "no race was run")


def violations(
    races: Races, history: Sequence[HistoryRule], state: Sequence[StateRule]
) -> tuple[list[Violation], list[str]]:
    """(all violations, those of the history first; a line for each race whose final state is not known, with the
    reason).
    """
    broken = [Violation(race, text, rule) for race, own in races.items() for rule in history for text in rule(own)]
    unknown = []
    for race, own in races.items() if state else ():
        if unfinished := sorted({record.operation for record in own if record.may_go_on}):
            unknown.append(f"{race}: what it left is not known, for {', '.join(unfinished)} may go on")
            continue
        try:
            final_state = last_state(own)
        except Inconclusive as error:
            unknown.append(f"{race}: {error}")
            continue
        broken += [Violation(race, text, _of_history(rule)) for rule in state for text in rule(own, final_state)]
    return broken, unknown


def _of_history(rule: StateRule) -> HistoryRule:
    return lambda records: rule(records, last_state(records))


def calls_were_lost(races: Races) -> list[str]:
    """Lost calls may still be executed, with unknown effects. Those of the observer do not matter."""
    return [
        f"{race}: {record.operation} was lost: {record.lost}"
        for race, records in races.items()
        for record in records
        if record.lost and not record.operation.startswith("watch_")
    ]


def too_few_overlapped(races: Races) -> list[str]:
    """In more than half of the volleys too few calls were in flight together."""
    overlaps = {race: overlap([record for record in records if record.volley]) for race, records in races.items()}
    if sum(volley.enough for volley in overlaps.values()) * 2 >= len(overlaps):
        return []
    return [f"{race}: only {volley}" for race, volley in overlaps.items()]


def too_many_came_later(races: Races) -> list[str]:
    """Doubts: in most volleys a gateway first turned most calls away, so that only the retries raced each other."""
    volleys = {race: [record for record in records if record.volley] for race, records in races.items()}
    late = {race: sum(record.retries > 0 for record in volley) for race, volley in volleys.items()}
    thin = [race for race, calls in late.items() if calls * 2 > len(volleys[race]) > 1]
    if len(thin) * 2 <= len(races):
        return []
    return [f"{race}: {late[race]} of {len(volleys[race])} calls were turned away at first: {ADVICE}" for race in thin]


def networks_were_not_observed(races: Races) -> list[str]:
    """No list of the networks began during a race."""
    for records in races.values():
        last = max((record.ended for record in records if record.volley), default=0.0)
        if any(look.ok and look.invoked < last for look in records if look.operation == "watch_networks"):
            return []
    return ["no look at the networks was answered while the race was on"]


def too_many_orders(races: Races) -> list[str]:
    """Histories whose calls have more possible orders than were tried."""
    return [
        f"{race}: more orders of its calls are possible than were tried"
        for race, records in races.items()
        if linearizable(register_steps(records)) is None
    ]
