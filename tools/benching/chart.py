"""A picture beside a table: lines in the words of Mermaid, which GitHub and GitLab draw where they show Markdown."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Chart:
    """One line for each name, lowest last; `across` is what is counted along it from 1, `up` the unit of its values."""

    title: str
    across: str
    up: str
    lines: Mapping[str, Sequence[float]]

    def mermaid(self) -> str:
        """A fenced block. Mermaid names no line, so the title tells them from top to bottom."""
        named = ", ".join(sorted(self.lines, key=lambda name: -max(self.lines[name])))
        length = max(len(values) for values in self.lines.values())
        drawn = [f"    line [{', '.join(f'{value:.2f}' for value in values)}]" for values in self.lines.values()]
        return "\n".join(
            [
                "```mermaid",
                "xychart-beta",
                f'    title "{self.title}; from above: {named}"',
                f'    x-axis "{self.across}" 1 --> {length}',
                f'    y-axis "{self.up}"',
                *drawn,
                "```",
            ]
        )
