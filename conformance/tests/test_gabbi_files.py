"""Gabbi files as data, and as they go from one process to another."""

from pathlib import Path

import pytest

from conformance.gabbi import files as gabbi_files
from conformance.tests.gabbi_runs import write

ONE = """\
- name: first
  GET: {url}/one
"""


def test_a_file_that_was_read_elsewhere_is_not_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path, "network/handed-over.yaml", ONE)
    monkeypatch.setattr(gabbi_files, "folder", lambda: tmp_path)
    told, here = gabbi_files.handed_over(), gabbi_files.read(path, tmp_path)
    monkeypatch.setattr(gabbi_files, "_CHECKED", {})
    gabbi_files.read.cache_clear()
    path.write_text("no longer an arc")
    gabbi_files.take_over(told)
    assert gabbi_files.read(path, tmp_path) == here
    assert gabbi_files.read(path, tmp_path).covers == {"N-AAT-001": {"first"}}
