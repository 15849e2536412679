"""Compute v2.1: servers and their networks, from microversion 2.1 to 2.100."""

import falcon

from reference.compute import errors
from reference.compute.builder import Builder
from reference.compute.context import Service
from reference.compute.flavors import seed
from reference.compute.handlers.actions import Actions
from reference.compute.handlers.create import Create
from reference.compute.handlers.extensions import Extensions
from reference.compute.handlers.flavors import Flavors
from reference.compute.handlers.interfaces import Interfaces
from reference.compute.handlers.keypairs import Keypairs
from reference.compute.handlers.locks import Locks
from reference.compute.handlers.quota_sets import QuotaSets
from reference.compute.handlers.server_groups import ServerGroups
from reference.compute.handlers.servers import Servers
from reference.compute.handlers.services import Services
from reference.compute.handlers.versions import Versions, public
from reference.compute.handlers.zones import Zones
from reference.compute.microversion import Microversions
from reference.compute.openapi import described
from reference.compute.paths import LegacyRoot, ProjectInPath
from reference.compute.work_tokens import Sealing
from reference.config import Settings
from reference.store import Store
from reference.wsgi.client import ServiceSession
from reference.wsgi.context import Authenticator
from reference.wsgi.service import Authentication, build

__all__ = ["Builder", "application", "seed"]

RESOURCES = (
    Versions,
    Flavors,
    Create,
    Servers,
    Interfaces,
    Locks,
    Actions,
    Keypairs,
    Services,
    ServerGroups,
    Zones,
    Extensions,
    QuotaSets,
)


def application(
    store: Store,
    settings: Settings,
    authenticator: Authenticator,
    network_session: ServiceSession,
    image_session: ServiceSession,
    builder: Builder,
) -> falcon.App[falcon.Request, falcon.Response]:
    """The WSGI application of Compute; it reaches Networking and Image through the sessions alone.

    `builder` is told when there is work; who starts it, and where, is the caller's to decide.
    """
    service = Service(store, settings, network_session, image_session, builder)
    return build(
        [resource(service) for resource in RESOURCES],
        middleware=[
            Sealing(builder.seal),
            LegacyRoot(),
            Authentication(authenticator, public, settings.url("identity")),
            Microversions(),
            ProjectInPath(),
        ],
        dialect=errors.dialect,
        names=errors.NAMES,
        description=described(settings.url("compute")),
    )
