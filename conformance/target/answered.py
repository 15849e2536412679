"""One call that was made and what came back: what the process's connections hand to whoever listens to all answers."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class AnsweredCall:
    """`invoked` and `ended` are monotonic seconds; `status` is 0 where no answer came, and all else is empty then.

    The token and the bodies are not in its repr, as they hold secrets.
    """

    method: str
    url: str
    token: str = field(repr=False)
    sent: bytes = field(repr=False)
    invoked: float
    ended: float
    status: int = 0
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes = field(default=b"", repr=False)

    @property
    def ok(self) -> bool:
        return 200 <= self.status < 300

    def header(self, name: str) -> str:
        """The value of a header of the answer, by its name in lower case; empty if there is none."""
        return next((str(value) for key, value in self.headers.items() if key.lower() == name), "")


Listener = Callable[[AnsweredCall], None]


def ignore(_call: AnsweredCall) -> None:
    """The listener that ignores all answers."""
