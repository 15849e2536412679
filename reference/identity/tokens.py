"""Tokens: issued after a password was right, found again by their digest, revoked, expired (K-002, K-004, K-005)."""

from __future__ import annotations

import hashlib
import secrets
import time
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from reference.identity import passwords
from reference.identity.tables import assignments, domains, projects, roles, tokens, users
from reference.store import Store
from reference.wsgi.context import Authenticator, Caller
from reference.wsgi.errors import Problem

# the roles a role brings along (K-007)
IMPLIED = {"admin": ("member", "reader"), "member": ("reader",)}


def refuse() -> Problem:
    """The one answer to every failed authentication: it tells neither what was wrong nor what exists."""
    return Problem(401, "Unauthorized", "The request you have made requires authentication.")


def hash_token(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def roles_of(tx: Connection, user_id: str, project_id: str) -> list[dict[str, str]]:
    """The user's roles in the project, implied ones included, as {id, name}."""
    all_roles = {row.name: row.id for row in tx.execute(sa.select(roles.c.name, roles.c.id))}
    rows = tx.execute(
        sa.select(roles.c.name)
        .join(assignments, assignments.c.role_id == roles.c.id)
        .where(assignments.c.user_id == user_id, assignments.c.project_id == project_id)
    )
    names = with_implied({row.name for row in rows}) & set(all_roles)
    return [{"id": all_roles[name], "name": name} for name in sorted(names)]


def with_implied(names: set[str | None]) -> set[str]:
    """Those role names and the ones they bring along (K-007)."""
    known = {name for name in names if name}
    return known | {implied for name in known for implied in IMPLIED.get(name, ())}


def find_user(tx: Connection, wanted: Mapping[str, Any]) -> sa.Row[Any] | None:
    """The user an authentication names by id, or by name and domain (id or name)."""
    return _find(tx, users, wanted)


def find_project(tx: Connection, wanted: Mapping[str, Any]) -> sa.Row[Any] | None:
    return _find(tx, projects, wanted)


def _find(tx: Connection, table: sa.Table, wanted: Mapping[str, Any]) -> sa.Row[Any] | None:
    if "id" in wanted:
        condition = table.c.id == wanted["id"]
    else:
        domain = wanted.get("domain") or {}
        condition = sa.and_(
            table.c.name == wanted.get("name"),
            table.c.domain_id == domains.c.id,
            domains.c.id == domain["id"] if "id" in domain else domains.c.name == domain.get("name"),
        )
    return tx.execute(sa.select(table).where(condition, table.c.enabled)).first()


def issue(store: Store, user: Mapping[str, Any], scope: Mapping[str, Any] | None, seconds: int) -> str:
    """A new token for the user the password of `user` proves, in the project of `scope`.

    Errors: 401 for a wrong password, an unknown user or project, a project the user has no role in.
    """
    with store.read() as tx:
        found = find_user(tx, user)
    # the digest is compared outside any transaction: it is slow on purpose
    if not passwords.matches(str(user.get("password", "")), found.password if found else None) or found is None:
        raise refuse()
    user_id = found.id
    wanted = scope or ({"id": found.default_project_id} if found.default_project_id else None)
    token = secrets.token_urlsafe(32)

    def keep(tx: Connection) -> None:
        project = find_project(tx, wanted) if wanted else None
        if wanted and (project is None or not roles_of(tx, user_id, project.id)):
            raise refuse()
        now = int(time.time())
        tx.execute(tokens.delete().where(tokens.c.expires_at < now))
        tx.execute(
            tokens.insert().values(
                digest=hash_token(token),
                user_id=user_id,
                project_id=project.id if project else None,
                issued_at=now,
                expires_at=now + seconds,
            )
        )

    store.write(keep)
    return token


def find(tx: Connection, token: str) -> sa.Row[Any] | None:
    """The row of a token that is known and has not expired."""
    return tx.execute(
        sa.select(tokens).where(tokens.c.digest == hash_token(token), tokens.c.expires_at > int(time.time()))
    ).first()


def revoke(tx: Connection, token: str) -> None:
    tx.execute(tokens.delete().where(tokens.c.digest == hash_token(token)))


def authenticator(store: Store) -> Authenticator:
    """The services' way to find the caller behind a token, where they share this database: one statement."""
    granted = sa.and_(assignments.c.user_id == tokens.c.user_id, assignments.c.project_id == tokens.c.project_id)
    statement = (
        sa.select(tokens.c.user_id, tokens.c.project_id, roles.c.name)
        .outerjoin(assignments, granted)
        .outerjoin(roles, roles.c.id == assignments.c.role_id)
        .where(tokens.c.digest == sa.bindparam("digest"), tokens.c.expires_at > sa.bindparam("now"))
    )

    def authenticate(token: str) -> Caller | None:
        with store.read() as tx:
            rows = tx.execute(statement, {"digest": hash_token(token), "now": int(time.time())}).all()
        if not rows:
            return None
        return Caller(rows[0].user_id, rows[0].project_id or "", frozenset(with_implied({r.name for r in rows})), token)

    return authenticate
