"""How users enter a cloud: the endpoints that their tokens name, and what Identity demands of them."""

import re
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from reference import credentials
from reference.differences.catalogue import difference
from reference.faults.seams import answering, replace, wrap
from reference.identity import admin, api, auth_methods
from reference.identity.tables import METADATA
from reference.store import Store
from reference.wsgi.errors import Problem
from reference.wsgi.routes import Answer, Call

ELSEWHERE = "Elsewhere"  # a region
NOWHERE = "http://dev2.example.invalid"  # a URL there; "v2" in its host may be taken for a version
_VERSIONS = {"identity": "/v3", "image": "/v2", "network": "/v2.0", "compute": "/v2.1"}
STRONG = re.compile(r"(?=.*[a-z])(?=.*[A-Z])(?=.*[0-9])(?=.*[!@#$])")


@difference("Nova with an endpoint as in its early years")
def project_in_endpoint() -> None:
    """The endpoint of Compute in the catalog ends in the id of the token's project."""

    def change(endpoint: dict[str, Any], service: str, project: str) -> dict[str, Any]:
        return {**endpoint, "url": f"{endpoint['url']}/{project}"} if service == "compute" else endpoint

    _each_endpoint(lambda service, endpoint, project: [change(endpoint, service, project)])


@difference("clouds with several regions in one Keystone")
def several_regions() -> None:
    """The catalog has each service in a second region, too, which comes first, and where nobody answers."""

    def change(service: str, endpoint: dict[str, Any], _project: str) -> list[dict[str, Any]]:
        elsewhere = {"id": f"{endpoint['id']}-2", "region": ELSEWHERE, "region_id": ELSEWHERE}
        return [{**endpoint, **elsewhere, "url": f"{NOWHERE}/{service}{_VERSIONS[service]}"}, endpoint]

    _each_endpoint(change)


@difference("Keystone with endpoints as older guides have them")
def versioned_endpoints() -> None:
    """The endpoints in the catalog end in the versions of their APIs."""

    def change(service: str, endpoint: dict[str, Any], _project: str) -> list[dict[str, Any]]:
        url, version = endpoint["url"], _VERSIONS[service]
        return [endpoint if version in url else {**endpoint, "url": url + version}]

    _each_endpoint(change)


@difference("clouds whose users come out of a directory")
def renamed_domain() -> None:
    """The domain that Identity starts with is not called Default."""
    replace(credentials, "DOMAIN", "Users")


@difference("operators with rules for passwords")
def strict_passwords() -> None:
    """A password has upper and lower case, a digit and a sign; a user who is given one has to change it first."""
    passwords = sa.Table(
        "difference_passwords",
        METADATA,
        sa.Column("user_id", sa.ForeignKey("id_users.id", ondelete="CASCADE"), primary_key=True),
    )

    def parse(right: Any, call: Call) -> dict[str, Any]:
        body: dict[str, Any] = right(call)
        user = body.get("user")
        call.request.context.wanted = requested = user if isinstance(user, dict) else {}
        if requested.get("password") is not None and not STRONG.match(str(requested["password"])):
            raise Problem(400, "Bad Request", "The password does not match the requirements: aA1 and one of !@#$.")
        return body

    def create(right: Any, self: admin.Admin, kind: Any, call: Call) -> Answer:
        answer: Answer = right(self, kind, call)
        body: Any = answer.body
        options = call.request.context.wanted.get("options")
        lasting = isinstance(options, dict) and options.get("ignore_change_password_upon_first_use") is True
        if kind.singular == "user" and not lasting:
            self.store.write(lambda tx: tx.execute(passwords.insert().values(user_id=body["user"]["id"])))
        return answer

    def prove(store: Store, requested: Any) -> auth_methods.Proof:
        proof = right(store, requested)
        with store.read() as tx:
            if tx.execute(sa.select(passwords).where(passwords.c.user_id == proof.user_id)).first():
                raise Problem(401, "Unauthorized", "The password is expired and must be changed.")
        return proof

    right = auth_methods.METHODS["password"]
    auth_methods.METHODS["password"] = prove
    wrap(admin, "parse", parse)
    wrap(admin.Admin, "create", create)


def _each_endpoint(change: Any) -> None:
    """Replace each endpoint of a catalog by those that `change(service, endpoint, project)` returns."""

    def changed(catalog: list[dict[str, Any]], project: str) -> list[dict[str, Any]]:
        return [
            {
                **service,
                "endpoints": [new for old in service["endpoints"] for new in change(service["type"], old, project)],
            }
            for service in catalog
        ]

    def describe(right: Any, self: api.Api, tx: Connection, token: str) -> dict[str, Any]:
        body: dict[str, Any] = right(self, tx, token)
        return body | ({"catalog": changed(body["catalog"], body["project"]["id"])} if "catalog" in body else {})

    def show(call: Call, answer: Answer) -> Answer:
        body: Any = answer.body
        return Answer({**body, "catalog": changed(body["catalog"], call.caller.project_id)})

    wrap(api.Api, "describe", describe)
    answering(api.Api, "catalog")(show)()
