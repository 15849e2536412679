"""What the page of a report says first: the finding, how bad it is, and what to do next."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from conformance.report.build import NOT_RUN
from conformance.report.failures import MUST, SHOULD, Cause, parts
from conformance.report.model import EMBEDDED, Report
from conformance.requirements.registry import Level
from conformance.verdict.records import RequirementRecord
from conformance.verdict.states import Exit, State, Verdict

COMMAND = "gman run --again DIR"
AGAIN = f"{COMMAND}, where DIR is the folder of this report"
TESTED = (State.PASS, State.FAIL, State.ERROR, State.WAIVED, State.INCONCLUSIVE)
LONGEST_SENTENCE = 200  # characters of a requirement's


@dataclass(frozen=True)
class Advice:
    """In sentences: the `finding`, and what to do `next`."""

    finding: str
    next: str


def advice(report: Report) -> Advice:
    """What the report says of the cloud, and what to do next."""
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
            f"Nothing failed that was claimed, but {_many(number, 'requirement')} could not be observed well enough.",
            f"Run them again while the cloud is idle, or with longer deadlines: {AGAIN}.",
        )
    if report.verdict is Verdict.PARTIAL:
        return _partial(report)
    passed = _in_state(report, State.PASS)
    others = len(report.requirements) - passed
    rest = f" {others} were not tested, for the reasons below, which does not change the verdict."
    return Advice(
        f"The cloud meets all {_many(passed, 'requirement')} that were tested.{rest if others else ''}",
        f"Nothing has to be mended.{_own_cloud(report)}{_unclaimed(report)}",
    )


def _own_cloud(report: Report) -> str:
    embedded = report.target["cloud"] == EMBEDDED
    return " This was the suite's own small cloud; for another one: gman run --cloud NAME." if embedded else ""


def _unclaimed(report: Report) -> str:
    """A sentence on the profiles that were not judged, and how to have them judged; empty without any."""
    names = ",".join(name for name, profile in report.profiles.items() if not profile.claimed)
    return f" What was not judged can be, too: --claim {names}." if names else ""


def _partial(report: Report) -> Advice:
    if unselected := sum(line.counts and line.reason == NOT_RUN for line in _claimed(report)):
        return Advice(
            f"Nothing failed of what was selected, but that leaves out {_many(unselected, 'requirement')}.",
            "Run everything for a verdict on the whole.",
        )
    opened = [line for lines in open_requirements(report).values() for line in lines]
    finding = f"Nothing failed, but {_many(len(opened), 'requirement')} cannot be counted as met: {_states(opened)}."
    lacks = Counter(line.reason for line in opened if line.state is not State.WAIVED).most_common()
    reason, times = lacks[0] if lacks else ("", 0)
    why = f" The reason for {times} of them: {reason.removesuffix('.')}." if times > 1 else ""
    if report.exit_code == Exit.CONFORMANT:
        return Advice(finding + why, "Nothing has to be mended; what is open is named below, with what it needs.")
    return Advice(finding + why, "Give the run what it lacked, named below, or do not claim these profiles.")


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
            f"What did not fail is waived, by {_many(len(report.stale), 'waiver')}.",
            "Take what is named below out of the list of waivers, and run again.",
        )
    return Advice("A test could not run, as an earlier step of its file failed.", f"Run it again: {AGAIN}.")


def _finding(report: Report, causes: Sequence[Cause]) -> str:
    """The finding: what is broken, by level, in how many tests; what could not be tested; what is waived."""
    failures = [failure for cause in causes for failure in cause.failures]
    races = sum(bool(failure.race) for failure in failures)
    finding = f"{_broken(report)} {_many(len(failures), 'test')} failed, for {_many(len(causes), 'reason')}."
    finding += f" {races} of these tests {'sends' if races == 1 else 'send'} many requests at once." if races else ""
    if blocked := _in_state(report, State.BLOCKED):
        finding += f" {_many(blocked, 'more requirement')} could not be tested, as an earlier step failed."
    if waived := _in_state(report, State.WAIVED):
        finding += f" {waived} more {'fails' if waived == 1 else 'fail'} as a waiver expects."
    return finding


def _broken(report: Report) -> str:
    levels = [line.level for line in _claimed(report) if line.state in (State.FAIL, State.ERROR)]
    numbers = {level: levels.count(level) for level in (Level.MUST, Level.SHOULD) if level in levels}
    if not numbers:
        return "No requirement is known to be broken, but the steps before some failed."
    named = " and ".join(f"{number} {level}" for level, number in numbers.items())
    tested = sum(line.state in TESTED for line in _claimed(report))
    return f"The cloud breaks {named} of the {_many(tested, 'requirement')} that were tested."


def _begin_with(cause: Cause) -> str:
    first = cause.failures[0]
    what = f"{cause.call}: {cause.title}" if cause.call else cause.title
    if first.requirements:
        line = first.requirements[0]
        sentence = line.sentence[:LONGEST_SENTENCE] + "…" * (len(line.sentence) > LONGEST_SENTENCE)
        condition = "With many requests at once, " if first.race else ""
        what = f"{condition}{what.removesuffix('.')}. What has to hold is {line.id}: “{sentence}”"
    return f"Begin with failure 1 below. {what} When it is mended, run what failed once more: {AGAIN}."


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
    """Name of each partial profile -> its requirements that count, and neither passed nor failed."""
    partial = [name for name, profile in report.profiles.items() if profile.state is Verdict.PARTIAL]
    return {
        name: [
            line
            for line in report.requirements
            if line.profile == name and line.counts and line.state is not State.PASS
        ]
        for name in partial
    }
