"""The cloud under test, as clouds.yaml names it: its endpoints, and the calls that its users make."""

import os
import re
import threading
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeVar

import requests
from keystoneauth1 import exceptions as keystone_errors
from keystoneauth1 import session as keystone
from keystoneauth1.identity import v3
from openstack import exceptions as sdk_errors
from openstack.config import OpenStackConfig

from conformance.deadlines import Deadlines
from conformance.redact import shortened
from conformance.settings import UsageProblem
from conformance.target.contact import Contact
from conformance.target.gateway import GatewayAnswer
from conformance.target.sign_in import SignIn, one_line
from conformance.target.transport import ENCODINGS, TOKEN_HEADER, HttpResponse, Transport, headers_and_body

Item = TypeVar("Item")
Result = TypeVar("Result")
SERVICES = ("identity", "image", "network", "compute")
CONCURRENT_CALLS = 2  # of one user, where several objects are listed
SHOWN = 200  # characters of an error's body
UNAUTHORIZED = 401  # the answer to an invalid or expired token


class ApiError(Exception):
    """A call that the suite depends on failed; the text names the call and the answer, `status` is 0 for none."""

    def __init__(self, text: str, status: int = 0) -> None:
        super().__init__(text)
        self.status = status


@dataclass(frozen=True)
class Endpoints:
    """URLs without a trailing slash; compute and identity end in their version, image and network do not."""

    identity: str
    image: str
    network: str
    compute: str


class Account:
    """One user in one project of the cloud.

    The token and all that comes with it raise UsageProblem where the user cannot sign in.
    """

    def __init__(self, cloud: "Cloud", keystone_session: keystone.Session, name: str) -> None:
        cloud.accounts.append(self)
        self._cloud = cloud
        self._sign_in = SignIn(keystone_session, name, cloud.tokens)
        self._own = threading.local()
        self._transports: list[Transport] = []
        self.name = name
        self.verify, self.cert = cloud.verify, cloud.cert
        self.contact = cloud.contact
        self.deadlines = cloud.deadlines

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
            return str(region.get_endpoint(service) or self._sign_in.endpoint(service, interface, name))

        return Endpoints(**{service: _normalized(service, url(service)) for service in SERVICES})

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
            return self._transport.exchange(method, url, all_headers, body, seconds or self.deadlines.request)

        token = self.token
        response = send(token)
        if response.status == UNAUTHORIZED and TOKEN_HEADER not in map(str.lower, headers or ()):
            new_token = self._sign_in.replace_token(token)
            return send(new_token) if new_token != token else response
        return response

    def side_by_side(self, look: Callable[[Item], Result], items: Iterable[Item]) -> Iterator[Result]:
        """The results of `look`, which makes calls, for each item, in the order of the items."""
        return self._cloud.call_pool.map(look, items)

    @property
    def _transport(self) -> Transport:
        """The one of the calling thread."""
        if not hasattr(self._own, "transport"):
            self._own.transport = Transport(self.verify, self.cert, self.contact)
            self._transports.append(self._own.transport)
        own: Transport = self._own.transport
        return own

    def call(self, method: str, url: str, json: Any = None, headers: Mapping[str, str] | None = None) -> Any:
        """The JSON of the answer to a call that must succeed, None for an empty body. Raises ApiError."""
        try:
            answer = self.ask(method, url, json=json, headers=headers)
        except requests.Timeout:
            raise ApiError(f"{method} {url}: no answer within {self.deadlines.request:g} s") from None
        except GatewayAnswer as error:
            raise ApiError(f"{method} {url}: {error}") from None
        except requests.RequestException as error:
            raise ApiError(f"{method} {url}: {type(error).__name__}") from None
        if answer.status >= 300:
            location = answer.raw.get_redirect_location()  # not followed: nor would a test's request be
            text = f"see {location}" if location else one_line(shortened(answer.text, self._cloud.tokens, SHOWN))
            raise ApiError(f"{method} {url} answered {answer.status} {text}", answer.status)
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
    """One entry of clouds.yaml. Raises UsageProblem where there is none of that name, or it is incomplete."""

    def __init__(
        self, name: str, clouds_file: str = "", deadlines: Deadlines | None = None, contact: Contact | None = None
    ) -> None:
        self.name = name
        self.deadlines = deadlines or Deadlines()
        self.contact = contact or Contact()
        self.accounts: list[Account] = []
        self.tokens: set[str] = set()  # of all its users, to be kept out of reports
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # openstacksdk's, on libraries that no user of this suite can change
                files: dict[str, Any] = {"config_files": [clouds_file], "load_envvars": False} if clouds_file else {}
                self.region = OpenStackConfig(**files).get_one(cloud=name)
            self.auth_url = str(self.region.config.get("auth", {}).get("auth_url", ""))
            self._session = self.region.get_session()
            self._session.timeout = self.deadlines.request
            self._mount_transport(self._session)
        except sdk_errors.ConfigException as error:
            advice = "check its name, and OS_CLIENT_CONFIG_FILE"
            raise UsageProblem(f"cloud {name!r}: {one_line(error).rstrip('.')}: {advice}") from None
        except (keystone_errors.ClientException, OSError) as error:
            raise UsageProblem(f"cloud {name!r}: {one_line(error)}") from None

    @property
    def verify(self) -> bool | str:
        """What certificates are checked with, as requests takes it: True, False, or a path."""
        verify, _cert = self.region.get_requests_verify_args()
        bundle = os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("CURL_CA_BUNDLE")
        return bundle if verify is True and bundle else verify if isinstance(verify, str) else bool(verify)

    @property
    def cert(self) -> Any:
        """The client certificate, as requests takes it; None for none."""
        return self.region.get_requests_verify_args()[1]

    def _mount_transport(self, session: keystone.Session) -> None:
        """Let keystoneauth send by our transport, for its deadlines and limits."""
        for scheme in ("http://", "https://"):
            session.session.mount(scheme, Transport(self.verify, self.cert, self.contact))

    @cached_property
    def account(self) -> Account:
        """The user that the entry names."""
        return Account(self, self._session, f"cloud {self.name!r}")

    @cached_property
    def call_pool(self) -> ThreadPoolExecutor:
        """Threads for calls that only read, made at the same time."""
        return ThreadPoolExecutor(max_workers=CONCURRENT_CALLS, thread_name_prefix="look")

    def close(self) -> None:
        for account in self.accounts:
            account.close()
        call_pool = vars(self).pop("call_pool", None)  # a later call makes a new one
        if call_pool:
            call_pool.shutdown(wait=False)

    def other_account(self, **credentials: str) -> Account:
        """Another user of the same cloud; `credentials` are the arguments of keystoneauth's v3.Password."""
        auth = v3.Password(auth_url=self.auth_url, **credentials)
        session = keystone.Session(auth=auth, verify=self.verify, cert=self.cert, timeout=self.deadlines.request)
        self._mount_transport(session)
        return Account(self, session, f"user {credentials.get('username', credentials.get('user_id'))!r}")


def _normalized(service: str, url: str) -> str:
    """An endpoint as `Endpoints` has it, whatever version or slash the catalog adds or leaves out."""
    url = url.rstrip("/")
    match service:
        case "network":
            return re.sub(r"/v2\.0$", "", url)
        case "image":
            return re.sub(r"/v2(\.\d+)?$", "", url)
        case "identity":
            return f"{re.sub(r'/v(2[.]0|3)$', '', url)}/v3"
        case _:
            return url if re.search(r"/v2(\.\d+)?(/|$)", url) else f"{url}/v2.1"
