"""The commands in the project's texts: where they are, and whether a test runs or parses each.

An indented block of a text is a shell's, and so is one fenced as `sh`; any other fence says what it holds. In YAML,
commands are what CI systems run.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
SHELL = "sh"
RUN_BY_CI = {"run", "script", "shell", "command", "ansible.builtin.shell", "ansible.builtin.command"}

ON_OPENSTACK = "./tools/conform --cloud openstack --alt-cloud openstack-alt --admin-cloud openstack-admin"
# Beginning of a command that cannot be run beside the reference -> why. Its program only parses it.
PARSED = {
    "./tools/against": "sets up the real services; CI runs it",
    "./tools/bench since": "sets up two revisions and runs the whole suite of both; test_bench.py has its parts",
    "./tools/bench real": "the same on a cloud that is up; test_bench_real.py has its parts",
    "./tools/check": "runs this very test",
    "./tools/fuzz": "takes minutes; test_fuzz.py runs it",
    "./tools/openstack": "brings up a real cloud; CI runs it",
    "./tools/prove": "takes minutes, without --only",
    f"{ON_OPENSTACK} --claim connectivity": "takes servers that run; test_connectivity.py has them",
    "GMAN_DB=": "needs a database server; reference/tests/test_databases.py has them",
    "GMAN_SERVICE_PASSWORD=": "needs a Keystone; reference/tests/test_keystone.py has one",
    "gman outside": "serves until it is stopped; conformance/tests/test_outside.py runs it",
    "gman run --cloud devstack --claim connectivity": "takes servers that run; test_connectivity.py has them",
    "gman run --again": "needs a report that was red; conformance/tests/test_again.py has one",
    "gman run --guests": "takes servers that run; test_connectivity.py has them",
    "gman run --cloud devstack -k race --race-from ssh=": "takes other hosts; test_race_hosts.py makes them",
    "gman serve --compute-only": "serves nobody; reference/tests/test_compute_only.py runs it",
    "python -m pytest -c": "the whole suite; test_runners.py runs a file of it",
}
# Beginning of a command that none of our programs parses -> why it is not run
LEFT = {
    ".ci/run": "everything there is; CI runs it",
    "towncrier build --yes": "makes a release; test_changelog.py makes one in a copy",
    "apt-get install": "changes what is installed; CI does it",
    "openstack console log show": "takes servers that run; reference/tests/test_guests_connectivity.py has them",
    "pip install": "changes what is installed; see test_extras_are_those_there_are",
    "stestr run": "the whole suite; test_runners.py runs a file of it",
    "python -m testtools.run": "the whole suite; test_runners.py runs a file of it",
}
# entries of the table above that are also run, in these forms
SMALL = re.compile(r"\./tools/prove --only \S+$")
COMMENTED = re.compile(r"""^((?:'[^']*'|"(?:\\.|[^"\\])*"|[^'"])*?)(?:^|\s+)#.*$""")  # a # that is in no quotes
OURS = re.compile(r"(?:\.venv/bin/)?(gman \w+|\./tools/\w+)")  # a program of ours, with its command
FAILS = {"GMAN_FAULT=": 1}  # commands with another exit code than 0


@dataclass(frozen=True)
class Block:
    """What is indented or fenced in a text: its language, and the number of its first line."""

    file: Path
    line: int
    language: str
    text: str

    @property
    def place(self) -> str:
        return f"{self.file.relative_to(ROOT)}:{self.line}"

    def commands(self) -> list[str]:
        """Its commands, each in one line and without a comment behind it."""
        if self.language == "yaml":
            return [line for text in _of_ci(yaml.safe_load(self.text)) for line in _lines(text)]
        return _lines(self.text) if self.language == SHELL else []


def texts() -> list[Path]:
    return [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


def blocks(file: Path) -> Iterator[Block]:
    """Everything that is indented by four, or fenced, in the order of the text."""
    lines: list[str] = []
    fence, first, before = "", 0, ""
    for number, line in enumerate([*file.read_text(encoding="utf-8").splitlines(), "", "."], 1):
        if fence:
            if line.strip() == "```":
                yield Block(file, first, fence, "\n".join(lines))
                lines, fence = [], ""
            else:
                lines.append(line)
        elif line.strip().startswith("```"):
            fence, first = line.strip()[3:] or "text", number + 1
        elif line.startswith("    ") and (lines or not before):
            first = first if lines else number
            lines.append(line[4:])
        elif lines:
            yield Block(file, first, SHELL, "\n".join(lines))
            lines = []
        before = line.strip()


class Known:
    """The commands so far, and the flags with which each of our programs was run. A command without a new program or
    flag is only parsed, as running it would show nothing new.
    """

    def __init__(self) -> None:
        self.met: set[str] = set()
        self._run: dict[str, set[str]] = {}

    def brings_nothing_new(self, command: str) -> bool:
        program = _program(command)
        return program in self._run and _flags(command) <= self._run[program]

    def was_run(self, command: str) -> None:
        if program := _program(command):
            self._run.setdefault(program, set()).update(_flags(command))


def _program(command: str) -> str:
    """The program of ours in a command, with its subcommand; empty for other programs."""
    match = OURS.match(command)
    return match[1].replace("./tools/conform", "gman run") if match else ""


def _flags(command: str) -> set[str]:
    return set(re.findall(r"(?<!\S)--?[a-zA-Z][\w-]*", command))


def beginning(command: str, table: dict[str, Any]) -> str:
    """The entry of a table that the command begins with, in any virtual environment; empty if there is none."""
    plain = command.removeprefix(".venv/bin/")
    return next((item for item in table if plain.startswith(item)), "")


def parsed(command: str) -> bool:
    """Whether the command is only parsed."""
    return bool(beginning(command, PARSED)) and not SMALL.match(command)


def inner(command: str) -> str:
    """The program in `eval "$(program)"`; any other command is its own."""
    match = re.fullmatch(r'eval "\$\((.+)\)"', command)
    return match[1] if match else command


def _of_ci(content: Any) -> Iterator[str]:
    if isinstance(content, list):
        for item in content:
            yield from _of_ci(item)
    if isinstance(content, dict):
        for key, value in content.items():
            if key in RUN_BY_CI:
                yield from (item for item in (value if isinstance(value, list) else [value]) if _is_command(item))
            else:
                yield from _of_ci(value)


def _is_command(value: Any) -> bool:
    """Zuul's `run` names playbooks, which are no commands."""
    return isinstance(value, str) and not re.fullmatch(r"\S+\.yaml", value)


def _lines(text: str) -> list[str]:
    joined = re.sub(r"\\\n\s*", "", text)
    plain = (COMMENTED.sub(r"\1", line.strip()) for line in joined.splitlines())
    return [line for line in plain if line]
