"""What the tests of one process share: the cloud, its projects, one HTTP client, and what they have left behind."""

import datetime
import hashlib
from collections.abc import Callable, Collection, Iterable
from contextlib import ExitStack
from functools import cached_property
from pathlib import Path

from conformance.gabbi import fixtures
from conformance.gabbi.client import Client
from conformance.gabbi.files import Arc
from conformance.projects import accounts_file
from conformance.projects.cloud_defaults import KeptDefaults
from conformance.projects.inventory import USUAL
from conformance.projects.journal import Journal
from conformance.projects.leases import Lease, ListedProjects, MadeProjects, Projects
from conformance.projects.scratch import ScratchProjects
from conformance.requirements import registry
from conformance.settings import Settings
from conformance.target import releases
from conformance.target.capabilities import Capabilities, observe
from conformance.target.cloud import Account, Cloud
from conformance.target.transport import silence
from conformance.verdict import claims, waivers
from conformance.verdict.claims import Claims
from conformance.verdict.signals import Inconclusive, NotClaimed, Outcome, Unsupported
from conformance.verdict.waivers import Waiver

PATIENCE = 10  # calls in a row without an answer, after which a service is not asked any more


class Stage:
    """Connects when something is first asked of it."""

    def __init__(self, settings: Settings, seen: Capabilities | None = None) -> None:
        self.settings = settings
        self._seen = seen
        self.deadlines = settings.deadlines
        self.leaks: list[str] = []
        self._clouds: list[Cloud] = []

    def _cloud(self, name: str) -> Cloud:
        self._clouds.append(Cloud(name, self.settings.clouds_file, self.deadlines))
        return self._clouds[-1]

    @property
    def secrets(self) -> set[str]:
        """The tokens in use, which no report may show."""
        return set().union(*(cloud.tokens for cloud in self._clouds))

    @cached_property
    def waivers(self) -> list[Waiver]:
        """The waivers that are for this cloud."""
        today = datetime.date.today()
        listed = [each for name in self.settings.waivers.split(",") if name for each in waivers.load(name, today)]
        return [waiver for waiver in listed if waiver.holds_for(self.capabilities)]

    @cached_property
    def cloud(self) -> Cloud:
        return self._cloud(self.settings.cloud)

    @cached_property
    def capabilities(self) -> Capabilities:
        """As another process has seen them, else looked up."""
        return self._seen or observe(self.cloud.account, self.settings.image, self.settings.flavor)

    @cached_property
    def client(self) -> Client:
        return Client(lambda: self.cloud.verify)

    @cached_property
    def admin(self) -> Account:
        """Raises NotClaimed when the operator named no administrator."""
        if not self.settings.admin_cloud:
            raise NotClaimed("takes an administrator: --admin-cloud")
        return self._cloud(self.settings.admin_cloud).account

    @cached_property
    def journal(self) -> Journal:
        """What is to be undone after this run, on disk."""
        return Journal(self.settings.state / "runs" / f"{self.settings.run_id}.ndjson", self.cloud.auth_url)

    @cached_property
    def projects(self) -> Projects:
        """From the administrator, else from the accounts file, else those of the clouds named."""
        if self.settings.admin_cloud:
            return MadeProjects(ScratchProjects(self.cloud, self.admin, self.settings.run_id, self.journal))
        if self.settings.accounts:
            found = accounts_file.listed(Path(self.settings.accounts), self.cloud)
        else:
            found = [self.cloud.account]
            found += [self._cloud(self.settings.alt_cloud).account] if self.settings.alt_cloud else []
        return ListedProjects(found, self._locks(), self.deadlines.lease)

    def _locks(self) -> Path:
        """One folder for each cloud, whatever name clouds.yaml gives it."""
        return self.settings.state / "locks" / hashlib.sha256(self.cloud.auth_url.encode()).hexdigest()[:16]

    def lease(self, number: int = 1, left: Callable[[], Collection[str]] = lambda: USUAL) -> Lease:
        """A fixture that holds so many clean projects; `left` gives what may be left in them, when it ends."""
        return Lease(self.projects, self.leaks.append, number, left)

    def kept_defaults(self) -> KeptDefaults:
        """A fixture that lets the cloud's defaults be changed, and sets them again; until then nothing is emptied."""
        self.projects.settle()
        folder = self._locks()
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        return KeptDefaults(self.admin, self.journal, folder / "defaults.lock", self.leaks.append)

    @property
    def claims(self) -> Claims:
        """The claims beside what the cloud shows."""
        return claims.held_against(self.capabilities, self.settings, self.projects.room)

    def check(self, covered: Iterable[str], microversion: str = "") -> None:
        """Raises NotClaimed when a test observes nothing that is claimed, Unsupported when the cloud itself says that
        there is nothing to observe. `microversion` is what the test asks Compute for, where that is known. Raises
        Inconclusive where a service has long answered nothing: each test would wait for it as long again.
        """
        for host, calls in silence.items():
            if calls >= PATIENCE:
                raise Inconclusive(f"{host} has not answered {calls} calls in a row: it is not asked any more")
        requirements = registry.load()
        observed = [requirements[id_] for id_ in covered if id_ in requirements]
        profiles = {entry.profile.value for entry in observed}
        if profiles and not profiles & set(self.settings.claims):
            raise NotClaimed(f"profile {', '.join(sorted(profiles))} is not claimed")
        for each in (microversion, *(entry.since for entry in observed if entry.id.startswith("C-"))):
            if beyond := self.too_new(each):
                raise beyond
        if later := self.of_later_releases(entry.id for entry in observed):
            raise later
        lack = claims.no_topology(self.capabilities)
        if lack and any(entry.id.startswith("N-AAT-") for entry in observed):
            raise Unsupported(lack)

    def of_later_releases(self, observed: Iterable[str]) -> NotClaimed | None:
        """That all those requirements came with releases that are younger than this cloud's, if so."""
        newest, told = self.capabilities.max_microversion, self.settings.networking_release
        service, requirements = {"C": "compute", "N": "network"}, registry.load()
        entries = [requirements[id_] for id_ in observed]
        reasons = [releases.later(each.since, service.get(each.id[0], ""), newest, told) for each in entries]
        return NotClaimed(reasons[0]) if reasons and all(reasons) else None

    def too_new(self, microversion: str) -> Unsupported | None:
        """That Compute does not have that microversion, if so; an empty one is what every Compute has."""
        newest = self.capabilities.max_microversion
        if microversion and claims.older(newest, microversion):
            return Unsupported(f"the newest microversion of Compute is {newest}; this takes {microversion}")
        return None

    def enter(self, arc: Arc, until: ExitStack) -> None:
        """Set an arc's fixtures up. Raises an Outcome when it is not claimed, or lacks what it requires."""
        self.check(arc.covers, arc.microversion)
        for name in arc.requires:
            lack = self._lack(name)
            if lack:
                raise lack
        for name in arc.fixtures:
            until.enter_context(fixtures.FIXTURES[name](self, arc))

    def _lack(self, name: str) -> Outcome | None:
        """What a `requires` of a gabbi file misses in this run."""
        seen = self.capabilities
        kind, _, what = name.partition(":")
        match kind:
            case "extension" if what not in seen.extensions:
                return Unsupported(f"the extension {what} is not advertised")
            case "microversion" if not seen.speaks(what):
                return Unsupported(f"Compute speaks up to {seen.max_microversion or 'no microversion'}, and not {what}")
            case "second-project" if self.projects.room < 2:
                return NotClaimed("takes a second project: --alt-cloud, --accounts or --admin-cloud")
            case "admin" | "member-and-reader" if not self.settings.admin_cloud:
                return NotClaimed("takes an administrator: --admin-cloud")
            case "disruptive" if not self.settings.disruptive:
                return NotClaimed("changes the cloud's defaults for a while: --disruptive")
            case "ipv4" | "ipv6" if int(name[-1]) not in seen.default_pools:
                return Unsupported(f"there is no default IPv{name[-1]} subnet pool")
            case "another-prefix" if seen.pool_share == 1:
                return Unsupported("a default pool lets a project have one prefix of it (default_quota)")
            case "no-shared-network" if seen.shared_networks:
                return Unsupported(f"network {seen.shared_networks[0]} is shared with every project")
            case "no-shared-network" if lack := claims.no_topology(seen):
                return Unsupported(f"auto builds no network: {lack}")
        return None

    def close(self) -> None:
        """Undo what was done for the tests as a whole."""
        if "projects" in vars(self):
            self.leaks += self.projects.close()
        if "client" in vars(self):
            self.client.close()
        for cloud in self._clouds:
            cloud.close()
