"""Application credentials: secrets that users make for programs, each for one project and some of the user's roles."""

import secrets
import uuid
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from reference.config import Settings
from reference.identity import auth_methods, passwords, tokens
from reference.identity.api import parse
from reference.identity.schemas import APPLICATION_CREDENTIAL, Form
from reference.identity.tables import application_credentials
from reference.identity.tables import roles as role_table
from reference.store import Store
from reference.store.plans import insert
from reference.wsgi.errors import Problem
from reference.wsgi.routes import STRING, Answer, Call, Operation, Route

_FORM = Form(APPLICATION_CREDENTIAL)


class ApplicationCredentials:
    """Handlers of requests for credentials: users manage their own; admins may read and delete everybody's."""

    def __init__(self, store: Store, settings: Settings) -> None:
        self.store, self.settings = store, settings

    def routes(self) -> list[Route]:
        path = "/v3/users/{item}/application_credentials"
        return [
            Route("GET", path, self.index, Operation(errors=(403,), query={"name": STRING})),
            Route("POST", path, self.create, Operation(201, (403, 409), body=APPLICATION_CREDENTIAL)),
            Route("GET", path + "/{credential}", self.show, Operation(errors=(403,))),
            Route("DELETE", path + "/{credential}", self.delete, Operation(204, (403,), answer=None)),
        ]

    def index(self, call: Call) -> Answer:
        """The credentials of a user; only those whose names are in the query, if it has names. Raises Problem (403)."""
        names = call.query("name")
        with self.store.read() as tx:
            rows = tx.execute(_of_user(call).order_by(application_credentials.c.name)).all()
            views = [self._view(tx, row) for row in rows if not names or row.name in names]
        return Answer({"application_credentials": views, "links": {}})

    def show(self, call: Call) -> Answer:
        """One credential. Raises Problem: 403 for another user's, 404."""
        with self.store.read() as tx:
            return Answer({"application_credential": self._view(tx, _get(tx, call))})

    def create(self, call: Call) -> Answer:
        """Create a credential; only this answer shows its secret.

        Raises Problem: 400 for an invalid body; 403 for another user, without a project, or with the token of a
        credential that may not manage others; 409 where the user has one of that name.
        """
        if call.params["item"] != call.caller.user_id or not call.caller.project_id:
            raise Problem(403, "Forbidden", "Application credentials are made by their user, in a project.")
        body = _FORM.check(parse(call))["application_credential"]
        secret = body.get("secret") or secrets.token_urlsafe(48)
        values = {
            "id": uuid.uuid4().hex,
            "user_id": call.caller.user_id,
            "project_id": call.caller.project_id,
            "name": body["name"],
            "description": body.get("description") or "",
            "secret": passwords.digest(secret),
            "expires_at": _expiry(body.get("expires_at")),
            "unrestricted": bool(body.get("unrestricted")),
        }

        def insert_credential(tx: Connection) -> dict[str, Any]:
            _refuse_restricted(tx, call)
            names = _role_names(tx, call, body.get("roles", []))
            tx.execute(insert(application_credentials), {**values, "roles": ",".join(sorted(names))})
            statement = sa.select(application_credentials).where(application_credentials.c.id == values["id"])
            return self._view(tx, tx.execute(statement).one())

        try:
            return Answer({"application_credential": {**self.store.write(insert_credential), "secret": secret}}, 201)
        except sa.exc.IntegrityError:
            raise Problem(409, "Conflict", "There is an application credential of that name.") from None

    def delete(self, call: Call) -> Answer:
        """Delete a credential and revoke its tokens.

        Raises Problem: 403 for another user's, or with the token of a credential that may not manage others; 404.
        """

        def delete_credential(tx: Connection) -> None:
            _refuse_restricted(tx, call)
            row = _get(tx, call)
            tokens.revoke_all(tx, "credential_id", [row.id])
            tx.execute(application_credentials.delete().where(application_credentials.c.id == row.id))

        self.store.write(delete_credential)
        return Answer(status=204)

    def _view(self, tx: Connection, row: sa.Row[Any]) -> dict[str, Any]:
        """The credential as answers show it, without its secret."""
        path = f"users/{row.user_id}/application_credentials/{row.id}"
        expiry = None if row.expires_at is None else datetime.fromtimestamp(row.expires_at, UTC)
        return {
            "id": row.id,
            "name": row.name,
            "description": row.description,
            "project_id": row.project_id,
            "roles": tokens.roles_of(tx, row.user_id, row.project_id, row.roles),
            "expires_at": expiry and expiry.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
            "unrestricted": bool(row.unrestricted),
            "links": {"self": f"{self.settings.url('identity')}/v3/{path}"},
        }


def _of_user(call: Call) -> sa.Select[Any]:
    """The query for the credentials of the user in the path.

    Raises Problem: 403 where the caller is neither that user nor an admin.
    """
    if call.params["item"] != call.caller.user_id and not call.caller.is_admin:
        raise Problem(403, "Forbidden", "You are not authorized to perform the requested action.")
    return sa.select(application_credentials).where(application_credentials.c.user_id == call.params["item"])


def _refuse_restricted(tx: Connection, call: Call) -> None:
    """Raises Problem (403) where the caller's token is that of a credential which may not manage others."""
    token = auth_methods.find_token(tx, call.caller.token)
    if token is None or token.credential_id is None:
        return
    credential = auth_methods.find_credential(tx, token.credential_id)
    if credential is None or not credential.unrestricted:
        message = (
            "Using method 'application_credential' is not allowed for managing additional application credentials."
        )
        raise Problem(403, "Forbidden", message)


def _get(tx: Connection, call: Call) -> sa.Row[Any]:
    """The row of the credential that the path names. Raises Problem: 403 for another user's, 404."""
    row = tx.execute(_of_user(call).where(application_credentials.c.id == call.params["credential"])).first()
    if row is None:
        raise Problem(404, "Not Found", f"Could not find application credential: {call.params['credential']}.")
    return row


def _role_names(tx: Connection, call: Call, roles: list[dict[str, Any]]) -> set[str]:
    """The names of the roles that the body lists, or of all the caller's roles if it lists none. Raises Problem: 404
    for an unknown role, 400 for one that the caller does not have.
    """
    if not roles:
        own = tokens.roles_of(tx, call.caller.user_id, call.caller.project_id)
        return set(call.caller.roles) & {role["name"] for role in own}
    names_by_id = {row.id: row.name for row in tx.execute(sa.select(role_table.c.id, role_table.c.name))}
    names = {str(names_by_id.get(str(item.get("id")), item.get("name"))) for item in roles}
    unknown = sorted(names - set(names_by_id.values()))
    if unknown:
        raise Problem(404, "Not Found", f"Role {unknown[0]} is not defined.")
    if not names <= call.caller.roles:
        raise Problem(400, "Bad Request", "roles must be some of those you have in this project.")
    return names


def _expiry(text: Any) -> int | None:
    """A time in ISO 8601 as seconds since 1970, None for None; it is in UTC unless it has an offset.

    Raises Problem: 400 for a text that is no such time, or one in the past, or after the year 9999 in UTC.
    """
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
        moment = moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        raise Problem(400, "Bad Request", "expires_at must be a time in ISO 8601.") from None
    if moment <= datetime.now(UTC):
        raise Problem(400, "Bad Request", "expires_at must be in the future.")
    return int(moment.timestamp())
