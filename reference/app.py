"""The whole reference as one WSGI application, and the one place that knows all four services.

A request passes Mount (which service), RequestId, Authentication, the service's own middleware, and its handler; beside
a Keystone, its token check comes before RequestId. Compute calls Network and Image over HTTP through a session; where
they run in this process too, the session hands its requests to them directly.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from wsgiref.types import WSGIApplication

from reference import compute, identity, image, network
from reference.compute import tables as compute_tables
from reference.config import Settings
from reference.identity import tables as identity_tables
from reference.identity.tokens import authenticator
from reference.network import tables as network_tables
from reference.store import Store, health
from reference.wsgi.client import ServiceSession
from reference.wsgi.context import Authenticator
from reference.wsgi.mount import Mount

EMPTY: Mapping[int, WSGIApplication] = {}
SCHEMAS = (
    identity_tables.METADATA,
    image.METADATA,
    network_tables.METADATA,
    compute_tables.METADATA,
    health.METADATA,
)


@dataclass(frozen=True)
class Services:
    """The WSGI application of each service, by name; Compute's builder, not started yet, where Compute is served."""

    apps: dict[str, WSGIApplication]
    builder: compute.Builder | None


@dataclass(frozen=True)
class Trust:
    """How a service authenticates its callers (`check`, and `front`, which wraps the service) and itself
    (`own_token`).
    """

    check: Authenticator
    front: Callable[[WSGIApplication, Settings, str], WSGIApplication] = lambda app, _settings, _service: app
    own_token: Callable[[], str] | None = None


def services(store: Store, settings: Settings) -> Services:
    """The services that are served here, assembled; nothing runs yet."""
    trust = Trust(authenticator(store))
    if settings.beside_keystone:
        from reference import keystone  # needs the extra `keystone`

        trust = Trust(keystone.caller, keystone.guarded, keystone.ServiceUser(settings))
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
        local_app = _mounted(apps[name], settings, name) if name in apps else None
        return ServiceSession(settings.url(name), local_app, trust.own_token)

    networks = session("network")
    builder = compute.Builder(store, settings, networks)
    app = compute.application(store, settings, trust.check, networks, session("image"), builder)
    apps["compute"] = trust.front(app, settings, "compute")
    return Services(apps, builder)


def application(
    apps: dict[str, WSGIApplication], store: Store, settings: Settings, extra: Mapping[int, WSGIApplication] = EMPTY
) -> WSGIApplication:
    """Those services at their paths, or on ports of their own where `settings.ports` has one.

    `extra` maps ports to further applications, which have no path.
    """
    own_ports = {port: apps[name] for name, port in settings.ports if name in apps}
    return Mount(apps, own_ports | dict(extra), lambda: health.check(store))


def _mounted(app: WSGIApplication, settings: Settings, name: str) -> WSGIApplication:
    """The application, at the path or port at which it is called."""
    return Mount({name: app}, {port: app for service, port in settings.ports if service == name}, lambda: None)
