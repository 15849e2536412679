"""The whole reference as one WSGI application, and the one place that knows all four services.

Order of a request: Mount (which service) -> RequestId -> Authentication -> what the service adds -> its handler; beside
a Keystone, its token check comes before RequestId. Compute reaches Network and Image over HTTP through a session; where
they live in this process too, the session hands its requests to them directly.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from wsgiref.types import WSGIApplication

import sqlalchemy as sa

from reference import compute, identity, image, network
from reference.compute import tables as compute_tables
from reference.config import Settings
from reference.identity import tables as identity_tables
from reference.identity.tokens import authenticator
from reference.network import tables as network_tables
from reference.store import Store
from reference.wsgi.client import ServiceSession
from reference.wsgi.context import Authenticator
from reference.wsgi.mount import Mount

EMPTY: Mapping[int, WSGIApplication] = {}
SCHEMAS = (identity_tables.METADATA, image.METADATA, network_tables.METADATA, compute_tables.METADATA)


@dataclass(frozen=True)
class Services:
    """The WSGI application of each service, by name, and what builds Compute's servers once it is started, if any."""

    apps: dict[str, WSGIApplication]
    builder: compute.Builder | None


@dataclass(frozen=True)
class Trust:
    """Who is believed: how a service finds its caller, what stands in front of it, and whose token it itself has."""

    check: Authenticator
    front: Callable[[WSGIApplication, Settings, str], WSGIApplication] = lambda app, _settings, _service: app
    own_token: Callable[[], str] | None = None


def services(store: Store, settings: Settings) -> Services:
    """Assemble those that are served here; nothing runs yet."""
    trust = _trust(store, settings)
    make: dict[str, Callable[..., WSGIApplication]] = {
        "identity": identity.application,
        "image": image.application,
        "network": network.application,
    }
    apps = {
        name: trust.front(make[name](store, settings, trust.check), settings, name)
        for name in make
        if name in settings.served
    }
    if "compute" not in settings.served:
        return Services(apps, None)

    def session(name: str) -> ServiceSession:
        here = _mounted(apps[name], settings, name) if name in apps else None
        return ServiceSession(settings.url(name), here, trust.own_token)

    networks = session("network")
    builder = compute.Builder(store, settings, networks)
    app = compute.application(store, settings, trust.check, networks, session("image"), builder)
    apps["compute"] = trust.front(app, settings, "compute")
    return Services(apps, builder)


def _trust(store: Store, settings: Settings) -> Trust:
    if not settings.beside_keystone:
        return Trust(authenticator(store))
    from reference import keystone  # an extra brings what it needs

    return Trust(keystone.caller, keystone.guarded, keystone.ServiceUser(settings))


def application(
    apps: dict[str, WSGIApplication], store: Store, settings: Settings, also: Mapping[int, WSGIApplication] = EMPTY
) -> WSGIApplication:
    """Those services behind their paths, or on ports of their own where `settings.ports` gives them one.

    `also` are applications that have a port and no path.
    """

    def ready() -> None:
        with store.read() as tx:
            tx.execute(sa.select(sa.literal(1)))

    return Mount(apps, {port: apps[name] for name, port in settings.ports if name in apps} | dict(also), ready)


def _mounted(app: WSGIApplication, settings: Settings, name: str) -> WSGIApplication:
    """The application as its callers address it: below `/name`, unless it has a port of its own."""
    return Mount({name: app}, {port: app for service, port in settings.ports if service == name}, lambda: None)
