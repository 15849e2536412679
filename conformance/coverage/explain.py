"""One requirement, explained in a terminal: what it says, what observes it, and which releases are known to fail it."""

import textwrap
from collections.abc import Iterator

from conformance.coverage.pages import OBSERVABLE, Known
from conformance.requirements.registry import Requirement

LABEL = 12  # columns


def explain(entry: Requirement, known: Known, width: int) -> str:
    """The text, in lines of at most `width` columns, but for the names of tests."""
    lines = [f"{entry.id}  {entry.level}, profile {entry.profile}"]
    lines += textwrap.wrap(entry.sentence, width, initial_indent="  ", subsequent_indent="  ")
    for label, text in _facts(entry, known):
        lines += textwrap.wrap(
            f"{label + ':':{LABEL}} {text}",
            width,
            initial_indent="  ",
            subsequent_indent=" " * (LABEL + 3),
            break_long_words=False,
            break_on_hyphens=False,
        )
    return "\n".join(lines)


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
    for test in known.tests.get(entry.id, ()):
        yield "test", test
    for name, reason in known.waivers.get(entry.id, ()):
        yield "waived", f"{name}: {reason}"
    for page in known.findings.get(entry.id, ()):
        yield "page", f"docs/findings/{page.name}"
    if entry.id in known.tests:
        yield "try it", f"gman run --requirement {entry.id}"
