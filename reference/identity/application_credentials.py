"""Application credentials: a secret that a user makes for a program, valid in one project and for some of its roles."""

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
from reference.store import Store
from reference.store.plans import insert
from reference.wsgi.errors import Problem
from reference.wsgi.routes import STRING, Answer, Call, Operation, Route

_FORM = Form(APPLICATION_CREDENTIAL)


class ApplicationCredentials:
    """Handlers for the credentials' user, and for admins, who may read and delete them."""

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
        names = call.query("name")
        with self.store.read() as tx:
            rows = tx.execute(_of_user(call).order_by(application_credentials.c.name)).all()
            views = [self._show(tx, row) for row in rows if not names or row.name in names]
        return Answer({"application_credentials": views, "links": {}})

    def show(self, call: Call) -> Answer:
        with self.store.read() as tx:
            return Answer({"application_credential": self._show(tx, _get(tx, call))})

    def create(self, call: Call) -> Answer:
        """Create one; only this answer has its secret.

        Raises Problem: 400; 403 for another user, or with a token of a restricted one; 409 for the name.
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
            "expires_at": _moment(body.get("expires_at")),
            "unrestricted": bool(body.get("unrestricted")),
        }

        def keep(tx: Connection) -> dict[str, Any]:
            _refuse_restricted(tx, call)
            names = _roles(tx, call, body.get("roles", []))
            tx.execute(insert(application_credentials), {**values, "roles": ",".join(sorted(names))})
            statement = sa.select(application_credentials).where(application_credentials.c.id == values["id"])
            return self._show(tx, tx.execute(statement).one())

        try:
            return Answer({"application_credential": {**self.store.write(keep), "secret": secret}}, 201)
        except sa.exc.IntegrityError:
            raise Problem(409, "Conflict", "There is an application credential of that name.") from None

    def delete(self, call: Call) -> Answer:
        def delete(tx: Connection) -> None:
            _refuse_restricted(tx, call)
            row = _get(tx, call)
            tokens.revoke_all(tx, "credential_id", [row.id])
            tx.execute(application_credentials.delete().where(application_credentials.c.id == row.id))

        self.store.write(delete)
        return Answer(status=204)

    def _show(self, tx: Connection, row: sa.Row[Any]) -> dict[str, Any]:
        path = f"users/{row.user_id}/application_credentials/{row.id}"
        moment = None if row.expires_at is None else datetime.fromtimestamp(row.expires_at, UTC)
        return {
            "id": row.id,
            "name": row.name,
            "description": row.description,
            "project_id": row.project_id,
            "roles": tokens.roles_of(tx, row.user_id, row.project_id, row.roles),
            "expires_at": moment and moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
            "unrestricted": bool(row.unrestricted),
            "links": {"self": f"{self.settings.url('identity')}/v3/{path}"},
        }


def _of_user(call: Call) -> sa.Select[Any]:
    """The credentials of the user that the path names. Raises Problem: 403 for another's, except for admins."""
    if call.params["item"] != call.caller.user_id and not call.caller.is_admin:
        raise Problem(403, "Forbidden", "You are not authorized to perform the requested action.")
    return sa.select(application_credentials).where(application_credentials.c.user_id == call.params["item"])


def _refuse_restricted(tx: Connection, call: Call) -> None:
    """Refuse tokens of application credentials that may not manage others. Raises Problem (403)."""
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


def _roles(tx: Connection, call: Call, roles: list[dict[str, Any]]) -> set[str]:
    """The names of the roles that a body lists, all of the caller's for none. Raises Problem: 400 for any other."""
    own = tokens.roles_of(tx, call.caller.user_id, call.caller.project_id)
    names_by_id = {role["id"]: role["name"] for role in own}
    if not roles:
        return set(call.caller.roles) & set(names_by_id.values())
    names = {str(names_by_id.get(str(item.get("id")), item.get("name"))) for item in roles}
    if not names <= call.caller.roles:
        raise Problem(400, "Bad Request", "roles must be some of those you have in this project.")
    return names


def _moment(text: Any) -> int | None:
    """Seconds since 1970 of a future time in ISO 8601, UTC unless it has an offset, or None. Raises Problem (400).

    A time that is after the year 9999 in UTC is refused.
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
