"""Makes the cloud's own objects through its APIs, each only where it is missing.

Runs with the Python of the cloud's environment: `python -m openstack_cloud.bootstrap STATE identity|resources`.
"""

import sys
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import openstack

from . import accounts
from .settings import Settings, load

READY_SECONDS = 90.0
IMAGE_BYTES = 65536
ENDPOINTS = {
    "neutron": ("network", ""),
    "nova": ("compute", "/v2.1"),
    "placement": ("placement", ""),
    "glance": ("image", ""),
}
NETWORK = {
    "name": "public",
    "is_router_external": True,
    "is_default": True,
    "provider_network_type": "flat",
    "provider_physical_network": "public",
}
SUBNETS = (
    {"name": "public-v4", "ip_version": 4, "cidr": "172.24.0.0/16", "gateway_ip": "172.24.0.1"},
    {"name": "public-v6", "ip_version": 6, "cidr": "2001:db8::/64", "gateway_ip": "2001:db8::2"},
)
POOLS = (
    {"name": "shared-default-v4", "prefixes": ["10.0.0.0/10"], "default_prefix_length": 26},
    {"name": "shared-default-v6", "prefixes": ["fd00:1::/48"], "default_prefix_length": 64},
)
FLAVORS = (
    {"name": "m1.tiny", "id": "1", "vcpus": 1, "ram": 64, "disk": 1},
    {"name": "m1.small", "id": "2", "vcpus": 1, "ram": 128, "disk": 1},
)


class Identity:
    """Users, projects, roles and the catalog."""

    def __init__(self, cloud: Any, settings: Settings) -> None:
        self.api, self.settings = cloud.identity, settings
        self.roles = {role.name: role for role in self.api.roles()}

    def role(self, name: str) -> Any:
        if name not in self.roles:
            self.roles[name] = self.api.create_role(name=name)
        return self.roles[name]

    def project(self, name: str) -> Any:
        found = self.api.find_project(name, domain_id="default")
        return found or self.api.create_project(name=name, domain_id="default")

    def grant(self, user: str, project: str, *roles: str) -> None:
        where = self.project(project)
        who = self.api.find_user(user, domain_id="default") or self.api.create_user(
            name=user, domain_id="default", password=self.settings.secret(user), default_project_id=where.id
        )
        for role in roles:
            self.api.assign_project_role_to_user(where, who, self.role(role))

    def endpoint(self, service: str) -> None:
        kind, path = ENDPOINTS[service]
        known = next((found for found in self.api.services() if found.type == kind), None)
        entry = known or self.api.create_service(name=service, type=kind)
        have = {found.interface for found in self.api.endpoints(service_id=entry.id)}
        for interface in {"public", "internal", "admin"} - have:
            url = self.settings.url(service) + path
            self.api.create_endpoint(service_id=entry.id, interface=interface, url=url, region_id="RegionOne")


def identity(cloud: Any, settings: Settings) -> None:
    keystone = Identity(cloud, settings)
    for service in accounts.SERVICES:
        keystone.grant(service, "service", "admin", "service")
        keystone.endpoint(service)
    for account in (*accounts.MEMBERS, accounts.READER):
        keystone.grant(account.user, account.project, account.role)


def resources(cloud: Any, settings: Settings) -> None:
    """What the operator of a cloud with get-me-a-network sets up once, then wait for everybody to report."""
    since = datetime.now(UTC) - timedelta(seconds=2)
    network, compute, image = cloud.network, cloud.compute, cloud.image
    public = network.find_network(NETWORK["name"]) or network.create_network(**NETWORK)
    for subnet in SUBNETS:
        network.find_subnet(subnet["name"]) or network.create_subnet(
            network_id=public.id, is_dhcp_enabled=False, **subnet
        )
    for pool in POOLS:
        network.find_subnet_pool(pool["name"]) or network.create_subnet_pool(
            is_shared=True, is_default=True, **pool
        )
    for flavor in FLAVORS:
        compute.find_flavor(flavor["name"]) or compute.create_flavor(**flavor)
    if not image.find_image("cirros"):
        image.create_image(
            name="cirros", data=bytes(IMAGE_BYTES), disk_format="raw", container_format="bare",
            visibility="public", wait=True,
        )  # fmt: skip
    warm(cloud)
    wait_for_reports(cloud, since)


def warm(cloud: Any) -> None:
    """The first request makes each API process slow; let it be ours."""
    with ThreadPoolExecutor(12) as pool:
        for api in (cloud.network, cloud.compute):
            list(pool.map(api.get, ["/networks" if api is cloud.network else "/servers"] * 12))


def wait_for_reports(cloud: Any, since: datetime) -> None:
    """Return when the L2 agent and Nova's services have reported since then; exit with their names otherwise."""
    deadline = time.monotonic() + READY_SECONDS
    while missing := silent(cloud, since):
        if time.monotonic() > deadline:
            sys.exit(f"not heard of in {READY_SECONDS:.0f} s: {', '.join(missing)}")
        time.sleep(0.5)


def silent(cloud: Any, since: datetime) -> list[str]:
    def fresh(when: str | None) -> bool:
        return bool(when) and datetime.fromisoformat(when.rstrip("Z")).replace(tzinfo=UTC) >= since

    heard = {service.binary for service in cloud.compute.services() if fresh(service.updated_at)}
    heard |= {"l2-agent" for agent in cloud.network.agents() if agent.is_alive and fresh(agent.last_heartbeat_at)}
    return sorted({"l2-agent", "nova-conductor", "nova-scheduler", "nova-compute"} - heard)


def main(state: str, step: str) -> None:
    settings = load(Path(state))
    if settings is None:
        sys.exit(f"no cloud in {state}")
    connection = openstack.connect(**accounts.cloud(settings, accounts.ADMIN))
    {"identity": identity, "resources": resources}[step](connection, settings)


if __name__ == "__main__":
    main(*sys.argv[1:])
