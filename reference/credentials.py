"""Files with the credentials of the reference's users: `clouds.yaml` for every client, `accounts.yaml` in Tempest's
format for suites; both readable by their owner alone.
"""

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from reference.config import Settings
from reference.settings_sources import Unusable

DOMAIN = "Default"  # the name of the domain of all of them
# user, project, role, the name of the cloud in clouds.yaml
ACCOUNTS = (
    ("admin", "admin", "admin", "gman-admin"),
    ("demo", "demo", "member", "gman"),
    ("alt", "alt", "member", "gman-alt"),
    ("reader", "demo", "reader", "gman-reader"),
)


@dataclass(frozen=True)
class Account:
    """A user with its role in a project; `cloud` is the name of this account in `clouds.yaml`."""

    user: str
    password: str = field(repr=False)
    project: str
    role: str
    cloud: str


def write(settings: Settings, accounts: list[Account]) -> None:
    """Write `clouds.yaml` and `accounts.yaml` into the data directory, each with mode 600."""
    clouds = {account.cloud: entry(settings, account) for account in accounts}
    _private(settings.data / "clouds.yaml", {"clouds": clouds})
    _private(settings.data / "accounts.yaml", [_tempest(account) for account in accounts])


def known_passwords(settings: Settings) -> dict[str, str]:
    """User name -> password, from the `clouds.yaml` of an earlier start; empty on the first.

    Raises Unusable where that file was not written by the reference, or is damaged.
    """
    path = settings.data / "clouds.yaml"
    if not path.exists():
        return {}
    try:
        clouds = yaml.safe_load(path.read_text())["clouds"].values()
        passwords = {cloud["auth"]["username"]: cloud["auth"]["password"] for cloud in clouds}
    except (AttributeError, KeyError, RecursionError, TypeError, ValueError, yaml.YAMLError):
        passwords = None
    if passwords is None or not all(isinstance(text, str) for pair in passwords.items() for text in pair):
        raise Unusable(f"{path} is not as it was written here: move it away, and the accounts get new passwords")
    return passwords


def entry(settings: Settings, account: Account) -> dict[str, Any]:
    """The account's entry in `clouds.yaml`."""
    return {
        "auth": {
            "auth_url": f"{settings.url('identity')}/v3",
            "username": account.user,
            "password": account.password,
            "project_name": account.project,
            "user_domain_name": DOMAIN,
            "project_domain_name": DOMAIN,
        },
        "region_name": settings.region,
        "identity_api_version": "3",
    }


def _tempest(account: Account) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "username": account.user,
        "password": account.password,
        "project_name": account.project,
        "user_domain_name": DOMAIN,
        "project_domain_name": DOMAIN,
        "roles": [account.role],
    }
    return entry | ({"types": ["admin"]} if account.role == "admin" else {})


def _private(path: Path, content: object) -> None:
    """Replace the file as a whole: no reader ever sees half of it, or wider permissions."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        yaml.safe_dump(content, file, sort_keys=False)
    draft.replace(path)
