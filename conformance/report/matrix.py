"""Any number of reports side by side: the state of each requirement on each cloud."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from conformance.report.markdown import cell
from conformance.report.model import Report
from conformance.requirements.registry import Profile
from conformance.verdict.states import State

ABSENT = "absent"  # the state of a requirement that a report does not have
FELL_SHORT = (State.ERROR, State.FAIL, State.INCONCLUSIVE, State.BLOCKED, State.WAIVED)


@dataclass(frozen=True)
class Column:
    """One report, as far as a matrix shows it; `states` are by requirement, `profiles` by name."""

    name: str
    verdict: str
    suite: str
    requirements: str
    started: str
    profiles: Mapping[str, str]
    states: Mapping[str, str]

    @property
    def counts(self) -> list[tuple[str, int]]:
        """How many requirements are in each state that there is, the best first."""
        states = [*self.states.values()]
        return [(str(state), states.count(state)) for state in reversed(State) if state in states]


@dataclass(frozen=True)
class Row:
    """One requirement; `states` are those of the columns, in their order."""

    id: str
    level: str
    profile: str
    sentence: str
    states: Sequence[str]

    @property
    def differs(self) -> bool:
        """Whether the clouds that were tested differ."""
        return len(self._tested) > 1

    @property
    def is_open(self) -> bool:
        """Whether all clouds have the same state, and it is not a pass: for instance a failure that is waived
        everywhere.
        """
        return len(self._tested) == 1 and self._tested <= {*FELL_SHORT}

    @property
    def _tested(self) -> set[str]:
        return {*self.states} - {ABSENT, State.NOT_CLAIMED}

    @property
    def worst(self) -> int:
        """The place of the worst state among all, 0 for the worst there is."""
        return min(([*State].index(State(state)) for state in self.states if state != ABSENT), default=len(State))


@dataclass(frozen=True)
class Matrix:
    """`rows`: those that differ first, then those that no cloud meets, then the rest; in each group the worst first."""

    columns: Sequence[Column]
    rows: Sequence[Row]

    @property
    def profiles(self) -> list[tuple[str, list[str]]]:
        """The verdicts of each profile, in the order of the columns."""
        return [(name, [column.profiles.get(name, ABSENT) for column in self.columns]) for name in Profile]

    @property
    def common(self) -> str:
        """The suite and the version of the requirements, where all reports have the same; else empty."""
        versions = {(column.suite, column.requirements) for column in self.columns}
        if len(versions) != 1:
            return ""
        [(suite, requirements)] = versions
        return f"{suite}, requirements {requirements or 'of no named version'}"

    @property
    def notes(self) -> list[str]:
        """What a reader has to know before comparing: that requirements or suite are not the same."""
        return [
            note
            for what, attribute in (("requirements", "requirements"), ("suite", "suite"))
            if (note := differing(what, {column.name: getattr(column, attribute) for column in self.columns}))
        ]


def differing(what: str, versions: Mapping[str, str]) -> str:
    """A sentence where the reports, by name, are of different versions of something; empty where they are not."""
    if len(set(versions.values())) < 2:
        return ""
    listed = ", ".join(f"{name} has {version or 'an unnamed one'}" for name, version in versions.items())
    return f"Not the same version of the {what}: {listed}."


def matrix(reports: Mapping[str, Report]) -> Matrix:
    """The reports, by the names of their columns, side by side."""
    columns = [
        Column(
            name,
            str(report.verdict),
            report.suite,
            report.requirements_version,
            report.started,
            {profile: str(record.state) for profile, record in report.profiles.items()},
            {line.id: str(line.state) for line in report.requirements},
        )
        for name, report in reports.items()
    ]
    requirements = {line.id: line for report in reports.values() for line in report.requirements}
    rows = [
        Row(id_, line.level, line.profile, line.sentence, [column.states.get(id_, ABSENT) for column in columns])
        for id_, line in sorted(requirements.items())
    ]
    return Matrix(columns, sorted(rows, key=lambda row: (not row.differs, not row.is_open, row.worst)))


def plain(table: Matrix) -> dict[str, Any]:
    """For programs: the columns, the notes and the rows."""
    return {
        "notes": table.notes,
        "reports": [{key: value for key, value in vars(column).items() if key != "states"} for column in table.columns],
        "requirements": [{**vars(row), "differs": row.differs, "open": row.is_open} for row in table.rows],
    }


def markdown(table: Matrix) -> str:
    """As tables for a wiki."""
    return "\n".join([*_markdown(table), ""])


def _markdown(table: Matrix) -> Iterator[str]:
    names = " | ".join(cell(column.name) for column in table.columns)
    yield from ("# Get me a network, side by side", "")
    yield from (line for note in table.notes for line in (cell(note), ""))
    yield from (f"| Profile | {names} |", "|---|" + "---|" * len(table.columns))
    yield f"| **run** | {' | '.join(column.verdict for column in table.columns)} |"
    yield from (f"| {name} | {' | '.join(states)} |" for name, states in table.profiles)
    yield from (
        "",
        f"| Requirement | Level | {names} | What must hold |",
        "|---|---|" + "---|" * (len(table.columns) + 1),
    )
    yield from (f"| {row.id} | {row.level} | {' | '.join(row.states)} | {cell(row.sentence)} |" for row in table.rows)


def html(table: Matrix) -> str:
    """A page that needs nothing else."""
    from conformance.report.files import rendered  # its library takes its time to load

    return rendered("matrix.html.j2", matrix=table)
