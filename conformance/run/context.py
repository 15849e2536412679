"""What the tests of one process share: the cloud, its projects, one HTTP client, and what they have left behind."""

import datetime
import hashlib
from collections.abc import Callable, Collection, Iterable
from functools import cached_property
from pathlib import Path

from conformance.answers.witness import Witness
from conformance.gabbi.client import Client
from conformance.projects import accounts_file
from conformance.projects.cloud_defaults import KeptDefaults
from conformance.projects.inventory import USUAL
from conformance.projects.journal import Journal
from conformance.projects.leases import NO_NEEDS, Lease, ListedProjects, Projects
from conformance.projects.limits import Amounts
from conformance.projects.made import MadeProjects
from conformance.projects.scratch import ScratchProjects
from conformance.report.folder import WAITS
from conformance.run.applicability import OF_SYSTEM, Applicability
from conformance.settings import Settings
from conformance.target.capabilities import Capabilities, observe
from conformance.target.cloud import Account, Cloud
from conformance.target.contact import Contact
from conformance.verdict import claims, waivers
from conformance.verdict.claims import Claims
from conformance.verdict.signals import NotClaimed
from conformance.verdict.waivers import Waiver
from conformance.waits import Waits


class RunContext:
    """Connects to the cloud when something is first needed from it, and not before.

    `capabilities`, and `services` that have answered, come from another process of the run, if there is one.
    """

    def __init__(
        self, settings: Settings, capabilities: Capabilities | None = None, services: Iterable[str] = ()
    ) -> None:
        self.settings = settings
        self._capabilities = capabilities
        self.deadlines = settings.deadlines
        self.waits = Waits(self.deadlines, settings.report / WAITS)
        self.contact = Contact(services, self.waits)
        self.witness = Witness()
        self.contact.listener = self.witness.hear
        self.leaks: list[str] = []
        self._clouds: list[Cloud] = []

    def _cloud(self, name: str) -> Cloud:
        settings = self.settings
        cloud = Cloud(name, settings.clouds_file, self.deadlines, self.contact, settings.region)
        self._clouds.append(cloud)
        return cloud

    @property
    def secrets(self) -> set[str]:
        """The tokens and passwords in use, which no report may show."""
        return set().union(*(cloud.secrets for cloud in self._clouds))

    @cached_property
    def waivers(self) -> list[Waiver]:
        """The waivers that are for this cloud."""
        today = datetime.date.today()
        listed = [waiver for name in self.settings.waivers.split(",") if name for waiver in waivers.load(name, today)]
        return [waiver for waiver in listed if waiver.holds_for(self.capabilities)]

    @cached_property
    def cloud(self) -> Cloud:
        return self._cloud(self.settings.cloud)

    @cached_property
    def capabilities(self) -> Capabilities:
        """What the cloud shows, from another process of the run, else looked up anew."""
        return self._capabilities or self._observed

    @property
    def _observed(self) -> Capabilities:
        settings = self.settings
        return observe(self.cloud.account, settings.image, settings.flavor, settings.guest_image)

    @cached_property
    def applicability(self) -> Applicability:
        """Decides which tests apply to this cloud and to the options of this run."""
        return Applicability(
            self.settings,
            self.capabilities,
            lambda: self.projects.room,
            self.contact,
            lambda: not self.administrator.is_system_scoped,
        )

    @cached_property
    def client(self) -> Client:
        return Client(lambda: self.cloud.transport(), self.contact)

    @cached_property
    def administrator(self) -> Account:
        """The user of --admin-cloud, in a project or system-scoped. Raises NotClaimed when the operator named none."""
        if not self.settings.admin_cloud:
            raise NotClaimed("needs an administrator: --admin-cloud")
        return self._cloud(self.settings.admin_cloud).account

    @property
    def admin(self) -> Account:
        """An administrator in a project, whom all services know. Raises NotClaimed when the operator named none."""
        if self.administrator.is_system_scoped:
            raise NotClaimed(OF_SYSTEM)
        return self.administrator

    @cached_property
    def journal(self) -> Journal:
        """What is to be undone after this run, on disk."""
        return Journal(self.settings.state / "runs" / f"{self.settings.run_id}.ndjson", self.cloud.auth_url)

    @cached_property
    def projects(self) -> Projects:
        """Created by the administrator, else listed in the accounts file, else those of --cloud and --alt-cloud."""
        if self.settings.admin_cloud:
            return MadeProjects(ScratchProjects(self.cloud, self.administrator, self.settings.run_id, self.journal))
        if self.settings.accounts:
            accounts = accounts_file.read_members(Path(self.settings.accounts), self.cloud)
        else:
            accounts = [self.cloud.account]
            accounts += [self._cloud(self.settings.alt_cloud).account] if self.settings.alt_cloud else []
        return ListedProjects(accounts, self._locks(), self.deadlines.lease)

    def _locks(self) -> Path:
        """The folder of locks, one for each cloud, whatever names clouds.yaml gives it."""
        return self.settings.state / "locks" / hashlib.sha256(self.cloud.auth_url.encode()).hexdigest()[:16]

    def lease(
        self,
        number: int = 1,
        created_kinds: Callable[[], Collection[str]] = lambda: USUAL,
        needed: Amounts = NO_NEEDS,
        as_it_was: Callable[[], bool] | None = None,
    ) -> Lease:
        """A fixture that leases `number` empty projects. `created_kinds()` are the kinds of objects that the
        test may leave in them, `needed` is how much of each project's quotas it needs. With `as_it_was` they may have
        an unchanged topology; called at the end, it says whether the test has edited nothing.
        """
        leaked, left_in = self.leaks.append, self.witness.left_in
        return Lease(self.projects, leaked, number, created_kinds, needed, left_in, as_it_was)

    def kept_defaults(self) -> KeptDefaults:
        """A fixture that lets a test change the cloud's defaults, and restores them.

        Waits first until no project is being emptied.
        """
        self.projects.settle()
        folder = self._locks()
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        return KeptDefaults(self.admin, self.journal, folder / "defaults.lock", self.leaks.append)

    @property
    def claims(self) -> Claims:
        """The claims, compared with what was observed of the cloud."""
        return claims.compare(self.capabilities, self.settings, self.projects.room)

    def end_threads(self) -> None:
        """End the threads that this process has, so that it can be forked."""
        for cloud in self._clouds:
            cloud.end_threads()

    def close(self) -> None:
        """Give the projects back, and close the connections."""
        if "projects" in vars(self):
            self.leaks += self.projects.close()
        if "client" in vars(self):
            self.client.close()
        for cloud in self._clouds:
            cloud.close()
