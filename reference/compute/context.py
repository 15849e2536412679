"""The context of Compute's handlers, and their policy checks."""

from dataclasses import dataclass

from reference.compute.builder import Builder
from reference.compute.errors import forbidden
from reference.compute.network_client import Networks
from reference.config import Settings
from reference.store import Store
from reference.wsgi.client import ServiceSession
from reference.wsgi.routes import Call


@dataclass(frozen=True)
class Service:
    """The store, the settings, sessions of Networking and Image, and this process's builder."""

    store: Store
    settings: Settings
    network: ServiceSession
    image: ServiceSession
    builder: Builder

    @property
    def url(self) -> str:
        """The URL of this service, without the version."""
        return self.settings.url("compute")

    def networks(self, call: Call) -> Networks:
        """Networking, as the caller sees it."""
        return Networks(self.network, call.caller.token)


def require_member(call: Call, rule: str) -> None:
    """Refuse anyone but members, for a change (C-ERR-031). Raises Problem (403)."""
    if not call.caller.is_member:
        raise forbidden(rule)


def require_reader(call: Call, rule: str) -> None:
    """Refuse anyone without a role that may read in the project. Raises Problem (403)."""
    if not call.caller.is_reader:
        raise forbidden(rule)


def require_admin(call: Call, rule: str) -> None:
    """Refuse anyone but admins, by the policy `rule`. Raises Problem (403)."""
    if not call.caller.is_admin:
        raise forbidden(rule)
