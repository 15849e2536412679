"""Only processes that this tool started, and whose ids were not reused since, are taken for its own."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from openstack_cloud import processes
from openstack_cloud.processes import Keeper, Program

MARKER = "a program of the test's own"
SLEEP = "import time; time.sleep(60)"
DEAF = f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); {SLEEP}"
PARENT = (
    f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', '{SLEEP}']); print('born', flush=True); {SLEEP}"
)


def program(code: str, name: str = "sleeper") -> Program:
    return Program(name, [sys.executable, "-c", code, MARKER], MARKER)


def eventually(true: Callable[[], object]) -> None:
    deadline = time.monotonic() + 10
    while not true():
        assert time.monotonic() < deadline, "it never came true"
        time.sleep(0.01)


@pytest.fixture
def keeper(tmp_path: Path) -> Iterator[Keeper]:
    (tmp_path / "run").mkdir()
    (tmp_path / "log").mkdir()
    keeper = Keeper(tmp_path / "run", tmp_path / "log")
    yield keeper
    keeper.stop(keeper.names())


@pytest.fixture
def stranger() -> Iterator[subprocess.Popen[bytes]]:
    """A process that leads a session, as ours do, but was started by somebody else."""
    child = subprocess.Popen([sys.executable, "-c", SLEEP, MARKER], start_new_session=True)
    eventually(lambda: MARKER in processes.command_line(child.pid))
    yield child
    child.kill()
    child.wait()


def test_a_started_program_is_found_and_ended(keeper: Keeper) -> None:
    keeper.start(program(SLEEP))
    pid = keeper.leader("sleeper")
    assert pid is not None
    assert keeper.stop(["sleeper"]) == ["sleeper"]
    assert processes.status(pid) is None
    assert keeper.names() == []


def test_a_running_program_is_not_started_again(keeper: Keeper) -> None:
    keeper.start(program(SLEEP))
    first = keeper.leader("sleeper")
    keeper.start(program(SLEEP))
    assert keeper.leader("sleeper") == first


@pytest.mark.parametrize(("marker", "later"), [("another program", 0), (MARKER, 1)])
def test_a_reused_process_id_is_not_ours(
    keeper: Keeper, stranger: subprocess.Popen[bytes], marker: str, later: int
) -> None:
    now = processes.status(stranger.pid)
    assert now is not None
    record = {"pid": stranger.pid, "started": now.started + later, "marker": marker}
    keeper.record("sleeper").write_text(json.dumps(record))
    assert keeper.leader("sleeper") is None
    assert keeper.stop(["sleeper"]) == []
    assert stranger.poll() is None, "somebody else's process was ended"


def test_the_record_itself_is_what_makes_it_ours(keeper: Keeper, stranger: subprocess.Popen[bytes]) -> None:
    now = processes.status(stranger.pid)
    assert now is not None
    record = {"pid": stranger.pid, "started": now.started, "marker": MARKER}
    keeper.record("sleeper").write_text(json.dumps(record))
    assert keeper.leader("sleeper") == stranger.pid


@pytest.mark.parametrize("content", [None, "", "{"])
def test_without_a_readable_record_nothing_is_ours(keeper: Keeper, content: str | None) -> None:
    if content is not None:
        keeper.record("sleeper").write_text(content)
    assert keeper.leader("sleeper") is None
    assert keeper.stop(["sleeper"]) == []


def test_processes_of_a_dead_leader_are_ended(keeper: Keeper) -> None:
    keeper.start(program(PARENT))
    eventually(lambda: "born" in keeper.tail("sleeper"))
    leader, *children = keeper.members("sleeper")
    assert children
    os.kill(leader, signal.SIGKILL)
    eventually(lambda: keeper.leader("sleeper") is None)
    assert list(keeper.members("sleeper")) == children
    keeper.stop(["sleeper"])
    assert [processes.status(pid) for pid in children] == [None] * len(children)


def test_a_process_that_ignores_sigterm_is_killed(keeper: Keeper, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "STOP_SECONDS", 0.3)
    keeper.start(program(DEAF))
    eventually(lambda: "deaf" in keeper.tail("sleeper"))
    pid = keeper.leader("sleeper")
    assert pid is not None
    assert keeper.stop(["sleeper"]) == ["sleeper"]
    eventually(lambda: processes.status(pid) is None)


def test_a_program_that_ends_at_once_does_not_run_and_leaves_its_words(keeper: Keeper) -> None:
    keeper.start(program("raise SystemExit('no disk')"))
    eventually(lambda: keeper.leader("sleeper") is None)
    assert "no disk" in keeper.tail("sleeper")


def test_programs_see_no_passwords_of_ours(keeper: Keeper, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OS_PASSWORD", "secret")
    keeper.start(program(f"import os; print('saw', sorted(os.environ), flush=True); {SLEEP}"))
    eventually(lambda: "saw" in keeper.tail("sleeper"))
    assert "OS_PASSWORD" not in keeper.tail("sleeper")
