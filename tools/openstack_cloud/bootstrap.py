"""Makes the cloud's own objects through its APIs, each only where it is missing.

Runs with the Python of the cloud's environment: `python -m openstack_cloud.bootstrap STATE STEP`. The step
`identity` needs Keystone only; `resources` needs all, and prints the workers that have not reported in time.
"""

import sys
import time
import tomllib
from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import openstack

from . import accounts, guest_image, services
from .settings import MACHINES, REFERENCE, Settings, load

REPORT_SECONDS = 120.0
IMAGE_BYTES = 65536
ENDPOINTS = {"neutron": "network", "nova": "compute", "placement": "placement", "glance": "image"}
PATHS = {"nova": "/v2.1"}
AGENTS = {
    "l2-agent": "neutron-openvswitch-agent",
    "ovn-plugger": "ovn-controller",
}  # worker -> its name in Neutron
OBJECTS = tomllib.loads(Path(__file__).with_name("objects.toml").read_text())


class Identity:
    """Users, projects, roles and the catalog."""

    def __init__(self, cloud: Any, settings: Settings) -> None:
        self.api, self.settings = cloud.identity, settings
        self.roles = {role.name: role for role in self.api.roles()}

    def grant(self, name: str, project_name: str, *roles: str) -> None:
        """Give a user roles on a project; user, project and roles are created where they are missing."""
        api, default = self.api, {"domain_id": "default"}
        project = api.find_project(project_name, **default) or api.create_project(name=project_name, **default)
        user = api.find_user(name, **default) or api.create_user(
            name=name, password=self.settings.secret(name), default_project_id=project.id, **default
        )
        for role in roles:
            if role not in self.roles:
                self.roles[role] = api.create_role(name=role)
            api.assign_project_role_to_user(project, user, self.roles[role])

    def publish(self, name: str) -> None:
        """Enter a service into the catalog."""
        kind, path = place(self.settings, name)
        existing = next((item for item in self.api.services() if item.type == kind), None)
        service = existing or self.api.create_service(name=name, type=kind)
        have = {item.interface for item in self.api.endpoints(service_id=service.id)}
        where = {"url": self.settings.url(name) + path, "region_id": "RegionOne"}
        for interface in {"public", "internal", "admin"} - have:
            self.api.create_endpoint(service_id=service.id, interface=interface, **where)


def place(settings: Settings, name: str) -> tuple[str, str]:
    """(type of a service in the catalog, path of its endpoint)."""
    if name == REFERENCE:
        return settings.reference, services.MIXTURES[settings.reference]["path"]
    return ENDPOINTS[name], PATHS.get(name, "")


def identity(cloud: Any, settings: Settings) -> None:
    keystone = Identity(cloud, settings)
    for service in services.apis(settings)[1:]:  # Keystone itself has entered already
        keystone.grant(service, "service", "admin", "service")
        keystone.publish(service)
    for account in (*accounts.MEMBERS, accounts.READER):
        keystone.grant(account.user, account.project, account.role)


def resources(cloud: Any, settings: Settings) -> None:
    since = datetime.now(UTC) - timedelta(seconds=2)
    network, compute, image = cloud.network, cloud.compute, cloud.image
    wires = OBJECTS["wires"] if "neutron" in services.web(settings) else {}
    attributes = OBJECTS["network"] | wires
    public = network.find_network(attributes["name"]) or network.create_network(**attributes)
    for subnet in OBJECTS["subnets"]:
        network.find_subnet(subnet["name"]) or network.create_subnet(network_id=public.id, **subnet)
    for pool in OBJECTS["pools"]:
        network.find_subnet_pool(pool["name"]) or network.create_subnet_pool(**pool)
    for flavor in OBJECTS["flavors"]:
        compute.find_flavor(flavor["name"]) or compute.create_flavor(**flavor)
    if not image.find_image(OBJECTS["image"]["name"]):
        properties = guest_image.upload(image, settings) if settings.guests == MACHINES else {}
        image.create_image(data=bytes(IMAGE_BYTES), wait=True, **OBJECTS["image"], **properties)
    warm(network, "/networks")
    warm(compute, "/servers")
    print(*silent(cloud, services.workers(settings), since))


def warm(api: Any, path: str) -> None:
    """Send each API process its first request, which is answered slowly."""
    with ThreadPoolExecutor(12) as pool:
        list(pool.map(api.get, [path] * 12))


def silent(cloud: Any, workers: Collection[str], since: datetime) -> list[str]:
    """The workers that should have reported since then and have not; waits until all have, or the time is over."""

    def fresh(when: str | None) -> bool:
        return when is not None and datetime.fromisoformat(when.rstrip("Z")).replace(tzinfo=UTC) >= since

    deadline = time.monotonic() + REPORT_SECONDS
    while True:
        heard = {service.binary for service in cloud.compute.services() if fresh(service.updated_at)}
        if reporting := [name for name in AGENTS if name in workers]:
            agents = {agent.binary for agent in cloud.network.agents() if fresh(agent.last_heartbeat_at)}
            heard.update(name for name in reporting if AGENTS[name] in agents)
        missing = [name for name in workers if (name.startswith("nova-") or name in AGENTS) and name not in heard]
        if not missing or time.monotonic() > deadline:
            return missing
        time.sleep(0.5)


def main(state: str, step: str) -> None:
    settings = load(Path(state))
    if settings is None:
        sys.exit(f"no cloud in {state}")
    nothing_else = {"load_yaml_config": False, "load_envvars": False}
    connection = openstack.connect(**nothing_else, **accounts.cloud(settings, accounts.ADMIN))
    {"identity": identity, "resources": resources}[step](connection, settings)


if __name__ == "__main__":
    main(*sys.argv[1:])
