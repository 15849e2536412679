"""The chart of a table: lines in Mermaid's language, which GitHub and GitLab draw where they show Markdown."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Chart:
    """One line for each name; `across` is what the horizontal axis counts, from 1, `up` the unit of the values."""

    title: str
    across: str
    up: str
    lines: Mapping[str, Sequence[float]]

    def mermaid(self) -> str:
        """The chart as a fenced block. Mermaid has no names for lines, so the title has them, from top to bottom."""
        names = ", ".join(sorted(self.lines, key=lambda name: -max(self.lines[name])))
        length = max(len(values) for values in self.lines.values())
        drawings = [f"    line [{', '.join(f'{value:.2f}' for value in values)}]" for values in self.lines.values()]
        return "\n".join(
            [
                "```mermaid",
                "xychart-beta",
                f'    title "{self.title}; from above: {names}"',
                f'    x-axis "{self.across}" 1 --> {length}',
                f'    y-axis "{self.up}"',
                *drawings,
                "```",
            ]
        )
