"""What the page of a report says first: what was found, how bad that is, and what its reader does next."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from conformance.report.build import NOT_RUN
from conformance.report.failures import MUST, SHOULD, Cause, parts
from conformance.report.model import Report
from conformance.requirements.registry import Level
from conformance.verdict.records import RequirementRecord
from conformance.verdict.states import Exit, State, Verdict

AGAIN = "gman run --again DIR, where DIR is the folder of this report"
LONGEST_SENTENCE = 200  # characters of a requirement's


@dataclass(frozen=True)
class Advice:
    """In sentences: the `finding`, and what to do `next`."""

    finding: str
    next: str


def advice(report: Report) -> Advice:
    """What the report says of the cloud, and what its reader does with that."""
    if report.verdict is Verdict.ERROR:
        return Advice(
            "The suite broke, so this is no verdict on the cloud.", "Report what went wrong, below; then run it again."
        )
    if report.verdict is Verdict.FAILED:
        return _failed(report)
    if report.interrupted:
        return Advice("The run was interrupted, so nothing is decided.", f"Run what is left: {AGAIN}.")
    if report.verdict is Verdict.INCONCLUSIVE:
        number = _in_state(report, State.INCONCLUSIVE)
        return Advice(
            f"Nothing failed that was claimed, but of {_many(number, 'requirement')} too little could be observed.",
            f"Run them again while the cloud is idle, or with longer deadlines: {AGAIN}.",
        )
    if report.verdict is Verdict.PARTIAL:
        return _partial(report)
    passed = _in_state(report, State.PASS)
    others = len(report.requirements) - passed
    rest = f" The other {others} are not offered, not claimed or not to be observed, and decide nothing."
    return Advice(
        f"The cloud keeps all that could be asked of it: {_many(passed, 'requirement')}, of "
        f"{', '.join(report.claims.claimed)}.{rest if others else ''}",
        "There is nothing to mend.",
    )


def _partial(report: Report) -> Advice:
    if unselected := sum(line.counts and line.reason == NOT_RUN for line in _claimed(report)):
        return Advice(
            "Nothing failed of what was selected, which is no verdict on the whole, as it leaves out "
            f"{_many(unselected, 'requirement')}.",
            "Run all for a verdict.",
        )
    opened = [line for lines in open_requirements(report).values() for line in lines]
    finding = (
        f"Nothing failed, but {_many(len(opened), 'requirement')} could not be counted as kept: {_states(opened)}."
    )
    lacks = Counter(line.reason for line in opened if line.state is not State.WAIVED).most_common()
    why = f" Of {lacks[0][1]} the reason is: {lacks[0][0].removesuffix('.')}." if lacks and lacks[0][1] > 1 else ""
    if report.exit_code == Exit.CONFORMANT:
        return Advice(finding + why, "Nothing has to be mended; what is open is named below, and what it takes.")
    return Advice(finding + why, "Give the run what it lacked, named below, or say that the cloud does not have it.")


def _failed(report: Report) -> Advice:
    causes = [cause for part in parts(report) if part.name in (MUST, SHOULD) for cause in part.causes]
    if causes:
        return Advice(_finding(report, causes), _begin_with(causes[0]))
    if report.leaks:
        return Advice(
            f"The run left {_many(len(report.leaks), 'thing')} behind, named below.",
            "Delete them, and see why they stay.",
        )
    if report.stale:
        return Advice(
            f"{_many(len(report.stale), 'waiver')} excuse what did not fail.",
            "Take them out of the list, and run again.",
        )
    return Advice("Something was blocked, so that it could not be tried.", f"Run it again: {AGAIN}.")


def _finding(report: Report, causes: Sequence[Cause]) -> str:
    """How bad it is: what is broken, by level, in how many tests; what could not be tried; what is waived."""
    failures = [failure for cause in causes for failure in cause.failures]
    races = sum(bool(failure.race) for failure in failures)
    finding = f"{_broken(report)} {_many(len(failures), 'test')} failed, of {_many(len(causes), 'cause')}"
    finding += f"; {races} of the tests send many requests at once." if races else "."
    if blocked := _in_state(report, State.BLOCKED):
        finding += f" After that {_many(blocked, 'requirement')} could not be tried."
    if waived := _in_state(report, State.WAIVED):
        finding += f" {waived} more are known failures, which waivers excuse."
    return finding


def _broken(report: Report) -> str:
    levels = [line.level for line in _claimed(report) if line.state in (State.FAIL, State.ERROR)]
    numbers = {level: levels.count(level) for level in (Level.MUST, Level.SHOULD) if level in levels}
    if not numbers:
        return "No requirement is known to be broken, but steps on the way to some are."
    named = ", ".join(f"{number} {level}" for level, number in numbers.items())
    return f"The cloud breaks {sum(numbers.values())} of {_many(len(report.requirements), 'requirement')}: {named}."


def _begin_with(cause: Cause) -> str:
    first = cause.failures[0]
    what = f"{cause.call}: {cause.title}" if cause.call else cause.title
    if first.requirements:
        line = first.requirements[0]
        sentence = line.sentence[:LONGEST_SENTENCE] + "…" * (len(line.sentence) > LONGEST_SENTENCE)
        when = "with many requests at once, " if first.race else ""
        what = f"{line.id}, “{sentence}” But {when}{what}"
    return f"Begin with the first below. {what.removesuffix('.')}. When that is mended: {AGAIN}."


def _claimed(report: Report) -> list[RequirementRecord]:
    return [line for line in report.requirements if line.profile in report.claims.claimed]


def _in_state(report: Report, state: State) -> int:
    """How many requirements of the claimed profiles are in a state."""
    return sum(line.state is state for line in _claimed(report))


def _states(lines: Iterable[RequirementRecord]) -> str:
    """How many are in which state, such as "3 waived, 1 unsupported"."""
    states = [line.state for line in lines]
    return ", ".join(f"{states.count(state)} {state}" for state in State if state in states)


def _many(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def open_requirements(report: Report) -> Mapping[str, list[RequirementRecord]]:
    """By the names of partial profiles, what counts in each and neither passed nor failed."""
    partial = [name for name, profile in report.profiles.items() if profile.state is Verdict.PARTIAL]
    return {
        name: [
            line
            for line in report.requirements
            if line.profile == name and line.counts and line.state is not State.PASS
        ]
        for name in partial
    }
