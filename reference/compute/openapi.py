"""Compute as a whole, for the description of the API: its errors, its public paths, the versions worth asking for."""

from reference.compute.errors import NAMES
from reference.compute.handlers.versions import is_public
from reference.compute.microversion import HEADER, MAXIMUM, MINIMUM, SERVICE
from reference.compute.schemas.interfaces import ATTACH
from reference.compute.schemas.servers import CREATE
from reference.compute.server_list import FILTERS
from reference.compute.views import FIELDS
from reference.wsgi.openapi import Description
from reference.wsgi.routes import STRING, Schema

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
    return Description("Compute", "v2.1", url, ERROR, is_public, _headers, _refusals)


def _versions() -> list[str]:
    """Those that brought something, the first and the last: what lies between two of them answers as the first does."""
    starts = {start for history in (CREATE, ATTACH) for start in history.starts}
    starts |= {each.since for each in FILTERS} | {each.since for each in FIELDS}
    return [f"{SERVICE} {version}" for version in (*sorted(starts | {MINIMUM, MAXIMUM}), "latest")]


def _headers(path: str) -> dict[str, Schema]:
    return {HEADER: {"enum": _versions()}} if _versioned(path) else {}


def _refusals(path: str) -> tuple[int, ...]:
    return (400, 406) if _versioned(path) else ()


def _versioned(path: str) -> bool:
    return path.startswith("/v2.1")
