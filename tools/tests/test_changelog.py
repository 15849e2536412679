"""The changelog's fragments: named so that they are found, and a release takes them all in."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "docs/changelog.d"
NAME = re.compile(r"\+[a-z][a-z0-9-]*\.(added|changed|fixed|removed)\.md")
FRAGMENTS = [path for path in sorted(FOLDER.iterdir()) if path.name != "README.md"]


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """What a release reads and writes."""
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    shutil.copytree(FOLDER, tmp_path / "docs/changelog.d")
    shutil.copy(ROOT / "docs/changelog.md", tmp_path / "docs")
    return tmp_path


def release(folder: Path) -> str:
    """Run the release tool on the fragments."""
    init = ["git", "init", "--quiet"]  # towncrier removes fragments by git
    subprocess.run(init, cwd=folder, check=True, capture_output=True, timeout=60)
    build = [sys.executable, "-m", "towncrier", "build", "--yes", "--version", "9.9.9", "--date", "2099-12-31"]
    completed = subprocess.run(build, cwd=folder, capture_output=True, text=True, timeout=60, check=False)
    assert completed.returncode == 0, completed.stdout + completed.stderr
    return (folder / "docs/changelog.md").read_text()


def test_each_has_a_name_that_is_found() -> None:
    assert [path.name for path in FRAGMENTS if not NAME.fullmatch(path.name)] == []


def test_a_release_takes_them_all(copy: Path) -> None:
    (copy / "docs/changelog.d/+a-test.fixed.md").write_text("A mended thing.\n")
    text = release(copy)
    assert "# Changelog\n\n<!-- releases -->\n" in text
    assert "## 9.9.9 (2099-12-31)" in text
    assert "Fixed\n" in text
    plain = " ".join(text.split())
    assert "- A mended thing." in plain
    for path in FRAGMENTS:
        assert " ".join(path.read_text().split()) in plain
    assert not list((copy / "docs/changelog.d").glob("+*"))


def test_a_name_that_is_not_found_is_refused(copy: Path) -> None:
    (copy / "docs/changelog.d/mended-something.md").write_text("A mended thing.\n")
    with pytest.raises(AssertionError, match="mended-something"):
        release(copy)
