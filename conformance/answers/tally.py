"""How often each requirement on every answer was checked, and the violations."""

from collections.abc import Mapping
from dataclasses import dataclass, field

MOST = 10  # violations that are kept for each requirement, one a field
MOST_TESTS = 100  # tests that are kept for each violation


@dataclass
class Looks:
    """The looks at one requirement. `looked`: "FIELD in CALL" -> how many answers, or objects in them, were looked at.
    `violations`: field -> the first text. `seen_in`: "FIELD in CALL" -> the ids of the tests with a violation, "" for
    before the first test.
    """

    looked: dict[str, int] = field(default_factory=dict)
    violations: dict[str, str] = field(default_factory=dict)
    seen_in: dict[str, set[str]] = field(default_factory=dict)

    @property
    def count(self) -> int:
        return sum(self.looked.values())

    def add(self, about: str, by: str, violation: str, test: str) -> None:
        what = f"{about} in {by}"
        self.looked[what] = self.looked.get(what, 0) + 1
        if violation:
            self._see(what, {test})
            if len(self.violations) < MOST:
                self.violations.setdefault(about, violation)

    def include(self, other: "Looks") -> None:
        for what, number in other.looked.items():
            self.looked[what] = self.looked.get(what, 0) + number
        self.violations = {**other.violations, **self.violations}
        for what, tests in other.seen_in.items():
            self._see(what, tests)

    def _see(self, what: str, tests: set[str]) -> None:
        tests_so_far = self.seen_in.setdefault(what, set())
        tests_so_far.update(sorted(tests - tests_so_far)[: MOST_TESTS - len(tests_so_far)])


class Tally:
    """The looks of a process, or of several. `before` is what was looked at before the first test."""

    def __init__(self) -> None:
        self.looks: dict[str, Looks] = {}
        self.before: Mapping[str, frozenset[str]] = {}

    def add(self, requirement: str, about: str, by: str, violation: str, test: str = "") -> None:
        self.looks.setdefault(requirement, Looks()).add(about, by, violation, test)

    def begin_tests(self) -> None:
        """Tests run from now on. Of earlier looks only violations are kept, as no test passed by them."""
        self.before = self.looked()
        self.looks = {requirement: looks for requirement, looks in self.looks.items() if looks.violations}

    def looked(self) -> dict[str, frozenset[str]]:
        """Requirement -> what was looked at for it, by which calls, before the first test, too."""
        tests = {requirement: frozenset(looks.looked) for requirement, looks in self.looks.items()}
        none: frozenset[str] = frozenset()
        return {id_: tests.get(id_, none) | self.before.get(id_, none) for id_ in {*tests, *self.before}}

    def include(self, other: "Tally") -> None:
        """Add what another process has seen in its tests."""
        for requirement, looks in other.looks.items():
            self.looks.setdefault(requirement, Looks()).include(looks)
