"""`--exclude FILE`: requirements and tests that a run leaves out, a line each, perhaps with a comment that says why.

N-AAT-040                                         # its race takes our pool down
gabbits/compute/servers-*.yaml
conformance/stress/test_walks.py::test_a_walk     # too long for a change
"""

import re
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

from conformance.coverage import requirement_tests
from conformance.coverage.requirement_tests import EVERY_ANSWER
from conformance.requirements import registry
from conformance.settings import UsageProblem
from conformance.untrusted import MOST_YAML, UntrustedError, read_text
from conformance.verdict.waivers import fits

COMMENT = re.compile(r"(?:^|\s+)#\s*(.*)$")
MOST_LINES, LONGEST_LINE = 5_000, 1_000  # of the file: more than there are tests, and longer than their names
LEFT_OUT = "left out by --exclude"  # the beginning of the reason of an excluded test
STORY = ".yaml"  # how the name of a gabbi file ends, which runs as a whole


def read(file: str) -> dict[str, str]:
    """The name in `gman list tests` of each test that the file leaves out -> the reason; empty without a file.

    Raises UsageProblem where it cannot be read, or a line names no requirement and no test.
    """
    if not file:
        return {}
    try:
        lines = read_text(Path(file), MOST_YAML).splitlines()
    except (OSError, UntrustedError) as error:
        text = getattr(error, "strerror", None) or error
        raise UsageProblem(f"--exclude {file}: {text}: name a file with a requirement or a test on each line") from None
    covered = requirement_tests.covered(registry.load())
    ids = {id_.upper(): id_ for id_ in covered}
    names = requirement_tests.tests()
    reasons: dict[str, str] = {}
    if len(lines) > MOST_LINES or len(max(lines, key=len, default="")) > LONGEST_LINE:
        bounds = f"more than {MOST_LINES:,} lines, or one of more than {LONGEST_LINE} characters"
        raise UsageProblem(f"--exclude {file}: {bounds}: leave out whole files, by their names with *")
    for number, line in enumerate(lines, 1):
        comment = COMMENT.search(line)
        entry = COMMENT.sub("", line).strip()
        if not entry:
            continue
        tests = covered[ids[entry.upper()]] if entry.upper() in ids else [*_matching(entry, names)]
        if any(test.startswith(EVERY_ANSWER) for test in tests):
            raise UsageProblem(f"--exclude {file}, line {number}: {entry} is looked at in every answer: waive it")
        if not tests:
            raise UsageProblem(
                f"--exclude {file}, line {number}: {entry!r} is no requirement with tests, and matches no test: "
                "see gman list, and gman run --list"
            )
        why = f"{LEFT_OUT}: {comment[1]}" if comment and comment[1] else LEFT_OUT
        reasons |= {test: why for test in _whole_files(tests, names) if test not in reasons}
    return reasons


def _matching(pattern: str, names: Collection[str]) -> Iterator[str]:
    """The tests that a pattern names, or whose file it does; `*` stands for any text."""
    return (name for name in names if any(fits(pattern, text) for text in (name, name.partition("::")[0])))


def _whole_files(tests: Collection[str], names: Collection[str]) -> list[str]:
    """The tests, and all steps of a gabbi file that one of them is in, as steps build on each other."""
    files = {test.partition("::")[0] for test in tests if test.partition("::")[0].endswith(STORY)}
    return [name for name in names if name in tests or name.partition("::")[0] in files]


def reason(test: str, excluded: Mapping[str, str]) -> str:
    """Why a test is left out, by its name with or without parameters; empty where it is not."""
    return excluded.get(test, "") or excluded.get(test.partition("[")[0], "")
