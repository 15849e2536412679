"""How often each requirement on every answer was looked at, and what was seen against it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

MOST = 10  # violations of one requirement that are kept, each about another field


@dataclass
class Looks:
    """`count`: the answers, or objects in answers, that were looked at. `violations`: what about -> the first text.
    `tests`: the ids of those with a violation, the empty one before the first test.
    """

    count: int = 0
    violations: dict[str, str] = field(default_factory=dict)
    tests: set[str] = field(default_factory=set)

    def add(self, about: str, violation: str, test: str) -> None:
        self.count += 1
        if violation:
            self.tests.add(test)
        if violation and len(self.violations) < MOST:
            self.violations.setdefault(about, violation)


class Tally:
    """The looks of a process, or of several."""

    def __init__(self) -> None:
        self.looks: dict[str, Looks] = {}

    def add(self, requirement: str, about: str, violation: str, test: str = "") -> None:
        self.looks.setdefault(requirement, Looks()).add(about, violation, test)

    def drop_passes(self) -> None:
        """Keep what was seen against a requirement alone, as before any test was run: that is no test's pass."""
        self.looks = {requirement: looks for requirement, looks in self.looks.items() if looks.violations}

    def include(self, other: Self) -> None:
        """Add what another process has seen."""
        for requirement, looks in other.looks.items():
            own = self.looks.setdefault(requirement, Looks())
            own.count += looks.count
            own.violations = {**looks.violations, **own.violations}
            own.tests |= looks.tests

    def to_plain(self) -> dict[str, Any]:
        return {requirement: vars(looks) for requirement, looks in self.looks.items()}

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> Self:
        tally = cls()
        tally.looks = {requirement: Looks(**looks) for requirement, looks in plain.items()}
        return tally
