"""What a judgement of a race consists of: rules, and the part of the history that they apply to."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from conformance.race.checkers.breaking import breaking_calls
from conformance.race.checkers.judge import (
    Doubt,
    HistoryRule,
    Races,
    StateRule,
    by_race,
    judge,
    violations,
)
from conformance.race.engine.history import Record
from conformance.race.scenarios.contention import RETRY_SUFFIX

Part = Callable[[Sequence[Record]], Races]  # selects and groups the records that rules apply to
cleanups: Part = partial(by_race, afterwards=True)  # what is left after everything was deleted


def all_rounds(records: Sequence[Record]) -> Races:
    """All rounds as one race."""
    return {"all rounds": [record for race in by_race(records).values() for record in race]}


def quota_volley(records: Sequence[Record]) -> Races:
    """The races without the retries."""
    return {race: own for race, own in by_race(records).items() if not race.endswith(RETRY_SUFFIX)}


def quota_retries(records: Sequence[Record]) -> Races:
    """The retries alone."""
    return {race: own for race, own in by_race(records).items() if race.endswith(RETRY_SUFFIX)}


@dataclass(frozen=True)
class Rules:
    """Invariants of the `history` and the final `state` of each race in a part; `doubts`: why they show nothing."""

    part: Part = by_race
    history: Sequence[HistoryRule] = ()
    state: Sequence[StateRule] = ()
    doubts: Sequence[Doubt] = ()


@dataclass(frozen=True)
class Judgement:
    """`race` is the name of the race and of the files of its history."""

    race: str
    rules: Sequence[Rules]

    def judge(self, records: Sequence[Record]) -> None:
        """Check the rules on the history. Raises AssertionError for violations, Inconclusive for doubts."""
        for rules in self.rules:
            judge(rules.part(records), history=rules.history, state=rules.state, doubts=rules.doubts)

    def breaking_calls(self, records: Sequence[Record]) -> list[Record]:
        """The calls that show the first violation in a history; empty if none is known."""
        for rules in self.rules:
            races = rules.part(records)
            broken, _unknown = violations(races, rules.history, rules.state)
            if broken:
                return breaking_calls(broken[0].rule, races[broken[0].race], broken[0].text)
        return []
