"""Who can use the cloud: its users, and the two files through which the suite and the clients find them."""

import json
from dataclasses import dataclass

from .settings import Settings, write_private

SERVICES = ("nova", "neutron", "placement", "glance")
PLAIN_PROJECTS = 8


@dataclass(frozen=True)
class Account:
    """A user with one role on one project of the Default domain."""

    user: str
    project: str
    role: str


MEMBERS = tuple(Account(f"u{n}", f"p{n}", "member") for n in range(1, PLAIN_PROJECTS + 1))
READER = Account("r1", "p1", "reader")
ADMIN = Account("admin", "admin", "admin")
CLOUDS = {
    "openstack": MEMBERS[0],
    "openstack-alt": MEMBERS[1],
    "openstack-admin": ADMIN,
    "openstack-reader": READER,
}


def clouds_yaml(settings: Settings) -> str:
    """What OpenStack clients read, as JSON, which is YAML too."""
    clouds = {name: cloud(settings, account) for name, account in CLOUDS.items()}
    return json.dumps({"clouds": clouds}, indent=2) + "\n"


def cloud(settings: Settings, account: Account) -> dict[str, object]:
    return {
        "auth": {
            "auth_url": settings.url("keystone") + "/v3",
            "username": account.user,
            "password": settings.secret(account.user),
            "project_name": account.project,
            "user_domain_name": "Default",
            "project_domain_name": "Default",
        },
        "region_name": "RegionOne",
        "identity_api_version": "3",
    }


def accounts_yaml(settings: Settings) -> str:
    """The members that no cloud of clouds.yaml names, in Tempest's accounts format (JSON, which is YAML too)."""
    spare = [
        {
            "username": account.user,
            "password": settings.secret(account.user),
            "project_name": account.project,
            "domain_name": "Default",
            "user_domain_name": "Default",
            "project_domain_name": "Default",
            "roles": [account.role],
        }
        for account in MEMBERS
        if account not in CLOUDS.values()
    ]
    return json.dumps(spare, indent=2) + "\n"


def write(settings: Settings) -> None:
    write_private(settings.state / "clouds.yaml", clouds_yaml(settings))
    write_private(settings.state / "accounts.yaml", accounts_yaml(settings))
