"""Which test observes which requirement, read from the tests' sources without running any of them."""

import ast
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path

from conformance import PACKAGE
from conformance.answers import witness
from conformance.gabbi import every_response
from conformance.gabbi import files as gabbi_files
from conformance.requirements.registry import Requirement

STRESS = PACKAGE / "stress"
CONNECTIVITY = PACKAGE / "connectivity"
EVERY_ANSWER = "every answer"  # in place of a test's name, for requirements that are checked in every answer
EVERYWHERE = frozenset({*every_response.REQUIREMENTS, *witness.REQUIREMENTS})  # those requirements


def covered(registry: Mapping[str, Requirement]) -> dict[str, list[str]]:
    """Requirement id -> names of the tests that observe it. Raises GabbiFileError."""
    covered_by: dict[str, list[str]] = {id_: [EVERY_ANSWER] for id_ in every_response.REQUIREMENTS if id_ in registry}
    covered_by |= {id_: [f"{EVERY_ANSWER}::{id_}"] for id_ in witness.REQUIREMENTS}
    for test, ids in listed():
        for id_ in ids:
            covered_by.setdefault(id_, []).append(test)
    return covered_by


@cache
def listed() -> Sequence[tuple[str, Sequence[str]]]:
    """The names of all tests, without parameters, with the requirements they observe. Cached, as reading the sources is
    slow.
    """
    return (*_of_gabbits(), *_of_python(STRESS), *_of_python(CONNECTIVITY))


def tests() -> list[str]:
    """The names of all tests, without the requirements."""
    return [test for test, _ids in listed()]


def _of_gabbits() -> Iterator[tuple[str, list[str]]]:
    for gabbi_file in gabbi_files.installed():
        for test in gabbi_file.content["tests"]:
            yield f"{gabbi_file.id}::{test['name']}", gabbi_file.covered_by(test["name"])


def _of_python(folder: Path) -> Iterator[tuple[str, list[str]]]:
    for path in sorted(folder.rglob("test_*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                relative = path.relative_to(PACKAGE.parent).as_posix()
                yield f"{relative}::{node.name}", list(_marked(node))


def _marked(function: ast.FunctionDef) -> Iterator[str]:
    """The arguments of `@pytest.mark.requirement(...)`."""
    for decorator in function.decorator_list:
        match decorator:
            case ast.Call(func=ast.Attribute(attr="requirement"), args=arguments):
                yield from (str(argument.value) for argument in arguments if isinstance(argument, ast.Constant))
