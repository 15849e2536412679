"""The help of each command: what it does, examples, and that these are what the command takes."""

import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from conformance import cli

GMAN = Path(sys.executable).with_name("gman")


def examples(text: str) -> list[list[str]]:
    """The words of each example in a help text."""
    below = text.partition("\nexamples:\n")[2].partition("\n\n")[0]
    return [shlex.split(line, comments=True) for line in below.splitlines()]


@pytest.mark.parametrize("name", cli.COMMANDS)
def test_each_command_has_examples_that_it_takes(name: str) -> None:
    parser = cli.command_parser(name)
    commands = examples(parser.format_help())
    assert commands
    for program, command, *arguments in commands:
        assert (program, command) == ("gman", name)
        parser.parse_args(arguments)  # ends the test where it does not take them


def test_the_whole_command_has_examples_that_it_takes() -> None:
    parser = cli.parser(whole=True)
    commands = examples(parser.format_help())
    assert commands
    for _gman, *arguments in commands:
        parser.parse_args(arguments)


def test_an_example_that_a_command_does_not_take_is_seen() -> None:
    [[_gman, _run, *arguments]] = examples("help\nexamples:\n  gman run --clowd devstack  # a slip\n\nmore")
    with pytest.raises(SystemExit):
        cli.command_parser("run").parse_args(arguments)


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("gman do", {"doctor"}),
        ("gman list --pr", {"--profile"}),
        ("gman report --format ju", {"junit"}),
        ("gman serve --list", {"--list", "--list-faults", "--list-differences"}),
        ("gman se", {"serve"}),
        ("gman demo --cloud", set()),
    ],
)
def test_a_shell_gets_the_completions_of_its_line(tmp_path: Path, line: str, offered: set[str]) -> None:
    pytest.importorskip("argcomplete")
    answer = tmp_path / "answer"
    requested = {
        "_ARGCOMPLETE": "1",
        "_ARGCOMPLETE_IFS": "\n",
        "_ARGCOMPLETE_STDOUT_FILENAME": str(answer),
        "COMP_LINE": line,
        "COMP_POINT": str(len(line)),
        "COMP_TYPE": "9",
    }
    subprocess.run([str(GMAN)], env={**os.environ, **requested}, capture_output=True, timeout=60, check=False)
    assert {word.strip() for word in answer.read_text().split("\n") if word.strip()} == offered
