"""Gabbi files as data, and as they go from one process to another."""

from pathlib import Path

from conformance.gabbi.files import GabbiFolder
from conformance.tests.gabbi_runs import write

ONE = """\
- name: first
  GET: {url}/one
"""


def test_a_file_that_was_read_elsewhere_is_not_read_again(tmp_path: Path) -> None:
    path = write(tmp_path, "network/handed-over.yaml", ONE)
    there = GabbiFolder(tmp_path)
    plain, content = there.to_plain(), there.read(path)
    path.write_text("no longer a gabbi file")
    here = GabbiFolder(tmp_path, plain)
    assert here.read(path) == content
    assert here.read(path).covers == {"N-AAT-001": {"first"}}
