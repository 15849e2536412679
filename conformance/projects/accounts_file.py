"""Users of projects, as an accounts file lists them."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from conformance.projects.scratch import READER
from conformance.settings import UsageProblem
from conformance.target.cloud import Account, Cloud
from conformance.untrusted import UntrustedError, read_yaml

ADMIN = "admin"
DEFAULT_DOMAIN = "default"  # the id of the domain that Identity starts with
NAMING = {  # keystoneauth's argument -> the keys of accounts files, the newer one first
    "user_id": ("user_id",),
    "username": ("username",),
    "password": ("password",),
    "project_id": ("project_id", "tenant_id"),
    "project_name": ("project_name", "tenant_name"),
    "user_domain_name": ("user_domain_name", "domain_name"),
    "user_domain_id": ("user_domain_id",),
    "project_domain_name": ("project_domain_name", "domain_name"),
    "project_domain_id": ("project_domain_id",),
}
# an account needs one key of each tuple
NEEDED = (("username", "user_id"), ("password",), ("project_name", "project_id"))
OF_NO_PROJECT = ("domain_id", "domain_name", "system")  # with one of them, and without a project


def read_members(path: Path, cloud: Cloud) -> list[Account]:
    """The accounts of the members in a file such as Tempest reads: a list of users, passwords, projects, domains.

    Administrators and readers in it are ignored, and accounts of a domain or of the system, which have no project.
    Raises UsageProblem where the file is invalid or has no members.
    """
    try:
        entries = read_yaml(path)
    except OSError as error:
        raise UsageProblem(f"accounts file {path}: {error.strerror}") from None
    except UntrustedError as error:
        raise UsageProblem(f"accounts file {path}: invalid YAML: {error}") from None
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise UsageProblem(f"accounts file {path}: not a list of accounts")
    accounts = []
    for number, entry in enumerate(entries, 1):
        names = {key: _names(path, number, key, entry.get(key)) for key in ("roles", "types")}
        if ADMIN not in {*names["roles"], *names["types"]} and names["roles"] != [READER] and not _is_elsewhere(entry):
            credentials = _credentials(path, number, entry)
            user = f"user {credentials.get('username', credentials.get('user_id'))!r}"
            accounts.append(cloud.other_account(user, f"{path}, account {number}", **credentials))
    if not accounts:
        raise UsageProblem(f"accounts file {path}: no account of a member in it")
    return accounts


def _is_elsewhere(entry: Mapping[str, Any]) -> bool:
    """Whether the account is of a domain or of the system, and of no project."""
    keys = NAMING["project_name"] + NAMING["project_id"]
    return any(entry.get(key) for key in OF_NO_PROJECT) and not any(key in entry for key in keys)


def _names(path: Path, number: int, key: str, value: Any) -> list[str]:
    """The names under a key: a list of texts, one text alone, or nothing. Raises UsageProblem for anything else."""
    names = [] if value is None else [value] if isinstance(value, str) else value
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise UsageProblem(f"accounts file {path}: account {number}: {key} is {value!r}, and not a list of names")
    return [name.lower() for name in names]


def _credentials(path: Path, number: int, entry: Mapping[str, Any]) -> dict[str, str]:
    """What keystoneauth signs in with. Raises UsageProblem where the entry lacks some of it."""
    credentials = {
        argument: str(value)
        for argument, keys in NAMING.items()
        if (value := next((entry[key] for key in keys if entry.get(key) is not None), None)) is not None
    }
    for keys in NAMING.values():
        for key in keys:
            if isinstance(entry.get(key), dict | list):
                raise UsageProblem(f"accounts file {path}: account {number}: {key} is not a text")
    if missing := [names[0] for names in NEEDED if not any(credentials.get(name) for name in names)]:
        raise UsageProblem(f"accounts file {path}: account {number} lacks {', '.join(missing)}")
    for owner, id_ in (("user", "user_id"), ("project", "project_id")):
        if f"{owner}_domain_name" not in credentials and id_ not in credentials:
            credentials.setdefault(f"{owner}_domain_id", DEFAULT_DOMAIN)
    return credentials
