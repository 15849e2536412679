"""`gman serve -- COMMAND`: a cloud for the length of a command, whose exit code is passed on.

Where the command cannot be run the code is 127 or 126, as with `env`, `timeout` and every shell. It is not 3, as for
other problems: that may be an exit code of the command. For a command that a signal ended it is 128 plus the signal's
number.
"""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from types import FrameType

from reference.private_cloud import CloudDown, PrivateCloud

NOT_RUNNABLE, NOT_FOUND = 126, 127
SIGNALLED = 128  # the exit code of a command that a signal ended, less the signal's number
FORWARDED = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)
BY_KEYS = (signal.SIGINT, signal.SIGQUIT)  # a terminal sends these to all that runs in its foreground


class Signals:
    """Forwards signals to the command; those that come before it runs are forwarded when it does."""

    def __init__(self) -> None:
        self.pending: list[int] = []
        self._command: subprocess.Popen[bytes] | None = None
        for number in FORWARDED:
            if signal.getsignal(number) is not signal.SIG_IGN:  # an ignored signal stays ignored, as with nohup
                signal.signal(number, self._receive)

    def _receive(self, number: int, _frame: FrameType | None) -> None:
        if self._command and number in BY_KEYS and _in_foreground():
            return  # the terminal has sent it to the command already
        self.pending.append(number)
        self._deliver()

    def start(self, command: Sequence[str], environment: Mapping[str, str]) -> subprocess.Popen[bytes]:
        """Start the command, and forward signals to it from now on. Raises OSError.

        A key that is pressed while it starts reaches both processes. It must wait here until the command is known:
        otherwise it would be forwarded as a signal that came before the command, and come twice.
        """
        before = signal.pthread_sigmask(signal.SIG_BLOCK, FORWARDED)

        def unblock() -> None:
            for number in FORWARDED:
                if signal.getsignal(number) is not signal.SIG_IGN:
                    signal.signal(number, signal.SIG_DFL)
            signal.pthread_sigmask(signal.SIG_SETMASK, before)

        try:
            self._command = subprocess.Popen(command, env=environment, preexec_fn=unblock)  # noqa: S603 - the user's command
            self._deliver()
            return self._command
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)

    def _deliver(self) -> None:
        while self._command and self.pending:
            self._command.send_signal(self.pending.pop(0))


def _in_foreground() -> bool:
    """Whether this process is in the group to which the terminal's keys send signals."""
    try:
        terminal = os.open(os.ctermid(), os.O_RDONLY)
    except OSError:
        return False  # there is no terminal
    try:
        return os.tcgetpgrp(terminal) == os.getpgrp()
    except OSError:
        return False
    finally:
        os.close(terminal)


def run(cloud: PrivateCloud, command: Sequence[str], account: str) -> int:
    """Run the command beside the cloud, as that account; its exit code. Raises CloudDown."""
    if reason := _unrunnable(command[0]):
        print(f"gman: {command[0]}: {reason}", file=sys.stderr)
        return NOT_FOUND if reason == "no such command" else NOT_RUNNABLE
    signals = Signals()
    with cloud:
        cloud.wait(lambda: bool(signals.pending))
        if signals.pending:
            return SIGNALLED + signals.pending[0]
        try:
            process = signals.start(command, cloud.environment(os.environ, account))
        except OSError as error:
            print(f"gman: {command[0]}: {error.strerror}", file=sys.stderr)
            return NOT_RUNNABLE
        code = process.wait()
        if cloud.ended():
            print("gman: the cloud ended before the command did", file=sys.stderr)
    return code if code >= 0 else SIGNALLED - code


def _unrunnable(program: str) -> str:
    """Why there is nothing to run, in words; empty where there is."""
    if shutil.which(program):
        return ""
    return "not executable" if os.sep in program and os.path.exists(program) else "no such command"


def down(error: CloudDown) -> int:
    """Say why there is no cloud, and return the exit code."""
    print(f"gman: the cloud did not come up: {error}", file=sys.stderr)
    return error.code if error.code > 0 else SIGNALLED - error.code if error.code < 0 else 4
