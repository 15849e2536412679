"""The caller that authentication found, and the id that names a request in logs."""

import uuid
from dataclasses import dataclass
from typing import Protocol

import falcon


@dataclass(frozen=True)
class Caller:
    """The user, project and roles behind a token; `token` is kept to act for the caller at another service."""

    user_id: str
    project_id: str
    roles: frozenset[str]
    token: str

    def __repr__(self) -> str:  # a caller in a log line must not carry the token there
        return f"Caller(user_id={self.user_id!r}, project_id={self.project_id!r}, roles={sorted(self.roles)})"

    @property
    def is_admin(self) -> bool:
        return "admin" in self.roles

    @property
    def is_member(self) -> bool:
        """Whether the caller may change what the project owns."""
        return bool(self.roles & {"admin", "member"})

    @property
    def is_reader(self) -> bool:
        """Whether the caller may read what the project owns."""
        return bool(self.roles & {"admin", "member", "reader"})


class Authenticator(Protocol):
    """Finds the caller of a request; None where its token is missing, unknown, expired or revoked."""

    def __call__(self, request: falcon.Request) -> Caller | None: ...


def new_request_id() -> str:
    return f"req-{uuid.uuid4()}"
