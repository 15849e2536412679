"""The table of faults: the requirements that found each, how fast, and in how many of its runs."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from proving.trial import Trial
from reference.faults import Fault

ENOUGH = 0.99  # the share of a fault's trials that have to find it
SOON = 10  # seconds within which a trial has to find a fault that is a race
SOON_BY_GUESTS = 60  # the same, if servers have to run first


@dataclass(frozen=True)
class Row:
    """One fault and its trials.

    `elsewhere` are other requirements that failed, if none of the fault's own failed.
    """

    fault: Fault
    trials: Sequence[Trial]
    elsewhere: tuple[str, ...] = ()

    @property
    def by(self) -> list[str]:
        """The requirements by which any trial found the fault, sorted."""
        return sorted({id_ for trial in self.trials for id_ in self._found_by(trial)})

    def _found_by(self, trial: Trial) -> set[str]:
        """The fault's requirements that failed in the trial, or, if the fault is endless, were inconclusive."""
        return {*trial.red, *(trial.unproven if self.fault.endless else ())} & set(self.fault.breaks)

    @property
    def rate(self) -> float:
        """The share of the trials that found the fault, from 0 to 1; a trial of a race has to find it soon."""
        soon = SOON_BY_GUESTS if self.fault.guests else SOON
        finding = [trial for trial in self.trials if self._found_by(trial)]
        counted = [trial for trial in finding if not self.fault.race or trial.seconds <= soon]
        return len(counted) / len(self.trials)

    @property
    def found(self) -> bool:
        return self.rate >= ENOUGH

    @property
    def seconds(self) -> float:
        """The median duration of the trials."""
        return median(trial.seconds for trial in self.trials)

    @property
    def _states_where_missed(self) -> str:
        """The states of the fault's requirements in the trials that did not find it: "(blocked, pass)"."""
        missed = [trial.states for trial in self.trials if not self._found_by(trial)]
        states = sorted({states[id_] for states in missed for id_ in self.fault.breaks if id_ in states})
        return f"({', '.join(states)})" if states else ""

    @property
    def verdict(self) -> str:
        """In words: by which requirements the fault was found, or why it was not, or not often enough."""
        if self.found:
            return f"found by {' '.join(self.by)}"
        requirements = " ".join(self.fault.breaks)
        explanation = next((trial.trouble for trial in self.trials if trial.trouble), "") or self._states_where_missed
        if self.by:
            return f"FOUND TOO SELDOM by {' '.join(self.by)} {explanation}".strip()
        if self.elsewhere:
            return f"FOUND ELSEWHERE by {' '.join(self.elsewhere)}, not by {requirements} {explanation}".strip()
        return f"NOT FOUND by {requirements} {explanation}".strip()


def line(row: Row) -> str:
    """The row as a line of text."""
    runs = f"{round(row.rate * len(row.trials))}/{len(row.trials)}"
    return f"{row.fault.id:44} {runs:>6} {row.seconds:5.1f} s  {row.verdict}"


def total(rows: Sequence[Row]) -> str:
    """How many of the faults were found, then the lines of those that were not, by id."""
    missed = [line(row) for row in sorted(rows, key=lambda row: row.fault.id) if not row.found]
    summary = f"{len(rows) - len(missed)} of {len(rows)} faults found by a right requirement"
    return "\n".join([summary + ("; not:" if missed else ""), *missed])


def data(rows: Sequence[Row]) -> str:
    """The table as JSON: a list of {id, sentence, row, race, breaks, by, red, runs, rate, seconds, found, verdict}."""
    return json.dumps(
        [
            {
                "id": row.fault.id,
                "sentence": row.fault.sentence,
                "row": row.fault.row,
                "race": row.fault.race,
                "breaks": list(row.fault.breaks),
                "by": row.by,
                "red": sorted({id_ for trial in row.trials for id_ in trial.red}),
                "runs": len(row.trials),
                "rate": row.rate,
                "seconds": round(row.seconds, 2),
                "found": row.found,
                "verdict": row.verdict,
            }
            for row in sorted(rows, key=lambda row: row.fault.id)
        ],
        indent=1,
    )
