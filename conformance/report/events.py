"""What happens in a run, as events for several listeners: the file of events, subunit, the line in the terminal.

An event is a mapping with `event` (one of Event), `time` (ISO 8601, UTC) and what goes with it:

- run-started: suite, run_id, cloud, target (the cloud, its Identity, its region, in words), claimed
- tests-collected: total, how many tests the run has; sent again where a later part has more or fewer than expected
- test-started: id
- test-ended: id, seconds, message and all of the test's record; sent again for a test that breaks after its end; the
  last one counts
- requirement-concluded: id, state, reason
- leak: text
- verdict: verdict, exit_code, seconds
"""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import IO, Any, ClassVar, Protocol, Self

from conformance.report.model import Report
from conformance.settings import UsageProblem
from conformance.verdict.records import TestRecord
from conformance.verdict.states import State

Listener = Callable[[Mapping[str, Any]], None]


class Event(StrEnum):
    """The kinds of events, in the order in which they happen."""

    RUN_STARTED = "run-started"
    TESTS_COLLECTED = "tests-collected"
    TEST_STARTED = "test-started"
    TEST_ENDED = "test-ended"
    REQUIREMENT_CONCLUDED = "requirement-concluded"
    LEAK = "leak"
    VERDICT = "verdict"


class Log:
    """The events as lines of JSON in a file, each written at once, so that the file of a killed run can be read.

    Where the disk is full, the run goes on, so that it cleans up, and closing raises the OSError.
    """

    def __init__(self, path: Path) -> None:
        """The file is made with the first event."""
        self._path = path
        self._error: OSError | None = None

    def __call__(self, event: Mapping[str, Any]) -> None:
        try:
            with self._path.open("a", encoding="utf-8") as file:
                file.write(json.dumps(event, separators=(",", ":")) + "\n")
        except OSError as error:
            error.filename = str(self._path)
            self._error = self._error or error

    def close(self) -> None:
        if self._error:
            raise self._error


class _Stream(Protocol):
    """What is used of subunit.v2.StreamResultToBytes."""

    def status(self, **values: Any) -> None: ...


class Subunit:
    """The tests as a subunit v2 stream. Raises UsageProblem without python-subunit, or where the file cannot be."""

    STATUS: ClassVar = {State.PASS: "success", State.FAIL: "fail", State.ERROR: "fail", State.INCONCLUSIVE: "fail"}

    def __init__(self, path: Path) -> None:
        try:
            from subunit.v2 import StreamResultToBytes  # an extra, which most runs do without
        except ImportError:
            raise UsageProblem("--subunit takes python-subunit: install get-me-a-network[subunit]") from None
        try:
            self._file: IO[bytes] = path.open("wb")
        except OSError as error:
            raise UsageProblem(f"--subunit {path}: {error.strerror}: name another file") from None
        self._stream: _Stream = StreamResultToBytes(self._file)

    def __call__(self, event: Mapping[str, Any]) -> None:
        if event["event"] != Event.TEST_ENDED:
            return
        ended = datetime.fromisoformat(event["time"])
        started = ended - timedelta(seconds=event["seconds"])
        tags = {f"state:{event['state']}", *(id_ for id_ in event["observed"] if id_)}
        text = event["message"] or event["reason"]
        attachment: dict[str, Any] = {"file_name": "reason", "file_bytes": text.encode(), "mime_type": "text/plain"}
        # A test without a start has no duration for readers, and crashes some of them (subunit-ls --times).
        self._stream.status(test_id=event["id"], test_status="inprogress", timestamp=started)
        self._stream.status(
            test_id=event["id"],
            test_status=self.STATUS.get(State(event["state"]), "skip"),
            test_tags=tags,
            timestamp=ended,
            **(attachment if text else {}),
        )
        self._file.flush()

    def close(self) -> None:
        self._file.close()


class Events:
    """Tells each event to every listener; a context manager that closes those that can be closed."""

    def __init__(self, *listeners: Listener) -> None:
        self._listeners = listeners

    def tell(self, kind: Event, **values: Any) -> None:
        event = {"event": str(kind), "time": datetime.now(UTC).isoformat(timespec="milliseconds"), **values}
        for listener in self._listeners:
            listener(event)

    def tests_collected(self, total: int) -> None:
        self.tell(Event.TESTS_COLLECTED, total=total)

    def test_started(self, test: str) -> None:
        self.tell(Event.TEST_STARTED, id=test)

    def test_ended(self, record: TestRecord) -> None:
        self.tell(Event.TEST_ENDED, **record.to_plain())

    def concluded(self, report: Report) -> None:
        """Tell the listeners the verdict."""
        for line in report.requirements:
            self.tell(Event.REQUIREMENT_CONCLUDED, id=line.id, state=str(line.state), reason=line.reason)
        for leak in report.leaks:
            self.tell(Event.LEAK, text=leak)
        self.tell(Event.VERDICT, verdict=str(report.verdict), exit_code=report.exit_code, seconds=report.seconds)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        for listener in self._listeners:
            close = getattr(listener, "close", None)
            if close:
                close()
