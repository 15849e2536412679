"""Gabbi files as data, and as they go from one process to another."""

from pathlib import Path

import pytest

from conformance import arcs
from conformance.tests.arc_runs import write

ONE = """\
- name: first
  GET: {url}/one
"""


def test_a_file_that_was_read_elsewhere_is_not_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path, "network/handed-over.yaml", ONE)
    monkeypatch.setattr(arcs, "folder", lambda: tmp_path)
    told, here = arcs.handed_over(), arcs.read(path, tmp_path)
    monkeypatch.setattr(arcs, "_CHECKED", {})
    arcs.read.cache_clear()
    path.write_text("no longer an arc")
    arcs.take_over(told)
    assert arcs.read(path, tmp_path) == here
    assert arcs.read(path, tmp_path).covers == {"N-AAT-001": {"first"}}
