"""The result of a measurement: rows of medians with their spread, ratios beside them, and the conditions."""

import json
import os
import platform
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from statistics import median, quantiles

from benching.chart import Chart


@dataclass(frozen=True)
class Row:
    """`values` are in `unit`; `ratio` compares this row with another one: "x 312 of sqlite"."""

    name: str
    unit: str
    values: Sequence[float]
    ratio: str = ""

    @property
    def median(self) -> float:
        return median(self.values)

    @property
    def worst(self) -> float:
        """The 95th percentile; of fewer than 20 values, the largest."""
        return quantiles(self.values, n=20)[-1] if len(self.values) > 19 else max(self.values)


@dataclass(frozen=True)
class Table:
    """One claim: `budget` is the limit that was promised, in words; empty where there is none."""

    claim: str
    rows: Sequence[Row]
    budget: str = ""
    conditions: Mapping[str, str] = field(default_factory=dict)
    chart: Chart | None = None

    def text(self) -> str:
        conditions = {**machine(), **self.conditions}
        lines = [self.claim, "  " + ", ".join(f"{name}: {value}" for name, value in conditions.items())]
        lines += [
            f"  {row.name:44} {row.median:10.2f} {row.unit:4} p95 {row.worst:10.2f}  n={len(row.values):<5} {row.ratio}"
            for row in self.rows
        ]
        return "\n".join([*lines, *([f"  budget: {self.budget}"] if self.budget else [])])

    def markdown(self) -> str:
        """A heading, a table, below it the conditions, and the chart if there is one."""
        lines = [f"### {self.claim}", "", "| | median | 95 of 100 below | of | beside |", "|---|---|---|---|---|"]
        lines += [
            f"| {row.name} | {row.median:.2f} {unit} | {row.worst:.2f} {unit} | {len(row.values)} | {row.ratio} |"
            for row, unit in ((row, row.unit) for row in self.rows)
        ]
        conditions = ", ".join(f"{name} {value}" for name, value in {**machine(), **self.conditions}.items())
        budget = f"Budget: {self.budget}. " if self.budget else ""
        picture = ["", self.chart.mermaid()] if self.chart else []
        return "\n".join([*lines, "", f"{budget}Measured with {conditions}.", *picture])

    def plain(self) -> dict[str, object]:
        rows = [{**asdict(row), "median": row.median, "p95": row.worst} for row in self.rows]
        return {
            "claim": self.claim,
            "budget": self.budget,
            "conditions": {**machine(), **self.conditions},
            "rows": rows,
        }


def machine() -> dict[str, str]:
    """The conditions of every figure: cores, load, version of Python."""
    load = os.getloadavg()[0]
    return {"cores": str(os.cpu_count()), "load": f"{load:.1f}", "python": platform.python_version()}


def times(numerator: float, denominator: float) -> str:
    """The ratio of two figures, as "x 1.25"."""
    return f"x {numerator / denominator:.2f}" if denominator else "-"


# name of a format -> what prints tables in it
FORMATS: Mapping[str, Callable[[Sequence[Table]], str]] = {
    "text": lambda tables: "\n\n".join(table.text() for table in tables),
    "json": lambda tables: json.dumps([table.plain() for table in tables], indent=1),
    "md": lambda tables: "\n\n".join(table.markdown() for table in tables),
}
