"""What gabbi files and their fixtures need of the run."""

from collections.abc import Callable, Collection, Iterable
from typing import Protocol

from conformance.deadlines import Deadlines
from conformance.gabbi.client import Client
from conformance.projects.cloud_defaults import KeptDefaults
from conformance.projects.leases import Lease, Projects
from conformance.projects.limits import Amounts
from conformance.settings import Settings
from conformance.target.capabilities import Capabilities
from conformance.target.cloud import Account
from conformance.waits import Waits


class Applies(Protocol):
    """Whether tests apply to the cloud and the run: each method raises NotClaimed or Unsupported where they do not."""

    def require_test(self, covered: Iterable[str], microversion: str = "") -> None: ...
    def require_release(self, observed: Iterable[str]) -> None: ...
    def require_microversion(self, microversion: str) -> None: ...
    def require(self, needs: Collection[str]) -> None: ...


class GabbiContext(Protocol):
    """The run, as gabbi files and their fixtures see it."""

    leaks: list[str]

    @property
    def settings(self) -> Settings: ...
    @property
    def deadlines(self) -> Deadlines: ...
    @property
    def waits(self) -> Waits: ...
    @property
    def client(self) -> Client: ...
    @property
    def applicability(self) -> Applies: ...
    @property
    def capabilities(self) -> Capabilities: ...
    @property
    def admin(self) -> Account: ...
    @property
    def projects(self) -> Projects: ...
    def lease(
        self,
        number: int = 1,
        created_kinds: Callable[[], Collection[str]] = ...,
        needed: Amounts = ...,
        as_it_was: Callable[[], bool] | None = ...,
    ) -> Lease: ...
    def kept_defaults(self) -> KeptDefaults: ...
