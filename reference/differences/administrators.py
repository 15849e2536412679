"""What the suite's administrator, who creates projects, is allowed to do."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.engine import Connection

from reference import credentials
from reference.config import Settings
from reference.differences.catalogue import difference
from reference.faults.seams import wrap
from reference.identity import admin, api
from reference.wsgi.errors import Problem
from reference.wsgi.routes import Answer, Call

NAME = "admin"  # the administrator's, and its project's
LONGEST = 24  # characters of a password, at most, as in some directories


@difference("Keystone with a directory (LDAP) that it only reads", refused=True)
def read_only_identity() -> None:
    """Nobody creates projects or users by Identity, administrators included."""

    def create(_right: Any, _self: admin.Admin, kind: Any, _call: Call) -> Answer:
        raise Problem(403, "Forbidden", f"You are not authorized to create a {kind.singular} in a read-only domain.")

    wrap(admin.Admin, "create", create)


@difference("operators whose rules for passwords are their own", refused=True)
def short_passwords() -> None:
    """A password has 24 characters at most."""

    def parse(right: Any, call: Call) -> dict[str, Any]:
        body: dict[str, Any] = right(call)
        user = body.get("user")
        if isinstance(user, dict) and len(str(user.get("password") or "")) > LONGEST:
            raise Problem(400, "Bad Request", f"The password has more than {LONGEST} characters.")
        return body

    wrap(admin, "parse", parse)


@difference("administrators of the system as a whole (system_scope: all)")
def system_administrator() -> None:
    """The administrator signs in to the system, and in no project."""

    def entry(right: Any, settings: Settings, account: credentials.Account) -> dict[str, Any]:
        cloud: dict[str, Any] = right(settings, account)
        if account.user == NAME:
            auth = {key: value for key, value in cloud["auth"].items() if not key.startswith("project_")}
            return {**cloud, "auth": {**auth, "system_scope": "all"}}
        return cloud

    def parse(right: Any, call: Call) -> Any:
        """The reference's services know administrators by their project, so internally the token is for one."""
        body = right(call)
        auth = body.get("auth") if isinstance(body, Mapping) else None
        if isinstance(auth, Mapping) and auth.get("scope") == {"system": {"all": True}}:
            project = {"name": NAME, "domain": {"id": "default"}}
            return {"auth": {**auth, "scope": {"project": project}}}
        return body

    def describe(right: Any, self: api.Api, tx: Connection, token: str) -> dict[str, Any]:
        body: dict[str, Any] = right(self, tx, token)
        if body.get("project", {}).get("name") != NAME:
            return body
        without = {key: value for key, value in body.items() if key not in ("project", "is_domain")}
        return {**without, "system": {"all": True}}

    wrap(credentials, "entry", entry)
    wrap(api, "parse", parse)
    wrap(api.Api, "describe", describe)
