"""Whether a gabbi file may have changed its topology, which then is not passed on to another file."""

from pathlib import Path
from typing import Any

import pytest

from conformance.tests.gabbi_runs import REFUSAL, Serve, run, write

READ = "- name: first\n  GET: {url}/one\n"
ADDED = "- name: first\n  POST: {url}/one\n"
CHANGED = "- name: first\n  PUT: {url}/one\n"
REFUSED = f"{CHANGED}  status: 404\n"
FAILED = f"{READ}  status: 204\n"


@pytest.mark.parametrize(
    ("tests", "answer", "changed"),
    [
        (READ, (200, {}), False),
        (ADDED, (200, {}), False),
        (CHANGED, (200, {}), True),
        (REFUSED, REFUSAL, False),
        (CHANGED, (500, {}), True),
        (FAILED, (200, {}), True),
    ],
)
def test_changes_are_remembered(tmp_path: Path, serve: Serve, tests: str, answer: Any, *, changed: bool) -> None:
    _script, context = serve(one=[answer])
    write(tmp_path, "file.yaml", tests)
    run(tmp_path, context)
    assert context.client.changed is changed
