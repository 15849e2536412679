"""A tool that is interrupted prints one line, exits with 130, and leaves no process or file."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

TOOLS = Path(__file__).parent.parent
START = 180.0  # seconds until the reference serves, on a busy machine
END = 120.0  # seconds until the tool has ended


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_tool_ends_what_it_has_started(number: signal.Signals, tmp_path: Path) -> None:
    pytest.importorskip("hypothesis", reason="the extra fuzz is not installed")
    fuzz = subprocess.Popen(
        [sys.executable, "-m", "fuzzing", "--seconds", str(int(START + END))],
        env={**os.environ, "PYTHONPATH": str(TOOLS), "TMPDIR": str(tmp_path)},
        cwd=TOOLS.parent,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        reference = _reference_in(tmp_path)
    finally:
        fuzz.send_signal(number)
        output = fuzz.communicate(timeout=END)
    assert output == ("", "tools/fuzz: interrupted\n")
    assert fuzz.returncode == 130
    assert not Path(f"/proc/{reference}").exists()
    assert list(tmp_path.iterdir()) == []


def _reference_in(folder: Path) -> int:
    """The process id of the reference with its data below the folder, once it serves."""
    deadline = time.monotonic() + START
    while not (ready := list(folder.glob("*/ready.json"))):
        assert time.monotonic() < deadline, "the reference does not come up"
        time.sleep(0.05)
    return int(json.loads(ready[0].read_text())["pid"])
