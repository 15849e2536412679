"""Stop with the process that started this one. When that ends or is killed, its end of the pipe is closed: a killed
program cannot send SIGTERM, and the server it started should not outlive it.
"""

import os
import signal
import threading

INPUT = 0  # the file descriptor of standard input


def end_with_input(server: int) -> None:
    """Send SIGTERM to the process `server`, this one or its parent, once standard input ends; returns at once."""

    def wait_and_end() -> None:
        try:
            while os.read(INPUT, 1024):
                continue
        except OSError:
            return  # there is no standard input
        if server in (os.getpid(), os.getppid()):  # not a later process with the same id
            os.kill(server, signal.SIGTERM)

    threading.Thread(target=wait_and_end, daemon=True, name="lifeline").start()
