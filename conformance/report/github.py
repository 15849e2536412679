"""The failures of a report as annotations of GitHub Actions: one for each cause, the weightiest first.

The syntax is that of GitHub's workflow commands, `::error file=F,title=T::MESSAGE`, each on a line of its own. Of each
kind, GitHub shows the first ten of a step.
"""

from collections.abc import Iterator

from conformance.report.failures import MAY, UNPROVEN, Cause, parts
from conformance.report.model import Report

ERROR, WARNING, NOTICE = "error", "warning", "notice"
KINDS = {UNPROVEN: WARNING, MAY: NOTICE}  # by part of the failures; of any other, errors
MOST = 5  # ids of a title, and tests of a message
DATA = {"%": "%25", "\r": "%0D", "\n": "%0A"}  # escapes in a message, that of % first
PROPERTY = {**DATA, ":": "%3A", ",": "%2C"}  # and in a property


def github(report: Report) -> str:
    """A line for each annotation; empty where there is nothing to tell."""
    return "".join(f"{line}\n" for line in _annotations(report))


def _annotations(report: Report) -> Iterator[str]:
    for text in report.problems:
        yield annotation(ERROR, "get me a network: the suite broke", text)
    for text in (*report.stale, *(f"left behind: {leak}" for leak in report.leaks)):
        yield annotation(ERROR, "get me a network: of the run as a whole", text)
    for part in parts(report):
        for cause in part.causes:
            yield _of_cause(KINDS.get(part.name, ERROR), cause)


def _of_cause(kind: str, cause: Cause) -> str:
    """The title has the first test's requirements; the message says what they demand, what was seen, and where."""
    first = cause.failures[0]
    ids = list(dict.fromkeys(line.id for failure in cause.failures for line in failure.requirements))
    tests = [failure.test.id for failure in cause.failures]
    text = "\n".join(
        [
            *(f"{line.id} {line.level}: {line.sentence}" for line in first.requirements[:1]),
            f"{cause.call}: {cause.title}" if cause.call else cause.title,
            *tests[:MOST],
            *([f"and {len(tests) - MOST} more"] if len(tests) > MOST else []),
        ]
    )
    file = first.test.id.partition("::")[0]
    title = f"{first.test.state} {', '.join(ids[:MOST])}{' ...' if len(ids) > MOST else ''}".strip()
    return annotation(kind, title, text, file if file.endswith((".yaml", ".py")) else "")


def annotation(kind: str, title: str, text: str, file: str = "") -> str:
    """One workflow command. `file` is a path in the repository; empty if there is none."""
    properties = {"file": file, "title": title}
    parameters = ",".join(f"{name}={escaped(value, PROPERTY)}" for name, value in properties.items() if value)
    return f"::{kind} {parameters}::{escaped(text, DATA)}"


def escaped(text: str, table: dict[str, str]) -> str:
    return "".join(table.get(character, character) for character in text)
