"""Errors of real services: each page's script shows the error on a reference with the fault, and only there."""

import datetime
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from documented import ROOT, blocks
from sandbox import Sandbox, sandbox

from conformance.verdict import waivers
from reference.faults import EMULATIONS

FOLDER = ROOT / "docs/findings"
PAGES = sorted(set(FOLDER.glob("*.md")) - {FOLDER / "README.md"})
SCRIPTS = {page.stem: block.text for page in PAGES for block in blocks(page) if "TOKEN" in block.text}
[VARIABLES] = [block.text for block in blocks(FOLDER / "README.md") if "TOKEN" in block.text]
TOLD = re.compile(r"\n# (.+), and should be (.+)$")

pytestmark = [pytest.mark.long, pytest.mark.skipif(not shutil.which("jq"), reason="takes jq")]


@dataclass(frozen=True)
class Place:
    """A cloud, and the lines of a shell that set the variables which the scripts take."""

    box: Sandbox
    variables: str

    def last(self, script: str) -> str:
        """The last line that the script prints in an empty cloud; curl's output does not end its line."""
        completed = self.box.run(f"{self.variables}\n{script}")
        self.box.reset()
        assert completed.returncode == 0, completed.stdout + completed.stderr
        return completed.stdout.strip().rpartition("\n")[2].rpartition("}")[2]


@contextmanager
def place(folder: Path, *flags: str) -> Iterator[Place]:
    with sandbox(folder, *flags) as box:
        urls = f"NET={box.server.url}/network/v2.0 COMPUTE={box.server.url}/compute/v2.1"
        completed = box.run(f"{VARIABLES}\n{urls}\ndeclare -p TOKEN OTHER OTHER_ID NET COMPUTE JSON")
        assert completed.returncode == 0, completed.stderr
        yield Place(box, completed.stdout)


@pytest.fixture(scope="module")
def right(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    with place(tmp_path_factory.mktemp("right")) as served:
        yield served


@pytest.fixture(scope="module")
def faulty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    with place(tmp_path_factory.mktemp("wrong"), "--emulate", ",".join(EMULATIONS)) as served:
        yield served


@pytest.mark.parametrize("name", SCRIPTS)
def test_the_reproduction_shows_the_fault_and_only_that(name: str, right: Place, faulty: Place) -> None:
    match = TOLD.search(SCRIPTS[name])
    assert match
    assert right.last(SCRIPTS[name]) == match[2]
    if "gman serve --fault" in (FOLDER / f"{name}.md").read_text():
        assert faulty.last(SCRIPTS[name]) == match[1]


def test_every_known_fault_has_a_page_and_a_row() -> None:
    index = (FOLDER / "README.md").read_text()
    text = "".join(page.read_text() for page in PAGES)
    for fault in (fault for faults in EMULATIONS.values() for fault in faults):
        assert f"`{fault}`" in index
        assert f"gman serve --fault {fault}`" in text
    assert all(f"({page.name})" in index for page in PAGES)


def test_every_waiver_has_a_page() -> None:
    pages = [" ".join(page.read_text().split()) for page in PAGES]
    for path in waivers.BUNDLED.glob("*.yaml"):
        for item in waivers.load(path.stem, datetime.date.min):
            about = f"**Requirement**: {item.requirement} ("
            lists = re.compile(rf"\*\*Waived in\*\*: .{{0,60}}?`{re.escape(path.stem)}`")
            assert any(about in page and lists.search(page) for page in pages), item
