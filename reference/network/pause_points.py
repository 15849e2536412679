"""Named points of the topology's build, where a listener may make it wait; there is none by default."""

from collections.abc import Callable

# in order; each is reached once the part that it names is in the transaction, "built" before the commit
POINTS = ("begun", "claimed", "subnets", "ports", "router", "built")


def _ignore(_point: str) -> None:
    """The default listener."""


class _Bell:
    """Holds the one listener of this process, which is set at its start."""

    def __init__(self) -> None:
        self.listener: Callable[[str], None] = _ignore


_BELL = _Bell()


def listen(listener: Callable[[str], None]) -> None:
    """Call `listener` from now on with the name of each point that is reached."""
    _BELL.listener = listener


def reached(point: str) -> None:
    """Call the listener, as the build is at that point of POINTS."""
    _BELL.listener(point)
