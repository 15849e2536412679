"""What the command lines of the tools share: a wrong one is told in a line, and ends with the exit code for that."""

import argparse

USAGE = 3


class Parser(argparse.ArgumentParser):
    """One that leaves exit codes to us."""

    def error(self, message: str) -> None:  # type: ignore[override] # argparse exits with 2, which means something else
        self.exit(USAGE, f"{self.prog}: {message}\n")


def count(text: str) -> int:
    """A number from 1 on."""
    if not text.isdecimal() or not int(text):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 1 on")
    return int(text)
