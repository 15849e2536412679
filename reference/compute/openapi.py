"""Compute as a whole, for its OpenAPI document: its errors, its public paths, its versions."""

from reference.compute.errors import NAMES
from reference.compute.handlers.versions import is_public
from reference.compute.microversion import HEADER, MAXIMUM, MINIMUM, SERVICE
from reference.compute.schemas.interfaces import ATTACH
from reference.compute.schemas.servers import CREATE
from reference.compute.server_list import FILTERS
from reference.compute.views import FIELDS
from reference.wsgi.openapi import Description
from reference.wsgi.routes import STRING

ERROR = {
    "type": "object",
    "minProperties": 1,
    "maxProperties": 1,
    "propertyNames": {"enum": sorted(set(NAMES.values()))},
    "additionalProperties": {
        "type": "object",
        "required": ["code", "message"],
        "properties": {"code": {"type": "integer"}, "message": STRING},
        "additionalProperties": False,
    },
}


def described(url: str) -> Description:
    """Compute's description, to be served at that URL."""
    return Description(
        "Compute",
        "v2.1",
        url,
        ERROR,
        lambda _method, path: is_public(path),
        headers=lambda path: {HEADER: {"enum": _versions()}} if path.startswith("/v2.1") else {},
        refusals=lambda path: (400, 406) if path.startswith("/v2.1") else (),
    )


def _versions() -> list[str]:
    """The first version, the last, and those that changed something; others equal the next lower one of these."""
    starts = {start for history in (CREATE, ATTACH) for start in history.starts}
    starts |= {query_filter.since for query_filter in FILTERS} | {field.since for field in FIELDS}
    return [f"{SERVICE} {version}" for version in (*sorted(starts | {MINIMUM, MAXIMUM}), "latest")]
