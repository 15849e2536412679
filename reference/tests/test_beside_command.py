"""`gman serve -- COMMAND`: the variables of the command, the signals it gets, and that nothing is left after it."""

import json
import os
import pty
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from reference.tests.clouds import LONGEST, READY

SERVE = [sys.executable, "-m", "reference", "serve"]
# prints where the cloud is, then each signal that it gets, and ends with 9
WAITS = (
    """for s in INT TERM HUP; do trap "echo sent $s; stop=9" $s; done; """
    """echo up $OS_CLIENT_CONFIG_FILE $OS_AUTH_URL; while [ -z "$stop" ]; do sleep 0.1; done; sleep 0.3; exit $stop"""
)
# a command that is up, and has got a key of the terminal, before the call that starts it has returned
STARTED_SLOWLY = """
import os, subprocess, sys
from reference.beside_command import Signals
class Slow(subprocess.Popen):
    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)
        sys.stdin.readline()
subprocess.Popen = Slow
command = "trap 'echo sent INT' INT; trap 'exit 9' TERM; echo up; while :; do sleep 0.1; done"
started = Signals().start(["sh", "-c", command], os.environ)
started.terminate()
sys.exit(started.wait())
"""


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The directory for the reference's temporary files."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    return tmp_path


@pytest.fixture
def waiting(temporary: Path) -> Iterator[subprocess.Popen[str]]:
    """A cloud beside a command that waits, its line "up" not read yet."""
    process = subprocess.Popen(
        [*SERVE, "--", "sh", "-c", WAITS],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True,
    )  # fmt: skip
    yield process
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.communicate()


def gman(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*SERVE, *arguments],
        env={**os.environ, **environment}, capture_output=True, text=True, timeout=LONGEST, check=False,
    )  # fmt: skip


def gone(url: str) -> bool:
    """Whether nothing listens there any more."""
    place = urlsplit(url)
    with socket.socket() as one:
        return one.connect_ex((str(place.hostname), place.port)) != 0


def eventually_gone(url: str, folder: Path) -> bool:
    deadline = time.monotonic() + READY
    while time.monotonic() < deadline:
        if gone(url) and not list(folder.iterdir()):
            return True
        time.sleep(0.05)
    return False


def test_the_command_finds_the_cloud_and_its_code_is_passed_on(temporary: Path) -> None:
    script = (
        "import json, openstack, os, stat, sys;"
        "found = [network.name for network in openstack.connect().network.networks()];"
        "file = os.environ['OS_CLIENT_CONFIG_FILE'];"
        "modes = [stat.S_IMODE(os.stat(path).st_mode) for path in (file, os.path.dirname(file))];"
        "variables = {k: v for k, v in os.environ.items() if k[:3] == 'OS_'};"
        "print(json.dumps([found, modes, variables, os.environ['no_proxy']]));"
        "sys.exit(7)"
    )
    completed = gman("--", sys.executable, "-c", script, OS_TOKEN="another's", OS_USERNAME="another", NO_PROXY="there")
    assert completed.returncode == 7, completed.stderr
    networks, modes, variables, no_proxy = json.loads(completed.stdout)
    assert networks == ["public"]
    assert modes == [0o600, 0o700]
    assert variables.pop("OS_PASSWORD")
    url = variables.pop("OS_AUTH_URL")
    assert urlsplit(url).hostname == "127.0.0.1"
    assert Path(variables.pop("OS_CLIENT_CONFIG_FILE")).name == "clouds.yaml"
    assert variables == {
        "OS_CLOUD": "gman",
        "OS_USERNAME": "demo",
        "OS_PROJECT_NAME": "demo",
        "OS_USER_DOMAIN_NAME": "Default",
        "OS_PROJECT_DOMAIN_NAME": "Default",
        "OS_REGION_NAME": "RegionOne",
        "OS_IDENTITY_API_VERSION": "3",
    }
    assert no_proxy == "there,127.0.0.1"
    assert completed.stderr == ""
    assert gone(url)
    assert not list(temporary.iterdir())


def test_another_account_and_data_that_stays(temporary: Path) -> None:
    data = temporary / "cloud"
    completed = gman(
        "--data", str(data), "--account", "gman-admin", "--", "sh", "-c", "echo $OS_USERNAME $OS_CLOUD; kill -9 $$"
    )
    assert (completed.stdout, completed.returncode) == ("admin gman-admin\n", 128 + signal.SIGKILL)
    assert (data / "gman.sqlite").exists()
    assert not (data / "ready.json").exists()


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["--", "no-such-command"], 127, "no-such-command: no such command"),
        (["--", "/no/such/command"], 127, "no such command"),
        (["--", "/etc/passwd"], 126, "/etc/passwd: not executable"),
        (["--"], 3, "names no command"),
        (["--compute-only", "--", "true"], 3, "leave out --compute-only"),
        (["--services", "network", "--", "true"], 3, "--services"),
        (["--account", "root", "--", "true"], 3, "invalid choice: 'root'"),
        (["--fault", "no-such", "--", "true"], 3, "did not come up: no such fault: no-such"),
    ],
)
def test_impossible_commands_are_one_line(temporary: Path, arguments: list[str], code: int, says: str) -> None:
    completed = gman(*arguments)
    assert completed.returncode == code, completed.stderr
    [line] = completed.stderr.strip().splitlines()
    assert says in line
    assert not list(temporary.iterdir())


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_signals_reach_the_command(temporary: Path, waiting: subprocess.Popen[str], number: signal.Signals) -> None:
    assert waiting.stdout
    url = waiting.stdout.readline().split()[2]
    waiting.send_signal(number)
    output, _ = waiting.communicate(timeout=LONGEST)
    assert output == f"sent {number.name.removeprefix('SIG')}\n"
    assert waiting.returncode == 9
    assert gone(url)
    assert not list(temporary.iterdir())


def test_a_signal_before_the_command_ends_the_cloud(temporary: Path, waiting: subprocess.Popen[str]) -> None:
    deadline = time.monotonic() + READY
    while not list(temporary.iterdir()):  # the cloud is being started
        assert time.monotonic() < deadline
        time.sleep(0.001)
    waiting.send_signal(signal.SIGTERM)
    output, _ = waiting.communicate(timeout=LONGEST)
    assert (output, waiting.returncode) == ("", 128 + signal.SIGTERM)
    assert not list(temporary.iterdir())


def test_killed_it_leaves_no_cloud(temporary: Path, waiting: subprocess.Popen[str]) -> None:
    assert waiting.stdout
    url = waiting.stdout.readline().split()[2]
    waiting.kill()
    assert eventually_gone(url, temporary)


def in_terminal(command: list[str], *keys: bytes) -> tuple[list[str], int]:
    """The words that a command shows in a terminal after its first line, "up ...", and its exit code.

    Keys are pressed after that line, and others after each further line.
    """
    pid, terminal = pty.fork()
    if not pid:
        os.execv(command[0], command)
    shown = b""
    with os.fdopen(terminal, "rb", buffering=0) as screen, suppress(OSError):  # OSError: the command has ended
        assert screen.readline().startswith(b"up")
        os.write(terminal, keys[0])
        for pressed in keys[1:]:
            shown += screen.readline()
            os.write(terminal, pressed)
        while part := screen.read(1000):
            shown += part
    _pid, status = os.waitpid(pid, 0)
    return shown.decode().replace("^C", "").split(), os.waitstatus_to_exitcode(status)


def test_keys_of_a_terminal_reach_the_command(temporary: Path) -> None:
    assert in_terminal([*SERVE, "--", "sh", "-c", WAITS], b"\x03") == (["sent", "INT"], 9)
    assert not list(temporary.iterdir())


def test_keys_come_once_to_a_command_that_is_just_starting() -> None:
    assert in_terminal([sys.executable, "-c", STARTED_SLOWLY], b"\x03", b"\n") == (["sent", "INT"], 9)


def test_a_cloud_that_ends_first_is_reported(temporary: Path) -> None:
    ready = '"$(dirname "$OS_CLIENT_CONFIG_FILE")/ready.json"'
    script = f"""kill -9 $(tr -dc '0-9 ' < {ready} | sed 's/.* //'); sleep 0.5"""
    completed = gman("--", "sh", "-c", script)
    assert (completed.returncode, completed.stderr) == (0, "gman: the cloud ended before the command did\n")
    assert not list(temporary.iterdir())


def test_served_paths_are_listed() -> None:
    completed = gman("--list")
    assert completed.returncode == 0, completed.stderr
    rows = [line.split() for line in completed.stdout.splitlines()]
    served = {row[-1]: set(row[1:-1]) for row in rows}
    assert {row[0] for row in rows} == {"identity", "image", "network", "compute"}
    assert served["/network/v2.0/auto-allocated-topology/{project}"] >= {"GET", "DELETE"}
    assert {"GET", "POST"} <= served["/compute/v2.1/servers"]
    assert len(served) == len(rows)


def test_served_paths_beside_a_keystone_are_listed() -> None:
    flags = ["--auth", "keystone", "--identity-url", "http://127.0.0.1:1/v3", "--service-port", "network=9696"]
    completed = gman("--list", *flags, "--services", "network", GMAN_SERVICE_PASSWORD="x")
    assert completed.returncode == 0, completed.stderr
    assert {line.split()[-1][:6] for line in completed.stdout.splitlines()} == {":9696/"}
