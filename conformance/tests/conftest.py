"""Fixtures that the tests share: the command `gman`, a scripted service, and the mark `requirement`."""

import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from conformance import cli
from conformance.tests.gabbi_runs import FakeContext, Script, Serve
from conformance.tests.tiny_cloud import PASSWORD, serving, write_clouds

Gman = Callable[..., tuple[int, str]]


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "requirement(id, ...): the requirements that the test observes")
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # as a shell does for background jobs
        signal.signal(signal.SIGINT, signal.default_int_handler)  # so that programs the tests start can be interrupted


@pytest.fixture
def gman(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Gman:
    """Run the command in this process; gives the exit code and what was printed."""
    for name in ("OS_CLOUD", "OS_AUTH_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("OS_CLIENT_CONFIG_FILE", str(tmp_path / "clouds.yaml"))

    def gman(*arguments: str, url: str = "http://127.0.0.1:9", password: str = PASSWORD) -> tuple[int, str]:
        write_clouds(tmp_path / "clouds.yaml", url, password)
        monkeypatch.setattr(sys, "argv", ["gman", *arguments])
        if arguments[:1] == ("run",) and "--report" not in arguments:
            sys.argv += ["--report", str(tmp_path / "report")]
        try:
            code = cli.main()
        except SystemExit as ended:
            code = int(ended.code or 0)
        return code, "".join(capfd.readouterr())

    return gman


@pytest.fixture
def serve() -> Iterator[Serve]:
    with ExitStack() as stack:

        def serve(**answers: list[tuple[int, Any]]) -> tuple[Script, FakeContext]:
            script = Script(**answers)
            return script, FakeContext(stack.enter_context(serving(script)))

        yield serve
