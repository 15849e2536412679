"""The five operations every collection of Networking has, driven by its `Resource`.

Order of refusal, as real services do: body, attributes, rights, quota, then what the resource itself finds wrong.
Everything after the rights happens in one transaction.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from reference.config import Settings
from reference.network import described, lists
from reference.network.errors import bad_request, error
from reference.network.quotas import check_quota
from reference.network.resource import Resource, Values, posted, prepared, put
from reference.store import Store
from reference.wsgi.context import Caller
from reference.wsgi.service import Answer, Call, Route


def parse(call: Call) -> Values:
    """The body as a JSON object. Errors: 400 (N-ERR-005)."""
    try:
        body = call.json()
    except ValueError:
        raise bad_request("Body contains invalid data") from None
    if not isinstance(body, dict):
        raise bad_request("Body contains invalid data")
    return body


def enveloped(body: Mapping[str, Any], key: str) -> Values:
    """What stands under `key`, an object. Errors: 400 (N-ERR-006)."""
    if key not in body:
        raise bad_request(f"Unable to find '{key}' in request body")
    if not isinstance(body[key], dict):
        raise bad_request(f"Invalid format: '{key}' must be an object")
    return dict(body[key])


def no_body(call: Call) -> None:
    if call.raw():
        raise bad_request("Request body is not supported in DELETE.")


def fetch(tx: Connection, resource: Resource, caller: Caller, item: str, *, hold: bool = False) -> Row[Any]:
    """The row the caller names; with `hold` nobody else changes it, or refers to it anew, until the transaction ends.

    Errors: the resource's 404 where it is not there or not to be seen.
    """
    statement = prepared(_one, caller.roles, resource, hold)
    row = tx.execute(statement, {"item": item, "me": caller.project_id}).first()
    if row is None:
        raise error(resource.missing, id=item)
    return row


def _one(caller: Caller, resource: Resource, hold: bool) -> sa.Select[Any]:
    statement = resource.rows(caller, resource.table.c.id == sa.bindparam("item"), resource.visible(caller))
    return statement.with_for_update() if hold else statement


def _made(tx: Connection, caller: Caller, resource: Resource, items: list[str]) -> list[Row[Any]]:
    """What has been made, or changed, as it is to be shown, in that order."""
    rows = tx.execute(prepared(_several_of, caller.roles, resource), {"items": items, "me": caller.project_id})
    found = {row.id: row for row in rows}
    return [found[each] for each in items]


def _several_of(caller: Caller, resource: Resource) -> sa.Select[Any]:
    return resource.rows(caller, resource.table.c.id.in_(sa.bindparam("items", expanding=True)))


def require(resource: Resource, caller: Caller, operation: str, row: Row[Any] | None = None) -> None:
    """Changes are for members of the owning project and for admins (N-RBAC-001). Errors: 403."""
    mine = row is None or caller.is_admin or row.project_id == caller.project_id
    if not (caller.is_member and mine):
        raise error("PolicyNotAuthorized", rule=f"{operation}_{resource.singular}")


class Collection:
    """The handlers of one resource."""

    def __init__(self, resource: Resource, store: Store, settings: Settings) -> None:
        self.resource, self.store = resource, store
        self.url = f"{settings.url('network')}{resource.path}"

    def routes(self) -> list[Route]:
        path, item = self.resource.path, f"{self.resource.path}/{{item}}"
        return [
            Route("GET", path, self.index, described.index(self.resource)),
            Route("POST", path, self.create, described.create(self.resource)),
            Route("GET", item, self.show, described.show(self.resource)),
            Route("PUT", item, self.update, described.update(self.resource)),
            Route("DELETE", item, self.delete, described.delete(self.resource)),
        ]

    def index(self, call: Call) -> Answer:
        if self.resource.prepare is not None:
            self.resource.prepare(self.store, call)
        with self.store.read() as tx:
            return Answer(lists.page(tx, self.resource, call, self.url))

    def show(self, call: Call) -> Answer:
        with self.store.read() as tx:
            row = fetch(tx, self.resource, call.caller, call.params["item"])
            shown = self._view(tx, call.caller, [row])[0]
        return Answer({self.resource.singular: lists.chosen(call, shown)})

    def create(self, call: Call) -> Answer:
        resource, caller = self.resource, call.caller
        body = parse(call)
        many = resource.plural in body
        if many and not resource.bulk:
            raise bad_request("Bulk operation not supported")
        bodies = _several(body, resource) if many else [enveloped(body, resource.singular)]
        requests = [posted(resource, caller, each) for each in bodies]
        require(resource, caller, "create")

        def create(tx: Connection) -> list[Values]:
            ids = []
            for values in requests:
                check_quota(tx, values["project_id"], resource.quota)
                ids.append(resource.create(tx, caller, dict(values)))
            return self._view(tx, caller, _made(tx, caller, resource, ids))

        shown = self.store.write(create)
        return Answer({resource.plural: shown} if many else {resource.singular: shown[0]}, 201)

    def update(self, call: Call) -> Answer:
        resource, caller = self.resource, call.caller
        body = parse(call)

        def update(tx: Connection) -> Values:
            row = fetch(tx, resource, caller, call.params["item"], hold=True)
            values = put(resource, caller, enveloped(body, resource.singular))
            require(resource, caller, "update", row)
            resource.update(tx, caller, row, values)
            return self._view(tx, caller, _made(tx, caller, resource, [row.id]))[0]

        return Answer({resource.singular: self.store.write(update)})

    def delete(self, call: Call) -> Answer:
        resource, caller = self.resource, call.caller
        no_body(call)

        def delete(tx: Connection) -> None:
            # held, so that what would keep it from being deleted cannot come to it after the look
            row = fetch(tx, resource, caller, call.params["item"], hold=True)
            require(resource, caller, "delete", row)
            resource.delete(tx, caller, row)

        self.store.write(delete)
        return Answer(status=204)

    def _view(self, tx: Connection, caller: Caller, rows: list[Row[Any]]) -> list[Values]:
        return self.resource.view(tx, caller, rows)


def _several(body: Mapping[str, Any], resource: Resource) -> list[Values]:
    """The bodies of a bulk create, each bare or in its own envelope (N-NET-028)."""
    given = body[resource.plural] if isinstance(body[resource.plural], list) else []
    bodies = [each.get(resource.singular, each) if isinstance(each, dict) else each for each in given]
    if not bodies or not all(isinstance(each, dict) for each in bodies):
        raise bad_request(f"Invalid format: '{resource.plural}' must be a list of objects")
    return [dict(each) for each in bodies]


def change(tx: Connection, table: sa.Table, item: str, values: Mapping[str, Any]) -> None:
    """Write those columns of one row; nothing to write is fine."""
    if values:
        tx.execute(table.update().where(table.c.id == sa.bindparam("changed")), {"changed": item, **values})
