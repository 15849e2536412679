"""The five operations every collection of Networking has, driven by its `Resource`.

Errors come in the order of real services: body, attributes, the object's existence, policy, quota, then the resource's
own rules. Everything after the attributes is in one transaction.
"""

from collections import Counter
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from reference.config import Settings
from reference.network.access import quotas
from reference.network.rest import lists
from reference.network.rest import openapi as network_openapi
from reference.network.rest.errors import bad_request
from reference.network.rest.requests import enveloped, no_body, parse, require
from reference.network.rest.resource import Resource, Values, posted, prepared, put, require_settable
from reference.network.rest.rows import fetch
from reference.store import Store
from reference.wsgi.context import Caller
from reference.wsgi.routes import Answer, Call, Route


def _created_rows(tx: Connection, caller: Caller, resource: Resource, items: list[str]) -> list[Row[Any]]:
    """The rows of those ids as `view` wants them, in that order."""
    rows = tx.execute(prepared(_several_of, caller.roles, resource), {"items": items, "me": caller.project_id})
    by_id = {row.id: row for row in rows}
    return [by_id[item] for item in items]


def _several_of(caller: Caller, resource: Resource) -> sa.Select[Any]:
    return resource.rows(caller, resource.table.c.id.in_(sa.bindparam("items", expanding=True)))


class Collection:
    """The handlers of one resource."""

    def __init__(self, resource: Resource, store: Store, settings: Settings) -> None:
        self.resource, self.store = resource, store
        self.url = f"{settings.url('network')}{resource.path}"

    def routes(self) -> list[Route]:
        path, item = self.resource.path, f"{self.resource.path}/{{item}}"
        return [
            Route("GET", path, self.index, network_openapi.index(self.resource)),
            Route("POST", path, self.create, network_openapi.create(self.resource)),
            Route("GET", item, self.show, network_openapi.show(self.resource)),
            Route("PUT", item, self.update, network_openapi.update(self.resource)),
            Route("DELETE", item, self.delete, network_openapi.delete(self.resource)),
        ]

    def index(self, call: Call) -> Answer:
        if self.resource.prepare is not None:
            self.resource.prepare(self.store, call)
        with self.store.read() as tx:
            return Answer(lists.page(tx, self.resource, call, self.url))

    def show(self, call: Call) -> Answer:
        if self.resource.strict_show:
            lists.refuse_parameters(self.resource, call)
        with self.store.read() as tx:
            row = fetch(tx, self.resource, call.caller, call.params["item"])
            view = self._view(tx, call.caller, [row])[0]
        return Answer({self.resource.singular: lists.chosen(call, view)})

    def create(self, call: Call) -> Answer:
        resource, caller = self.resource, call.caller
        body = parse(call)
        many = resource.plural in body
        if many and not resource.bulk:
            raise bad_request("Bulk operation not supported")
        bodies = several(body, resource) if many else [enveloped(body, resource.singular)]
        requests = [posted(resource, caller, item) for item in bodies]
        require(resource, caller, "create")

        def create(tx: Connection) -> list[Values]:
            for project, number in Counter(values["project_id"] for values in requests).items():
                quotas.check_quota(tx, project, resource.quota, number)
            if many and resource.together is not None:
                resource.together(tx, caller, requests)
            ids = [resource.create(tx, caller, dict(values)) for values in requests]
            return self._view(tx, caller, _created_rows(tx, caller, resource, ids))

        views = self.store.write(create)
        return Answer({resource.plural: views} if many else {resource.singular: views[0]}, 201)

    def update(self, call: Call) -> Answer:
        resource, caller = self.resource, call.caller
        body = parse(call)
        if resource.plural in body:
            raise bad_request("Bulk operation not supported")
        requested = put(resource, enveloped(body, resource.singular))

        def update(tx: Connection) -> Values:
            values = dict(requested)
            row = fetch(tx, resource, caller, call.params["item"], hold=True)
            require_settable(resource, caller, values)
            require(resource, caller, "update", row)
            resource.update(tx, caller, row, values)
            return self._view(tx, caller, _created_rows(tx, caller, resource, [row.id]))[0]

        return Answer({resource.singular: self.store.write(update)})

    def delete(self, call: Call) -> Answer:
        resource, caller = self.resource, call.caller
        no_body(call)

        def delete(tx: Connection) -> None:
            # locked, so that after the check nothing can be added that forbids the deletion
            row = fetch(tx, resource, caller, call.params["item"], hold=True)
            by_others = resource.deletable is not None and resource.deletable(tx, caller, row)
            require(resource, caller, "delete", None if by_others else row)
            resource.delete(tx, caller, row)

        self.store.write(delete)
        return Answer(status=204)

    def _view(self, tx: Connection, caller: Caller, rows: list[Row[Any]]) -> list[Values]:
        return self.resource.view(tx, caller, rows)


def several(body: Mapping[str, Any], resource: Resource) -> list[Values]:
    """The bodies of a bulk create, each with or without its envelope (N-NET-028). Raises Problem (400)."""
    items = body[resource.plural] if isinstance(body[resource.plural], list) else []
    bodies = [item.get(resource.singular, item) if isinstance(item, dict) else item for item in items]
    if not bodies or not all(isinstance(item, dict) for item in bodies):
        raise bad_request(f"Invalid format: '{resource.plural}' must be a list of objects")
    return [dict(item) for item in bodies]
