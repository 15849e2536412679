"""The methods of authentication, and what each proves (K-002); a new method is a line in METHODS."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from reference.identity import passwords
from reference.identity.tables import application_credentials, domains, projects, tokens, users
from reference.store import Store
from reference.wsgi.errors import Problem


@dataclass(frozen=True)
class Proof:
    """A user who has authenticated, and the limits of the token that may be issued for it.

    `project_id` is the project of a token without a scope; `bound` means that it can have no other; `roles` are the
    only ones it may carry, names joined by commas, None for all; `until` is its latest end, in seconds since 1970;
    `credential` is the id of the application credential that it ends with, if any.
    """

    user_id: str
    method: str
    project_id: str | None = None
    bound: bool = False
    roles: str | None = None
    until: float = float("inf")
    credential: str | None = None


def refuse() -> Problem:
    """The same 401 for every failed authentication: it discloses neither the reason nor what exists."""
    return Problem(401, "Unauthorized", "The request you have made requires authentication.")


def prove(store: Store, identity: Mapping[str, Any]) -> Proof:
    """The proof in `auth.identity` of a request.

    Raises Problem: 401 where it proves nothing; KeyError where it lacks what its method needs.
    """
    methods = identity["methods"]
    if len(methods) != 1 or methods[0] not in METHODS:
        raise Problem(401, "Unauthorized", f"Supported, one at a time: {', '.join(METHODS)}.")
    return METHODS[methods[0]](store, identity[methods[0]])


def find_user(tx: Connection, reference: Mapping[str, Any]) -> sa.Row[Any] | None:
    """The enabled user with that `id`, or with that `name` and `domain` (by id or name)."""
    return _find(tx, users, reference)


def find_project(tx: Connection, reference: Mapping[str, Any]) -> sa.Row[Any] | None:
    return _find(tx, projects, reference)


def find_credential(tx: Connection, credential: str, *, lock: bool = False) -> sa.Row[Any] | None:
    """The application credential of that id; with `lock`, it cannot be deleted until the transaction ends."""
    statement = sa.select(application_credentials).where(application_credentials.c.id == credential)
    return tx.execute(statement.with_for_update() if lock else statement).first()


def find_token(tx: Connection, token: str) -> sa.Row[Any] | None:
    """The row of a token that has been issued and is valid still."""
    condition = tokens.c.digest == passwords.fingerprint(token)
    return tx.execute(sa.select(tokens).where(condition, tokens.c.expires_at > int(time.time()))).first()


def by_password(store: Store, identity: Mapping[str, Any]) -> Proof:
    user = identity["user"]
    with store.read() as tx:
        row = find_user(tx, user)
    # the digest is compared outside any transaction: it is slow on purpose
    if not passwords.matches(user.get("password", ""), row.password if row else None) or row is None:
        raise refuse()
    return Proof(row.id, "password", row.default_project_id)


def by_token(store: Store, identity: Mapping[str, Any]) -> Proof:
    """A token proves its user, until it expires itself; the proof is bound where the token was."""
    with store.read() as tx:
        row = find_token(tx, identity["id"])
        if row is None or find_user(tx, {"id": row.user_id}) is None:
            raise refuse()
    bound = row.roles is not None
    return Proof(row.user_id, "token", row.project_id, bound, row.roles, row.expires_at, row.credential_id)


def by_application_credential(store: Store, identity: Mapping[str, Any]) -> Proof:
    """A credential for one project, by its id, or by its name and user, with its secret."""
    credentials = application_credentials
    with store.read() as tx:
        if "id" in identity:
            condition = credentials.c.id == identity["id"]
        else:
            user = find_user(tx, identity["user"])
            condition = credentials.c.user_id == (user and user.id)
            condition = sa.and_(credentials.c.name == identity["name"], condition)
        row = tx.execute(sa.select(credentials).where(condition)).first()
    if not passwords.matches(identity["secret"], row.secret if row else None) or row is None:
        raise refuse()
    until = float("inf") if row.expires_at is None else row.expires_at
    if until <= time.time():
        raise refuse()
    return Proof(row.user_id, "application_credential", row.project_id, True, row.roles, until, row.id)


METHODS: dict[str, Callable[[Store, Mapping[str, Any]], Proof]] = {
    "password": by_password,
    "token": by_token,
    "application_credential": by_application_credential,
}


def _find(tx: Connection, table: sa.Table, reference: Mapping[str, Any]) -> sa.Row[Any] | None:
    if "id" in reference:
        condition = table.c.id == reference["id"]
    else:
        domain = reference.get("domain") or {}
        condition = sa.and_(
            table.c.name == reference.get("name"),
            domains.c.id == domain["id"] if "id" in domain else domains.c.name == domain.get("name"),
        )
    enabled = (table.c.enabled, table.c.domain_id == domains.c.id, domains.c.enabled)
    return tx.execute(sa.select(table).where(condition, *enabled)).first()
