"""The reference as a program: the run waits for it, reports its end, and does not leave it behind."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from conformance import cli
from conformance.deadlines import Deadlines, attempts
from conformance.race.engine.history import read
from conformance.run import embedded
from conformance.run.embedded import Embedded
from conformance.run.forked import ForkedTests
from conformance.run.main import CLEANS_REFERENCE
from conformance.schema import complaint
from conformance.settings import UsageProblem
from conformance.tests.conftest import Gman


def stand_in(monkeypatch: pytest.MonkeyPatch, program: str) -> None:
    monkeypatch.setattr(embedded, "COMMAND", (sys.executable, "-c", program))


def test_a_reference_that_ends_at_once_is_reported_with_its_last_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stand_in(monkeypatch, "print('something'); print('no such port')")
    with (
        Embedded(tmp_path, tmp_path / "log", Deadlines()) as reference,
        pytest.raises(UsageProblem, match=r"has ended: no such port \(see .*log\)"),
    ):
        reference.wait()


def test_one_that_never_answers_is_given_up_and_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stand_in(monkeypatch, "import signal; signal.pause()")
    with Embedded(tmp_path, tmp_path / "log", Deadlines(start=0.2)) as reference:
        with pytest.raises(UsageProblem, match=r"does not answer: see .*log, .* --deadline start=0.4"):
            reference.wait()
        process = reference._process
    assert process
    assert process.returncode == -15


def test_a_reference_that_ignores_sigterm_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stand_in(monkeypatch, "import signal; signal.signal(15, signal.SIG_IGN); print('up', flush=True); signal.pause()")
    with Embedded(tmp_path, tmp_path / "log", Deadlines(stop=0.2)) as reference:
        for _ in attempts(10):
            if (tmp_path / "log").read_text():
                break
        process = reference._process
    assert process
    assert process.returncode == -9


def test_a_run_without_a_cloud_starts_the_reference_and_ends_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("OS_CLOUD", raising=False)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    arguments = ["gman", "run", "--report", str(tmp_path), "-k", "topology-get.yaml or topology-two-projects.yaml"]
    monkeypatch.setattr(sys, "argv", arguments)
    assert cli.main() == 0, capfd.readouterr()
    report = json.loads((tmp_path / "report.json").read_text())
    assert complaint("report", report) == ""
    assert report["leaks"] == []
    assert {line["id"] for line in report["requirements"] if line["state"] == "pass"} >= {"N-AAT-001", "N-AAT-030"}
    assert not (tmp_path / "state").exists()  # locks and journals of a cloud that is gone are not kept
    address = urlsplit(report["target"]["network"])
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((address.hostname, address.port))


def test_objects_of_races_have_the_runs_name(gman: Gman, tmp_path: Path) -> None:
    code, printed = gman("run", "-n", "0", "-k", "test_contests or test_operator_race")
    assert code == 0, printed
    began = json.loads((tmp_path / "report" / "events.ndjson").read_text().partition("\n")[0])
    records = read((tmp_path / "report" / "races").glob("*.ndjson"))
    answers = [record.answer for record in records if record.status == 201]
    names = {item.get("name", "") for answer in answers for item in answer.values() if isinstance(item, dict)}
    assert names - {""} == {f"gman-{began['run_id']}-race"}


def test_a_process_with_other_threads_is_not_forked(gman: Gman, monkeypatch: pytest.MonkeyPatch) -> None:
    """A lock that another thread holds at that moment would be held for ever in the new process."""
    before, threads, fork = set(threading.enumerate()), [], ForkedTests._fork

    def noted(*arguments: Any) -> Any:
        threads.append(set(threading.enumerate()) - before)
        return fork(*arguments)

    monkeypatch.setattr(ForkedTests, "_fork", noted)
    code, printed = gman("run", "-n", "2", "-k", "topology-get.yaml or accounts")
    assert code == 0, printed
    assert threads == [set(), set()]


@pytest.mark.parametrize(
    ("times", "says"),
    [(1, "interrupted; what was made has been cleaned up"), (2, "the embedded reference ends anyway")],
)
def test_interrupted_in_several_processes_it_ends_them_all(tmp_path: Path, times: int, says: str) -> None:
    """As Ctrl-C in a terminal does: every process of the run is told."""
    report = tmp_path / "report"
    environ = {name: value for name, value in os.environ.items() if name != "OS_CLOUD"}
    command = [sys.executable, "-m", "conformance", "run", "-n", "2", "--report", str(report)]
    environ |= {"XDG_STATE_HOME": str(tmp_path / "state"), "TMPDIR": str(tmp_path)}
    with subprocess.Popen(command, env=environ, stderr=subprocess.PIPE, text=True, start_new_session=True) as run:
        assert run.stderr
        assert any(_ended(report) for _ in attempts(60))
        os.killpg(run.pid, signal.SIGINT)
        lines = [run.stderr.readline()]
        if times > 1:
            os.killpg(run.pid, signal.SIGINT)
        lines += run.stderr.readlines()
    assert run.returncode == 130
    assert lines[0] == f"{CLEANS_REFERENCE}\n"
    assert says in "".join(lines[1:])
    assert "Traceback" not in "".join(lines)
    assert not (tmp_path / "state").exists()
    assert not list(tmp_path.glob("gman-*"))
    assert _no_one_is_left(run.pid)


@pytest.mark.parametrize("processes", ["0", "2"])
def test_killed_it_leaves_no_process_behind(tmp_path: Path, processes: str) -> None:
    report = tmp_path / "report"
    environ = {name: value for name, value in os.environ.items() if name != "OS_CLOUD"} | {"TMPDIR": str(tmp_path)}
    command = [sys.executable, "-m", "conformance", "run", "-n", processes, "--report", str(report)]
    nowhere = subprocess.DEVNULL
    with subprocess.Popen(command, env=environ, stdout=nowhere, stderr=nowhere, start_new_session=True) as run:
        ready = next(files[0] for _ in attempts(60) if (files := list(tmp_path.glob("gman-*/ready.json"))))
        server = json.loads(ready.read_text())["pid"]
        assert not _no_one_is_left(server, within=0)
        assert any(_ended(report) for _ in attempts(60))
        run.kill()
    assert _no_one_is_left(run.pid)
    assert _no_one_is_left(server)
    assert not list(tmp_path.glob("gman-*"))


def _ended(report: Path) -> bool:
    events = report / "events.ndjson"
    return events.exists() and '"test-ended"' in events.read_text()


def _no_one_is_left(group: int, within: float = 10) -> bool:
    for _ in attempts(within):
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return True
    return False
