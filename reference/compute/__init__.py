"""Compute v2.1: servers and their networks, from microversion 2.1 to 2.100."""

from __future__ import annotations

import falcon

from reference.compute.api.actions import Actions
from reference.compute.api.create import Create
from reference.compute.api.extensions import Extensions
from reference.compute.api.flavors import Flavors
from reference.compute.api.interfaces import Interfaces
from reference.compute.api.keypairs import Keypairs
from reference.compute.api.locks import Locks
from reference.compute.api.quota_sets import QuotaSets
from reference.compute.api.servers import Servers
from reference.compute.api.services import Services
from reference.compute.api.versions import Versions, public
from reference.compute.api.zones import Zones
from reference.compute.builder import Builder
from reference.compute.described import described
from reference.compute.faults import NAMES, dialect
from reference.compute.flavors import seed
from reference.compute.microversion import Microversions
from reference.compute.paths import LegacyRoot, ProjectInPath
from reference.compute.service import Service
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
            LegacyRoot(),
            Authentication(authenticator, public, settings.url("identity")),
            Microversions(),
            ProjectInPath(),
        ],
        dialect=dialect,
        names=NAMES,
        description=described(settings.url("compute")),
    )
