"""Signing in to Identity, by keystoneauth: a user's tokens, the project they are for, and where its services are."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cached_property
from typing import Any

from keystoneauth1 import exceptions as refused
from keystoneauth1 import session as keystone

from conformance.settings import UsageProblem

# What it warns of on standard error is told where it matters: with the UsageProblem that becomes of it.
logging.getLogger("keystoneauth").addHandler(logging.NullHandler())

NEARLY = 0.9  # of the time that a token lasts: what is younger is as good as new


class SignIn:
    """One user's. All of it raises UsageProblem, which says whose sign-in failed (`who`) and how to mend it.

    What tokens it fetches is kept in `tokens`.
    """

    def __init__(self, session: keystone.Session, who: str, tokens: set[str]) -> None:
        self._session = session
        self._who = who
        self._tokens = tokens

    @property
    def token(self) -> str:
        """A token that is valid for a while; a new one is fetched shortly before the old one expires."""
        with _explained(self._who):
            token = str(self._session.get_token())
        self._tokens.add(token)
        return token

    def lasting(self, seconds: float) -> str:
        """A token for who cannot fetch another for so long: a new one, unless the one at hand lasts about as long."""
        with _explained(self._who):
            access = self._session.auth.get_access(self._session)
            if access.will_expire_soon(min(seconds, NEARLY * _lifetime(access))):
                self._session.invalidate()
        return self.token

    def another(self, refused: str) -> str:
        """A token in place of one that a service refused: it may have ended; the same where no other is to be had."""
        with suppress(UsageProblem):
            if self.token == refused:  # else another thread has fetched one meanwhile
                self._session.invalidate()
            return self.token
        return refused

    @cached_property
    def project_id(self) -> str:
        with _explained(self._who):
            return str(self._session.get_project_id() or "")

    @cached_property
    def project_domain_id(self) -> str:
        with _explained(self._who):
            return str(self._session.auth.get_access(self._session).project_domain_id)

    @cached_property
    def project_domain_name(self) -> str:
        with _explained(self._who):
            return str(self._session.auth.get_access(self._session).project_domain_name)

    def endpoint(self, service: str, interface: str, region: str | None) -> str:
        """What the catalog names."""
        with _explained(self._who):
            return str(self._session.get_endpoint(service_type=service, interface=interface, region_name=region))

    def close(self) -> None:
        self._session.session.close()


def _lifetime(access: Any) -> float:
    """How many seconds a token lasts in all; endless where Identity does not say when it began."""
    try:
        return float((access.expires - access.issued).total_seconds())
    except (LookupError, TypeError, ValueError):
        return float("inf")


@contextmanager
def _explained(who: str) -> Iterator[None]:
    """Turns what keystoneauth raises into a UsageProblem that says whose sign-in failed, and how to mend it."""
    try:
        yield
    except refused.Unauthorized:
        advice = "user, password or project is wrong: check the auth section of clouds.yaml"
    except (refused.ConnectFailure, refused.DiscoveryFailure, refused.ConnectTimeout) as wrong:
        advice = f"cannot be reached: check auth_url in clouds.yaml ({_root(wrong)})"
    except refused.EndpointNotFound as wrong:
        advice = f"{one_line(wrong)}: check region_name and interface in clouds.yaml"
    except refused.ClientException as wrong:
        advice = f"cannot sign in: {one_line(wrong).rstrip('.')}: check auth_url in clouds.yaml"
    except (AttributeError, LookupError, TypeError, ValueError) as wrong:  # keystoneauth expects well-formed answers
        advice = f"cannot sign in: Identity answers nonsense ({type(wrong).__name__}): check auth_url in clouds.yaml"
    else:
        return
    raise UsageProblem(f"{who}: {advice}")


def _root(wrong: BaseException) -> str:
    """What it was in the end: "Connection refused", below the layers that each say that they failed."""
    while inner := wrong.__cause__ or wrong.__context__:
        wrong = inner
    return one_line(wrong)


def one_line(wrong: object) -> str:
    return " ".join(str(wrong).split())
