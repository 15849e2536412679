"""The two sides on which a story is played: they answer requests, and can be brought back into an earlier state."""

from typing import Protocol

from fuzzing.wire import Answer, Request

# caller -> project and roles; Networking on both sides takes them from headers, so that no token is needed
CALLERS = {
    "member": ("a" * 32, "member,reader"),
    "other": ("b" * 32, "member,reader"),
    "admin": ("f" * 32, "admin,member,reader"),
}


class Side(Protocol):
    """A service that answers; `keep` keeps its state under a name, `restore` brings that back."""

    def send(self, request: Request, caller: str) -> Answer: ...

    def keep(self, name: str) -> None: ...

    def restore(self, name: str) -> None: ...


def identified(request: Request, caller: str) -> dict[str, str]:
    """The request's headers, and those that say who sends it."""
    project, roles = CALLERS[caller]
    who = {"X-Project-Id": project, "X-Roles": roles, "X-User-Id": f"user-{caller}"}
    return {**dict(request.all_headers()), **who}
