"""What a run says in the terminal: how it goes, on one line, and at the end what it came to."""

import shlex
from collections.abc import Mapping
from pathlib import Path
from time import monotonic
from typing import Any

from rich.console import Console
from rich.markup import escape

from conformance.report.again import is_open
from conformance.report.events import Event
from conformance.report.folder import HTML
from conformance.report.model import Report
from conformance.verdict.states import State, Verdict

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
QUIET = 60.0  # seconds without a word, where nobody sees the counter
RED = (State.ERROR, State.FAIL, State.INCONCLUSIVE, State.BLOCKED)


class Progress:
    """Counts along while tests run: on a line of its own in a terminal, else with a line now and then."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._status = console.status("starting") if console.is_terminal else None
        self._ended = 0
        self._red = 0
        self._spoke = monotonic()

    def __enter__(self) -> "Progress":
        if self._status:
            self._status.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        if self._status:
            self._status.stop()

    def __call__(self, event: Mapping[str, Any]) -> None:
        """Listens to the events of the run."""
        if event["event"] == Event.RUN_STARTED:
            self._console.print(f"Target: {escape(event['target'])}", soft_wrap=True, highlight=False)
        if event["event"] != Event.TEST_ENDED:
            return
        self._ended += 1
        self._red += event["state"] in RED
        counts = f"{self._ended} tests, {self._red} not as promised"
        if self._status:
            self._status.update(escape(f"{counts}: {event['id']}"))
        elif monotonic() - self._spoke > QUIET:
            self._spoke = monotonic()
            self._console.print(f"{counts} so far")


def summary(console: Console, report: Report, directory: Path, target: str) -> None:
    """What is red and why, the profiles, the verdict, where to read more, and which cloud that is about."""
    for line in lines(report):
        console.print(line, soft_wrap=True, highlight=False)
    console.print(f"Report: {escape(str(directory / HTML))}", soft_wrap=True, highlight=False)
    if is_open(report):
        words = shlex.join(["gman", "run", "--again", str(directory)])
        console.print(f"Again, what is red or did not run: {escape(words)}", soft_wrap=True, highlight=False)
    console.print(f"Target: {escape(target)}", soft_wrap=True, highlight=False)


def lines(report: Report) -> list[str]:
    """The summary in rich's markup."""
    claims = [
        f"[yellow]{finding.kind}[/] {finding.profile}: {escape(finding.text)}" for finding in report.claims.findings
    ]
    verdict = f"{_coloured(report.verdict)} after {report.seconds:.1f} s"
    history = [escape(line) for line in report.history()]
    return [*_problems(report), *_red(report), *claims, *_profiles(report), *history, verdict]


def _coloured(state: State | Verdict) -> str:
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
    return [f"{_coloured(step.state)} {escape(step.id)}: {escape(first_line)}" for step, first_line in steps] + [
        f"{_coloured(record.state)} {record.id} {record.level}: {escape(record.sentence)}\n    {escape(record.reason)}"
        for record in report.requirements
        if record.state in RED
    ]


def _profiles(report: Report) -> list[str]:
    lines = []
    for name, profile in report.profiles.items():
        counts = ", ".join(f"{number} {state}" for state, number in reversed([*profile.counts.items()]) if number)
        if profile.claimed:
            lines.append(f"{name:<9} {_coloured(profile.state)} ({counts or 'nothing there'})")
    return lines
