"""Scratch projects: created in Identity for the length of a run, and deleted with all that is in them.

Each is in the run's journal from before it is created until it is gone, so that another process can delete it if that
of the run is killed.
"""

import re
import secrets
from typing import Any
from urllib.parse import quote

from conformance.projects import cloud_defaults
from conformance.projects.inventory import NOTHING, remove_new
from conformance.projects.journal import Journal
from conformance.projects.quotas import ProjectQuotas
from conformance.settings import UsageProblem
from conformance.target import responses
from conformance.target.cloud import Account, ApiError, Cloud

TAG = "get-me-a-network"  # of all projects of all runs; a second tag names the run
STRONG = "aA1!"  # each class of characters that clouds require in a password
OWN = re.compile(r"gman-[\w-]{1,64}")  # names of projects that runs make
MEMBER, READER, SWEEPER = "member", "reader", "sweeper"


class Scratch:
    """A project and its users in Identity, under a name that no one else uses."""

    def __init__(self, cloud: Cloud, admin: Account, name: str) -> None:
        self.name = name
        self._cloud = cloud
        self._admin = admin
        self._identity = admin.endpoints.identity
        self._domain = admin.project_domain_id or admin.user_domain_id  # an administrator of the system has no project
        self._project = ""
        self._users: dict[str, str] = {}

    def create(self) -> None:
        """Create the project. Raises UsageProblem where the user is no administrator, ApiError for other errors."""
        body = {
            "name": self.name,
            "domain_id": self._domain,
            "description": "made for a conformance run",
            "tags": [TAG, self.name.rpartition("-")[0]],
        }
        self._project = self._post("project", body)
        ProjectQuotas(self._admin, self._project).raise_limits()

    def find(self) -> bool:
        """Look up what another process has created under this name; False where there is nothing.

        Raises UsageProblem where a project of that name is no run's.
        """
        projects = responses.items(self._admin, f"{self._identity}/projects?name={quote(self.name)}", "projects")
        tags = projects[0].get("tags") if projects else [TAG]
        if not OWN.fullmatch(self.name) or not isinstance(tags, list) or TAG not in tags:
            raise UsageProblem(f"it is not tagged {TAG}, as projects of runs are: left alone")
        self._project = str(projects[0]["id"]) if projects else ""
        users = {kind: self._id_of("user", f"{self.name}-{kind}") for kind in (MEMBER, READER, SWEEPER)}
        self._users = {kind: user for kind, user in users.items() if user}
        return bool(self._project or self._users)

    def member(self) -> Account:
        return self._user(MEMBER, MEMBER)

    def reader(self) -> Account:
        return self._user(READER, READER)

    def _user(self, kind: str, role: str) -> Account:
        password = f"{STRONG}{secrets.token_hex(16)}"
        body = {
            "name": f"{self.name}-{kind}",
            "domain_id": self._domain,
            "password": password,
            "options": {"ignore_change_password_upon_first_use": True},  # else nobody could sign in
        }
        user = self._users[kind] = self._post("user", body)
        role_id = self._id_of("role", role)
        if not role_id:
            raise UsageProblem(f"{self._admin.name}: the cloud has no role {role!r}: create it")
        self._admin.call("PUT", f"{self._identity}/projects/{self._project}/users/{user}/roles/{role_id}")
        names = {"user_id": user, "project_id": self._project}
        return self._cloud.other_account(f"the run's own {kind}", "Identity", password=password, **names)

    def _id_of(self, kind: str, name: str) -> str:
        """The id of the object in Identity, empty where there is none."""
        items = responses.items(self._admin, f"{self._identity}/{kind}s?name={quote(name)}", f"{kind}s")
        return str(items[0]["id"]) if items else ""

    def _post(self, kind: str, body: dict[str, Any]) -> str:
        """Create an object in Identity, and return its id."""
        try:
            return responses.create(self._admin, f"{self._identity}/{kind}s", kind, body)
        except ApiError as error:
            if error.status in (401, 403):
                raise UsageProblem(f"{self._admin.name} may not make projects: name an administrator's") from None
            raise

    def empty(self) -> list[str]:
        """Remove what is in the project; one line on what is left, else none. It acts as a new user, as the member's
        password is not known any more, and setting a new one would revoke tokens, even those issued within the next
        second.
        """
        if not self._project:
            return []
        remaining = remove_new(self._user(SWEEPER, MEMBER), NOTHING).remaining
        return [] if remaining.empty else [f"project {self.name} keeps {remaining}"]

    def delete(self) -> list[str]:
        """Delete project and users, and the security group that Networking made. Returns a line per leftover."""
        urls = [f"{self._identity}/users/{user}" for user in self._users.values()]
        if self._project:
            ProjectQuotas(self._admin, self._project).reset()
            urls = [*self._group_urls(), *urls, f"{self._identity}/projects/{self._project}"]
        leaks = []
        for url in urls:
            try:
                self._admin.call("DELETE", url)
            except (ApiError, UsageProblem) as error:
                leaks.append(f"project {self.name}: {error}")
        return leaks

    def _group_urls(self) -> list[str]:
        """The URLs of the project's security groups; none where they cannot be listed, so that they outlive the
        project.
        """
        url = f"{self._admin.endpoints.network}/v2.0/security-groups"
        try:
            groups = responses.items(self._admin, f"{url}?project_id={self._project}&fields=id", "security_groups")
        except (ApiError, UsageProblem):
            return []
        return [f"{url}/{group['id']}" for group in groups]


class ScratchProjects:
    """All projects and users that a run creates."""

    def __init__(self, cloud: Cloud, admin: Account, run_id: str, journal: Journal) -> None:
        self._cloud = cloud
        self._admin = admin
        self._run_id = run_id
        self._journal = journal
        self._projects: list[Scratch] = []

    def check(self) -> None:
        """Raises UsageProblem where the user is no administrator, or the journal cannot be written."""
        self._journal.probe()
        try:
            self._admin.call("GET", f"{self._admin.endpoints.identity}/projects?name={MEMBER}")
        except ApiError as error:
            raise UsageProblem(f"{self._admin.name} is no administrator: {error}") from None

    def make(self) -> Scratch:
        """A project without users. Raises what Scratch.create raises."""
        project = Scratch(self._cloud, self._admin, f"gman-{self._run_id}-{secrets.token_hex(4)}")
        self._journal.note("made", project.name)
        self._projects.append(project)
        project.create()
        return project

    def delete(self) -> list[str]:
        """Delete what this process has created. Returns a line for each object that is left."""
        leaks = [line for project in self._projects for line in self._delete(project)]
        self._projects.clear()
        return leaks

    def _delete(self, project: Scratch) -> list[str]:
        leaks = project.delete()
        if not leaks:
            self._journal.note("gone", project.name)
        return leaks

    def sweep(self) -> list[str]:
        """Undo all that the journal lists, whichever process did it. Returns a line for each object that is left."""
        leaks = cloud_defaults.restore_from_journal(self._admin, self._journal)
        for name in self._journal.names():
            try:
                project = Scratch(self._cloud, self._admin, name)
                leaks += (project.empty() if project.find() else []) + self._delete(project)
            except (ApiError, UsageProblem) as error:
                leaks.append(f"project {name}: {error}")
        self._journal.close()
        return leaks
