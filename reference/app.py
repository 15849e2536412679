"""The whole reference as one WSGI application, and the one place that knows all four services.

Order of a request: Mount (which service) -> RequestId -> Authentication -> what the service adds -> its handler.
Compute reaches Network and Image over HTTP through a session; as they live in this process too, the session hands its
requests to them directly.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

from reference import compute, identity, image, network
from reference.compute import tables as compute_tables
from reference.config import Settings
from reference.identity import tables as identity_tables
from reference.identity.tokens import authenticator
from reference.network import tables as network_tables
from reference.store import Store
from reference.wsgi.client import ServiceSession
from reference.wsgi.mount import Mount

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

EMPTY: Mapping[int, WSGIApplication] = {}
SCHEMAS = (identity_tables.METADATA, image.METADATA, network_tables.METADATA, compute_tables.METADATA)


@dataclass(frozen=True)
class Services:
    """The WSGI application of each service, by name, and what builds Compute's servers once it is started."""

    apps: dict[str, WSGIApplication]
    builder: compute.Builder


def services(store: Store, settings: Settings) -> Services:
    """Assemble the four; nothing runs yet."""
    check = authenticator(store)
    apps: dict[str, WSGIApplication] = {
        "identity": identity.application(store, settings, check),
        "image": image.application(store, settings, check),
        "network": network.application(store, settings, check),
    }
    sessions = {name: ServiceSession(settings.url(name), _mounted(apps[name], settings, name)) for name in apps}
    builder = compute.Builder(store, settings, sessions["network"])
    apps["compute"] = compute.application(store, settings, check, sessions["network"], sessions["image"], builder)
    return Services(apps, builder)


def application(
    apps: dict[str, WSGIApplication], store: Store, settings: Settings, also: Mapping[int, WSGIApplication] = EMPTY
) -> WSGIApplication:
    """Those services behind their paths, or on ports of their own where `settings.ports` gives them one.

    `also` are applications that have a port and no path.
    """

    def ready() -> None:
        with store.read() as tx:
            tx.execute(sa.select(sa.literal(1)))

    return Mount(apps, {port: apps[name] for name, port in settings.ports} | dict(also), ready)


def _mounted(app: WSGIApplication, settings: Settings, name: str) -> WSGIApplication:
    """The application as its callers address it: below `/name`, unless it has a port of its own."""
    return Mount({name: app}, {port: app for service, port in settings.ports if service == name}, lambda: None)
