"""End with whoever started this: one that is killed leaves no word, but its end of a pipe is closed for it.

What a program started for its own use it should not outlive; asking for an end, as SIGTERM does, takes someone who is
still there to ask.
"""

import os
import signal
import threading

INPUT = 0  # the file descriptor of standard input


def end_with_input(server: int) -> None:
    """From now on the process `server`, this one or its parent, is told to stop (SIGTERM) once standard input ends."""
    threading.Thread(target=_wait_and_end, args=(server,), daemon=True, name="lifeline").start()


def _wait_and_end(server: int) -> None:
    try:
        while os.read(INPUT, 1024):
            continue
    except OSError:
        return  # there is no standard input to end
    if server in (os.getpid(), os.getppid()):  # not another that has got its number since
        os.kill(server, signal.SIGTERM)
