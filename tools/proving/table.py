"""The table of faults: the requirements that found each, how fast, and in how many of its runs."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from proving.trial import Trial
from reference.faults import Fault

ENOUGH = 0.99  # of the runs against a fault that is a race
SOON = 10  # seconds within which each of those runs has to find it
SOON_BY_GUESTS = 60  # where servers have to run first


@dataclass(frozen=True)
class Row:
    """One fault and its trials; `elsewhere` are the other requirements that failed where none of the fault's did."""

    fault: Fault
    trials: Sequence[Trial]
    elsewhere: tuple[str, ...] = ()

    @property
    def by(self) -> list[str]:
        """The requirements of the fault that failed, in any of the trials, sorted; of an endless fault those that were
        inconclusive, too.
        """
        return sorted({id_ for trial in self.trials for id_ in self._shown(trial)} & set(self.fault.breaks))

    def _shown(self, trial: Trial) -> set[str]:
        """The requirements in which the trial shows the fault, if they are its own."""
        return {*trial.red, *(trial.unproven if self.fault.endless else ())}

    @property
    def rate(self) -> float:
        """The share of the trials that found the fault; of a race, within SOON, or SOON_BY_GUESTS."""
        breaks, race = set(self.fault.breaks), self.fault.race
        soon = SOON_BY_GUESTS if self.fault.guests else SOON
        shown = [trial for trial in self.trials if breaks & self._shown(trial)]
        detections = [trial for trial in shown if not race or trial.seconds <= soon]
        return len(detections) / len(self.trials)

    @property
    def found(self) -> bool:
        return self.rate >= ENOUGH

    @property
    def seconds(self) -> float:
        return median(trial.seconds for trial in self.trials)

    @property
    def _instead(self) -> str:
        """The states of the fault's requirements in the trials that did not find it: "(blocked, pass)"."""
        missed = [trial.states for trial in self.trials if not self._shown(trial) & set(self.fault.breaks)]
        states = sorted({states[id_] for states in missed for id_ in self.fault.breaks if id_ in states})
        return f"({', '.join(states)})" if states else ""

    @property
    def verdict(self) -> str:
        """Whether it was found and by which requirements, in words, and why not."""
        if self.found:
            return f"found by {' '.join(self.by)}"
        requirements = " ".join(self.fault.breaks)
        explanation = next((trial.trouble for trial in self.trials if trial.trouble), "") or self._instead
        if self.by:
            return f"FOUND TOO SELDOM by {' '.join(self.by)} {explanation}".strip()
        if self.elsewhere:
            return f"FOUND ELSEWHERE by {' '.join(self.elsewhere)}, not by {requirements} {explanation}".strip()
        return f"NOT FOUND by {requirements} {explanation}".strip()


def text(rows: Sequence[Row]) -> str:
    """The table for people: a line for each fault, then how many were found."""
    lines = []
    for row in sorted(rows, key=lambda row: row.fault.id):
        runs = f"{round(row.rate * len(row.trials))}/{len(row.trials)}"
        lines.append(f"{row.fault.id:44} {runs:>6} {row.seconds:5.1f} s  {row.verdict}")
    missed = [row.fault.id for row in rows if not row.found]
    total = f"{len(rows) - len(missed)} of {len(rows)} faults found by a right requirement"
    return "\n".join([*lines, "", total + (f"; not: {', '.join(sorted(missed))}" if missed else "")])


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
