"""What a run prints in the terminal at its end: failures, profiles, the verdict."""

import shlex
from collections.abc import Collection
from pathlib import Path

from rich.console import Console
from rich.markup import escape

from conformance.report.again import is_open
from conformance.report.folder import HTML
from conformance.report.model import Report
from conformance.untrusted import printable
from conformance.verdict.states import UNSETTLED, State, Verdict

COLOURS = {
    State.PASS: "green",
    State.WAIVED: "dim",
    State.NOT_CLAIMED: "dim",
    State.UNSUPPORTED: "yellow",
    State.BLOCKED: "yellow",
    State.INCONCLUSIVE: "yellow",
    State.FAIL: "red",
    State.ERROR: "red",
    Verdict.CONFORMANT: "green",
    Verdict.PARTIAL: "yellow",
    Verdict.FAILED: "red",
    Verdict.NOT_RUN: "dim",
}
MOST_LEAKS = 10  # shown in the terminal


def summary(console: Console, report: Report, directory: Path, target: str, requested: Collection[str] = ()) -> None:
    """Print what is red and why, profiles and verdict, the requested requirements, the report's place, the cloud."""
    for line in [*lines(report), *_requested(report, requested)]:
        console.print(printable(line), soft_wrap=True, highlight=False)
    console.print(f"Report: {escape(str(directory / HTML))}", soft_wrap=True, highlight=False)
    if is_open(report):
        words = shlex.join(["gman", "run", "--again", str(directory)])
        console.print(f"Again, what is red or did not run: {escape(words)}", soft_wrap=True, highlight=False)
    console.print(f"Target: {escape(target)}", soft_wrap=True, highlight=False)


def _requested(report: Report, ids: Collection[str]) -> list[str]:
    """A line for each of the requirements that the run was for: its state, and why where it is no pass."""
    return [
        f"{coloured(record.state)} {record.id}{f': {escape(record.reason)}' if record.reason else ''}"
        for record in report.requirements
        if record.id in ids
    ]


def lines(report: Report) -> list[str]:
    """The summary in rich's markup."""
    claims = [
        f"[yellow]{finding.kind}[/] {finding.profile}: {escape(finding.text)}" for finding in report.claims.findings
    ]
    verdict = f"{coloured(report.verdict)} after {report.seconds:.1f} s"
    history = [escape(line) for line in report.history()]
    return [*_problems(report), *_red(report), *claims, *_profiles(report), *history, verdict]


def coloured(state: State | Verdict) -> str:
    colour = COLOURS.get(state, "bold")
    return f"[{colour}]{state}[/]"


def _problems(report: Report) -> list[str]:
    problems = [f"[red]![/] {escape(line)}" for line in (*report.problems, *report.stale)]
    problems += [f"[yellow]cut short[/] {escape(line)}" for line in report.waits]
    problems += [f"[red]left behind[/] {escape(line)}" for line in report.leaks[:MOST_LEAKS]]
    more = len(report.leaks) - MOST_LEAKS
    return [*problems, f"[red]left behind[/] {more} more, see the report"] if more > 0 else problems


def _red(report: Report) -> list[str]:
    steps = [(step, step.message.strip().partition("\n")[0]) for step in report.steps]
    return [f"{coloured(step.state)} {escape(step.id)}: {escape(first_line)}" for step, first_line in steps] + [
        f"{coloured(record.state)} {record.id} {record.level}: {escape(record.sentence)}\n    {escape(record.reason)}"
        for record in report.requirements
        if record.state in UNSETTLED
    ]


def _profiles(report: Report) -> list[str]:
    lines = []
    for name, profile in report.profiles.items():
        counts = ", ".join(f"{number} {state}" for state, number in reversed([*profile.counts.items()]) if number)
        if profile.claimed:
            lines.append(f"{name:<9} {coloured(profile.state)} ({counts or 'nothing there'})")
    return lines
