"""The progress of a run: one line that changes in a terminal, lines now and then elsewhere; and its failures."""

from collections.abc import Mapping
from pathlib import Path
from time import monotonic
from typing import Any, Self

from rich.console import Console
from rich.markup import escape
from rich.status import Status
from rich.text import Text

from conformance.report.events import Event
from conformance.report.terminal import coloured
from conformance.verdict.records import FAILED
from conformance.verdict.states import UNSETTLED, State

EVERY = 10.0  # seconds between two lines where the output is no terminal
GUESS_AFTER = 5.0  # seconds after which the remaining time can be estimated
AROUND = 4  # columns of the spinner before the line, and of the ^C that a terminal shows after it
COLOURS: Mapping[str, Mapping[str, Any]] = {
    "auto": {},
    "always": {"color_system": "standard"},
    "never": {"color_system": None},
}


def console(colour: str = "auto") -> Console:
    """The terminal, or the file in its place, with colours `auto`, `always` or `never`."""
    return Console(**COLOURS[colour])


class Progress:
    """A listener to the events of a run, and a context manager for as long as the line is shown.

    `quiet` says nothing; `verbose` has a line for each test.
    """

    def __init__(self, console: Console, *, quiet: bool = False, verbose: bool = False) -> None:
        self._console = console
        self._quiet = quiet
        self._verbose = verbose
        self._status: Status | None = console.status("starting") if console.is_terminal and not quiet else None
        self._total = 0
        self._started: set[str] = set()
        self._states: dict[str, str] = {}  # of the tests that have ended
        self._file = ""
        self._began = self._spoke = monotonic()

    def __enter__(self) -> Self:
        if self._status:
            self._status.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        if self._status:
            self._status.stop()

    def __call__(self, event: Mapping[str, Any]) -> None:
        """Take note of the event, and print what it adds."""
        match event["event"]:
            case Event.RUN_STARTED:
                self._print(f"Target: {escape(event['target'])}")
            case Event.TESTS_COLLECTED:
                self._total = event["total"]
                self._began = self._began if self._started else monotonic()
            case Event.TEST_STARTED:
                self._started.add(event["id"])
                self._file = _short(event["id"])
                self._show()
            case Event.TEST_ENDED:
                self._end(event)
                self._show()

    def _end(self, event: Mapping[str, Any]) -> None:
        told_before = self._states.get(event["id"]) == event["state"]
        self._states[event["id"]] = event["state"]
        # a test that is blocked is counted, and has no line
        if told_before or not (self._verbose or event["state"] in FAILED):
            return
        first_line = event["reason"].strip().partition("\n")[0]
        reason = f": {escape(first_line)}" if first_line else ""
        self._print(f"{coloured(State(event['state']))} {escape(event['id'])}{reason}")

    def _print(self, line: str) -> None:
        if not self._quiet:
            self._console.print(line, soft_wrap=True, highlight=False)

    def _show(self) -> None:
        if self._status:
            text = Text(f"{self.line()}: {self._file}" if self._file else self.line())
            text.truncate(self._console.width - AROUND, overflow="ellipsis")
            self._status.update(text)
        elif monotonic() - self._spoke > EVERY:
            self._spoke = monotonic()
            self._print(self.line())

    def line(self) -> str:
        """How many tests have ended, of how many; how many of them did not pass; and about how much time is left."""
        ended = len(self._started & self._states.keys())
        red = sum(state in UNSETTLED for state in self._states.values())
        of_all = f" of {self._total} ({100 * ended // self._total} %)" if self._total else ""
        return f"{ended}{of_all}, {red} not as promised{self._left(ended)}"

    def _left(self, ended: int) -> str:
        """An estimate of the remaining time; empty as long as there is none."""
        passed = monotonic() - self._began
        if not ended or ended >= self._total or passed < GUESS_AFTER:
            return ""
        seconds = round(passed / ended * (self._total - ended))
        return f", ~{seconds // 60}:{seconds % 60:02} left"


def _short(test: str) -> str:
    """The test's file without what all names share, such as compute/servers-auto or stress/test_walks."""
    return Path(test.partition("::")[0]).with_suffix("").as_posix().partition("/")[2]
