"""The part of Image v2 that real clients need: discovery, images by id, name, or a list of ids (G-001 to G-004).

An image here has no data: a build asks only whether it may be used. Those of the start are active as they are; one that
is made by request waits for its data (queued), which nobody can bring.
"""

import uuid
from datetime import UTC, datetime
from typing import Any

import falcon
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from reference.config import Settings
from reference.image import lists
from reference.image.lists import visible
from reference.image.tables import METADATA, images
from reference.store import Store
from reference.wsgi.context import Authenticator
from reference.wsgi.errors import Problem
from reference.wsgi.routes import Answer, Call, Route
from reference.wsgi.service import Authentication, build

__all__ = ["METADATA", "add_image", "application", "images"]

_NAMES = {
    400: "Bad Request",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    500: "Internal Server Error",
}
_DEFAULTS: dict[str, Any] = {"name": "", "visibility": "shared", "min_disk": 0, "min_ram": 0}


def add_image(tx: Connection, values: dict[str, Any]) -> None:
    """Keep an image; again with the same id is no error."""
    if tx.execute(sa.select(images.c.id).where(images.c.id == values["id"])).first() is None:
        tx.execute(images.insert().values(**values))


class Api:
    """Handlers of Image v2; everyone sees public images and those of its own project."""

    def __init__(self, store: Store, settings: Settings) -> None:
        self.store, self.settings = store, settings

    def routes(self) -> list[Route]:
        return [
            Route("GET", "/", self.versions),
            Route("GET", "/v2/images", self.index),
            Route("POST", "/v2/images", self.create),
            Route("GET", "/v2/images/{image}", self.show),
            Route("DELETE", "/v2/images/{image}", self.delete),
        ]

    def versions(self, _call: Call) -> Answer:
        link = f"{self.settings.url('image')}/v2/"
        version = {"id": "v2.9", "status": "CURRENT", "links": [{"rel": "self", "href": link}]}
        return Answer({"versions": [version]}, 300)

    def index(self, call: Call) -> Answer:
        with self.store.read() as tx:
            rows, links = lists.page(tx, call)
        return Answer({"images": [_view(row) for row in rows], "schema": "/v2/schemas/images", **links})

    def show(self, call: Call) -> Answer:
        image = call.params["image"]
        with self.store.read() as tx:
            row = tx.execute(visible(call).where(images.c.id == image)).first()
        if row is None:
            raise Problem(404, "Not Found", f"No image found with ID {image}")
        return Answer(_view(row))

    def create(self, call: Call) -> Answer:
        wanted = _wanted(call)
        if not call.caller.is_admin and (wanted["visibility"] == "public" or not call.caller.is_member):
            raise Problem(403, "Forbidden", "You are not authorized to complete this action.")
        made = {
            **wanted,
            "id": str(uuid.uuid4()),
            "owner": call.caller.project_id,
            "status": "queued",
            "size": 0,
            "created_at": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        }
        self.store.write(lambda tx: add_image(tx, made))
        with self.store.read() as tx:
            return Answer(_view(tx.execute(sa.select(images).where(images.c.id == made["id"])).one()), 201)

    def delete(self, call: Call) -> Answer:
        image = call.params["image"]
        mine = sa.true() if call.caller.is_admin else images.c.owner == call.caller.project_id

        def work(tx: Connection) -> None:
            if tx.execute(visible(call).where(images.c.id == image)).first() is None:
                raise Problem(404, "Not Found", f"No image found with ID {image}")
            if not call.caller.is_member or not tx.execute(images.delete().where(images.c.id == image, mine)).rowcount:
                raise Problem(403, "Forbidden", "You are not authorized to complete this action.")

        self.store.write(work)
        return Answer(status=204)


def _wanted(call: Call) -> dict[str, Any]:
    """The image of a body, as far as it is kept. Errors: 400."""
    try:
        body = call.json()
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise Problem(400, "Bad Request", "The body must be a JSON object.")
    wanted = {name: body.get(name, value) for name, value in _DEFAULTS.items()}
    for name, value in wanted.items():
        if type(value) is not type(_DEFAULTS[name]):
            raise Problem(400, "Bad Request", f"Provided object does not match schema 'image': {name}.")
    return wanted


def _view(row: sa.Row[Any]) -> dict[str, Any]:
    return {
        **row._mapping,
        "updated_at": row.created_at,
        "container_format": "bare",
        "disk_format": "raw",
        "protected": False,
        "os_hidden": False,
        "checksum": None,
        "tags": [],
        "file": f"/v2/images/{row.id}/file",
        "self": f"/v2/images/{row.id}",
        "schema": "/v2/schemas/image",
    }


def _dialect(problem: Problem) -> object:
    return {
        "code": problem.status,
        "title": _NAMES.get(problem.status, problem.kind),
        "message": problem.message,
    }


def application(
    store: Store, settings: Settings, authenticator: Authenticator
) -> falcon.App[falcon.Request, falcon.Response]:
    """The WSGI application of Image."""
    return build(
        [Api(store, settings)],
        middleware=[Authentication(authenticator, lambda req: req.path in ("", "/"), settings.url("identity"))],
        dialect=_dialect,
        names=_NAMES,
    )
