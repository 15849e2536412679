"""The operations of a resource for the OpenAPI document, made from its attributes."""

from collections.abc import Callable, Iterable
from typing import Any

import sqlalchemy as sa

from reference.network.rest import errors
from reference.network.rest.lists import filterable, sort_keys
from reference.network.rest.resource import ABSENT, REQUIRED, Attribute, Resource
from reference.network.rest.validators import schema_of
from reference.wsgi.openapi import Description
from reference.wsgi.routes import STRING, Operation, Schema

OWNER = {"project_id": {"type": "string", "maxLength": 255}, "tenant_id": {"type": "string", "maxLength": 255}}
ERROR = {
    "type": "object",
    "required": ["NeutronError"],
    "properties": {
        "NeutronError": {
            "type": "object",
            "required": ["type", "message", "detail"],
            "properties": {
                "type": {"enum": sorted({*errors.KINDS, *errors.NAMES.values()})},
                "message": STRING,
                "detail": STRING,
            },
            "additionalProperties": False,
        }
    },
    "additionalProperties": False,
}
_WORDS = {"type": "array", "items": STRING}
_COLUMNS: tuple[tuple[type[sa.types.TypeEngine[Any]], Schema], ...] = (
    (sa.Boolean, {"type": "array", "items": {"type": "boolean"}}),
    (sa.Integer, {"type": "array", "items": {"type": "integer", "minimum": -(2**63), "maximum": 2**63 - 1}}),
)


def described(url: str, public: Callable[[str], bool]) -> Description:
    """Networking's description, to be served at that URL."""
    return Description("Networking", "v2.0", url, ERROR, lambda _method, path: public(path))


def index(resource: Resource) -> Operation:
    filters = {name: _column(resource.table.c.get(name)) for name in filterable(resource)}
    return Operation(errors=(400, 404), query={**filters, **_pages(resource), **fields(resource)})


def show(resource: Resource) -> Operation:
    return Operation(errors=(400, 404) if resource.strict_show else (404,), query=fields(resource))


def create(resource: Resource) -> Operation:
    attributes = [attribute for attribute in resource.attributes if attribute.post]
    required = [attribute.name for attribute in attributes if attribute.default is REQUIRED]
    item = record(attributes, required, more=OWNER)
    body = envelope(resource.singular, item)
    if resource.bulk:
        body = {"anyOf": [body, envelope(resource.plural, {"type": "array", "items": item, "minItems": 1})]}
    return Operation(201, (400, 403, 404, 409), body=body)


def update(resource: Resource) -> Operation:
    body = envelope(resource.singular, record([attribute for attribute in resource.attributes if attribute.put]))
    return Operation(errors=(400, 403, 404, 409), body=body)


def delete(_resource: Resource) -> Operation:
    return Operation(204, (400, 403, 404, 409), answer=None)


def fields(resource: Resource) -> dict[str, Schema]:
    """The schema of the parameter that selects attributes."""
    return {"fields": {"type": "array", "items": {"enum": sorted({*resource.by_name, *OWNER})}}}


def envelope(key: str, schema: Schema) -> Schema:
    """The schema of an object with one property."""
    return {"type": "object", "required": [key], "properties": {key: schema}}


def record(attributes: Iterable[Attribute], required: Iterable[str] = (), more: Schema | None = None) -> Schema:
    """The schema of an object with these attributes, and `more` properties."""
    properties = {attribute.name: _property(attribute) for attribute in attributes}
    return {
        "type": "object",
        "required": list(required),
        "properties": {**properties, **(more or {})},
        "additionalProperties": False,
    }


def _property(attribute: Attribute) -> Schema:
    plain = attribute.default not in (REQUIRED, ABSENT, None)
    return {**schema_of(attribute.check), **({"default": attribute.default} if plain else {})}


def _column(column: sa.Column[Any] | None) -> Schema:
    return next((schema for kind, schema in _COLUMNS if column is not None and isinstance(column.type, kind)), _WORDS)


def _pages(resource: Resource) -> dict[str, Schema]:
    keys = sorted(sort_keys(resource)) or [""]  # "" is no key, but a schema needs a value
    return {
        "limit": {"type": "integer", "minimum": 0, "maximum": 2**63 - 1},
        "marker": STRING,
        "page_reverse": {"type": "boolean"},
        "sort_key": {"type": "array", "items": {"enum": keys}},
        "sort_dir": {"type": "array", "items": {"enum": ["asc", "desc"]}},
    }
