"""Soft-deleted servers: a cloud may keep deleted servers for a while, so that they can be restored.

Nova does so where the operator has set reclaim_instance_interval. DELETE is answered 204 and no list shows the server
any more, but GET by its id does, as SOFT_DELETED, and its ports stay, too. That can last for hours; the action
forceDelete, which a member may use, ends it: the server is then deleted as on other clouds.
"""

from collections.abc import Callable
from typing import Any

STATUS = "SOFT_DELETED"
FORCE = {"forceDelete": None}  # the body of the server's action


class ForcedDeletes:
    """Forces the deletion of soft-deleted servers, once each; `send` is called with the URL to POST FORCE to."""

    def __init__(self, send: Callable[[str], object]) -> None:
        self._send = send
        self._forced: set[str] = set()

    def force_if_kept(self, url: str, answer: Any) -> None:
        """Force the deletion where `answer`, that to a GET of the server's URL after its DELETE, shows it kept."""
        server = answer.get("server") if isinstance(answer, dict) else None
        if not isinstance(server, dict) or server.get("status") != STATUS or url in self._forced:
            return
        self._forced.add(url)
        self._send(f"{url}/action")
