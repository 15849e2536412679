"""How users come to a cloud: the endpoints that their tokens name, and what Identity asks of them."""

from __future__ import annotations

from typing import Any

from sqlalchemy.engine import Connection

from reference.defects.seam import answering, around
from reference.differences.catalogue import difference
from reference.identity import api
from reference.wsgi.service import Answer, Call


@difference("Nova with an endpoint as in its early years")
def project_in_endpoint() -> None:
    """The endpoint of Compute in the catalog ends in the id of the token's project."""

    def change(endpoint: dict[str, Any], service: str, project: str) -> dict[str, Any]:
        return {**endpoint, "url": f"{endpoint['url']}/{project}"} if service == "compute" else endpoint

    _each_endpoint(lambda service, endpoint, project: [change(endpoint, service, project)])


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
