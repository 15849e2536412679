"""The reference that is fuzzed: started for one run, filled with objects to refer to, emptied, and checked."""

import ipaddress
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests
import sqlalchemy as sa
import yaml

READY = 180.0  # seconds that its start may take, on a busy machine
GONE = 60.0  # seconds that its builders may take to delete servers
LOOK = 0.05  # seconds between two looks
CLOUDS = {"member": "gman", "admin": "gman-admin", "reader": "gman-reader", "other": "gman-alt"}


@dataclass
class Target:
    """A reference that serves; `tokens` by caller, `projects` and `users` the ids of the callers' own.

    `spared` are the ids of what it cannot do without: its accounts with their roles and domain, its image.
    """

    url: str
    control: str
    data: Path
    process: subprocess.Popen[bytes]
    database: str
    tokens: dict[str, str]
    projects: list[str]
    users: list[str]
    spared: frozenset[str] = frozenset()
    session: requests.Session = field(default_factory=requests.Session)

    @property
    def port(self) -> int:
        return int(self.url.rpartition(":")[2])

    @property
    def log(self) -> Path:
        return self.data / "log"

    def call(self, method: str, path: str, caller: str = "admin", **more: Any) -> requests.Response:
        headers = {"X-Auth-Token": self.tokens[caller], "OpenStack-API-Version": "compute 2.100"}
        return self.session.request(method, self.url + path, headers=headers, timeout=READY, **more)

    def workers(self) -> set[int]:
        """The process ids of its workers."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return {int(pid) for pid in children.read_text().split()}

    def reset(self) -> None:
        """Reset the reference to its start, except for users and projects."""
        requests.post(f"{self.control}/reset", timeout=READY).raise_for_status()

    def described(self, api: str) -> dict[str, Any]:
        """The API's OpenAPI document."""
        answer = requests.get(f"{self.url}/{api}/openapi.json", timeout=READY)
        answer.raise_for_status()
        document: dict[str, Any] = answer.json()
        return document


@contextmanager
def running(data: Path, database: str = "") -> Iterator[Target]:
    """A reference with two workers on that database, SQLite in `data` without one. Raises RuntimeError if it fails."""
    with closing(socket.create_server(("127.0.0.1", 0))) as free:
        control = free.getsockname()[1]
    command = [sys.executable, "-m", "reference", "serve", "--port", "0", "--workers", "2", "--data", str(data)]
    database = database or f"sqlite:///{data / 'gman.sqlite'}"
    environment = {name: text for name, text in os.environ.items() if not name.startswith("GMAN_")}
    environment["GMAN_DB"] = database
    with (data / "log").open("wb") as log:
        process = subprocess.Popen(  # noqa: S603 - this very python, and arguments of our own
            [*command, "--control-port", str(control)],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env=environment,
        )
    try:
        url = _wait(process, data)
        target = Target(url, f"http://127.0.0.1:{control}", data, process, database, *_log_in(url, data))
        target.spared = frozenset(item for path in _SPARED for item in _ids_in(target, path))
        yield target
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(READY)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait(process: subprocess.Popen[bytes], data: Path) -> str:
    """The URL of the reference, once it serves. Raises RuntimeError."""
    deadline = time.monotonic() + READY
    while not (data / "ready.json").exists():
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"the reference does not come up: see {data / 'log'}")
        time.sleep(LOOK)
    return str(json.loads((data / "ready.json").read_text())["url"])


def _log_in(url: str, data: Path) -> tuple[dict[str, str], list[str], list[str]]:
    """A token for each caller, and the ids of their projects and of themselves. Raises HTTPError."""
    clouds = yaml.safe_load((data / "clouds.yaml").read_text())["clouds"]
    tokens, projects, users = {}, [], []
    for caller, cloud in CLOUDS.items():
        auth, domain = clouds[cloud]["auth"], {"id": "default"}
        user = {"name": auth["username"], "password": auth["password"], "domain": domain}
        scope = {"project": {"name": auth["project_name"], "domain": domain}}
        identity = {"methods": ["password"], "password": {"user": user}}
        body = {"auth": {"identity": identity, "scope": scope}}
        answer = requests.post(f"{url}/identity/v3/auth/tokens", json=body, timeout=READY)
        answer.raise_for_status()
        tokens[caller] = answer.headers["X-Subject-Token"]
        projects.append(answer.json()["token"]["project"]["id"])
        users.append(answer.json()["token"]["user"]["id"])
    return tokens, list(dict.fromkeys(projects)), users


def fill(target: Target) -> dict[str, list[str]]:
    """All ids by kind, after one or two objects of each kind have been created by the member."""

    def make(path: str, **body: Any) -> str:
        answer = target.call("POST", path, "member", json=body)
        answer.raise_for_status()
        return str(answer.json()[next(iter(body))]["id"])

    network = make("/network/v2.0/networks", network={"name": "n"})
    subnet = make("/network/v2.0/subnets", subnet={"network_id": network, "ip_version": 4, "cidr": "10.1.0.0/24"})
    pool = make("/network/v2.0/subnetpools", subnetpool={"name": "p", "prefixes": ["10.2.0.0/16"], "min_prefixlen": 20})
    make("/network/v2.0/ports", port={"network_id": network})
    make(
        "/network/v2.0/subnets",
        subnet={"network_id": make("/network/v2.0/networks", network={}), "ip_version": 4, "subnetpool_id": pool},
    )
    external = target.call("GET", "/network/v2.0/networks?router:external=true").json()["networks"][0]["id"]
    router = make("/network/v2.0/routers", router={"external_gateway_info": {"network_id": external}})
    target.call("PUT", f"/network/v2.0/routers/{router}/add_router_interface", "member", json={"subnet_id": subnet})
    make("/network/v2.0/floatingips", floatingip={"floating_network_id": external})
    make("/network/v2.0/security-groups", security_group={"name": "g"})
    image = target.call("GET", "/image/v2/images?status=active").json()["images"][0]["id"]
    for attachment in ("none", [{"uuid": network}]):
        make("/compute/v2.1/servers", server={"name": "s", "imageRef": image, "flavorRef": "1", "networks": attachment})
    own = {"projects": [*target.projects, "None"], "callers": target.users, "images": [image], "domains": ["default"]}
    return {**own, **{kind: _ids(target, kind) for kind in _LISTS}}


# kind -> the list of all of them, in the order in which they can be deleted
_LISTS = {
    "servers": "/compute/v2.1/servers?all_tenants=1",
    "flavors": "/compute/v2.1/flavors",
    "floatingips": "/network/v2.0/floatingips",
    "routers": "/network/v2.0/routers",
    "ports": "/network/v2.0/ports",
    "subnets": "/network/v2.0/subnets",
    "networks": "/network/v2.0/networks",
    "security-groups": "/network/v2.0/security-groups",
    "subnetpools": "/network/v2.0/subnetpools",
}
_KEPT = ("flavors", "security-groups", "subnetpools")
_OF_ROUTERS = ("network:router_gateway", "network:floatingip")  # deleted with the object they belong to
_FREE = {"device_id": "", "device_owner": ""}  # makes a port deletable, whatever requests have set


# objects without which no request could be made
_SPARED = (*(f"/identity/v3/{kind}" for kind in ("users", "projects", "roles", "domains")), "/image/v2/images")


def _ids(target: Target, kind: str) -> list[str]:
    return _ids_in(target, _LISTS[kind])


def _ids_in(target: Target, path: str) -> list[str]:
    """The ids in a list, whatever its key."""
    answer = target.call("GET", path)
    answer.raise_for_status()
    [items] = [content for content in answer.json().values() if isinstance(content, list)]
    return [item["id"] for item in items]


def empty(target: Target) -> list[str]:
    """Delete all that is in a network or has an address, as an admin; what could not be deleted, in words."""
    trouble = []
    _free_ports(target)
    for kind, path in _LISTS.items():
        if kind in _KEPT:
            continue
        for item in _ids(target, kind):
            where = f"{path.partition('?')[0]}/{item}"
            answer = target.call("DELETE", where)
            if answer.status_code not in (204, 404, 409 if kind == "servers" else 404):
                trouble.append(f"DELETE {where} answered {answer.status_code}: {answer.text[:200]}")
        if kind == "servers":
            trouble += _wait_until_gone(target)
    return trouble


def _free_ports(target: Target) -> None:
    """Undo devices and owners of ports that requests have set, as they would keep devices from being deleted."""
    servers = _ids(target, "servers")
    for port in target.call("GET", _LISTS["ports"]).json()["ports"]:
        device, owner = port["device_id"], port["device_owner"]
        if owner == "network:router_interface":
            where = f"{_LISTS['routers']}/{device}/remove_router_interface"
            target.call("PUT", where, json={"port_id": port["id"]})
        is_right = owner.startswith("compute:") if device in servers else owner in _OF_ROUTERS
        if not is_right:
            freed = {"device_id": ""} if owner in _OF_ROUTERS else _FREE
            target.call("PUT", f"{_LISTS['ports']}/{port['id']}", json={"port": freed})


def _wait_until_gone(target: Target) -> list[str]:
    """Wait until all servers are deleted; in words what remains after GONE."""
    deadline = time.monotonic() + GONE
    while remaining := _ids(target, "servers"):
        if time.monotonic() > deadline:
            return [f"{len(remaining)} servers are still there {GONE:.0f} s after their deletion: {remaining[0]} ..."]
        time.sleep(LOOK)
    return []


def unwhole(target: Target) -> list[str]:
    """The pools without subnets that do not have all of their prefixes free, in words."""
    trouble = []
    engine = sa.create_engine(target.database)
    with engine.connect() as database:
        blocks = database.execute(sa.text("SELECT pool_id, prefixlen FROM net_pool_blocks")).all()
        pools = database.execute(sa.text("SELECT id, ip_version, prefixes FROM net_subnetpools")).all()
    engine.dispose()
    for pool, version, stored in pools:
        prefixes = json.loads(stored) if isinstance(stored, str) else stored
        lengths = [length for holder, length in blocks if holder == pool]
        free = sum(1 << ((32 if version == 4 else 128) - length) for length in lengths)
        whole = sum(ipaddress.ip_network(prefix).num_addresses for prefix in prefixes)
        if free != whole:
            trouble.append(f"subnet pool {pool} has {free} of its {whole} addresses free, and no subnet")
    return trouble
