"""Who can use the cloud, and the two files through which clients and the suite find out."""

import json
from dataclasses import dataclass

from .settings import Settings, write_private


@dataclass(frozen=True)
class Account:
    """A user with one role on one project, both of the Default domain."""

    user: str
    project: str
    role: str


MEMBERS = tuple(Account(f"u{number}", f"p{number}", "member") for number in range(1, 9))
READER = Account("r1", "p1", "reader")
ADMIN = Account("admin", "admin", "admin")
CLOUDS = {
    "openstack": MEMBERS[0],
    "openstack-alt": MEMBERS[1],
    "openstack-admin": ADMIN,
    "openstack-reader": READER,
}


def credentials(settings: Settings, account: Account) -> dict[str, str]:
    return {
        "username": account.user,
        "password": settings.secret(account.user),
        "project_name": account.project,
        "user_domain_name": "Default",
        "project_domain_name": "Default",
    }


def cloud(settings: Settings, account: Account) -> dict[str, object]:
    """An entry of clouds.yaml."""
    return {
        "auth": {"auth_url": settings.url("keystone") + "/v3", **credentials(settings, account)},
        "region_name": "RegionOne",
        "identity_api_version": "3",
    }


def write(settings: Settings) -> None:
    """Write clouds.yaml, and accounts.yaml as Tempest reads it, with the members no cloud names.

    Both are written as JSON, which is YAML too.
    """
    clouds = {name: cloud(settings, account) for name, account in CLOUDS.items()}
    spare = [
        {**credentials(settings, account), "domain_name": "Default", "roles": [account.role]}
        for account in MEMBERS
        if account not in CLOUDS.values()
    ]
    for name, content in (("clouds", {"clouds": clouds}), ("accounts", spare)):
        write_private(settings.state / f"{name}.yaml", json.dumps(content, indent=2) + "\n")
