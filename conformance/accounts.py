"""Users of projects: read from an accounts file, or made in Identity for the length of a run."""

import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from conformance.cloud import Account, ApiError, Cloud
from conformance.data import load_yaml
from conformance.settings import UsageProblem

MEMBER, READER = "member", "reader"
DEFAULT_DOMAIN = "default"  # the id of the domain that Identity starts with
NAMING = {  # what keystoneauth calls it -> what accounts files call it, the newer name first
    "username": ("username",),
    "password": ("password",),
    "project_name": ("project_name", "tenant_name"),
    "user_domain_name": ("user_domain_name", "domain_name"),
    "user_domain_id": ("user_domain_id",),
    "project_domain_name": ("project_domain_name", "domain_name"),
    "project_domain_id": ("project_domain_id",),
}
NEEDED = ("username", "password", "project_name")


def listed(path: Path, cloud: Cloud) -> list[Account]:
    """The members in an accounts file as Tempest reads it: a list of username, password, project_name and domains.

    Administrators and readers among them are left out. Raises UsageProblem.
    """
    try:
        entries = load_yaml(path)
    except OSError as wrong:
        raise UsageProblem(f"accounts file {path}: {wrong.strerror}") from None
    except (UnicodeDecodeError, yaml.YAMLError) as wrong:
        raise UsageProblem(f"accounts file {path}: no YAML: {' '.join(str(wrong).split())}") from None
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise UsageProblem(f"accounts file {path}: not a list of accounts")
    accounts = [
        cloud.other_account(**_credentials(path, number, entry))
        for number, entry in enumerate(entries, 1)
        if _is_member(entry)
    ]
    if not accounts:
        raise UsageProblem(f"accounts file {path}: no account of a member in it")
    return accounts


def _is_member(entry: Mapping[str, Any]) -> bool:
    roles = entry.get("roles", [MEMBER])
    return "admin" not in (*roles, *entry.get("types", ())) and roles != [READER]


def _credentials(path: Path, number: int, entry: Mapping[str, Any]) -> dict[str, str]:
    found = {
        ours: str(entry[theirs[0] if theirs[0] in entry else theirs[-1]])
        for ours, theirs in NAMING.items()
        if any(name in entry for name in theirs)
    }
    if missing := [name for name in NEEDED if name not in found]:
        raise UsageProblem(f"accounts file {path}: account {number} lacks {', '.join(missing)}")
    for whose in ("user", "project"):
        if f"{whose}_domain_name" not in found:
            found.setdefault(f"{whose}_domain_id", DEFAULT_DOMAIN)
    return found


class MadeAccounts:
    """All that a run creates in Identity, to be deleted together."""

    def __init__(self, cloud: Cloud, admin: Account, run_id: str) -> None:
        self._cloud = cloud
        self._admin = admin
        self._run_id = run_id
        self._made: list[MadeProject] = []

    def check(self) -> None:
        """Raises UsageProblem when the administrator is none."""
        try:
            self._admin.call("GET", f"{self._admin.endpoints.identity}/roles?name={MEMBER}")
        except ApiError as wrong:
            raise UsageProblem(f"{self._admin.name} is no administrator: {wrong}") from None

    def make(self) -> "MadeProject":
        """A project with a member. Raises UsageProblem when the administrator is none, ApiError when it fails."""
        made = MadeProject(self._cloud, self._admin, f"gman-{self._run_id}-{secrets.token_hex(4)}")
        self._made.append(made)
        made.create()
        return made

    def delete(self) -> list[str]:
        """Delete everything, and name what would not go."""
        left = [line for made in self._made for line in made.delete()]
        self._made.clear()
        return left


class MadeProject:
    """A project and its users in Identity, all of a name that no one else uses."""

    def __init__(self, cloud: Cloud, admin: Account, name: str) -> None:
        self._cloud = cloud
        self._admin = admin
        self._identity = admin.endpoints.identity
        self._name = name
        self._project = ""
        self._users: dict[str, str] = {}

    def create(self) -> None:
        body = {"name": self._name, "domain_id": self._admin.project_domain_id}
        self._project = self._post("project", {**body, "description": "made for a conformance run"})

    def member(self) -> Account:
        return self._user(MEMBER)

    def reader(self) -> Account:
        return self._user(READER)

    def _user(self, role: str) -> Account:
        password = secrets.token_urlsafe(24)
        body = {"name": f"{self._name}-{role}", "domain_id": self._admin.project_domain_id, "password": password}
        user = self._users[role] = self._post("user", body)
        grant = f"{self._identity}/projects/{self._project}/users/{user}/roles/{self._role(role)}"
        self._admin.call("PUT", grant)
        return self._cloud.other_account(user_id=user, password=password, project_id=self._project)

    def _role(self, name: str) -> str:
        found = self._admin.call("GET", f"{self._identity}/roles?name={name}")["roles"]
        if not found:
            raise UsageProblem(f"{self._admin.name}: the cloud has no role {name!r}: create it")
        return str(found[0]["id"])

    def _post(self, what: str, body: Mapping[str, str]) -> str:
        try:
            return str(self._admin.call("POST", f"{self._identity}/{what}s", {what: body})[what]["id"])
        except ApiError as wrong:
            if wrong.status in (401, 403):
                raise UsageProblem(f"{self._admin.name} may not make projects: name an administrator's") from None
            raise

    def delete(self) -> list[str]:
        """Delete all of it, with the security group that Networking made for it, and name what would not go."""
        left = []
        for url in (*self._groups(), *self._in_identity()):
            try:
                self._admin.call("DELETE", url)
            except (ApiError, UsageProblem) as wrong:
                left.append(f"project {self._name}: {wrong}")
        return left

    def _in_identity(self) -> list[str]:
        users = [f"{self._identity}/users/{user}" for user in self._users.values()]
        return [*users, f"{self._identity}/projects/{self._project}"] if self._project else users

    def _groups(self) -> list[str]:
        groups = f"{self._admin.endpoints.network}/v2.0/security-groups"
        if not self._project:
            return []
        try:
            found = self._admin.call("GET", f"{groups}?project_id={self._project}&fields=id")
        except (ApiError, UsageProblem):
            return []  # then they stay, in a project that is gone
        return [f"{groups}/{group['id']}" for group in found["security_groups"]]
