"""One requirement, explained in a terminal: what it says, what observes it by which steps, what breaks it, and which
releases are known to fail it.
"""

import textwrap
from collections.abc import Iterator

from conformance.coverage import steps
from conformance.coverage.pages import OBSERVABLE, Known
from conformance.coverage.requirement_tests import EVERY_ANSWER
from conformance.requirements.registry import Requirement

LABEL = 12  # columns
INDENT = " " * (LABEL + 3)


def explain(entry: Requirement, known: Known, width: int) -> str:
    """The text, in lines of at most `width` columns, but for names of files and commands."""
    lines = [f"{entry.id}  {entry.level}, profile {entry.profile}"]
    lines += textwrap.wrap(entry.sentence, width, initial_indent="  ", subsequent_indent="  ")
    for label, text in _facts(entry, known):
        lines += _wrapped(text, width, f"  {label + ':':{LABEL}} ", INDENT)
    return "\n".join([*lines, *_steps(entry, known, width), *_try(entry, known)])


def _wrapped(text: str, width: int, first: str, rest: str) -> list[str]:
    return textwrap.wrap(
        text, width, initial_indent=first, subsequent_indent=rest, break_long_words=False, break_on_hyphens=False
    )


def _facts(entry: Requirement, known: Known) -> Iterator[tuple[str, str]]:
    yield "source", entry.source
    if entry.since:
        yield "since", f"{entry.since}: not asked of older releases"
    if entry.extension:
        yield "extension", f"{entry.extension}: unsupported where that is not advertised"
    if entry.feature:
        yield "feature", f"{entry.feature}: unsupported where a cloud has none"
    yield "it takes", OBSERVABLE[entry.observable].replace("`", "")
    if entry.untested:
        yield "not tested", entry.untested
    for name, reason in known.waivers.get(entry.id, ()):
        yield "waived", f"{name}: {reason}"
    for page in known.findings.get(entry.id, ()):
        yield "page", f"docs/findings/{page.name}"
    for name, sentence in known.faults.get(entry.id, ()):
        yield "fault", f"{name}: {sentence}"


def _steps(entry: Requirement, known: Known, width: int) -> Iterator[str]:
    """The tests with their steps; a * marks those that observe the requirement."""
    tests = known.tests.get(entry.id, ())
    if any(test.startswith(EVERY_ANSWER) for test in tests):
        yield f"  {'test:':{LABEL}} {EVERY_ANSWER}, whichever test asked"
    for file, lines in steps.of_tests([test for test in tests if not test.startswith(EVERY_ANSWER)]):
        yield f"  {'test:':{LABEL}} {file}"
        for line in lines:
            yield from _wrapped(line, width, f"{INDENT}  ", f"{INDENT}    ")


def _try(entry: Requirement, known: Known) -> Iterator[str]:
    """Commands, each on a line of its own, to be copied."""
    commands = [f"gman run --requirement {entry.id}"] if entry.id in known.tests else []
    commands += [f"GMAN_FAULT={name} {commands[0]}" for name, _text in known.faults.get(entry.id, ())[:1] if commands]
    yield from (f"  {'try it:':{LABEL}} {command}" for command in commands)
