"""The parser, types and exit codes that the tools' command lines share; an invalid one is one line and USAGE."""

import argparse

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
