"""The verdict of a report in a sentence that says what to do next."""

from collections.abc import Mapping

from conformance.report.build import NOT_RUN
from conformance.report.failures import MUST, SHOULD, parts
from conformance.report.model import Report
from conformance.verdict.records import RequirementRecord
from conformance.verdict.states import Exit, State, Verdict

AGAIN = "gman run --again DIR"


def advice(report: Report) -> str:
    """What the report says of the cloud, and what its reader does with that."""
    if report.verdict is Verdict.ERROR:
        return "The suite broke, so this is no verdict on the cloud: report what went wrong, then run it again."
    if report.verdict is Verdict.FAILED:
        return _failed(report)
    if report.interrupted:
        return f"The run was interrupted, so nothing is decided: run what is left, {AGAIN}."
    if report.verdict is Verdict.INCONCLUSIVE:
        number = sum(line.state is State.INCONCLUSIVE for line in report.requirements)
        return (
            f"Nothing failed, but of {_many(number, 'requirement')} too little could be observed: run them again while "
            f"the cloud is idle, or with longer deadlines: {AGAIN}."
        )
    if report.verdict is Verdict.PARTIAL:
        lines = [line for line in report.requirements if line.counts and line.profile in report.claims.claimed]
        if unselected := sum(line.reason == NOT_RUN for line in lines):
            left_out = f"which leaves out {_many(unselected, 'requirement')}"
            return f"No verdict on the whole: nothing failed of what was selected, {left_out}. Run all for one."
        number = sum(map(len, open_requirements(report).values()))
        what = f"nothing failed, and {_many(number, 'requirement')} could not be counted as kept, named below"
        if report.exit_code == Exit.CONFORMANT:
            return f"Good enough: {what}, all waived or not claimed."
        return f"Not all was observed: {what}. Give the run what it lacked, or say that the cloud lacks it."
    claimed = ", ".join(report.claims.claimed)
    return f"The cloud keeps all that was observed of {claimed}: there is nothing to do."


def _failed(report: Report) -> str:
    causes = [cause for part in parts(report) if part.name in (MUST, SHOULD) for cause in part.causes]
    if causes:
        number = sum(len(cause.failures) for cause in causes)
        of = "of one cause" if len(causes) == 1 else f"of {len(causes)} causes"
        first = causes[0].call or causes[0].title.partition(":")[0]
        return f"{_many(number, 'test')} failed, {of}: look at the first below ({first}), mend it, then {AGAIN}."
    if report.leaks:
        return (
            f"The run left {_many(len(report.leaks), 'thing')} behind, named below: delete them, and see why they stay."
        )
    if report.stale:
        return (
            f"{_many(len(report.stale), 'waiver')} excuse what did not fail: take them out of the list, and run again."
        )
    return f"Something was blocked, so that it could not be tried: {AGAIN}."


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
