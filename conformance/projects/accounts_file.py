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
    "username": ("username",),
    "password": ("password",),
    "project_name": ("project_name", "tenant_name"),
    "user_domain_name": ("user_domain_name", "domain_name"),
    "user_domain_id": ("user_domain_id",),
    "project_domain_name": ("project_domain_name", "domain_name"),
    "project_domain_id": ("project_domain_id",),
}
NEEDED = ("username", "password", "project_name")


def read_members(path: Path, cloud: Cloud) -> list[Account]:
    """The accounts of the members in a file such as Tempest reads: a list of username, password, project_name, domains.

    Administrators and readers in it are ignored. Raises UsageProblem where the file is invalid or has no members.
    """
    try:
        entries = read_yaml(path)
    except OSError as error:
        raise UsageProblem(f"accounts file {path}: {error.strerror}") from None
    except UntrustedError as error:
        raise UsageProblem(f"accounts file {path}: no YAML: {error}") from None
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise UsageProblem(f"accounts file {path}: not a list of accounts")
    accounts = []
    for number, entry in enumerate(entries, 1):
        names = {key: _names(path, number, key, entry.get(key)) for key in ("roles", "types")}
        if ADMIN not in {*names["roles"], *names["types"]} and names["roles"] != [READER]:
            accounts.append(cloud.other_account(**_credentials(path, number, entry)))
    if not accounts:
        raise UsageProblem(f"accounts file {path}: no account of a member in it")
    return accounts


def _names(path: Path, number: int, key: str, value: Any) -> list[str]:
    """The names under a key: a list of texts, one text alone, or nothing. Raises UsageProblem for anything else."""
    names = [] if value is None else [value] if isinstance(value, str) else value
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise UsageProblem(f"accounts file {path}: account {number}: {key} is {value!r}, and not a list of names")
    return [name.lower() for name in names]


def _credentials(path: Path, number: int, entry: Mapping[str, Any]) -> dict[str, str]:
    """What keystoneauth signs in with. Raises UsageProblem where the entry lacks some of it."""
    credentials = {
        argument: str(entry[keys[0] if keys[0] in entry else keys[-1]])
        for argument, keys in NAMING.items()
        if any(key in entry for key in keys)
    }
    for keys in NAMING.values():
        for key in keys:
            if isinstance(entry.get(key), dict | list):
                raise UsageProblem(f"accounts file {path}: account {number}: {key} is not a text")
    if missing := [name for name in NEEDED if name not in credentials]:
        raise UsageProblem(f"accounts file {path}: account {number} lacks {', '.join(missing)}")
    for owner in ("user", "project"):
        if f"{owner}_domain_name" not in credentials:
            credentials.setdefault(f"{owner}_domain_id", DEFAULT_DOMAIN)
    return credentials
