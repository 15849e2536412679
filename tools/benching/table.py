"""What a measurement came to: rows of medians with their spread, ratios beside them, and the conditions."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from statistics import median, quantiles


@dataclass(frozen=True)
class Row:
    """`values` are in `unit`; `ratio` holds this row against the one it names: "x 312 of sqlite"."""

    name: str
    unit: str
    values: Sequence[float]
    ratio: str = ""

    @property
    def median(self) -> float:
        return median(self.values)

    @property
    def worst(self) -> float:
        """What 95 of 100 values stay below; of few values, the largest."""
        return quantiles(self.values, n=20)[-1] if len(self.values) > 19 else max(self.values)


@dataclass(frozen=True)
class Table:
    """One claim: `budget` is what was promised, in words; empty where nothing was."""

    claim: str
    rows: Sequence[Row]
    budget: str = ""
    conditions: Mapping[str, str] = field(default_factory=dict)

    def text(self) -> str:
        told = {**machine(), **self.conditions}
        lines = [self.claim, "  " + ", ".join(f"{name}: {value}" for name, value in told.items())]
        lines += [
            f"  {row.name:44} {row.median:10.2f} {row.unit:4} p95 {row.worst:10.2f}  n={len(row.values):<5} {row.ratio}"
            for row in self.rows
        ]
        return "\n".join([*lines, *([f"  budget: {self.budget}"] if self.budget else [])])

    def plain(self) -> dict[str, object]:
        rows = [{**asdict(row), "median": row.median, "p95": row.worst} for row in self.rows]
        return {
            "claim": self.claim,
            "budget": self.budget,
            "conditions": {**machine(), **self.conditions},
            "rows": rows,
        }


def machine() -> dict[str, str]:
    """What a figure depends on besides the code."""
    load = os.getloadavg()[0]
    return {"cores": str(os.cpu_count()), "load": f"{load:.1f}", "python": platform.python_version()}


def times(one: float, other: float) -> str:
    """How many times `one` is of `other`."""
    return f"x {one / other:.2f}" if other else "-"


def as_json(tables: Sequence[Table]) -> str:
    return json.dumps([table.plain() for table in tables], indent=1)
