"""The parser, types and exit codes that the tools' command lines share. An invalid one gets one line, and exit code
USAGE.
"""

import argparse
import sys
from collections.abc import Callable
from typing import NoReturn

from conformance.run.interrupts import sigterm_as_interrupt

USAGE = 3
INTERRUPTED = 130  # as shells have it for SIGINT


class Parser(argparse.ArgumentParser):
    """A parser that exits with USAGE."""

    def error(self, message: str) -> None:  # type: ignore[override] # argparse's own exit code 2 means something else
        self.exit(USAGE, f"{self.prog}: {message}\n")


def count(text: str) -> int:
    """A number of at least 1. Raises ArgumentTypeError."""
    if not text.isdecimal() or not int(text):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 1 on")
    return int(text)


def run(tool: str, main: Callable[[], int]) -> NoReturn:
    """Exit with the code of `main`, or after SIGINT or SIGTERM with INTERRUPTED, once it has ended what it started."""
    with sigterm_as_interrupt():
        try:
            code = main()
        except KeyboardInterrupt:
            print(f"{tool}: interrupted", file=sys.stderr)
            code = INTERRUPTED
    sys.exit(code)
