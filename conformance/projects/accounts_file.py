"""Users of projects, as an accounts file lists them."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from conformance.projects.scratch import MEMBER, READER
from conformance.settings import UsageProblem
from conformance.target.cloud import Account, Cloud
from conformance.yaml_files import load_yaml

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
