"""The part of Image v2 that real clients need: discovery, images by id, name, or a list of ids (G-001 to G-004).

An image here has no data: a build only asks whether the image may be used. Those that exist from the start are active;
one that a request creates stays queued, as nobody can upload data.
"""

import uuid
from datetime import UTC, datetime
from typing import Any

import falcon
import sqlalchemy as sa
from jsonschema import Draft202012Validator
from sqlalchemy.engine import Connection

from reference.config import Settings
from reference.image import lists
from reference.image.lists import visible
from reference.image.tables import METADATA, images
from reference.store import Store
from reference.wsgi import openapi, reading
from reference.wsgi.context import Authenticator
from reference.wsgi.errors import Problem
from reference.wsgi.openapi import Description
from reference.wsgi.routes import STRING, Answer, Call, Operation, Route, Schema
from reference.wsgi.service import Authentication, build

__all__ = ["METADATA", "add_image", "application", "images"]

_NAMES = {
    400: "Bad Request",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    408: "Request Timeout",
    413: "Request Entity Too Large",
    500: "Internal Server Error",
    503: "Service Unavailable",
}
ERROR: Schema = {
    "type": "object",
    "required": ["code", "title", "message"],
    "properties": {"code": {"type": "integer"}, "title": STRING, "message": STRING},
    "additionalProperties": False,
}
_NUMBER: Schema = {"type": "integer", "minimum": 0, "maximum": reading.MOST}
_IMAGE: Schema = {
    "type": "object",
    "properties": {
        "name": {"type": "string", "maxLength": 255},
        "visibility": {"enum": ["public", "private", "shared", "community"]},
        "min_disk": _NUMBER,
        "min_ram": _NUMBER,
    },
}
_VALID = Draft202012Validator(_IMAGE)
_DEFAULTS: dict[str, Any] = {"name": "", "visibility": "shared", "min_disk": 0, "min_ram": 0}


def add_image(tx: Connection, values: dict[str, Any]) -> None:
    """Add the image, unless there is one with its id."""
    if tx.execute(sa.select(images.c.id).where(images.c.id == values["id"])).first() is None:
        tx.execute(images.insert().values(**values))


class Api:
    """Handlers of Image v2; callers see public images and those of their project."""

    def __init__(self, store: Store, settings: Settings) -> None:
        self.store, self.settings = store, settings

    def routes(self) -> list[Route]:
        return [
            Route("GET", "/", self.versions, Operation(300)),
            Route("GET", "/v2/images", self.index, Operation(query=lists.PARAMETERS)),
            Route("POST", "/v2/images", self.create, Operation(201, (403,), body=_IMAGE)),
            Route("GET", "/v2/images/{image}", self.show),
            Route("DELETE", "/v2/images/{image}", self.delete, Operation(204, (403,), answer=None)),
        ]

    def versions(self, _call: Call) -> Answer:
        link = f"{self.settings.url('image')}/v2/"
        version = {"id": "v2.9", "status": "CURRENT", "links": [{"rel": "self", "href": link}]}
        return Answer({"versions": [version]}, 300)

    def index(self, call: Call) -> Answer:
        with self.store.read() as tx:
            rows, links = lists.page(tx, call)
        return Answer({"images": [view(row) for row in rows], "schema": "/v2/schemas/images", **links})

    def show(self, call: Call) -> Answer:
        image = call.params["image"]
        with self.store.read() as tx:
            row = tx.execute(visible(call).where(images.c.id == image)).first()
        if row is None:
            raise Problem(404, "Not Found", f"No image found with ID {image}")
        return Answer(view(row))

    def create(self, call: Call) -> Answer:
        requested = _requested(call)
        if not call.caller.is_admin and (requested["visibility"] == "public" or not call.caller.is_member):
            raise Problem(403, "Forbidden", "You are not authorized to complete this action.")
        values = {
            **requested,
            "id": str(uuid.uuid4()),
            "owner": call.caller.project_id,
            "status": "queued",
            "size": 0,
            "created_at": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        }
        self.store.write(lambda tx: add_image(tx, values))
        with self.store.read() as tx:
            return Answer(view(tx.execute(sa.select(images).where(images.c.id == values["id"])).one()), 201)

    def delete(self, call: Call) -> Answer:
        image = call.params["image"]
        own = sa.true() if call.caller.is_admin else images.c.owner == call.caller.project_id

        def work(tx: Connection) -> None:
            if tx.execute(visible(call).where(images.c.id == image)).first() is None:
                raise Problem(404, "Not Found", f"No image found with ID {image}")
            if not call.caller.is_member or not tx.execute(images.delete().where(images.c.id == image, own)).rowcount:
                raise Problem(403, "Forbidden", "You are not authorized to complete this action.")

        self.store.write(work)
        return Answer(status=204)


def _requested(call: Call) -> dict[str, Any]:
    """The properties of the body's image that are stored. Raises Problem (400)."""
    try:
        body = call.json()
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise Problem(400, "Bad Request", "The body must be a JSON object.")
    values = {name: body.get(name, value) for name, value in _DEFAULTS.items()}
    for error in _VALID.iter_errors(values):
        raise Problem(400, "Bad Request", f"Provided object does not match schema 'image': {error.message}")
    return values


def view(row: sa.Row[Any]) -> dict[str, Any]:
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


def _is_public(path: str) -> bool:
    """Whether the path needs no token."""
    return path in ("", "/", openapi.PATH)


def application(
    store: Store, settings: Settings, authenticator: Authenticator
) -> falcon.App[falcon.Request, falcon.Response]:
    """The WSGI application of Image."""
    return build(
        [Api(store, settings)],
        middleware=[Authentication(authenticator, lambda req: _is_public(req.path), settings.url("identity"))],
        dialect=_dialect,
        names=_NAMES,
        description=Description("Image", "v2", settings.url("image"), ERROR, lambda _method, path: _is_public(path)),
    )
