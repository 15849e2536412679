"""Tokens: issued on a proof, found again by their digest, revoked, expired (K-002, K-004, K-005)."""

import secrets
import time
from collections.abc import Mapping
from typing import Any

import falcon
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from reference.identity.auth_methods import Proof, find_credential, find_project, find_user, refuse
from reference.identity.passwords import fingerprint
from reference.identity.tables import assignments, roles, tokens
from reference.store import Store
from reference.store.plans import insert
from reference.wsgi.context import Authenticator, Caller

LATEST = 253402300799  # the last second that can be written as a time, at the end of the year 9999
# role -> the roles it implies (K-007)
IMPLIED = {"admin": ("member", "reader"), "member": ("reader",)}
_ROLES = sa.select(roles.c.name, roles.c.id)
_ROLES_OF = (
    sa.select(roles.c.name)
    .join(assignments, assignments.c.role_id == roles.c.id)
    .where(assignments.c.user_id == sa.bindparam("user"), assignments.c.project_id == sa.bindparam("project"))
)


def roles_of(tx: Connection, user_id: str, project_id: str, only: str | None = None) -> list[dict[str, str]]:
    """The user's roles in the project as {id, name}, implied ones included; with `only`, just those of these names."""
    all_roles = {row.name: row.id for row in tx.execute(_ROLES)}
    rows = tx.execute(_ROLES_OF, {"user": user_id, "project": project_id})
    names = confined({row.name for row in rows}, only) & set(all_roles)
    return [{"id": all_roles[name], "name": name} for name in sorted(names)]


def confined(names: set[str | None], only: str | None) -> set[str]:
    """These role names and the ones they imply (K-007), limited to those in `only`, names joined by commas."""
    roles_held = with_implied(names)
    return roles_held if only is None else roles_held & with_implied(set(only.split(",")))


def with_implied(names: set[str | None] | set[str]) -> set[str]:
    """Those role names and the ones they imply (K-007)."""
    explicit = {name for name in names if name}
    return explicit | {implied for name in explicit for implied in IMPLIED.get(name, ())}


def issue(store: Store, proof: Proof, scope: Mapping[str, Any] | None, seconds: int) -> str:
    """A new token for the user of `proof`, in the project of `scope` or else that of the proof, valid for `seconds`.

    Raises Problem: 401 for an unknown or disabled user or project, and for a project where the user has no role.
    """
    if proof.bound and scope is not None:
        raise refuse()
    project_reference = scope or ({"id": proof.project_id} if proof.project_id else None)
    token = secrets.token_urlsafe(32)

    def keep(tx: Connection) -> None:
        project = find_project(tx, project_reference) if project_reference else None
        if find_user(tx, {"id": proof.user_id}) is None:
            raise refuse()
        if project_reference and (project is None or not roles_of(tx, proof.user_id, project.id, proof.roles)):
            raise refuse()
        if proof.credential is not None and find_credential(tx, proof.credential, lock=True) is None:
            raise refuse()
        now = int(time.time())
        tx.execute(tokens.delete().where(tokens.c.expires_at < now))
        values = {
            "digest": fingerprint(token),
            "user_id": proof.user_id,
            "project_id": project.id if project else None,
            "method": proof.method,
            "roles": proof.roles,
            "issued_at": now,
            "expires_at": int(min(now + seconds, proof.until, LATEST)),
            "credential_id": proof.credential,
        }
        tx.execute(insert(tokens), values)

    store.write(keep)
    return token


def revoke(tx: Connection, token: str) -> None:
    tx.execute(tokens.delete().where(tokens.c.digest == fingerprint(token)))


def revoke_all(tx: Connection, column: str, holders: Any) -> None:
    """Revoke every token of users (`user_id`), projects (`project_id`) or application credentials (`credential_id`).

    `holders` are ids, or a SELECT of ids.
    """
    tx.execute(tokens.delete().where(tokens.c[column].in_(holders)))


def revoke_in(tx: Connection, user_id: str, project_id: str) -> None:
    """Revoke every token of the user in the project."""
    tx.execute(tokens.delete().where(tokens.c.user_id == user_id, tokens.c.project_id == project_id))


def authenticator(store: Store) -> Authenticator:
    """A function that finds a request's caller, for services on this database, by one statement."""
    granted = sa.and_(assignments.c.user_id == tokens.c.user_id, assignments.c.project_id == tokens.c.project_id)
    statement = (
        sa.select(tokens.c.user_id, tokens.c.project_id, tokens.c.roles, roles.c.name)
        .outerjoin(assignments, granted)
        .outerjoin(roles, roles.c.id == assignments.c.role_id)
        .where(tokens.c.digest == sa.bindparam("digest"), tokens.c.expires_at > sa.bindparam("now"))
    )

    def authenticate(request: falcon.Request) -> Caller | None:
        token = request.get_header("X-Auth-Token")
        if not token:
            return None
        with store.read() as tx:
            rows = tx.execute(statement, {"digest": fingerprint(token), "now": int(time.time())}).all()
        if not rows:
            return None
        names = confined({row.name for row in rows}, rows[0].roles)
        if rows[0].project_id and not names:
            return None  # the user has lost the last role in the project
        return Caller(rows[0].user_id, rows[0].project_id or "", frozenset(names), token)

    return authenticate
