"""Signing in to Identity, by keystoneauth: a user's tokens, the project they are for, and where its services are."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cached_property
from typing import Any

from keystoneauth1 import exceptions as errors
from keystoneauth1 import session as keystone

from conformance.settings import UsageProblem

# Its warnings would go to standard error; what matters of them is in the UsageProblem that follows.
logging.getLogger("keystoneauth").addHandler(logging.NullHandler())

NEARLY = 0.9  # of a token's lifetime: one that has so much left is as good as new


class SignIn:
    """The sign-in of one user, whom messages call `who`; all tokens that it fetches are added to `tokens`.

    All methods and properties raise UsageProblem, which says whose sign-in failed and what to change.
    """

    def __init__(self, session: keystone.Session, who: str, tokens: set[str]) -> None:
        self._session = session
        self._who = who
        self._tokens = tokens

    @property
    def token(self) -> str:
        """A token that is valid for a while; a new one is fetched shortly before the old one expires."""
        with _usage_problems(self._who):
            token = str(self._session.get_token())
        self._tokens.add(token)
        return token

    def lasting_token(self, seconds: float) -> str:
        """A token that lasts for so long: a new one, unless the present one is valid for about as long."""
        with _usage_problems(self._who):
            access = self._session.auth.get_access(self._session)
            if access.will_expire_soon(min(seconds, NEARLY * _lifetime(access))):
                self._session.invalidate()
        return self.token

    def replace_token(self, refused_token: str) -> str:
        """A new token in place of a refused one, which may have expired; the same where none can be had."""
        with suppress(UsageProblem):
            if self.token == refused_token:  # else another thread has fetched one meanwhile
                self._session.invalidate()
            return self.token
        return refused_token

    @cached_property
    def project_id(self) -> str:
        with _usage_problems(self._who):
            return str(self._session.get_project_id() or "")

    @cached_property
    def roles(self) -> frozenset[str]:
        """The names of the user's roles in the project, as the token has them, in lower case."""
        with _usage_problems(self._who):
            return frozenset(str(name).lower() for name in self._session.auth.get_access(self._session).role_names)

    @cached_property
    def project_domain_id(self) -> str:
        with _usage_problems(self._who):
            return str(self._session.auth.get_access(self._session).project_domain_id)

    @cached_property
    def project_domain_name(self) -> str:
        with _usage_problems(self._who):
            return str(self._session.auth.get_access(self._session).project_domain_name)

    def endpoint(self, service: str, interface: str, region: str | None) -> str:
        """The URL that the catalog names."""
        with _usage_problems(self._who):
            return str(self._session.get_endpoint(service_type=service, interface=interface, region_name=region))

    def close(self) -> None:
        self._session.session.close()


def _lifetime(access: Any) -> float:
    """Seconds that a token is valid for in all; infinite where Identity does not say when it was issued."""
    try:
        return float((access.expires - access.issued).total_seconds())
    except (LookupError, TypeError, ValueError):
        return float("inf")


@contextmanager
def _usage_problems(who: str) -> Iterator[None]:
    """Turn what keystoneauth raises into a UsageProblem that says whose sign-in failed, and what to change."""
    try:
        yield
    except errors.Unauthorized:
        advice = "user, password or project is wrong: check the auth section of clouds.yaml"
    except (errors.ConnectFailure, errors.DiscoveryFailure, errors.ConnectTimeout) as error:
        advice = f"cannot be reached: check auth_url in clouds.yaml ({_root_cause(error)})"
    except errors.EndpointNotFound as error:
        advice = f"{one_line(error)}: check region_name and interface in clouds.yaml"
    except errors.ClientException as error:
        advice = f"cannot sign in: {one_line(error).rstrip('.')}: check auth_url in clouds.yaml"
    except (AttributeError, LookupError, TypeError, ValueError) as error:  # keystoneauth expects well-formed answers
        advice = f"cannot sign in: Identity answers nonsense ({type(error).__name__}): check auth_url in clouds.yaml"
    else:
        return
    raise UsageProblem(f"{who}: {advice}")


def _root_cause(error: BaseException) -> str:
    """The innermost message, such as "Connection refused", below the layers that each say that they failed."""
    while inner := error.__cause__ or error.__context__:
        error = inner
    return one_line(error)


def one_line(message: object) -> str:
    """The text of an error, without its line breaks."""
    return " ".join(str(message).split())
