"""`gman list --pages`: every requirement on one page, with all that is known about it."""

import re
from pathlib import Path

import pytest

from conformance.coverage import pages, requirement_tests
from conformance.requirements import registry
from conformance.tests.conftest import Gman
from conformance.tests.test_report import requirement
from conformance.verdict import waivers


@pytest.fixture
def built(tmp_path: Path, gman: Gman) -> dict[str, str]:
    code, output = gman("list", "--pages", str(tmp_path / "pages"))
    assert (code, output.strip()) == (0, str(tmp_path / "pages" / "README.md"))
    return {path.name: path.read_text() for path in (tmp_path / "pages").iterdir()}


def test_every_requirement_is_there_once_with_all_that_is_known(built: dict[str, str]) -> None:
    entries = [entry for text in built.values() for entry in re.split(r"^## ", text, flags=re.MULTILINE)[1:]]
    entry_by_title = {entry.partition("\n")[0]: entry for entry in entries}
    requirements = registry.load()
    assert len(entries) == len(entry_by_title)
    assert entry_by_title.keys() == requirements.keys()
    covered = requirement_tests.covered(requirements)
    for id_, item in requirements.items():
        text = entry_by_title[id_].replace("\\", "")
        assert f"**{item.level}**, profile {item.profile}. {item.sentence}" in text
        assert f"- Source: {item.source}" in text
        assert [line for line in text.splitlines() if line.startswith("- Test: ")] == [
            f"- Test: `{test}`" for test in covered.get(id_, ())
        ]
        assert ("- Not tested: " in text) is bool(item.untested)


def test_the_index_leads_to_every_page(built: dict[str, str]) -> None:
    assert set(re.findall(r"\]\(([^)]+)\)", built[pages.INDEX])) == built.keys() - {pages.INDEX}


def test_findings_are_linked(built: dict[str, str], tmp_path: Path) -> None:
    text = "".join(built.values())
    lists = [path.stem for path in waivers.BUNDLED.glob("*.yaml")]
    assert lists
    assert all(f"- Waived in `{name}`: " in text for name in lists)
    linked = {(tmp_path / "pages" / target).resolve() for target in re.findall(r"- Found broken: .*\]\((.*)\)", text)}
    assert linked
    names_one = re.compile(r"\*\*Requirement\*\*:\s[A-Z]")
    about = {page for page in pages.FINDINGS.glob("*.md") if names_one.search(page.read_text())}
    assert linked == about


def test_text_is_escaped_and_empty_facts_have_no_line(tmp_path: Path) -> None:
    entry = requirement("N-AAT-001", sentence="a_b *c* <d> [e]|", extension="x", since="8.0.0")
    known = pages.Known({"N-AAT-001": ["t"]})
    page = pages.pages([entry], known, tmp_path)["n-aat.md"]
    assert r"a\_b \*c\* \<d\> \[e\]\|" in page
    assert "- Only where the extension `x` is advertised\n- Test: `t`\n" in page
    assert "Waived" not in page


def test_a_folder_that_cannot_be_written_is_reported(tmp_path: Path, gman: Gman) -> None:
    (tmp_path / "file").touch()
    code, output = gman("list", "--pages", str(tmp_path / "file" / "pages"))
    assert (code, output.count("\n")) == (3, 1)
    assert "--pages" in output
