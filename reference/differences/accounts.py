"""How users come to a cloud: the endpoints that their tokens name, and what Identity asks of them."""

from __future__ import annotations

from typing import Any

from sqlalchemy.engine import Connection

from reference.defects.seam import answering, around
from reference.differences.catalogue import difference
from reference.identity import api
from reference.wsgi.service import Answer, Call

ELSEWHERE = "Elsewhere"  # a region
NOWHERE = "http://dev2.example.invalid"  # its host, in whose name there is what may be taken for a version
_VERSIONS = {"identity": "/v3", "image": "/v2", "network": "/v2.0", "compute": "/v2.1"}


@difference("Nova with an endpoint as in its early years")
def project_in_endpoint() -> None:
    """The endpoint of Compute in the catalog ends in the id of the token's project."""

    def change(endpoint: dict[str, Any], service: str, project: str) -> dict[str, Any]:
        return {**endpoint, "url": f"{endpoint['url']}/{project}"} if service == "compute" else endpoint

    _each_endpoint(lambda service, endpoint, project: [change(endpoint, service, project)])


@difference("clouds with several regions in one Keystone")
def several_regions() -> None:
    """The catalog has each service in a second region, too, which comes first, and where nobody answers."""

    def change(service: str, endpoint: dict[str, Any], _project: str) -> list[dict[str, Any]]:
        elsewhere = {"id": f"{endpoint['id']}-2", "region": ELSEWHERE, "region_id": ELSEWHERE}
        return [{**endpoint, **elsewhere, "url": f"{NOWHERE}/{service}{_VERSIONS[service]}"}, endpoint]

    _each_endpoint(change)


@difference("Keystone with endpoints as older guides have them")
def versioned_endpoints() -> None:
    """The endpoints in the catalog end in the versions of their APIs."""

    def change(service: str, endpoint: dict[str, Any], _project: str) -> list[dict[str, Any]]:
        url, version = endpoint["url"], _VERSIONS[service]
        return [endpoint if version in url else {**endpoint, "url": url + version}]

    _each_endpoint(change)


def _each_endpoint(change: Any) -> None:
    """Let `change(service, endpoint, project)` say what endpoints stand in a catalog in place of each."""

    def changed(catalog: list[dict[str, Any]], project: str) -> list[dict[str, Any]]:
        return [
            {**each, "endpoints": [new for old in each["endpoints"] for new in change(each["type"], old, project)]}
            for each in catalog
        ]

    def describe(right: Any, self: api.Api, tx: Connection, token: str) -> dict[str, Any]:
        body: dict[str, Any] = right(self, tx, token)
        return body | ({"catalog": changed(body["catalog"], body["project"]["id"])} if "catalog" in body else {})

    def show(call: Call, answer: Answer) -> Answer:
        body: Any = answer.body
        return Answer({**body, "catalog": changed(body["catalog"], call.caller.project_id)})

    around(api.Api, "_describe", describe)
    answering(api.Api, "catalog", show)
