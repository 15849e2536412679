"""Flavors: read by everyone, added and deleted by admins (C-SVC-003)."""

import uuid
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from reference.compute import flavors, paging, query
from reference.compute.context import Service, require_admin
from reference.compute.errors import fault
from reference.compute.microversion import Version, version_of
from reference.compute.schemas.flavors import CREATE
from reference.compute.tables import flavors as table
from reference.wsgi.reading import whole
from reference.wsgi.routes import STRING, Answer, Call, Operation, Route

_KEYS = {"flavorid": table.c.id, "name": table.c.name, "memory_mb": table.c.ram, "vcpus": table.c.vcpus}

_PARAMETERS = {"minRam": STRING, "minDisk": STRING, "is_public": STRING, **paging.parameters(_KEYS)}


class Flavors:
    """The handlers of /flavors; all flavors are public here."""

    def __init__(self, service: Service) -> None:
        self.service = service

    def routes(self) -> list[Route]:
        listed, shown = Operation(query=_PARAMETERS), Operation(errors=(404,))
        return [
            Route("GET", "/v2.1/flavors", self.index, listed),
            Route("POST", "/v2.1/flavors", self.create, Operation(errors=(403, 409, 415), body=CREATE.schemas[-1])),
            Route("DELETE", "/v2.1/flavors/{flavor}", self.delete, Operation(202, (403, 404), answer=None)),
            Route("GET", "/v2.1/flavors/detail", self.detail, listed),
            Route("GET", "/v2.1/flavors/{flavor}", self.show, shown),
            Route("GET", "/v2.1/flavors/{flavor}/os-extra_specs", self.extra_specs, shown),
        ]

    def index(self, call: Call) -> Answer:
        rows, links = self._page(call)
        has_description = version_of(call) >= (2, 55)
        views = [self._named(row) | ({"description": row.description} if has_description else {}) for row in rows]
        return Answer({"flavors": views, **links})

    def detail(self, call: Call) -> Answer:
        rows, links = self._page(call)
        return Answer({"flavors": [self.view(row, version_of(call)) for row in rows], **links})

    def show(self, call: Call) -> Answer:
        return Answer({"flavor": self.view(self._find(call), version_of(call))})

    def create(self, call: Call) -> Answer:
        require_admin(call, "os_compute_api:os-flavor-manage:create")
        body = CREATE.body(call)["flavor"]
        flavor = {
            "id": str(body.get("id") or uuid.uuid4()),
            "name": body["name"],
            "description": body.get("description"),
            **{size: int(body[size]) for size in ("ram", "vcpus", "disk")},
        }
        self.service.store.write(lambda tx: flavors.add(tx, flavor))
        with self.service.store.read() as tx:
            return Answer({"flavor": self.view(flavors.find(tx, flavor["id"], status=404), version_of(call))})

    def delete(self, call: Call) -> Answer:
        """Delete the flavor; servers of it keep its values."""
        require_admin(call, "os_compute_api:os-flavor-manage:delete")

        def remove(tx: Connection) -> None:
            flavors.find(tx, call.params["flavor"], status=404)
            tx.execute(table.delete().where(table.c.id == call.params["flavor"]))

        self.service.store.write(remove)
        return Answer(status=202)

    def extra_specs(self, call: Call) -> Answer:
        self._find(call)
        return Answer({"extra_specs": {}})

    def _find(self, call: Call) -> Row[Any]:
        with self.service.store.read() as tx:
            return flavors.find(tx, call.params["flavor"], status=404)

    def _page(self, call: Call) -> tuple[list[Row[Any]], dict[str, Any]]:
        """The flavors of the page that the query asks for, and the body's link to the next. Raises Problem (400)."""
        query.only(call, ("limit", "marker", "is_public", "minRam", "minDisk", "sort_key", "sort_dir"))
        conditions = [
            column >= _whole(name, text)
            for name, column in (("minRam", table.c.ram), ("minDisk", table.c.disk))
            for text in call.query(name)[-1:]
        ]
        if call.caller.is_admin and call.query("is_public")[-1:] in (["False"], ["false"], ["0"]):
            conditions.append(sa.false())
        order = paging.order(call, _KEYS, "flavorid", ascending=True)
        with self.service.store.read() as tx:
            rows, has_more = paging.page(tx, call, sa.select(table).where(*conditions), table.c.id, order)
        url = f"{self.service.url}{call.request.path}"
        return rows, {"flavors_links": paging.following(call, url, rows[-1].id)} if has_more else {}

    def _named(self, row: Row[Any]) -> dict[str, Any]:
        paths = (("self", "v2.1/flavors"), ("bookmark", "flavors"))
        links = [{"rel": rel, "href": f"{self.service.url}/{path}/{row.id}"} for rel, path in paths]
        return {"id": row.id, "name": row.name, "links": links}

    def view(self, row: Row[Any], version: Version) -> dict[str, Any]:
        return {
            **self._named(row),
            "ram": row.ram,
            "disk": row.disk,
            "vcpus": row.vcpus,
            "swap": 0 if version >= (2, 75) else "",
            "OS-FLV-EXT-DATA:ephemeral": 0,
            "OS-FLV-DISABLED:disabled": False,
            "os-flavor-access:is_public": True,
            "rxtx_factor": 1.0,
            **({"description": row.description} if version >= (2, 55) else {}),
            **({"extra_specs": {}} if version >= (2, 61) else {}),
        }


def _whole(name: str, text: str) -> int:
    """The number in a filter. Raises Problem (400)."""
    least = whole(text)
    if least is None:
        raise fault(400, f"Invalid {name} filter [{text}]")
    return least
