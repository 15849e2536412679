"""`gman run` ends before its time, by Ctrl-C, a kill, or a process that dies: it cleans up, and says so."""

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from conformance.deadlines import attempts
from conformance.report import folder
from conformance.report.events import Log
from conformance.settings import UsageProblem
from conformance.tests.tiny_cloud import TinyCloud, running, write_clouds
from conformance.tests.tiny_runs import ONE


class Hold:
    """Replaces a method of a cloud: once `when` holds, answers wait until they are released."""

    def __init__(self, method: Callable[..., Any], condition: Callable[[], object]) -> None:
        self._method, self._when = method, condition
        self.reached, self.go_on = threading.Event(), threading.Event()
        self.waited_out = False

    def __call__(self, *arguments: Any) -> Any:
        answer = self._method(*arguments)
        if self._when():
            self.reached.set()
            self.waited_out |= not self.go_on.wait(10)
        return answer


def interrupted_in_its_first_test(tiny: TinyCloud, tmp_path: Path) -> subprocess.Popen[str]:
    """A run that was interrupted once, when it had made a network."""
    tiny.topology = topology = Hold(tiny.topology, lambda: tiny.network)  # type: ignore[method-assign,assignment]
    clouds = write_clouds(tmp_path / "c.yaml", tiny.url)
    environ = {**os.environ, "OS_CLIENT_CONFIG_FILE": str(clouds), "XDG_STATE_HOME": str(tmp_path / "state")}
    command = [sys.executable, "-m", "conformance", "run", "--cloud", "tiny", "--report", str(tmp_path), *ONE]
    process = subprocess.Popen(command, env=environ, stderr=subprocess.PIPE, text=True)
    assert topology.reached.wait(30)
    process.send_signal(signal.SIGINT)
    topology.go_on.set()
    return process


def test_interrupted_it_cleans_up_and_says_so(tmp_path: Path) -> None:
    with running() as tiny:
        process = interrupted_in_its_first_test(tiny, tmp_path)
        _, messages = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "interrupted; deleting what tests have made (Ctrl-C again: skip)\n" in messages
    assert "interrupted; what was made has been cleaned up" in messages
    assert tiny.network is None
    assert json.loads((tmp_path / "report.json").read_text())["verdict"] == "inconclusive"


def test_interrupted_again_it_stops_at_once(tmp_path: Path) -> None:
    """It does not wait for the answer that its clean-up waits for."""
    with running() as tiny:
        tiny.lists = lists = Hold(tiny.lists, lambda: tiny.network)  # type: ignore[method-assign,assignment]
        process = interrupted_in_its_first_test(tiny, tmp_path)
        assert lists.reached.wait(30)
        process.send_signal(signal.SIGINT)
        _, messages = process.communicate(timeout=30)
        lists.go_on.set()
    assert process.returncode == 130
    assert "what was made may be left" in messages
    assert "Traceback" not in messages
    assert not lists.waited_out


def test_the_report_before_a_killed_run_goes_when_a_new_one_is_ready(tmp_path: Path) -> None:
    (tmp_path / folder.ASIDE).mkdir()
    (tmp_path / folder.ASIDE / folder.JSON).write_text("of the run before it")
    (tmp_path / folder.JSON).write_text("of a run that was killed")
    with pytest.raises(UsageProblem), folder.replacing(tmp_path):
        raise UsageProblem
    assert (tmp_path / folder.JSON).read_text() == "of the run before it"
    with folder.replacing(tmp_path):
        assert not (tmp_path / folder.JSON).exists()
        (tmp_path / folder.JSON).write_text("new")
    assert [path.name for path in tmp_path.iterdir()] == [folder.JSON]


def test_a_disk_that_is_full_keeps_no_run_from_its_clean_up() -> None:
    log = Log(Path("/dev/full"))
    log({"event": "test-ended"})
    with pytest.raises(OSError, match="No space left on device"):
        log.close()


@pytest.mark.long
def test_a_process_that_dies_ends_the_run_with_a_report(tmp_path: Path) -> None:
    """A run against the reference in two processes, one of which is killed after some tests."""
    folder_of_report = tmp_path / "report"
    command = [sys.executable, "-m", "conformance", "run", "-n", "2", "--report", str(folder_of_report)]
    environ = {name: value for name, value in os.environ.items() if not name.startswith("OS_")}
    environ["XDG_STATE_HOME"] = str(tmp_path / "state")
    process = subprocess.Popen([*command, "-k", "topology"], env=environ, stdout=subprocess.PIPE, text=True)
    for _ in attempts(60):
        events = folder_of_report / folder.EVENTS
        if events.exists() and events.read_text().count("\n") > 10:
            break
    children = subprocess.run(["pgrep", "-P", str(process.pid)], capture_output=True, text=True, check=True)
    workers = [
        int(pid) for pid in children.stdout.split() if b"reference" not in Path(f"/proc/{pid}/cmdline").read_bytes()
    ]
    os.kill(workers[0], signal.SIGKILL)
    printed, _ = process.communicate(timeout=120)
    assert process.returncode == 4
    assert "! process gw" in printed
    assert "died: signal 9" in printed
    report = json.loads((folder_of_report / folder.JSON).read_text())
    assert (report["verdict"], report["leaks"]) == ("error", [])
    assert any("never run: the run broke" in entry["reason"] for entry in report["requirements"])
