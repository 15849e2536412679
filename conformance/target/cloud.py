"""The cloud under test, as clouds.yaml names it: its endpoints, and the calls that its users make."""

import threading
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from time import monotonic
from typing import Any, TypeVar

import requests
from keystoneauth1.identity import v3
from keystoneauth1.identity.base import BaseIdentityPlugin

from conformance.deadlines import Deadlines
from conformance.redact import shortened
from conformance.settings import ENVIRONMENT, UsageProblem
from conformance.target.certificates import authorities, require_client_certificate
from conformance.target.clouds_file import cloud_region
from conformance.target.contact import Contact
from conformance.target.endpoints import SERVICES, Endpoints, is_url, normalized
from conformance.target.gateway import GatewayAnswer
from conformance.target.sign_in import SignIn, SignInSession, one_line
from conformance.target.transport import (
    ENCODINGS,
    TOKEN_HEADER,
    HttpResponse,
    Transport,
    headers_and_body,
)
from conformance.target.user_agent import REQUEST_ID
from conformance.waits import Waits

Item = TypeVar("Item")
Result = TypeVar("Result")
SECRET_KEYS = ("password", "application_credential_secret", "passcode", "token")  # of clouds.yaml
CONCURRENT_CALLS = 2  # of one user, where several objects are listed
SHOWN = 200  # characters of an error's body
LONGEST_ID = 80  # characters of a request's id
UNAUTHORIZED = 401  # the answer to an invalid or expired token


class ApiError(Exception):
    """A call that the suite depends on failed; the text names the call and the answer, `status` is 0 for none.

    `request_id` is what the service's log has of it, empty where the answer did not say.
    """

    def __init__(self, text: str, status: int = 0, request_id: str = "") -> None:
        super().__init__(text)
        self.status = status
        self.request_id = request_id


class Account:
    """One user in one project of the cloud.

    The token and all that comes with it raise UsageProblem where the user cannot sign in.
    """

    def __init__(self, cloud: "Cloud", session: SignInSession, name: str, place: str) -> None:
        """`place` is where its password is: the file, and the account's place in it."""
        cloud.accounts.append(self)
        self._cloud = cloud
        self._sign_in = SignIn(session, name, cloud.tokens, cloud.source, place, cloud.passwords)
        self._own = threading.local()
        self._transports: list[Transport] = []
        self.name = name
        self.verify, self.cert = cloud.verify, cloud.cert
        self.contact = cloud.contact
        self.deadlines, self.waits = cloud.deadlines, cloud.contact.waits

    @property
    def token(self) -> str:
        """A token that is valid for a while."""
        return self._sign_in.token

    def lasting_token(self, seconds: float) -> str:
        """A token that is valid for `seconds`, for a caller that cannot fetch another one meanwhile."""
        return self._sign_in.lasting_token(seconds)

    @property
    def project_id(self) -> str:
        return self._sign_in.project_id

    @property
    def roles(self) -> frozenset[str]:
        return self._sign_in.roles

    @property
    def is_system_scoped(self) -> bool:
        """Whether it acts on the cloud as a whole, and in no project."""
        return self._sign_in.is_system_scoped

    @property
    def user_domain_id(self) -> str:
        return self._sign_in.user_domain_id

    @property
    def project_domain_id(self) -> str:
        return self._sign_in.project_domain_id

    @property
    def project_domain_name(self) -> str:
        return self._sign_in.project_domain_name

    @cached_property
    def endpoints(self) -> Endpoints:
        """Raises UsageProblem when the catalog lacks a service."""
        region = self._cloud.region

        def url(service: str) -> str:
            if service == "identity":
                return self._cloud.auth_url
            interface, name = region.get_interface(service) or "public", region.get_region_name(service)
            endpoint = str(region.get_endpoint(service) or self._sign_in.endpoint(service, interface, name))
            if not is_url(endpoint):
                places = f"{service}_endpoint_override in {self._cloud.source}, and the catalog"
                raise UsageProblem(
                    f"{self.name}: {endpoint[:SHOWN]!r} is no URL of a {service} service: check {places}"
                )
            return endpoint

        return Endpoints(**{service: normalized(service, url(service)) for service in SERVICES})

    def ask(
        self,
        method: str,
        url: str,
        *,
        json: Any = None,
        headers: Mapping[str, str] | None = None,
        seconds: float | None = None,
    ) -> HttpResponse:
        """The response to one call in the user's name, whatever its status.

        `seconds` is its deadline, that of requests by default. Where the token is refused the call is repeated with a
        new one, as the old one may have expired early. Raises what Transport raises.
        """

        def send(token: str) -> HttpResponse:
            all_headers, body = headers_and_body(token, self.contact.user_agent.headers(), json, headers)
            all_headers = {"Accept-Encoding": ENCODINGS, **all_headers}
            return self._exchange(method, url, all_headers, body, seconds)

        token = self.token
        response = send(token)
        if response.status == UNAUTHORIZED and TOKEN_HEADER not in map(str.lower, headers or ()):
            new_token = self._sign_in.replace_token(token)
            return send(new_token) if new_token != token else response
        return response

    def _exchange(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes, seconds: float | None
    ) -> HttpResponse:
        """The response within `seconds`, or within the deadline of requests, whose end is recorded."""
        if seconds:
            return self._transport.exchange(method, url, headers, body, seconds)
        began, allowed = monotonic(), self.waits.seconds("request")
        try:
            response = self._transport.exchange(method, url, headers, body, allowed)
        except requests.Timeout:
            self.waits.missed("request", allowed)
            raise
        self.waits.took("request", monotonic() - began)
        return response

    def side_by_side(self, look: Callable[[Item], Result], items: Iterable[Item]) -> Iterator[Result]:
        """The results of `look`, which makes calls, for each item, in the order of the items."""
        return self._cloud.call_pool.map(look, items)

    @property
    def _transport(self) -> Transport:
        """The one of the calling thread."""
        if not hasattr(self._own, "transport"):
            self._own.transport = self._cloud.transport()
            self._transports.append(self._own.transport)
        own: Transport = self._own.transport
        return own

    def call(self, method: str, url: str, json: Any = None, headers: Mapping[str, str] | None = None) -> Any:
        """The JSON of the answer to a call that must succeed, None for an empty body. Raises ApiError."""
        try:
            answer = self.ask(method, url, json=json, headers=headers)
        except requests.Timeout:
            raise ApiError(f"{method} {url}: no answer within {self.waits.seconds('request'):g} s") from None
        except GatewayAnswer as error:
            raise ApiError(f"{method} {url}: {error}") from None
        except requests.RequestException as error:
            raise ApiError(f"{method} {url}: {type(error).__name__}") from None
        if answer.status >= 300:
            location = answer.raw.get_redirect_location()  # redirects are not followed, as in tests
            text = f"see {location}" if location else one_line(shortened(answer.text, self._cloud.secrets, SHOWN))
            request_id = shortened(answer.raw.headers.get(REQUEST_ID, ""), self._cloud.secrets, LONGEST_ID)
            raise ApiError(f"{method} {url} answered {answer.status} {text}", answer.status, request_id)
        try:
            return answer.json if answer.body else None
        except ValueError:
            raise ApiError(f"{method} {url} answered {answer.status} with no JSON", answer.status) from None

    def close(self) -> None:
        """Close all connections, so that a server that is stopped does not wait for them."""
        for transport in self._transports:
            transport.close()
        self._sign_in.close()


class Cloud:
    """One entry of clouds.yaml. Raises UsageProblem where there is none of that name, or it is incomplete.

    `region_name` is one of its regions, empty for the one that the entry, or OS_REGION_NAME, names. `verify` and `cert`
    are what certificates are checked with, and the client's own, as requests takes them.
    """

    def __init__(
        self,
        name: str,
        clouds_file: str = "",
        deadlines: Deadlines | None = None,
        contact: Contact | None = None,
        region_name: str = "",
    ) -> None:
        self.name = name
        self.deadlines = deadlines or Deadlines()
        self.contact = contact or Contact(waits=Waits(self.deadlines))
        self.accounts: list[Account] = []
        self.tokens: set[str] = set()  # the tokens of all its users
        self.passwords: set[str] = set()  # and their passwords
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # warnings that no user can act on, or that the suite reports itself
            self.region = cloud_region(name, clouds_file, region_name)
            auth = self.region.config["auth"]
            self.auth_url = str(auth["auth_url"])
            self.passwords |= {str(auth[name]) for name in SECRET_KEYS if auth.get(name)}
            verify, self.cert = self.region.get_requests_verify_args()
            self._session: SignInSession = self.region.get_session()
        self.verify = authorities(name, verify)
        require_client_certificate(name, self.cert)
        if not isinstance(self._session.auth, BaseIdentityPlugin):
            raise UsageProblem(f"cloud {name!r}: its auth_type signs in to no Identity: take password, or another")
        self._session.send_by(self.transport, self.deadlines.request)

    def transport(self) -> Transport:
        """Connections to the cloud, for one thread, without a user's token."""
        return Transport(self.verify, self.cert, self.contact)

    @property
    def secrets(self) -> set[str]:
        """The secrets, which no report or message may show."""
        return self.tokens | self.passwords

    @property
    def source(self) -> str:
        """Where the operator describes it."""
        return "the environment (OS_*)" if self.name == ENVIRONMENT else "clouds.yaml"

    @cached_property
    def account(self) -> Account:
        """The user that the entry names."""
        return Account(self, self._session, f"cloud {self.name!r}", f"the auth section of {self.source}")

    @cached_property
    def call_pool(self) -> ThreadPoolExecutor:
        """Threads for calls that only read, made at the same time."""
        return ThreadPoolExecutor(max_workers=CONCURRENT_CALLS, thread_name_prefix="look")

    def close(self) -> None:
        for account in self.accounts:
            account.close()
        self.end_threads(wait=False)

    def end_threads(self, *, wait: bool = True) -> None:
        """End the threads of calls that read, or tell them to; a later call makes new ones."""
        call_pool = vars(self).pop("call_pool", None)
        if call_pool:
            call_pool.shutdown(wait=wait)

    def other_account(self, name: str, place: str, **credentials: str) -> Account:
        """Another user of the same cloud, whom messages call `name`; `place` says where the operator finds its
        password; `credentials` are the arguments of keystoneauth's v3.Password.
        """
        self.passwords |= {credentials["password"]}
        auth = v3.Password(auth_url=self.auth_url, **credentials)
        session = SignInSession(auth=auth, verify=self.verify, cert=self.cert)
        session.send_by(self.transport, self.deadlines.request)
        return Account(self, session, name, place)
