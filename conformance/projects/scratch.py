"""Scratch projects: made in Identity for the length of a run, and taken away with all that is in them.

Each is in the run's journal from before it is made until it is gone, so that whoever outlives the process that made it
can finish the work.
"""

import secrets
from typing import Any

from conformance.projects import cloud_defaults
from conformance.projects.inventory import NOTHING, restore
from conformance.projects.journal import Journal
from conformance.projects.quotas import Allowance
from conformance.settings import UsageProblem
from conformance.target import responses
from conformance.target.cloud import Account, ApiError, Cloud

TAG = "get-me-a-network"  # of every project of every run; each also has one of its run
EVERY_KIND = "aA1!"  # of characters that clouds ask for in a password
MEMBER, READER, SWEEPER = "member", "reader", "sweeper"


class Scratch:
    """A project and its users in Identity, under a name that no one else uses.

    `lack` says what it may not have enough of, and what to do; empty for nothing.
    """

    def __init__(self, cloud: Cloud, admin: Account, name: str) -> None:
        self.name = name
        self._cloud = cloud
        self._admin = admin
        self._identity = admin.endpoints.identity
        self.lack = ""
        self._project = ""
        self._users: dict[str, str] = {}

    def create(self) -> None:
        """Raises UsageProblem when the administrator is none, ApiError when it fails otherwise."""
        body = {
            "name": self.name,
            "domain_id": self._admin.project_domain_id,
            "description": "made for a conformance run",
            "tags": [TAG, self.name.rpartition("-")[0]],
        }
        self._project = self._post("project", body)
        self.lack = self._allowance.give()

    @property
    def _allowance(self) -> Allowance:
        return Allowance(self._admin, self._project)

    def find(self) -> bool:
        """Look up what another process has made under this name; False when there is nothing."""
        self._project = self._found("project", self.name)
        users = {kind: self._found("user", f"{self.name}-{kind}") for kind in (MEMBER, READER, SWEEPER)}
        self._users = {kind: user for kind, user in users.items() if user}
        return bool(self._project or self._users)

    def member(self) -> Account:
        return self._user(MEMBER, MEMBER)

    def reader(self) -> Account:
        return self._user(READER, READER)

    def _user(self, kind: str, role: str) -> Account:
        password = f"{EVERY_KIND}{secrets.token_hex(16)}"
        body = {
            "name": f"{self.name}-{kind}",
            "domain_id": self._admin.project_domain_id,
            "password": password,
            "options": {"ignore_change_password_upon_first_use": True},  # else nobody could sign in with it
        }
        user = self._users[kind] = self._post("user", body)
        grant = f"{self._identity}/projects/{self._project}/users/{user}/roles/{self._role(role)}"
        self._admin.call("PUT", grant)
        return self._cloud.other_account(user_id=user, password=password, project_id=self._project)

    def _role(self, name: str) -> str:
        found = self._found("role", name)
        if not found:
            raise UsageProblem(f"{self._admin.name}: the cloud has no role {name!r}: create it")
        return found

    def _found(self, what: str, name: str) -> str:
        items = responses.items(self._admin, f"{self._identity}/{what}s?name={name}", f"{what}s")
        return str(items[0]["id"]) if items else ""

    def _post(self, what: str, body: dict[str, Any]) -> str:
        try:
            return responses.create(self._admin, f"{self._identity}/{what}s", what, body)
        except ApiError as wrong:
            if wrong.status in (401, 403):
                raise UsageProblem(f"{self._admin.name} may not make projects: name an administrator's") from None
            raise

    def empty(self) -> list[str]:
        """Take away what is in the project, and name what would not go.

        That is done by a member made for it: nobody knows the password of the first one any more, and a new one would
        make Identity refuse the tokens of the next second.
        """
        if not self._project:
            return []
        left = restore(self._user(SWEEPER, MEMBER), NOTHING)
        return [] if left.empty else [f"project {self.name} keeps {left}"]

    def delete(self) -> list[str]:
        """Delete project and users, with the security group that Networking made, and name what would not go."""
        left = []
        if self._project:
            self._allowance.forget()
        for url in (*self._groups(), *self._in_identity()):
            try:
                self._admin.call("DELETE", url)
            except (ApiError, UsageProblem) as wrong:
                left.append(f"project {self.name}: {wrong}")
        return left

    def _in_identity(self) -> list[str]:
        users = [f"{self._identity}/users/{user}" for user in self._users.values()]
        return [*users, f"{self._identity}/projects/{self._project}"] if self._project else users

    def _groups(self) -> list[str]:
        groups = f"{self._admin.endpoints.network}/v2.0/security-groups"
        if not self._project:
            return []
        try:
            found = responses.items(self._admin, f"{groups}?project_id={self._project}&fields=id", "security_groups")
        except (ApiError, UsageProblem):
            return []  # then they stay, in a project that is gone
        return [f"{groups}/{group['id']}" for group in found]


class ScratchProjects:
    """All that a run makes in Identity."""

    def __init__(self, cloud: Cloud, admin: Account, run_id: str, journal: Journal) -> None:
        self._cloud = cloud
        self._admin = admin
        self._run_id = run_id
        self._journal = journal
        self._made: list[Scratch] = []

    def check(self) -> None:
        """Raises UsageProblem when the administrator is none, or there is nowhere to keep the journal."""
        self._journal.probe()
        try:
            self._admin.call("GET", f"{self._admin.endpoints.identity}/projects?name={MEMBER}")
        except ApiError as wrong:
            raise UsageProblem(f"{self._admin.name} is no administrator: {wrong}") from None

    def make(self) -> Scratch:
        """A project without users. Raises what Scratch.create raises."""
        made = Scratch(self._cloud, self._admin, f"gman-{self._run_id}-{secrets.token_hex(4)}")
        self._journal.note("made", made.name)
        self._made.append(made)
        made.create()
        return made

    def delete(self) -> list[str]:
        """Delete what this process has made, and name what would not go."""
        left = [line for made in self._made for line in self._delete(made)]
        self._made.clear()
        return left

    def _delete(self, made: Scratch) -> list[str]:
        left = made.delete()
        if not left:
            self._journal.note("gone", made.name)
        return left

    def sweep(self) -> list[str]:
        """Undo what is in the journal, whoever did it and left it so, and name what would not go."""
        left = cloud_defaults.set_again(self._admin, self._journal)
        for name in self._journal.names():
            try:
                left += self._finish(Scratch(self._cloud, self._admin, name))
            except (ApiError, UsageProblem) as wrong:
                left.append(f"project {name}: {wrong}")
        self._journal.close()
        return left

    def _finish(self, lost: Scratch) -> list[str]:
        return (lost.empty() if lost.find() else []) + self._delete(lost)
