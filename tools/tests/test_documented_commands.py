"""Every command in README.md and docs/ works: run beside a reference, or parsed by the program where it cannot be."""

import datetime
import re
import shlex
import shutil
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from documented import FAILS, LEFT, PARSED, ROOT, SHELL, Block, Known, beginning, blocks, inner, parsed, texts
from sandbox import PATIENCE, Sandbox, furnish, sandbox

from conformance.gabbi.files import GabbiFolder
from conformance.requirements import registry
from conformance.verdict import waivers
from reference.faults import CATALOGUE

UNKNOWN = "--no-such-flag"
COMPLAINT = f"unrecognized arguments: {UNKNOWN}"
BY_TOX = "tox -e conform -- "  # the command that tox runs in its environment
FINDINGS = ROOT / "docs/findings"  # the scripts there are one each: test_findings.py runs them

BLOCKS = [block for file in texts() for block in blocks(file)]
SHOWN = [
    block for block in BLOCKS if block.commands() and not (block.file.parent == FINDINGS and "TOKEN" in block.text)
]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    with sandbox(tmp_path_factory.mktemp("documented")) as box:
        furnish(box)
        box.reset()
        yield box


@pytest.fixture(scope="module")
def known() -> Known:
    return Known()


@pytest.mark.long
@pytest.mark.parametrize("block", SHOWN, ids=lambda block: block.place)
def test_its_commands_work(block: Block, place: Sandbox, known: Known) -> None:
    if "curl" in block.text and not shutil.which("curl"):
        pytest.skip("needs curl")
    before: list[str] = []
    for command in block.commands():
        if command not in known.met and not beginning(command, LEFT):
            check(place, command, before, known)
        known.met.add(command)
        if command.startswith("export "):
            before.append(command)
        elif inner(command).startswith("./tools/openstack env"):
            before.append("export OS_CLOUD=openstack")  # as that says
    place.reset()


def check(place: Sandbox, command: str, before: list[str], known: Known) -> None:
    if parsed(inner(command)) or known.brings_nothing_new(command):
        check_parsed(place, inner(command))
    else:
        check_run(place, command, before)
        known.was_run(command)


def check_parsed(place: Sandbox, command: str) -> None:
    """The program accepts its arguments, except for an unknown one that is added."""
    own, dashes, beside = command.removesuffix(" &").partition(" -- ")  # later arguments are for another program
    completed = place.run(f"{own} {UNKNOWN}{dashes}{beside}")
    output = completed.stdout + completed.stderr
    assert re.search(rf"{COMPLAINT}( \(see .*\))?$", output, re.MULTILINE), f"{command}\n{output}"
    assert completed.returncode in (3, 4), output  # 4 is pytest's


def check_run(place: Sandbox, command: str, before: list[str]) -> None:
    plain = command.removeprefix(BY_TOX)
    script = plain if plain == command else f"gman run {plain}"
    completed = place.run("\n".join([*before, script]))
    expected = FAILS.get(beginning(command, FAILS), 0)
    assert completed.returncode == expected, f"{script}\n{completed.stdout[-3000:]}{completed.stderr[-3000:]}"


def test_what_tox_runs_is_gman() -> None:
    assert re.search(r"\[testenv:conform\][^[]*commands = gman run \{posargs\}", (ROOT / "tox.ini").read_text())


@pytest.mark.parametrize(
    "command",
    [
        "gman run --clowd devstack",
        "gman doctor",  # names no cloud
        "gman serve --fault no-such-fault",
        "curl -sf http://127.0.0.1:5050/nowhere",
        "false | true",
    ],
)
def test_a_command_that_does_not_work_is_seen(place: Sandbox, command: str) -> None:
    with pytest.raises(AssertionError):
        check_run(place, command, [])


@pytest.mark.parametrize(
    "command",
    [
        "./tools/openstack up --refrence network",
        "./tools/openstack up --reference image",
        "./tools/prove --sample few",
        "./tools/fuzz --requests",
        "gman serve --compute-hots c2",
    ],
)
def test_a_command_that_is_only_parsed_is_parsed(place: Sandbox, command: str) -> None:
    with pytest.raises(AssertionError):
        check_parsed(place, command)


def test_each_exception_is_still_needed() -> None:
    commands = [inner(command) for block in BLOCKS for command in block.commands()]
    for table in (PARSED, LEFT, FAILS):
        unused = set(table) - {beginning(command, table) for command in commands}
        assert not unused


def test_no_text_shows_whose_machine_it_was_written_on() -> None:
    for file in texts():
        assert not re.search(rf"{re.escape(str(ROOT))}/|/root/|/home/", file.read_text())


def test_every_fence_says_what_it_holds() -> None:
    assert {block.language for block in BLOCKS} <= {SHELL, "text", "yaml", "python", "mermaid"}


def test_extras_are_those_there_are() -> None:
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    for file in texts():
        named = re.findall(r"get-me-a-network\[([\w,-]+)\]|extras? `([\w-]+)`", file.read_text())
        assert {extra for pair in named for text in pair for extra in text.split(",") if extra} <= extras.keys()


def test_requirements_and_faults_are_those_there_are() -> None:
    families = {id_.rpartition("-")[0] for id_ in registry.load()}
    for file in texts():
        text = file.read_text()
        ids = {
            id_ for id_ in re.findall(r"\b[A-Z]+(?:-[A-Z]+)*-\d+[a-z]?\b", text) if id_.rpartition("-")[0] in families
        }
        assert ids <= registry.load().keys(), file
        faults = re.findall(r"(?:--fault |GMAN_FAULT=|prove .*--only )([a-z][a-z0-9,-]+)", text)
        assert {fault for item in faults for fault in item.split(",")} <= CATALOGUE.keys(), file


def test_files_that_commands_name_are_there() -> None:
    for block in SHOWN:
        for command in block.commands():
            for word in shlex.split(command):
                assert not re.fullmatch(r"[\w./-]+\.(py|ini)", word) or (ROOT / word).exists(), f"{block.place}: {word}"


def test_links_lead_somewhere() -> None:
    for file in texts():
        for target in re.findall(r"\]\(([^)#]+)(?:#[\w-]*)?\)", file.read_text()):
            assert target.startswith("https://") or (file.parent / target).exists(), f"{file}: {target}"


def test_python_is_as_in_the_sources() -> None:
    """The text's Python is in the sources, apart from indentation."""
    folders = ("faults", "differences")
    files = [path for name in folders for path in (ROOT / "reference" / name).rglob("*.py")]
    files += [*(ROOT / "docs/examples").rglob("*.py")]
    sources = " ".join(word for path in files for word in path.read_text().split())
    shown = [block for block in BLOCKS if block.language == "python"]
    assert shown
    for block in shown:
        assert " ".join(block.text.split()) in sources, f"{block.place} is not in the sources any more"


def test_yaml_is_what_the_suite_takes(tmp_path: Path) -> None:
    kinds = set()
    for number, block in enumerate(block for block in BLOCKS if block.language == "yaml"):
        folder = tmp_path / str(number)
        folder.mkdir()
        (folder / "shown.yaml").write_text(block.text)
        content = yaml.safe_load(block.text)
        if "tests" in content:
            kinds.add("story")
            assert set(GabbiFolder(folder).read(folder / "shown.yaml").covers) <= registry.load().keys()
        elif isinstance(content, list) and "sentence" in content[0]:
            kinds.add("requirement")
            [entry] = registry.load(folder).values()
            assert registry.load()[entry.id] == entry
        elif isinstance(content, list) and "expires" in content[0]:
            kinds.add("waiver")
            [waiver] = waivers.load(str(folder / "shown.yaml"), datetime.date.today())
            assert waiver.requirement in registry.load()
    assert kinds == {"story", "requirement", "waiver"}


def test_scripts_are_valid_shell() -> None:
    completed = subprocess.run(["bash", "-n", ROOT / ".ci/run"], timeout=PATIENCE, check=False)
    assert completed.returncode == 0
