"""The script that guests run: every shell reads it, and it says what it has seen even where it sees nothing."""

import os
import shutil
import signal
import subprocess
import time
from base64 import b64decode
from contextlib import suppress
from pathlib import Path

import pytest

from conformance.guests.console import ConsoleReader
from conformance.guests.script import Plan
from conformance.guests.words import Words

SHELLS = [["dash"], ["busybox", "sh"], ["bash", "--posix"]]
# without any network; whatever it starts ends with it
ALONE = ["unshare", "--user", "--map-root-user", "--net", "--pid", "--fork", "--kill-child"]
SECONDS = 60


def shells() -> list[list[str]]:
    return [shell for shell in SHELLS if shutil.which(shell[0])]


def script(tmp_path: Path, plan: Plan) -> str:
    path = tmp_path / "user_data"
    path.write_bytes(b64decode(plan.user_data()))
    return str(path)


def can_be_alone() -> bool:
    return bool(shutil.which("unshare")) and subprocess.run([*ALONE, "true"], capture_output=True).returncode == 0


def end(process: subprocess.Popen[bytes]) -> None:
    """Kill what has not ended by itself, and with it all that it has started."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def test_every_shell_reads_it(tmp_path: Path) -> None:
    assert shells()
    for shell in shells():
        subprocess.run([*shell, "-n", script(tmp_path, Plan())], check=True)


def test_it_begins_with_a_shebang() -> None:
    assert b64decode(Plan().user_data()).startswith(b"#!/bin/sh\n")


def test_a_plan_cannot_be_taken_for_commands(tmp_path: Path) -> None:
    text = Path(script(tmp_path, Plan(outside=["http://x/$(touch /tmp/no)'"]))).read_text()
    assert """OUTSIDE='http://x/$(touch /tmp/no)'"'"''""" in text


@pytest.mark.parametrize("shell", shells())
def test_a_request_that_is_killed_has_no_answer(tmp_path: Path, shell: list[str]) -> None:
    """The script does not report the shell's message "Terminated" as an answer."""
    text = Path(script(tmp_path, Plan())).read_text()
    bounded = text[text.index("bounded() {") :].partition("\n}\n")[0]
    command = f"{bounded}\n}}\nbounded 1 sleep {SECONDS}"
    completed = subprocess.run([*shell, "-c", command], capture_output=True, text=True, timeout=SECONDS, check=False)
    assert completed.returncode > 128
    assert completed.stderr.splitlines()[-1] == "no answer within 1 s"


def console_of(command: list[str], tmp_path: Path) -> str:
    """What the command writes, in namespaces of its own and with no other console; it is ended after SECONDS."""
    output = tmp_path / "console"
    with output.open("w") as file:
        process = subprocess.Popen(
            [*ALONE, *command],
            stdout=file,
            stderr=file,
            start_new_session=True,
            env={**os.environ, "CONSOLE": "none", "TMPDIR": str(tmp_path)},
        )
    try:
        process.wait(SECONDS)
    finally:
        end(process)
    return output.read_text(errors="replace")


in_namespaces = pytest.mark.skipif(not can_be_alone(), reason="this system lets nobody have a network namespace")


@in_namespaces
@pytest.mark.parametrize("shell", shells())
def test_a_server_without_any_network_says_so(tmp_path: Path, shell: list[str]) -> None:
    plan = Plan(versions=(), outside=["http://198.51.100.7/"], peers=1, search=2 * SECONDS, targets=["10.0.0.9"])
    console = console_of([*shell, script(tmp_path, plan)], tmp_path)
    spoken = ConsoleReader(plan.nonce).read(console)
    assert spoken, console
    words = Words.parse(spoken)
    assert words.addresses == []
    assert not words.answers["outside4"][0]
    assert words.reached == {"10.0.0.9": ""}


def processes_of(session: int) -> int:
    """How many processes a session has now."""
    number = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):  # it has ended meanwhile
            number += int(stat.read_text().rpartition(")")[2].split()[3]) == session
    return number


@in_namespaces
@pytest.mark.long
@pytest.mark.skipif(not shutil.which("busybox"), reason="takes busybox")
def test_a_small_server_can_try_many_addresses(tmp_path: Path) -> None:
    """A server with at most 64 processes tries 16 unused addresses, and answers another server meanwhile."""
    plan = Plan(versions=(), targets=[f"10.0.9.{number}" for number in range(2, 18)])
    link = (
        "ip link add eth0 type veth peer name far; ip link set far up; ip link set eth0 up;"
        "ip addr add 10.0.0.5/26 dev eth0; ip route add default via 10.0.0.1"
    )
    output = tmp_path / "console"
    most = 0
    with output.open("w") as file:
        process = subprocess.Popen(
            [*ALONE, "sh", "-c", f"{link}; exec busybox sh {script(tmp_path, plan)}"],
            stdout=file,
            stderr=file,
            start_new_session=True,
            env={**os.environ, "CONSOLE": "none", "TMPDIR": str(tmp_path)},
        )
    try:
        deadline = time.monotonic() + SECONDS
        while process.poll() is None and time.monotonic() < deadline:
            most = max(most, processes_of(process.pid))
    finally:
        end(process)
    words = Words.parse(ConsoleReader(plan.nonce).read(output.read_text()) or "")
    assert list(words.reached.values()) == [""] * 16
    assert most <= 40
