"""Named points of the topology's build, where whoever listens may make it wait; nobody does unless told to."""

from collections.abc import Callable

# in order: each is reached when what it names is in the transaction, "built" when all is and nothing is committed
POINTS = ("begun", "claimed", "subnets", "ports", "router", "built")


def _nobody(_point: str) -> None:
    """The usual listener."""


class _Bell:
    """The one listener of this process, set when the process is put together."""

    def __init__(self) -> None:
        self.listener: Callable[[str], None] = _nobody


_BELL = _Bell()


def listen(listener: Callable[[str], None]) -> None:
    """Call `listener` with the name of every point that is reached from now on."""
    _BELL.listener = listener


def reached(point: str) -> None:
    """The build is at that point of POINTS."""
    _BELL.listener(point)
