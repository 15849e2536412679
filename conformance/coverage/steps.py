"""What a test does, read from its source: the steps of a gabbi file up to those that observe, a race's subject."""

import ast
from collections.abc import Collection, Iterator, Sequence
from functools import cache

from conformance import PACKAGE
from conformance.gabbi import files as gabbi_files
from conformance.gabbi.files import GabbiFile

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


def of_tests(tests: Sequence[str]) -> Iterator[tuple[str, list[str]]]:
    """(file, lines) for each file of these tests. For a gabbi file a line for each step up to the last of the tests,
    which are marked with *; for a Python file one that says what it is about.
    """
    names: dict[str, list[str]] = {}
    for test in tests:
        file, _, name = test.partition("::")
        if name:
            names.setdefault(file, []).append(name)
    for file, own in names.items():
        gabbi_file = _gabbi_files().get(file)
        yield file, _steps(gabbi_file, own) if gabbi_file else _subject(file, own)


@cache
def _gabbi_files() -> dict[str, GabbiFile]:
    return {gabbi_file.id: gabbi_file for gabbi_file in gabbi_files.installed()}


def _steps(gabbi_file: GabbiFile, observing: Collection[str]) -> list[str]:
    tests = gabbi_file.content["tests"]
    last = max(number for number, test in enumerate(tests) if test["name"] in observing)
    return [f"{'*' if test['name'] in observing else ' '} {test['name']}{_call(test)}" for test in tests[: last + 1]]


def _call(test: dict[str, object]) -> str:
    """The method and the URL of a step, in brackets, without its query; empty where it has them by default."""
    method = next((name for name in METHODS if name in test), "")
    url = str(test.get(method, "")).partition("?")[0]
    return f" ({method} {url})" if method else ""


def _subject(file: str, observing: Collection[str]) -> list[str]:
    module = ast.parse((PACKAGE.parent / file).read_text(encoding="utf-8"))
    about = " ".join((ast.get_docstring(module) or "").split())
    return [about, *(f"* {name}" for name in observing)]
