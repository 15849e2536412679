"""Authentication by a real Keystone: the token check of the services, and the user whose token they use to call each
other.

Imported only with `--auth keystone`; the check is keystonemiddleware's auth_token (extra `keystone`).
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
SERVICE_ROLES = "service"  # the role with which a service may use a user's expired token
VERSIONS = {"network": "/v2.0", "image": "/v2"}  # the version that a catalog's URL of a service may end with
UNREACHABLE = (
    exceptions.ConnectFailure,
    exceptions.DiscoveryFailure,
    exceptions.RequestTimeout,
    auth_token.ServiceError,
)
OUTAGE = {"error": {"code": 503, "title": "Service Unavailable", "message": "Keystone cannot be reached."}}


class Guard(auth_token.AuthProtocol):  # type: ignore[misc] # keystonemiddleware is not typed
    """auth_token as the middleware of a service: it only identifies callers, as the service itself answers 401."""

    def process_response(self, response: Any) -> Any:
        """The response unchanged: the service's own 401 has the header that names Keystone."""
        return response

    def fetch_token(self, token: str, **more: Any) -> Any:
        """Keystone's data of the token. Raises HTTPServiceUnavailable where Keystone cannot be reached."""
        try:
            return super().fetch_token(token, **more)
        except auth_token.InvalidToken as error:
            if isinstance(error.__context__, UNREACHABLE):
                text = json.dumps(OUTAGE)
                raise webob.exc.HTTPServiceUnavailable(text=text, content_type="application/json") from None
            raise


def guarded(app: WSGIApplication, settings: Settings, service: str) -> WSGIApplication:
    """The application of a service, wrapped in the token check."""
    options = {
        "oslo_config_config": cfg.ConfigOpts(),  # no other program's configuration is read
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
        "delay_auth_decision": "true",  # some paths of a service are public
        "service_token_roles": SERVICE_ROLES,
        "service_token_roles_required": "true",
        "service_type": service,
    }
    # keystonemiddleware warns about the options of the password plug-in, which it registers only later
    logging.getLogger("keystonemiddleware._common.config").setLevel(logging.ERROR)
    guard: WSGIApplication = Guard(app, options)
    return guard


def caller(request: falcon.Request) -> Caller | None:
    """The caller, from the headers that the token check sets; those that a client sends itself, the check removes."""
    if request.get_header("X-Identity-Status") != "Confirmed":
        return None
    roles = frozenset(filter(None, (request.get_header("X-Roles") or "").split(",")))
    user, project = request.get_header("X-User-Id") or "", request.get_header("X-Project-Id") or ""
    return Caller(user, project, roles, request.get_header("X-Auth-Token") or "")


class ServiceUser:
    """The user whose token the services use to call each other; the token is renewed before it expires."""

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
        """A valid token of this user. Raises requests.ConnectionError where Keystone issues none."""
        try:
            return str(self.session.get_token())
        except exceptions.ClientException as error:
            raise requests.ConnectionError(f"no token for the service's own user: {type(error).__name__}") from None

    def find(self, service: str) -> str:
        """The URL of a service in the catalog, without a version. Raises Unusable."""
        try:
            url = self.session.get_endpoint(
                service_type=service, interface=CATALOG_INTERFACE, region_name=self.settings.region
            )
        except exceptions.ClientException as error:
            raise Unusable(f"cannot use Keystone at {self.settings.identity_url}: {str(error).strip()}") from None
        if not url:
            raise Unusable(f"Keystone's catalog has no {service} in {self.settings.region}: say --{service}-url")
        return str(url).rstrip("/").removesuffix(VERSIONS[service])


def settled(settings: Settings) -> Settings:
    """The settings, with the URLs from Keystone's catalog of the services that Compute calls. Raises Unusable."""
    missing = [name for name in VERSIONS if name not in settings.served and name not in settings.elsewhere]
    if "compute" not in settings.served or not missing:
        return settings
    user = ServiceUser(settings)
    urls: dict[str, Any] = {f"{name}_url": user.find(name) for name in missing}
    return replace(settings, **urls)
