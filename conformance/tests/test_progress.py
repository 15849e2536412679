"""The progress of a run: one line that fits any width, failures as they come, and lines where there is no terminal."""

from io import StringIO
from typing import Any

import pytest
from rich.console import Console

from conformance.report import progress
from conformance.report.progress import Progress
from conformance.tests.test_report import result
from conformance.verdict.states import State

TESTS = [f"gabbits/compute/servers-with-a-long-name.yaml::step {number}" for number in range(200)]


class Clock:
    """A clock that tests set."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 0.0
        monkeypatch.setattr(progress, "monotonic", lambda: self.now)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


def terminal(width: int = 80) -> Console:
    return Console(file=StringIO(), force_terminal=True, width=width, height=24)


def pipe() -> Console:
    return Console(file=StringIO(), width=80)


def shown(console: Console) -> str:
    assert isinstance(console.file, StringIO)
    return console.file.getvalue()


def collected(listener: Progress, total: int = len(TESTS)) -> None:
    listener({"event": "tests-collected", "total": total})


def play(listener: Progress, test: str, state: State = State.PASS, reason: str = "") -> None:
    listener({"event": "test-started", "id": test})
    listener({"event": "test-ended", **result(test, state, reason).to_plain()})


def status_line(console: Console, listener: Progress) -> list[str]:
    """The text of the line that changes."""
    status: Any = listener._status
    return ["".join(part.text for part in line) for line in console.render_lines(status.renderable, pad=False)]


@pytest.mark.parametrize("width", [20, 40, 80, 200])
def test_it_is_one_line_at_any_width(clock: Clock, width: int) -> None:
    console = terminal(width)
    with Progress(console) as listener:
        collected(listener)
        for test in TESTS[:50]:
            clock.now += 1.0
            play(listener, test)
        [line] = status_line(console, listener)
    assert len(f"{line}^C") <= width  # a longer text would wrap, and its first line would stay
    whole = "50 of 200 (25 %), 0 not as promised, ~2:30 left: compute/servers-with-a-long-name"
    assert line[2:] == whole if width == 200 else whole.startswith(line[2:-1]) and line.endswith("…")


def test_the_remaining_time_is_not_shown_at_the_beginning(clock: Clock) -> None:
    listener = Progress(pipe())
    collected(listener)
    clock.now = 1.0
    play(listener, TESTS[0])
    assert listener.line() == "1 of 200 (0 %), 0 not as promised"


def test_a_test_counts_once_and_records_on_every_answer_do_not(clock: Clock) -> None:
    listener = Progress(pipe())
    collected(listener, 2)
    play(listener, TESTS[0])
    play(listener, TESTS[0], State.ERROR, "its end broke")
    play(listener, TESTS[1], State.BLOCKED)
    listener({"event": "test-ended", **result("every answer::N-A-001", State.FAIL).to_plain()})
    assert listener.line() == "2 of 2 (100 %), 3 not as promised"


def test_each_failure_is_shown_at_once_and_only_once(clock: Clock) -> None:
    console = pipe()
    listener = Progress(console)
    play(listener, TESTS[0], State.FAIL, "answered [500]\nand more")
    listener({"event": "test-ended", **result(TESTS[0], State.FAIL, "answered [500]\nand more").to_plain()})
    play(listener, TESTS[1], State.BLOCKED, "an earlier step failed")
    play(listener, TESTS[2])
    assert shown(console) == f"fail {TESTS[0]}: answered [500]\n"


def test_without_a_terminal_there_is_a_line_every_few_seconds(clock: Clock) -> None:
    console = pipe()
    with Progress(console) as listener:
        collected(listener)
        for test in TESTS[:60]:
            clock.now += 0.5
            play(listener, test)
    assert shown(console).splitlines() == [
        "20 of 200 (10 %), 0 not as promised, ~1:34 left",
        "41 of 200 (20 %), 0 not as promised, ~1:21 left",
    ]


def test_quiet_says_nothing_and_verbose_all(clock: Clock) -> None:
    quiet, verbose = pipe(), pipe()
    for listener in (Progress(quiet, quiet=True), Progress(verbose, verbose=True)):
        listener({"event": "run-started", "target": "a cloud [of ours]"})
        play(listener, TESTS[0])
        play(listener, TESTS[1], State.FAIL, "no")
    assert shown(quiet) == ""
    assert shown(verbose) == f"Target: a cloud [of ours]\npass {TESTS[0]}\nfail {TESTS[1]}: no\n"


@pytest.mark.parametrize(("colour", "coloured"), [("auto", False), ("always", True), ("never", False)])
def test_colours_are_as_they_were_asked_for(colour: str, coloured: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FORCE_COLOR", raising=False)
    monkeypatch.delenv("NO_COLOR", raising=False)
    console = progress.console(colour)
    console.file = StringIO()
    play(Progress(console), TESTS[0], State.FAIL)
    assert ("\x1b[31m" in shown(console)) is coloured
