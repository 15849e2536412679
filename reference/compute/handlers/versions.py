"""The version documents, which need no token (C-MV-009, C-MV-010)."""

from typing import Any

import falcon

from reference.compute.context import Service
from reference.compute.microversion import MAXIMUM, MINIMUM
from reference.wsgi.routes import Answer, Call, Operation, Route

# id -> its root, status, (version, min_version), updated
VERSIONS = {
    "v2.0": ("v2", "SUPPORTED", ("", ""), "2011-01-21T11:33:21Z"),
    "v2.1": ("v2.1", "CURRENT", (str(MAXIMUM), str(MINIMUM)), "2013-07-23T11:33:21Z"),
}
_DOCUMENTS = {"/v2": "v2.0", "/v2/": "v2.0", "/v2.1": "v2.1", "/v2.1/": "v2.1"}


def public(request: falcon.Request) -> bool:
    """Whether the request needs no token."""
    return is_public(request.path)


def is_public(path: str) -> bool:
    """Whether the path needs no token: the version documents, and paths outside of both APIs."""
    return path in _DOCUMENTS or not path.startswith(("/v2/", "/v2.1/"))


class Versions:
    """The handlers of the roots."""

    def __init__(self, service: Service) -> None:
        self.service = service

    def routes(self) -> list[Route]:
        return [
            Route("GET", "/", self.index),
            Route("GET", "/{path}", self.choices, Operation(300)),
            *(Route("GET", path, self.show) for path in _DOCUMENTS),
        ]

    def index(self, _call: Call) -> Answer:
        return Answer({"versions": [self.entry(name) for name in VERSIONS]})

    def choices(self, call: Call) -> Answer:
        """The versions to choose from, for a path of neither."""
        return Answer({"choices": [self.entry(name) | _media(name) for name in VERSIONS]}, 300)

    def show(self, call: Call) -> Answer:
        version = _DOCUMENTS[call.request.path]
        return Answer({"version": self.entry(version) | _media(version)})

    def entry(self, name: str) -> dict[str, Any]:
        root, status, (version, least), updated = VERSIONS[name]
        return {
            "id": name,
            "status": status,
            "version": version,
            "min_version": least,
            "updated": updated,
            "links": [{"rel": "self", "href": f"{self.service.url}/{root}/"}],
        }


def _media(name: str) -> dict[str, Any]:
    number = "2.1" if name == "v2.1" else "2"
    media = {"base": "application/json", "type": f"application/vnd.openstack.compute+json;version={number}"}
    return {"media-types": [media]}
