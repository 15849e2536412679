"""Servers that a cloud keeps for a while when they are deleted, lest somebody wants them back, and how to end that.

Nova does so where the operator has set reclaim_instance_interval. DELETE is answered 204 and no list shows the server
any more, but it is there by its id, as SOFT_DELETED, and so are its ports. That can last for hours; forceDelete, which
a member may ask for, ends it, and then the server goes as it does elsewhere.
"""

from collections.abc import Callable
from typing import Any

STATUS = "SOFT_DELETED"
FORCE = {"forceDelete": None}  # what is sent to the action of a server


class Ends:
    """Forces the ends of servers that are kept, once each; `send` gets the URL to send FORCE to."""

    def __init__(self, send: Callable[[str], object]) -> None:
        self._send = send
        self._forced: set[str] = set()

    def see(self, url: str, answer: Any) -> None:
        """What the server of that URL answered to a look, made after it was deleted."""
        server = answer.get("server") if isinstance(answer, dict) else None
        if not isinstance(server, dict) or server.get("status") != STATUS or url in self._forced:
            return
        self._forced.add(url)
        self._send(f"{url}/action")
