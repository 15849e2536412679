"""Networking v2.0: the auto-allocated topology and the building blocks it is made of."""

import falcon

from reference.config import Settings
from reference.network.handlers.collection import Collection
from reference.network.handlers.extensions import Discovery
from reference.network.handlers.pool_prefixes import PoolPrefixes
from reference.network.handlers.quotas import Quotas
from reference.network.handlers.router_interfaces import RouterInterfaces
from reference.network.handlers.tags import Tags
from reference.network.handlers.topology import Topology
from reference.network.resources import (
    floatingips,
    networks,
    ports,
    rbac,
    routers,
    security_groups,
    subnetpools,
    subnets,
)
from reference.network.rest import errors
from reference.network.rest import openapi as network_openapi
from reference.store import Store
from reference.wsgi import openapi
from reference.wsgi.context import Authenticator
from reference.wsgi.service import Authentication, build

RESOURCES = (
    networks.RESOURCE,
    subnets.RESOURCE,
    subnetpools.RESOURCE,
    ports.RESOURCE,
    routers.RESOURCE,
    floatingips.RESOURCE,
    security_groups.RESOURCE,
    security_groups.RULES,
    rbac.RESOURCE,
)


class Suffix:
    """Serve `/v2.0/networks.json` and `/v2.0/networks/` as `/v2.0/networks` (N-AAT-073, N-ERR-018)."""

    def process_request(self, req: falcon.Request, _resp: falcon.Response) -> None:
        path = req.path.rstrip("/")
        if path.startswith("/v2.0/"):
            req.path = path.removesuffix(".json")


def _public(path: str) -> bool:
    """Whether the path needs no token."""
    return path in ("", "/", openapi.PATH)


def application(
    store: Store, settings: Settings, authenticator: Authenticator
) -> falcon.App[falcon.Request, falcon.Response]:
    """The WSGI application of Networking."""
    return build(
        [
            Discovery(settings, RESOURCES),
            Topology(store),
            RouterInterfaces(store),
            PoolPrefixes(store),
            Tags(RESOURCES, store),
            Quotas(store),
            *(Collection(resource, store, settings) for resource in RESOURCES),
        ],
        middleware=[
            Authentication(authenticator, lambda req: _public(req.path), settings.url("identity")),
            Suffix(),
        ],
        dialect=errors.dialect,
        names=errors.NAMES,
        description=network_openapi.described(settings.url("network"), _public),
    )
