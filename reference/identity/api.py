"""Identity v3 for everyone: discovery, authentication, reading one's own token (K-001 to K-005)."""

import time
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from reference.config import Settings
from reference.identity import auth_methods, tokens
from reference.identity.catalog import catalog
from reference.identity.schemas import AUTHENTICATION, Form
from reference.identity.tables import domains, projects, users
from reference.store import Store
from reference.wsgi.errors import Problem
from reference.wsgi.routes import Answer, Call, Operation, Route

_OF_TOKENS = Operation(errors=(404,))
_AUTHENTICATION = Form(AUTHENTICATION)
VERSION = "v3.14"
UPDATED = "2020-04-07T00:00:00Z"


def parse(call: Call) -> dict[str, Any]:
    """The body as a JSON object. Raises Problem (400)."""
    try:
        body = call.json()
    except ValueError:
        raise Problem(400, "Bad Request", "The body must be JSON.") from None
    if not isinstance(body, dict):
        raise Problem(400, "Bad Request", "The body must be a JSON object.")
    return body


class Api:
    """Handlers that need no rights but one's own password or token."""

    def __init__(self, store: Store, settings: Settings) -> None:
        self.store, self.settings = store, settings

    def routes(self) -> list[Route]:
        return [
            Route("GET", "/", self.versions, Operation(300)),
            Route("GET", "/v3", self.version),
            Route("GET", "/v3/", self.version),
            Route("POST", "/v3/auth/tokens", self.authenticate, Operation(201, (401,), body=AUTHENTICATION)),
            Route("GET", "/v3/auth/tokens", self.show, _OF_TOKENS),
            Route("HEAD", "/v3/auth/tokens", self.show, _OF_TOKENS),
            Route("DELETE", "/v3/auth/tokens", self.revoke, Operation(204, (404,), answer=None)),
            Route("GET", "/v3/auth/catalog", self.catalog),
            Route("GET", "/v3/auth/projects", self.projects),
        ]

    def _version(self) -> dict[str, Any]:
        return {
            "id": VERSION,
            "status": "stable",
            "updated": UPDATED,
            "links": [{"rel": "self", "href": f"{self.settings.url('identity')}/v3/"}],
            "media-types": [{"base": "application/json", "type": "application/vnd.openstack.identity-v3+json"}],
        }

    def versions(self, _call: Call) -> Answer:
        return Answer({"versions": {"values": [self._version()]}}, 300)

    def version(self, _call: Call) -> Answer:
        return Answer({"version": self._version()})

    def authenticate(self, call: Call) -> Answer:
        auth = _AUTHENTICATION.check(parse(call))["auth"]
        identity, scope = auth["identity"], auth.get("scope")
        project = scope.get("project") if isinstance(scope, dict) else None
        try:
            proof = auth_methods.prove(self.store, identity)
        except KeyError as missing:
            raise Problem(400, "Bad Request", f"auth.identity needs {missing}.") from None
        token = tokens.issue(self.store, proof, project, self.settings.token_seconds)
        with self.store.read() as tx:
            return Answer({"token": self.describe(tx, token)}, 201, {"X-Subject-Token": token})

    def show(self, call: Call) -> Answer:
        subject = self._subject(call)
        with self.store.read() as tx:
            return Answer({"token": self.describe(tx, subject)}, headers={"X-Subject-Token": subject})

    def revoke(self, call: Call) -> Answer:
        subject = self._subject(call)
        self.store.write(lambda tx: tokens.revoke(tx, subject))
        return Answer(status=204)

    def catalog(self, _call: Call) -> Answer:
        return Answer({"catalog": catalog(self.settings), "links": {"self": None}})

    def projects(self, call: Call) -> Answer:
        with self.store.read() as tx:
            rows = tx.execute(sa.select(projects)).all()
            own = [row for row in rows if tokens.roles_of(tx, call.caller.user_id, row.id)]
        return Answer({"projects": [{"id": row.id, "name": row.name} for row in own], "links": {}})

    def _subject(self, call: Call) -> str:
        """The token of the header X-Subject-Token: its holder's own, or any for an admin. Raises Problem (404)."""
        subject = call.request.get_header("X-Subject-Token") or ""
        with self.store.read() as tx:
            row = auth_methods.find_token(tx, subject)
            idle = row and row.project_id and not tokens.roles_of(tx, row.user_id, row.project_id, row.roles)
        if row is None or idle or not (call.caller.is_admin or row.user_id == call.caller.user_id):
            raise Problem(404, "Not Found", "This is not a recognized token.")
        return subject

    def describe(self, tx: Connection, token: str) -> dict[str, Any]:
        """The token as clients see it. Raises Problem: 401 where it has been revoked meanwhile."""
        row = auth_methods.find_token(tx, token)
        if row is None:
            raise auth_methods.refuse()
        user = tx.execute(sa.select(users).where(users.c.id == row.user_id)).one()
        body: dict[str, Any] = {
            "methods": [row.method],
            "user": {**_named(tx, user), "password_expires_at": None},
            "issued_at": _time(row.issued_at),
            "expires_at": _time(row.expires_at),
            "audit_ids": [row.digest[:22]],
        }
        if row.project_id:
            project = tx.execute(sa.select(projects).where(projects.c.id == row.project_id)).one()
            body["project"] = _named(tx, project)
            body["is_domain"] = False
            body["roles"] = tokens.roles_of(tx, row.user_id, row.project_id, row.roles)
            body["catalog"] = catalog(self.settings)
        return body


def _named(tx: Connection, row: sa.Row[Any]) -> dict[str, Any]:
    domain = tx.execute(sa.select(domains).where(domains.c.id == row.domain_id)).one()
    return {"id": row.id, "name": row.name, "domain": {"id": domain.id, "name": domain.name}}


def _time(seconds: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S.000000Z", time.gmtime(seconds))
