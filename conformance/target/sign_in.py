"""Signing in to Identity, by keystoneauth: a user's tokens, their project and roles, and the catalog's endpoints."""

import logging
import threading
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, suppress
from functools import cached_property
from time import monotonic
from typing import Any

import requests
from keystoneauth1 import exceptions as errors
from keystoneauth1 import session as keystone
from requests.utils import get_environ_proxies, select_proxy

from conformance.redact import redact
from conformance.settings import UsageProblem
from conformance.target.transport import Transport

# Without a handler, keystoneauth's warnings go to standard error; the UsageProblem that follows says what matters.
logging.getLogger("keystoneauth").addHandler(logging.NullHandler())

NEW = 0.9  # the share of its lifetime that a token must have left not to be replaced


class SignInSession(keystone.Session):  # type: ignore[misc]
    """keystoneauth's session, sent by the suite's Transport, which limits time and size of each answer.

    All requests of one sign-in together take `timeout` seconds at most. While it signs in, a service that wants a token
    before it shows its versions cannot be Identity: keystoneauth would sign in to get that token, and wait for itself.
    """

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._own = threading.local()
        self._transports: list[Transport] = []

    def send_by(self, new_transport: Callable[[], Transport], seconds: float) -> None:
        """Send by transports that `new_transport()` returns, and let a sign-in take at most `seconds`."""
        self.timeout = seconds
        self._transports = [new_transport(), new_transport()]
        self.session.trust_env = False  # the transports know the environment's proxies; a netrc file is not read
        for scheme, mounted in zip(("http://", "https://"), self._transports, strict=True):
            self.session.mount(scheme, mounted)

    def access(self) -> Any:
        """The token and what Identity says of it, as keystoneauth's AccessInfo; fetched unless a valid one is kept."""
        for transport in self._transports:
            transport.until = monotonic() + float(self.timeout or 0)
        self._own.is_signing_in = True
        try:
            return self.auth.get_access(self)
        finally:
            self._own.is_signing_in = False

    def get_auth_headers(self, *arguments: Any, **named: Any) -> Any:
        """The headers with the token. Raises DiscoveryFailure where a service wants them during a sign-in."""
        if getattr(self._own, "is_signing_in", False):
            raise errors.DiscoveryFailure("it wants a token before it gives one, which Identity does not")
        return super().get_auth_headers(*arguments, **named)


class SignIn:
    """The sign-in of one user, whom messages call `who`.

    All tokens that it fetches are added to `tokens`; no message repeats them, nor `passwords`. `source` is where the
    operator describes the cloud, such as clouds.yaml, and `own` is the user's place there or elsewhere. All methods and
    properties raise UsageProblem, which says whose sign-in failed and what to change.
    """

    def __init__(
        self,
        session: SignInSession,
        who: str,
        tokens: set[str],
        source: str,
        own: str,
        passwords: Collection[str] = (),
    ) -> None:
        self._session = session
        self._who = who
        self._tokens = tokens
        self._source = source
        self._own = own
        self._passwords = passwords

    @contextmanager
    def _redacted(self) -> Iterator[None]:
        """Turn what keystoneauth raises in the block into a UsageProblem, without secrets that Identity sent back."""
        try:
            with _as_usage_problem(self._who, self._source, self._own, str(self._session.auth.auth_url)):
                yield
        except UsageProblem as problem:
            raise UsageProblem(redact(str(problem), {*self._tokens, *self._passwords})) from None

    def _access(self) -> Any:
        with self._redacted():
            return self._session.access()

    @property
    def token(self) -> str:
        """A token that is valid for a while; a new one is fetched shortly before the old one expires."""
        token = str(self._access().auth_token)
        self._tokens.add(token)
        return token

    def lasting_token(self, seconds: float) -> str:
        """A token that is valid for `seconds`, or for about as long as a new one, if that is less."""
        access = self._access()
        with self._redacted():
            if access.will_expire_soon(min(seconds, NEW * _lifetime(access))):
                self._session.invalidate()
        return self.token

    def replace_token(self, refused_token: str) -> str:
        """A token in place of one that a service refused, as it may have expired; the refused one if sign-in fails."""
        with suppress(UsageProblem):
            if self.token == refused_token:  # otherwise another thread has replaced it already
                self._session.invalidate()
            return self.token
        return refused_token

    @cached_property
    def project_id(self) -> str:
        """Empty for a token that is for no project."""
        return str(self._of_token("project_id") or "")

    @cached_property
    def roles(self) -> frozenset[str]:
        """The names of the roles that the token gives the user, in lower case."""
        return frozenset(str(name).lower() for name in self._of_token("role_names"))

    @cached_property
    def project_domain_id(self) -> str:
        """Empty for a token that is for no project."""
        return str(self._of_token("project_domain_id") or "")

    @cached_property
    def project_domain_name(self) -> str:
        """Empty for a token that is for no project."""
        return str(self._of_token("project_domain_name") or "")

    @cached_property
    def user_domain_id(self) -> str:
        return str(self._of_token("user_domain_id") or "")

    @cached_property
    def is_system_scoped(self) -> bool:
        """Whether the token is for the cloud as a whole, instead of a project or a domain."""
        return bool(self._of_token("system_scoped"))

    def _of_token(self, name: str) -> Any:
        """The value of that attribute of keystoneauth's AccessInfo."""
        access = self._access()
        with self._redacted():
            return getattr(access, name)

    def endpoint(self, service: str, interface: str, region: str | None) -> str:
        """The service's URL in the token's catalog, for that interface and region, or for its only one."""
        access = self._access()
        with self._redacted():
            if not region:
                self._require_one_region(access, service, interface)
            return str(self._session.get_endpoint(service_type=service, interface=interface, region_name=region))

    def _require_one_region(self, access: Any, service: str, interface: str) -> None:
        """Raises UsageProblem where the catalog has several URLs of the service, one region's each."""
        entries = access.service_catalog.get_endpoints_data(service_type=service, interface=interface).values()
        urls = {entry.region_name: entry.url for endpoints in entries for entry in endpoints}
        if len(set(urls.values())) > 1:
            regions = f"its {service} service has the regions {', '.join(sorted(urls))}"
            raise UsageProblem(f"{self._who}: {regions}: name one with --region, or region_name in {self._source}")

    def close(self) -> None:
        self._session.session.close()


def _lifetime(access: Any) -> float:
    """Seconds from a token's issue to its expiry; infinite where Identity does not say when it was issued."""
    try:
        return float((access.expires - access.issued).total_seconds())
    except (LookupError, TypeError, ValueError):
        return float("inf")


@contextmanager
def _as_usage_problem(who: str, source: str, own: str, url: str) -> Iterator[None]:
    """Turn what keystoneauth raises in the block into a UsageProblem: whose sign-in failed, and what to change."""
    try:
        yield
    except errors.Unauthorized:
        advice = f"user, password or project is wrong: check {own}"
    except (errors.ConnectFailure, errors.DiscoveryFailure, errors.ConnectTimeout, requests.ConnectionError) as error:
        cause = _root_cause(error)
        advice = f"cannot be reached: check {_what_to_check(cause)} in {source}{_proxy(url)} ({cause})"
    except errors.EndpointNotFound as error:
        advice = f"{one_line(error)}: check region_name and interface in {source}"
    except errors.ClientException as error:
        advice = f"cannot sign in: {one_line(error).rstrip('.')}: check auth_url in {source}"
    # raised by keystoneauth for answers that do not look like Identity's
    except (AttributeError, LookupError, RecursionError, TypeError, ValueError) as error:
        advice = f"cannot sign in: Identity answers nonsense ({type(error).__name__}): check auth_url in {source}"
    else:
        return
    raise UsageProblem(f"{who}: {advice}")


def _what_to_check(cause: str) -> str:
    """The keys of clouds.yaml to check where that was the cause of a failed connection."""
    return "cacert (the authority that signed its certificate) and auth_url" if "CERTIFICATE" in cause else "auth_url"


def _proxy(url: str) -> str:
    """What else to check where a proxy of the environment is on the way to Identity."""
    return ", and the proxy that the environment names" if select_proxy(url, get_environ_proxies(url)) else ""


def _root_cause(error: BaseException) -> str:
    """The message of the innermost error, such as "Connection refused"; those around it only say that they failed."""
    while inner := error.__cause__ or error.__context__:
        error = inner
    return one_line(error)


def one_line(message: object) -> str:
    """The text of an error, without its line breaks."""
    return " ".join(str(message).split())
