"""Key pairs, as far as clients boot with them: imported, listed, shown, deleted (C-SVC-004)."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from reference.compute import keypairs, paging, query, quotas, timestamps
from reference.compute.context import Service, require_admin
from reference.compute.errors import fault
from reference.compute.microversion import version_of
from reference.compute.schemas.keypairs import IMPORT
from reference.compute.tables import keypairs as table
from reference.wsgi.routes import STRING, Answer, Call, Operation, Route

_RULE = "os_compute_api:os-keypairs"


class Keypairs:
    """The handlers of os-keypairs: a user's own, or for an admin those of any user from 2.10 on."""

    def __init__(self, service: Service) -> None:
        self.service = service

    def routes(self) -> list[Route]:
        path, user = "/v2.1/os-keypairs", {"user_id": STRING}
        return [
            Route("GET", path, self.index, Operation(errors=(403,), query={**user, **paging.parameters()})),
            Route("POST", path, self.create, Operation(201, (403, 409, 415), body=IMPORT.schemas[-1], older=(200,))),
            Route("GET", f"{path}/{{name}}", self.show, Operation(errors=(403, 404), query=user)),
            Route(
                "DELETE", f"{path}/{{name}}", self.delete, Operation(204, (403, 404), user, answer=None, older=(202,))
            ),
        ]

    def index(self, call: Call) -> Answer:
        statement = sa.select(table).where(table.c.user_id == self._user(call, "index", "limit", "marker"))
        with self.service.store.read() as tx:
            if version_of(call) >= (2, 35):
                rows, has_more = paging.page(tx, call, statement, table.c.name, [])
            else:
                rows, has_more = list(tx.execute(statement.order_by(table.c.name))), False
        url = f"{self.service.url}{call.request.path}"
        links = {"keypairs_links": paging.following(call, url, rows[-1].name)} if has_more else {}
        return Answer({"keypairs": [{"keypair": _brief(call, row)} for row in rows], **links})

    def create(self, call: Call) -> Answer:
        body = IMPORT.body(call)["keypair"]
        user = body.get("user_id") or call.caller.user_id
        if user != call.caller.user_id:
            require_admin(call, f"{_RULE}:create")
        if "public_key" not in body:
            raise fault(400, "Keypair data is invalid: a public_key must be given, no key is generated here")
        kind = body.get("type", "ssh")
        row = {
            "user_id": user,
            "name": body["name"],
            "type": kind,
            "public_key": body["public_key"],
            "fingerprint": keypairs.fingerprint(body["public_key"], kind),
            "created_at": timestamps.now(),
        }

        def add(tx: Connection) -> Row[Any]:
            if keypairs.find(tx, user, body["name"]):
                raise fault(409, f"Key pair '{body['name']}' already exists.")
            quotas.require_key_room(tx, call.caller.project_id, user)
            tx.execute(table.insert().values(**row))
            return _required(keypairs.find(tx, user, body["name"]), user, body["name"])

        view = {**_brief(call, self.service.store.write(add)), "user_id": user}
        return Answer({"keypair": view}, 201 if version_of(call) >= (2, 2) else 200)

    def show(self, call: Call) -> Answer:
        user = self._user(call, "show")
        with self.service.store.read() as tx:
            row = _required(keypairs.find(tx, user, call.params["name"]), user, call.params["name"])
        details = {
            "user_id": row.user_id,
            "id": int.from_bytes(bytes.fromhex(row.fingerprint.replace(":", "")[:6])),
            "created_at": timestamps.long(row.created_at),
            "updated_at": None,
            "deleted": False,
            "deleted_at": None,
        }
        return Answer({"keypair": {**_brief(call, row), **details}})

    def delete(self, call: Call) -> Answer:
        user, name = self._user(call, "delete"), call.params["name"]

        def remove(tx: Connection) -> None:
            _required(keypairs.find(tx, user, name), user, name)
            tx.execute(table.delete().where(table.c.user_id == user, table.c.name == name))

        self.service.store.write(remove)
        return Answer(status=204 if version_of(call) >= (2, 2) else 202)

    def _user(self, call: Call, action: str, *others: str) -> str:
        """The id of the keys' user; `others` are the query's other parameters. Raises Problem (400, 403)."""
        query.only(call, ("user_id", *others))
        names = call.query("user_id")[-1:] if version_of(call) >= (2, 10) else []
        user = (names or [call.caller.user_id])[0]
        if user != call.caller.user_id:
            require_admin(call, f"{_RULE}:{action}")
        return user


def _required(row: Row[Any] | None, user: str, name: str) -> Row[Any]:
    """The row. Raises Problem: 404 where there is none."""
    if row is None:
        raise fault(404, f"Keypair {name} not found for user {user}")
    return row


def _brief(call: Call, row: Row[Any]) -> dict[str, Any]:
    kind = {"type": row.type} if version_of(call) >= (2, 2) else {}
    return {"name": row.name, "public_key": row.public_key, "fingerprint": row.fingerprint, **kind}
