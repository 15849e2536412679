"""What a run says in the terminal: how it goes, on one line, and at the end what it came to."""

from collections.abc import Mapping
from pathlib import Path
from time import monotonic
from typing import Any

from rich.console import Console
from rich.markup import escape

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


def summary(console: Console, report: Report, directory: Path) -> None:
    """The verdict, the profiles, what is red and why, and where to read more."""
    for line in lines(report):
        console.print(line, soft_wrap=True, highlight=False)
    console.print(f"Report: {escape(str(directory / HTML))}", soft_wrap=True, highlight=False)


def lines(report: Report) -> list[str]:
    """The summary in rich's markup."""
    return [*_problems(report), *_red(report), *_claims(report), *_profiles(report), _verdict(report)]


def _coloured(state: State | Verdict) -> str:
    colour = COLOURS.get(state, "bold")
    return f"[{colour}]{state}[/]"


def _problems(report: Report) -> list[str]:
    found = [f"[red]![/] {escape(line)}" for line in (*report.problems, *report.stale)]
    found += [f"[red]left behind[/] {escape(line)}" for line in report.leaks[:MOST_LEAKS]]
    more = len(report.leaks) - MOST_LEAKS
    return [*found, f"[red]left behind[/] {more} more, see the report"] if more > 0 else found


def _red(report: Report) -> list[str]:
    steps = [f"{_coloured(step.state)} {escape(step.id)}: {escape(_first(step.message))}" for step in report.steps]
    return steps + [
        f"{_coloured(line.state)} {line.id} {line.level}: {escape(line.sentence)}\n    {escape(line.reason)}"
        for line in report.requirements
        if line.state in RED
    ]


def _claims(report: Report) -> list[str]:
    return [f"[yellow]{each.kind}[/] {each.profile}: {escape(each.text)}" for each in report.claims.findings]


def _first(text: str) -> str:
    return text.strip().partition("\n")[0]


def _profiles(report: Report) -> list[str]:
    return [
        f"{name:<10}{_coloured(profile.state)} ({_counts(profile.counts)})"
        for name, profile in report.profiles.items()
        if profile.claimed
    ]


def _counts(counts: dict[str, int] | object) -> str:
    shown = dict(counts) if isinstance(counts, dict) else {}
    return ", ".join(f"{number} {state}" for state, number in reversed(shown.items()) if number) or "nothing there"


def _verdict(report: Report) -> str:
    return f"{_coloured(report.verdict)} after {report.seconds:.1f} s"
