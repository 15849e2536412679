"""Who somebody is: what each method of authentication proves (K-002); a new method is a line in METHODS."""

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
    """A user who has proved to be one.

    `project_id` is where a token without a scope of its own belongs; `bound` means it can belong nowhere else;
    `roles` are the only ones it may carry, None for all; `until` is when it ends at the latest, in seconds since 1970.
    """

    user_id: str
    method: str
    project_id: str | None = None
    bound: bool = False
    roles: str | None = None
    until: float = float("inf")


def refuse() -> Problem:
    """The one answer to every failed authentication: it tells neither what was wrong nor what exists."""
    return Problem(401, "Unauthorized", "The request you have made requires authentication.")


def prove(store: Store, identity: Mapping[str, Any]) -> Proof:
    """What `auth.identity` of a request proves. Errors: 401; KeyError or TypeError where it is no such thing."""
    methods = identity["methods"]
    if len(methods) != 1 or methods[0] not in METHODS:
        raise Problem(401, "Unauthorized", f"Supported, one at a time: {', '.join(METHODS)}.")
    return METHODS[methods[0]](store, identity[methods[0]])


def find_user(tx: Connection, wanted: Mapping[str, Any]) -> sa.Row[Any] | None:
    """The user an authentication names by id, or by name and domain (id or name)."""
    return _find(tx, users, wanted)


def find_project(tx: Connection, wanted: Mapping[str, Any]) -> sa.Row[Any] | None:
    return _find(tx, projects, wanted)


def find_token(tx: Connection, token: str) -> sa.Row[Any] | None:
    """The row of a token that is known and has not expired."""
    known = tokens.c.digest == passwords.fingerprint(token)
    return tx.execute(sa.select(tokens).where(known, tokens.c.expires_at > int(time.time()))).first()


def by_password(store: Store, given: Mapping[str, Any]) -> Proof:
    user = given["user"]
    with store.read() as tx:
        found = find_user(tx, user)
    # the digest is compared outside any transaction: it is slow on purpose
    if not passwords.matches(str(user.get("password", "")), found.password if found else None) or found is None:
        raise refuse()
    return Proof(found.id, "password", found.default_project_id)


def by_token(store: Store, given: Mapping[str, Any]) -> Proof:
    """A token proves its holder, for as long as it is good itself; one that was bound stays bound."""
    with store.read() as tx:
        row = find_token(tx, str(given["id"]))
        if row is None or find_user(tx, {"id": row.user_id}) is None:
            raise refuse()
    return Proof(row.user_id, "token", row.project_id, row.roles is not None, row.roles, row.expires_at)


def by_application_credential(store: Store, given: Mapping[str, Any]) -> Proof:
    """A credential its user made for one project; named by id, or by name and user."""
    credentials = application_credentials
    with store.read() as tx:
        if "id" in given:
            wanted = credentials.c.id == str(given["id"])
        else:
            user = find_user(tx, given["user"])
            wanted = sa.and_(credentials.c.name == str(given["name"]), credentials.c.user_id == (user and user.id))
        row = tx.execute(sa.select(credentials).where(wanted)).first()
    if not passwords.matches(str(given["secret"]), row.secret if row else None) or row is None:
        raise refuse()
    until = float("inf") if row.expires_at is None else row.expires_at
    if until <= time.time():
        raise refuse()
    return Proof(row.user_id, "application_credential", row.project_id, True, row.roles, until)


METHODS: dict[str, Callable[[Store, Mapping[str, Any]], Proof]] = {
    "password": by_password,
    "token": by_token,
    "application_credential": by_application_credential,
}


def _find(tx: Connection, table: sa.Table, wanted: Mapping[str, Any]) -> sa.Row[Any] | None:
    if "id" in wanted:
        condition = table.c.id == wanted["id"]
    else:
        domain = wanted.get("domain") or {}
        condition = sa.and_(
            table.c.name == wanted.get("name"),
            domains.c.id == domain["id"] if "id" in domain else domains.c.name == domain.get("name"),
        )
    enabled = (table.c.enabled, table.c.domain_id == domains.c.id, domains.c.enabled)
    return tx.execute(sa.select(table).where(condition, *enabled)).first()
