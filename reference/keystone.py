"""Beside a real Keystone: its token check in front of the services, the user as which they call each other.

Loaded only where `--auth keystone` asks for it; the check is keystonemiddleware's auth_token (extra `keystone`).
"""

import json
import logging
from dataclasses import replace
from typing import Any
from wsgiref.types import WSGIApplication

import falcon
import requests
import webob.exc
from keystoneauth1 import exceptions, session
from keystoneauth1.identity import v3
from keystonemiddleware import auth_token
from oslo_config import cfg

from reference.config import Settings
from reference.settings_sources import Unusable
from reference.wsgi.context import Caller

CATALOG_INTERFACE = "public"
SERVICE_ROLES = "service"  # who holds it may act for a user whose token has expired meanwhile
VERSIONS = {"network": "/v2.0", "image": "/v2"}  # what a catalog may have behind the address of a service
UNREACHABLE = (
    exceptions.ConnectFailure,
    exceptions.DiscoveryFailure,
    exceptions.RequestTimeout,
    auth_token.ServiceError,
)
OUTAGE = {"error": {"code": 503, "title": "Service Unavailable", "message": "Keystone cannot be reached."}}


class Guard(auth_token.AuthProtocol):  # type: ignore[misc] # keystonemiddleware is not typed
    """auth_token in front of a service, which itself answers 401 in its own way, and so is asked only for callers."""

    def process_response(self, response: Any) -> Any:
        """Leave it as it is: the service's own 401 says already where tokens come from."""
        return response

    def fetch_token(self, token: str, **more: Any) -> Any:
        """What Keystone knows of the token. Errors: 503 where it cannot be asked, which is nobody's bad token."""
        try:
            return super().fetch_token(token, **more)
        except auth_token.InvalidToken as refused:
            if isinstance(refused.__context__, UNREACHABLE):
                text = json.dumps(OUTAGE)
                raise webob.exc.HTTPServiceUnavailable(text=text, content_type="application/json") from None
            raise


def guarded(app: WSGIApplication, settings: Settings, service: str) -> WSGIApplication:
    """The application of a service behind the token check."""
    options = {
        "oslo_config_config": cfg.ConfigOpts(),  # nothing of another program's configuration is read
        "auth_type": "password",
        "auth_url": settings.identity_url,
        "username": settings.service_user,
        "password": settings.service_password,
        "project_name": settings.service_project,
        "user_domain_name": settings.service_domain,
        "project_domain_name": settings.service_domain,
        "region_name": settings.region,
        "interface": CATALOG_INTERFACE,
        "www_authenticate_uri": settings.identity_url,
        "delay_auth_decision": "true",  # some of what a service shows is for everyone
        "service_token_roles": SERVICE_ROLES,
        "service_token_roles_required": "true",
        "service_type": service,
    }
    # it warns of every option of the password plug-in, which it learns of only later
    logging.getLogger("keystonemiddleware._common.config").setLevel(logging.ERROR)
    guard: WSGIApplication = Guard(app, options)
    return guard


def caller(request: falcon.Request) -> Caller | None:
    """Who the token check in front says is asking; what a client wrote into these headers itself never gets here."""
    if request.get_header("X-Identity-Status") != "Confirmed":
        return None
    roles = frozenset(filter(None, (request.get_header("X-Roles") or "").split(",")))
    user, project = request.get_header("X-User-Id") or "", request.get_header("X-Project-Id") or ""
    return Caller(user, project, roles, request.get_header("X-Auth-Token") or "")


class ServiceUser:
    """The user as which the services call each other; its token is renewed before it expires."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        auth = v3.Password(
            auth_url=settings.identity_url,
            username=settings.service_user,
            password=settings.service_password,
            project_name=settings.service_project,
            user_domain_name=settings.service_domain,
            project_domain_name=settings.service_domain,
        )
        self.session = session.Session(auth=auth, timeout=60)

    def __call__(self) -> str:
        """A token of it. Errors: requests.ConnectionError where Keystone gives none."""
        try:
            return str(self.session.get_token())
        except exceptions.ClientException as refused:
            raise requests.ConnectionError(f"no token of the service's own: {type(refused).__name__}") from None

    def find(self, service: str) -> str:
        """Where the catalog says that a service answers, without a version. Errors: Unusable."""
        try:
            url = self.session.get_endpoint(
                service_type=service, interface=CATALOG_INTERFACE, region_name=self.settings.region
            )
        except exceptions.ClientException as refused:
            raise Unusable(f"cannot use Keystone at {self.settings.identity_url}: {str(refused).strip()}") from None
        if not url:
            raise Unusable(f"Keystone's catalog has no {service} in {self.settings.region}: say --{service}-url")
        return str(url).rstrip("/").removesuffix(VERSIONS[service])


def settled(settings: Settings) -> Settings:
    """The settings with what only the catalog knows: where the services answer that Compute works with."""
    wanted = [name for name in VERSIONS if name not in settings.served and name not in settings.elsewhere]
    if "compute" not in settings.served or not wanted:
        return settings
    user = ServiceUser(settings)
    found: dict[str, Any] = {f"{name}_url": user.find(name) for name in wanted}
    return replace(settings, **found)
