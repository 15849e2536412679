"""The user data of servers under test: a shell script, with the plan that it carries out."""

import secrets
import shlex
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

HERE = Path(__file__).parent
PLAN = "# @PLAN@"  # the line of the script that the plan replaces
PORT = 8042  # where a guest listens
WAIT = 20  # seconds for an address, and to look for peers


def new_nonce() -> str:
    """A word that marks the lines of one request's servers; nobody else knows it."""
    return secrets.token_hex(8)


@dataclass(frozen=True)
class Plan:
    """What servers of one request do. They wait `wait` seconds for an address of each IP version in `versions`, call
    the URLs `outside`, search `search` seconds for `peers` other servers of the same request, and try the addresses
    `targets`. If `back`, the outside tries to connect to them, for `floating` seconds if a floating IP is being set up.
    `answered` is for how many seconds they try targets that must answer; it is 0 if no target may answer.
    """

    nonce: str = field(default_factory=new_nonce)
    versions: Sequence[int] = (4,)
    outside: Sequence[str] = ()
    wait: int = WAIT
    peers: int = 0
    search: int = WAIT
    targets: Sequence[str] = ()
    answered: int = 0
    floating: int = 0
    back: bool = False

    def user_data(self) -> str:
        """The script for this plan, in Base64, as Compute takes it."""
        variables = {
            "NONCE": self.nonce,
            "PORT": PORT,
            "VERSIONS": " ".join(map(str, self.versions)),
            "WAIT": self.wait,
            "OUTSIDE": " ".join(self.outside),
            "PEERS": self.peers,
            "SEARCH": self.search,
            "TARGETS": " ".join(self.targets),
            "ANSWERED": self.answered or "",
            "BACK": "yes" if self.back else "",
            "FLOATING": self.floating or "",
        }
        lines = "\n".join(f"{name}={shlex.quote(str(value))}" for name, value in variables.items())
        return b64encode(_script().replace(PLAN, lines, 1).encode()).decode()


@cache
def _script() -> str:
    return (HERE / "guest.sh").read_text(encoding="utf-8")
