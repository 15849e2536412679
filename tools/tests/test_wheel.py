"""`tools/wheel` leaves the wheel and the report where it says. pip and the installed programs are stubs."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from documented import ROOT

# builds a wheel of one file, and an environment whose gman writes a report or fails
PYTHON = """#!/bin/sh
make() { mkdir "$1" && echo new > "$1/p-1-py3-none-any.whl"; }
case "$*" in
    "-m venv"*) mkdir -p "$4/bin"; for program in gman pytest; do cp "$STUBS/$program" "$4/bin"; done ;;
    "-m pip wheel"*) for last; do :; done; test -f "$last/tools/wheel" && make "$8" ;;
esac
"""
GMAN = """#!/bin/sh
test "$1" = run || exit 0
mkdir -p "$3" && echo "of $4" > "$3/report.json" && exit "$CODE"
"""


@pytest.mark.parametrize("code", [0, 1])
def test_the_wheel_and_the_report_are_where_it_says(tmp_path: Path, code: int) -> None:
    checkout, stubs = tmp_path / "checkout", tmp_path / "stubs"
    (checkout / "tools").mkdir(parents=True)
    (checkout / "docs" / "examples").mkdir(parents=True)
    (checkout / "docs" / "examples" / "test_client.py").touch()
    stubs.mkdir()
    shutil.copy(ROOT / "tools" / "wheel", checkout / "tools")
    for path, text in (
        (checkout / "tools" / "setup", "#!/bin/sh\n"),
        (stubs / "python3", PYTHON),
        (stubs / "gman", GMAN),
        (stubs / "pytest", "#!/bin/sh\n"),
    ):
        path.write_text(text)
        path.chmod(0o755)
    environ = {**os.environ, "PATH": f"{stubs}:{os.environ['PATH']}", "STUBS": str(stubs), "CODE": str(code)}
    for _time in range(2):  # the first run's wheel does not disturb the second run
        done = subprocess.run(
            [checkout / "tools" / "wheel", "--quiet"], env=environ, capture_output=True, text=True, check=False
        )
        assert done.returncode == code, done.stderr
        assert done.stdout == f"Wheel: {checkout}/dist/p-1-py3-none-any.whl\n"
        assert (checkout / "dist" / "p-1-py3-none-any.whl").read_text() == "new\n"
        assert (checkout / "report" / "report.json").read_text() == "of --quiet\n"
