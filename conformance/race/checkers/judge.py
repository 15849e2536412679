"""From histories to a verdict: breaches fail, doubts make it inconclusive, a race without either held."""

from collections.abc import Callable, Iterable, Mapping, Sequence

from conformance.race.checkers.linearizable import linearizable
from conformance.race.checkers.overlap import overlap
from conformance.race.checkers.topology import register_steps
from conformance.race.engine.history import AFTERWARDS, Record
from conformance.race.operations.project_state import ProjectState, last_state
from conformance.target.gateway import ADVICE
from conformance.verdict.signals import Inconclusive

Races = Mapping[str, Sequence[Record]]
Happened = Callable[[Sequence[Record]], list[str]]
Left = Callable[[Sequence[Record], ProjectState], list[str]]
Doubt = Callable[[Races], list[str]]


def by_race(records: Iterable[Record], *, afterwards: bool = False) -> dict[str, list[Record]]:
    """The records of each race, races in the order in which they began; or those of what came after each."""
    races: dict[str, list[Record]] = {}
    for record in records:
        if record.race.endswith(AFTERWARDS) == afterwards:
            races.setdefault(record.race, []).append(record)
    return races


def judge(
    races: Races, *, happened: Sequence[Happened] = (), left: Sequence[Left] = (), doubts: Sequence[Doubt] = ()
) -> None:
    """Hold invariants against races. Raises AssertionError with all breaches, else Inconclusive with all doubts."""
    violations = [
        f"{race}: {violation}" for race, records in races.items() for rule in happened for violation in rule(records)
    ]
    unsure = [doubt for rule in (*doubts, too_many_came_later) for doubt in rule(races)]
    for race, records in races.items() if left else ():
        try:
            stock = last_state(records)
        except Inconclusive as unknown:
            unsure.append(f"{race}: {unknown}")
            continue
        violations += [f"{race}: {violation}" for rule in left for violation in rule(records, stock)]
    if violations:
        raise AssertionError("\n".join(violations))
    if unsure or not races:
        raise Inconclusive("; ".join(unsure) or "no race was run")


def calls_were_lost(races: Races) -> list[str]:
    """Lost calls may still be at work: what they will have done is not known. Those that only watched do not matter."""
    return [
        f"{race}: {record.operation} was lost: {record.lost}"
        for race, records in races.items()
        for record in records
        if record.lost and not record.operation.startswith("watch_")
    ]


def too_few_overlapped(races: Races) -> list[str]:
    """Fewer than half of the volleys had enough of their calls in flight together."""
    met = {race: overlap([record for record in records if record.volley]) for race, records in races.items()}
    if sum(one.enough for one in met.values()) * 2 >= len(met):
        return []
    return [f"{race}: only {one}" for race, one in met.items()]


def too_many_came_later(races: Races) -> list[str]:
    """In most volleys most of the calls were turned away at first, and so met no others but each other."""
    volleys = {race: [record for record in records if record.volley] for race, records in races.items()}
    late = {race: sum(record.retries > 0 for record in volley) for race, volley in volleys.items()}
    thin = [race for race, calls in late.items() if calls * 2 > len(volleys[race]) > 1]
    if len(thin) * 2 <= len(races):
        return []
    return [f"{race}: {late[race]} of {len(volleys[race])} calls were turned away at first: {ADVICE}" for race in thin]


def nobody_looked(races: Races) -> list[str]:
    """No look at the networks began while a race was on."""
    for records in races.values():
        last = max((record.ended for record in records if record.volley), default=0.0)
        if any(look.ok and look.invoked < last for look in records if look.operation == "watch_networks"):
            return []
    return ["no look at the networks was answered while the race was on"]


def too_many_orders(races: Races) -> list[str]:
    """Histories in which so many orders are possible that not all were tried."""
    return [
        f"{race}: more orders of its calls are possible than were tried"
        for race, records in races.items()
        if linearizable(register_steps(records)) is None
    ]
