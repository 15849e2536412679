"""The cloud under test, as clouds.yaml names it: its endpoints, and its users with what they ask of it."""

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
from keystoneauth1 import exceptions as refused
from keystoneauth1 import session as keystone
from keystoneauth1.identity import v3
from openstack import exceptions as misconfigured
from openstack.config import OpenStackConfig

from conformance.deadlines import Deadlines
from conformance.settings import UsageProblem
from conformance.target.contact import Contact
from conformance.target.gateway import GatewayAnswer
from conformance.target.sign_in import SignIn, one_line
from conformance.target.transport import PACKED, TOKEN_HEADER, Answered, Transport, composed

Item = TypeVar("Item")
Result = TypeVar("Result")
SERVICES = ("identity", "image", "network", "compute")
LOOKERS = 2  # calls side by side
UNKNOWN = 401  # to a token that is none, or none any more


class ApiError(Exception):
    """A service did not do what the suite asked of it for its own ends; the text names the call and the answer."""

    def __init__(self, text: str, status: int = 0) -> None:
        super().__init__(text)
        self.status = status


@dataclass(frozen=True)
class Endpoints:
    """URLs without a trailing slash: image and network without their version, compute and identity with theirs."""

    identity: str
    image: str
    network: str
    compute: str


class Account:
    """One user in one project of the cloud."""

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
        """One that is valid for a while. This and the others raise UsageProblem where nobody can sign in."""
        return self._sign_in.token

    def lasting(self, seconds: float) -> str:
        """A token for who cannot fetch another for so long."""
        return self._sign_in.lasting(seconds)

    @property
    def project_id(self) -> str:
        return self._sign_in.project_id

    @property
    def project_domain_id(self) -> str:
        return self._sign_in.project_domain_id

    @property
    def project_domain_name(self) -> str:
        return self._sign_in.project_domain_name

    @cached_property
    def endpoints(self) -> Endpoints:
        """Raises UsageProblem when the catalog lacks a service."""
        return Endpoints(**{service: _without_extras(service, self._endpoint(service)) for service in SERVICES})

    def _endpoint(self, service: str) -> str:
        region = self._cloud.region
        if service == "identity":
            return self._cloud.auth_url
        return str(
            region.get_endpoint(service)
            or self._sign_in.endpoint(
                service, region.get_interface(service) or "public", region.get_region_name(service)
            )
        )

    def ask(
        self,
        method: str,
        url: str,
        *,
        json: Any = None,
        headers: Mapping[str, str] | None = None,
        seconds: float | None = None,
    ) -> Answered:
        """One call in the user's name, whatever it is answered; `seconds` as the deadline of a request by default.

        Where our token is refused it is asked once more with a new one: the old one may have ended, whatever its date.
        Raises what the transport raises.
        """

        def asked(token: str) -> Answered:
            sent, body = composed(token, self.contact.user_agent.headers(), json, headers)
            bound = seconds or self.deadlines.request
            return self._transport.exchange(method, url, {"Accept-Encoding": PACKED, **sent}, body, bound)

        token = self.token
        answer = asked(token)
        if answer.status == UNKNOWN and TOKEN_HEADER not in map(str.lower, headers or ()):
            another = self._sign_in.another(token)
            return asked(another) if another != token else answer
        return answer

    def side_by_side(self, look: Callable[[Item], Result], items: Iterable[Item]) -> Iterator[Result]:
        """What `look`, which makes calls, gives for each item, in their order."""
        return self._cloud.lookers.map(look, items)

    @property
    def _transport(self) -> Transport:
        """The calling thread's own."""
        if not hasattr(self._own, "transport"):
            self._own.transport = Transport(self.verify, self.cert, self.contact)
            self._transports.append(self._own.transport)
        own: Transport = self._own.transport
        return own

    def call(self, method: str, url: str, json: Any = None, headers: Mapping[str, str] | None = None) -> Any:
        """Ask for something that has to work, and give the JSON of the answer, or None. Raises ApiError."""
        try:
            answer = self.ask(method, url, json=json, headers=headers)
        except requests.Timeout:
            raise ApiError(f"{method} {url}: no answer within {self.deadlines.request:g} s") from None
        except GatewayAnswer as instead:
            raise ApiError(f"{method} {url}: {instead}") from None
        except requests.RequestException as broken:
            raise ApiError(f"{method} {url}: {type(broken).__name__}") from None
        if answer.status >= 300:
            elsewhere = answer.raw.get_redirect_location()  # not followed: nor would a test's request be
            told = f"see {elsewhere}" if elsewhere else one_line(answer.body[:200].decode(errors="replace"))
            raise ApiError(f"{method} {url} answered {answer.status} {told}", answer.status)
        try:
            return answer.json if answer.body else None
        except ValueError:
            raise ApiError(f"{method} {url} answered {answer.status} with no JSON", answer.status) from None

    def close(self) -> None:
        """Close all connections; a server that is told to end need not wait for them then."""
        for transport in self._transports:
            transport.close()
        self._sign_in.close()


class Cloud:
    """One entry of clouds.yaml. Raises UsageProblem when there is none of that name, or it lacks what it takes."""

    def __init__(
        self, name: str, clouds_file: str = "", deadlines: Deadlines | None = None, contact: Contact | None = None
    ) -> None:
        self.name = name
        self.deadlines = deadlines or Deadlines()
        self.contact = contact or Contact()
        self.accounts: list[Account] = []
        self.tokens: set[str] = set()  # that its users were given, to be kept out of reports
        try:
            with warnings.catch_warnings():
                warnings.simplefilter(
                    "ignore"
                )  # openstacksdk on libraries of its own, which no user of ours can change
                self.region = _config(clouds_file).get_one(cloud=name)
            self.auth_url = str(self.region.config.get("auth", {}).get("auth_url", ""))
            self._session = self.region.get_session()
            self._session.timeout = self.deadlines.request
            self._bound(self._session)
        except misconfigured.ConfigException as wrong:
            advice = "check its name, and OS_CLIENT_CONFIG_FILE"
            raise UsageProblem(f"cloud {name!r}: {one_line(wrong).rstrip('.')}: {advice}") from None
        except (refused.ClientException, OSError) as wrong:
            raise UsageProblem(f"cloud {name!r}: {one_line(wrong)}") from None

    @property
    def verify(self) -> bool | str:
        """What TLS is checked with, as requests takes it."""
        verify, _cert = self.region.get_requests_verify_args()
        named = os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("CURL_CA_BUNDLE")
        return named if verify is True and named else verify if isinstance(verify, str) else bool(verify)

    @property
    def cert(self) -> Any:
        """What we show of ourselves in TLS, as requests takes it."""
        return self.region.get_requests_verify_args()[1]

    def _bound(self, session: keystone.Session) -> None:
        """Let what signs in use our transport, too."""
        for scheme in ("http://", "https://"):
            session.session.mount(scheme, Transport(self.verify, self.cert, self.contact))

    @cached_property
    def account(self) -> Account:
        """The user that the entry names."""
        return Account(self, self._session, f"cloud {self.name!r}")

    @cached_property
    def lookers(self) -> ThreadPoolExecutor:
        """Threads in which several calls that only look are made side by side."""
        return ThreadPoolExecutor(max_workers=LOOKERS, thread_name_prefix="look")

    def close(self) -> None:
        for account in self.accounts:
            account.close()
        lookers = vars(self).pop("lookers", None)  # made anew should somebody look once more
        if lookers:
            lookers.shutdown(wait=False)

    def other_account(self, **credentials: str) -> Account:
        """Another user of the same cloud; `credentials` as keystoneauth's v3.Password takes them."""
        auth = v3.Password(auth_url=self.auth_url, **credentials)
        session = keystone.Session(auth=auth, verify=self.verify, cert=self.cert, timeout=self.deadlines.request)
        self._bound(session)
        return Account(self, session, f"user {credentials.get('username', credentials.get('user_id'))!r}")


def _config(clouds_file: str) -> OpenStackConfig:
    return OpenStackConfig(config_files=[clouds_file], load_envvars=False) if clouds_file else OpenStackConfig()


def _without_extras(service: str, url: str) -> str:
    """An endpoint as the suite wants it, whatever the catalog adds to it or leaves out."""
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
