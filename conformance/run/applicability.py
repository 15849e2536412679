"""Whether a test applies: it is claimed, the cloud supports it, and the run has the options that it needs.

Each method returns if the test applies, and raises NotClaimed or Unsupported with the reason if it does not;
`require_test` also raises Inconclusive.
"""

from collections.abc import Callable, Collection, Iterable
from dataclasses import replace
from typing import Self

from conformance.requirements import registry
from conformance.requirements.registry import Requirement
from conformance.settings import Settings
from conformance.target import releases
from conformance.target.capabilities import Capabilities
from conformance.target.contact import Contact
from conformance.verdict import claims
from conformance.verdict.signals import Inconclusive, NotClaimed, Unsupported

OF_SYSTEM = "needs an administrator in a project: that of --admin-cloud is system-scoped"
EMBEDDED = "the administrator of the embedded reference"
SERVICES = {"C": "compute", "N": "network"}  # by the first letter of a requirement's id


class Applicability:
    """`room()` is the number of projects that the run can lease, infinity where an administrator creates them.

    `is_in_project()` is whether the administrator's token is for a project. Services other than Identity accept no
    system-scoped token.
    """

    def __init__(
        self,
        settings: Settings,
        capabilities: Capabilities,
        room: Callable[[], float],
        contact: Contact,
        is_in_project: Callable[[], bool] = lambda: True,
    ) -> None:
        self._settings = settings
        self._capabilities = capabilities
        self._room = room
        self._contact = contact
        self._is_in_project = is_in_project

    @classmethod
    def of_options(cls, settings: Settings) -> Self:
        """The applicability by the options of a run alone, without its cloud."""
        several = settings.alt_cloud or settings.admin_cloud or settings.accounts or not settings.cloud
        as_administrator = replace(settings, admin_cloud=settings.admin_cloud or ("" if settings.cloud else EMBEDDED))
        return cls(as_administrator, Capabilities(), lambda: 2 if several else 1, Contact())

    def require_test(self, covered: Iterable[str], microversion: str = "") -> None:
        """Raises NotClaimed when a test observes no claimed profile, Unsupported when the cloud says that it lacks what
        the test observes, Inconclusive when a host of the cloud has not answered many calls in a row.

        `covered` are the ids of the requirements that the test observes; `microversion` is the one that it requests,
        empty where it needs none.
        """
        if reason := self._contact.why_host_is_lost:
            raise Inconclusive(reason)
        observed = self.require_claimed(covered)
        for version in (microversion, *(entry.since for entry in observed if entry.id.startswith("C-"))):
            self.require_microversion(version)
        self.require_release(entry.id for entry in observed)
        lack = claims.no_topology(self._capabilities)
        if lack and any(entry.id.startswith("N-AAT-") for entry in observed):
            raise Unsupported(lack)

    def require_claimed(self, covered: Iterable[str]) -> list[Requirement]:
        """The requirements that a test observes. Raises NotClaimed where they are of no claimed profile."""
        requirements = registry.load()
        observed = [requirements[id_] for id_ in covered if id_ in requirements]
        profiles = {entry.profile.value for entry in observed}
        if profiles and not profiles & set(self._settings.claims):
            raise NotClaimed(f"profile {', '.join(sorted(profiles))} is not claimed")
        return observed

    def require_release(self, observed: Iterable[str]) -> None:
        """Raises NotClaimed where all of these requirements are newer than the cloud's release."""
        newest, release = self._capabilities.max_microversion, self._settings.networking_release
        requirements = registry.load()
        entries = [requirements[id_] for id_ in observed]
        reasons = [
            releases.newer_than_cloud(entry.since, SERVICES.get(entry.id[0], ""), newest, release) for entry in entries
        ]
        if reasons and all(reasons):
            raise NotClaimed(reasons[0])

    def require_microversion(self, microversion: str) -> None:
        """Raises Unsupported where Compute does not have that microversion; an empty one is always supported."""
        newest = self._capabilities.max_microversion
        if microversion and claims.older(newest, microversion):
            raise Unsupported(f"the newest microversion of Compute is {newest}; this needs {microversion}")

    def require(self, needs: Collection[str]) -> None:
        """Raises NotClaimed or Unsupported for the first of a gabbi file's `requires` that this run lacks."""
        for need in needs:
            self._require(need)

    def _require_administrator(self, *, in_project: bool) -> None:
        if not self._settings.admin_cloud:
            raise NotClaimed("needs an administrator: --admin-cloud")
        if in_project and not self._is_in_project():
            raise NotClaimed(OF_SYSTEM)

    def _require(self, need: str) -> None:
        capabilities = self._capabilities
        kind, _, what = need.partition(":")
        match kind:
            case "extension" if what not in capabilities.extensions:
                works = ", but works anyway" if what in capabilities.unlisted else ""
                raise Unsupported(f"the extension {what} is not advertised{works}")
            case "microversion" if not capabilities.supports(what):
                newest = capabilities.max_microversion or "no microversion"
                raise Unsupported(f"Compute supports up to {newest}, and not {what}")
            case "second-project" if self._room() < 2:
                raise NotClaimed("needs a second project: --alt-cloud, --accounts or --admin-cloud")
            case "admin" | "member-and-reader":
                self._require_administrator(in_project=kind == "admin")
            case "disruptive" if not self._settings.disruptive:
                raise NotClaimed("changes the cloud's defaults for a while: --disruptive")
            case "ipv4" | "ipv6" if int(need[-1]) not in capabilities.default_pools:
                raise Unsupported(f"there is no default IPv{need[-1]} subnet pool")
            case "another-prefix" if capabilities.pool_share == 1:
                raise Unsupported("a default pool lets a project have one prefix of it (default_quota)")
            case "no-shared-network" if capabilities.shared_networks:
                raise Unsupported(f"network {capabilities.shared_networks[0]} is shared with every project")
            case "no-shared-network" if lack := claims.no_topology(capabilities):
                raise Unsupported(f"auto builds no network: {lack}")
