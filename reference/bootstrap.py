"""The content of a new cloud: users and projects, an image, and the operator's one-time set-up.

Identity and Image are filled through their tables, as nobody could log in to fill them. Network is set up the way an
operator does it: an admin's token, the public API, a look before each creation, so that a second start changes nothing.
"""

import secrets
import time
import uuid
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from reference import compute, credentials, image
from reference.app import SCHEMAS, services
from reference.config import Settings
from reference.credentials import ACCOUNTS, Account
from reference.identity import auth_methods, passwords, tokens
from reference.identity.role_assignments import grant_role
from reference.identity.tables import domains, projects, roles, users
from reference.store import Store
from reference.wsgi.client import ServiceSession

ROLES = ("admin", "member", "reader", "service")
IMAGE = "cirros"
EXTERNAL = {"name": "public", "router:external": True, "is_default": True}
EXTERNAL_SUBNETS = (
    {
        "name": "public-v4",
        "ip_version": 4,
        "cidr": "172.24.0.0/16",
        "gateway_ip": "172.24.0.1",
        "enable_dhcp": False,
    },
    {
        "name": "public-v6",
        "ip_version": 6,
        "cidr": "2001:db8::/64",
        "gateway_ip": "2001:db8::2",
        "enable_dhcp": False,
    },
)
POOLS = (
    {
        "name": "default-v4",
        "prefixes": ["10.0.0.0/10"],
        "default_prefixlen": 26,
        "is_default": True,
        "shared": True,
    },
    {
        "name": "default-v6",
        "prefixes": ["fd00:1::/48"],
        "default_prefixlen": 64,
        "is_default": True,
        "shared": True,
    },
)


def bootstrap(store: Store, settings: Settings, passwords_by_user: Mapping[str, str]) -> list[Account]:
    """Create what the cloud lacks; its accounts, with their passwords.

    `passwords_by_user` has the passwords of an earlier start; a user without one gets a new one.
    Beside a Keystone, accounts and networks are those of its cloud: only the flavors are created.
    """
    store.create_schema(*SCHEMAS)
    compute.seed(store)
    if settings.beside_keystone:
        return []
    accounts = [
        Account(user, passwords_by_user.get(user) or secrets.token_urlsafe(16), project, role, cloud)
        for user, project, role, cloud in ACCOUNTS
    ]
    store.write(lambda tx: set_up_identity(tx, accounts))
    if "network" not in settings.served:
        return accounts
    apps = services(store, settings).apps
    admin = accounts[0]
    user = {"name": admin.user, "domain": {"id": "default"}, "password": admin.password}
    proof = auth_methods.by_password(store, {"user": user})
    token = tokens.issue(store, proof, {"name": admin.project, "domain": {"id": "default"}}, settings.token_seconds)
    session = ServiceSession("http://network", apps["network"])
    set_up_network(session, token)
    store.write(lambda tx: tokens.revoke(tx, token))
    return accounts


def set_up_identity(tx: Connection, accounts: list[Account]) -> None:
    if tx.execute(sa.select(domains)).first() is None:
        tx.execute(domains.insert().values(id="default", name=credentials.DOMAIN, description="The default domain"))
    role_ids = {name: _ensure(tx, roles, name) for name in ROLES}
    for account in accounts:
        project = _ensure(tx, projects, account.project, domain_id="default")
        user = _ensure(tx, users, account.user, domain_id="default", default_project_id=project)
        digest = passwords.digest(account.password)
        tx.execute(users.update().where(users.c.id == user).values(password=digest))
        grant_role(tx, user, project, role_ids[account.role])
        moment = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        item = str(uuid.uuid5(uuid.NAMESPACE_DNS, IMAGE))
        image.add_image(tx, {"id": item, "owner": project, "name": IMAGE, "created_at": moment})


def _ensure(tx: Connection, table: sa.Table, name: str, **values: Any) -> str:
    """The id of the row with that name, created with those values where there is none."""
    row = tx.execute(sa.select(table.c.id).where(table.c.name == name)).first()
    if row is not None:
        return str(row.id)
    item = uuid.uuid4().hex
    tx.execute(table.insert().values(id=item, name=name, **values))
    return item


def set_up_network(session: ServiceSession, token: str) -> None:
    """Create a default external network and a default subnet pool per IP version, where they are missing."""

    def ensure(singular: str, body: Mapping[str, Any], **more: Any) -> str:
        path = f"/v2.0/{singular}s"
        items = session.call("GET", path, token, params={"name": body["name"]}).json()[f"{singular}s"]
        if items:
            return str(items[0]["id"])
        answer = session.call("POST", path, token, json={singular: {**body, **more}})
        answer.raise_for_status()
        return str(answer.json()[singular]["id"])

    external = ensure("network", EXTERNAL)
    for subnet in EXTERNAL_SUBNETS:
        ensure("subnet", subnet, network_id=external)
    for pool in POOLS:
        ensure("subnetpool", pool)
