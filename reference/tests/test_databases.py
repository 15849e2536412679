"""Many workers on one database: eight processes, on each kind of database, end with exact inventories."""

import ipaddress
import os
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import requests
import sqlalchemy as sa

from reference.app import SCHEMAS
from reference.store import Store
from reference.tests.clouds import Server, User, start, stop
from reference.tests.databases import database

__all__ = ["database"]

WORKERS = ("--workers", "8", "--threads", "6", "--builders", "1")
PROJECTS = int(os.environ.get("GMAN_TEST_PROJECTS", "40"))
WIDTH = 64  # first GETs of one project at once
PLACES, ROUNDS = 5, 6  # addresses of a subnet, and how often they are raced for
PATIENCE = 120.0  # seconds until every server is built
ROLE = "member"


@pytest.fixture
def many(database: str, tmp_path: Path) -> Iterator[Server]:
    running = start(tmp_path, *WORKERS, "--db", database)
    yield running
    stop(running)


def projects(admin: User, count: int) -> list[User]:
    """The admin as a member of that many new projects."""
    roles = {role["name"]: role["id"] for role in admin("GET", "/identity/v3/roles").json()["roles"]}

    def make(number: int) -> User:
        body = {"project": {"name": f"p{number}", "domain_id": "default"}}
        project = admin("POST", "/identity/v3/projects", json=body).json()["project"]["id"]
        grant = f"/identity/v3/projects/{project}/users/{admin.user_id}/roles/{roles[ROLE]}"
        assert admin("PUT", grant).status_code == 204
        identity = {"methods": ["token"], "token": {"id": admin.token}}
        auth = {"auth": {"identity": identity, "scope": {"project": {"id": project}}}}
        answer = admin("POST", "/identity/v3/auth/tokens", json=auth)
        assert answer.status_code == 201, answer.text
        return replace(admin, token=answer.headers["X-Subject-Token"], project_id=project)

    return [make(number) for number in range(count)]


def together(jobs: list[Any]) -> list[requests.Response]:
    with ThreadPoolExecutor(len(jobs)) as pool:
        return [future.result() for future in [pool.submit(job) for job in jobs]]


def owned(admin: User, kind: str) -> dict[str, list[dict[str, Any]]]:
    """Everything of that kind, by project."""
    rows: dict[str, list[dict[str, Any]]] = {}
    for item in admin.network("GET", f"/{kind}").json()[kind]:
        rows.setdefault(item["project_id"], []).append(item)
    return rows


def get(user: User) -> requests.Response:
    return user.network("GET", "/auto-allocated-topology/None")


def test_first_gets_of_one_project(many: Server) -> None:
    user, admin = many.user("gman"), many.user("gman-admin")
    answers = together([lambda: get(user)] * WIDTH)
    assert Counter(answer.status_code for answer in answers) == {200: WIDTH}
    assert len({answer.json()["auto_allocated_topology"]["id"] for answer in answers}) == 1
    counts = {kind: len(owned(admin, kind).get(user.project_id, [])) for kind in ("networks", "subnets", "routers")}
    assert counts == {"networks": 1, "subnets": 2, "routers": 1}


def test_first_boots_of_many_projects(many: Server) -> None:
    admin = many.user("gman-admin")
    users = projects(admin, PROJECTS)
    image = admin("GET", "/image/v2/images").json()["images"][0]["id"]
    body = {"server": {"name": "s", "imageRef": image, "flavorRef": "1", "networks": "auto"}}
    version = {"OpenStack-API-Version": "compute 2.37"}

    def boot(user: User) -> requests.Response:
        return user("POST", "/compute/v2.1/servers", json=body, headers=version)

    answers = together([lambda user=user: boot(user) for user in users])
    assert Counter(answer.status_code for answer in answers) == {202: PROJECTS}
    path, deadline = "/compute/v2.1/servers/detail?all_tenants=1", time.monotonic() + PATIENCE
    while Counter(item["status"] for item in admin("GET", path).json()["servers"]) != {"ACTIVE": PROJECTS}:
        assert time.monotonic() < deadline, Counter(e["status"] for e in admin("GET", path).json()["servers"])
    project_ids = {user.project_id for user in users}
    for kind, item in (("networks", 1), ("subnets", 2), ("routers", 1), ("ports", 3)):
        assert {
            project: len(items) for project, items in owned(admin, kind).items() if project in project_ids
        } == dict.fromkeys(project_ids, item)
    cidrs = [subnet["cidr"] for project in project_ids for subnet in owned(admin, "subnets")[project]]
    assert len(set(cidrs)) == 2 * PROJECTS
    ordered = sorted((ipaddress.ip_network(cidr) for cidr in cidrs), key=lambda net: (net.version, net))
    assert not any(one.version == two.version and one.overlaps(two) for one, two in pairwise(ordered))


def test_the_last_addresses_of_a_subnet(many: Server) -> None:
    """A request that loses every race for an address is answered that no address is free, not with a 500."""
    user = many.user("gman")
    network = user.network("POST", "/networks", json={"network": {"name": "n"}}).json()["network"]["id"]
    few = [{"start": "198.18.0.10", "end": f"198.18.0.{9 + PLACES}"}]
    subnet = {"network_id": network, "ip_version": 4, "cidr": "198.18.0.0/24", "allocation_pools": few}
    assert user.network("POST", "/subnets", json={"subnet": subnet}).status_code == 201

    def ask() -> requests.Response:
        return user.network("POST", "/ports", json={"port": {"network_id": network}})

    for _ in range(ROUNDS):
        answers = together([ask] * WIDTH)
        assert Counter(answer.status_code for answer in answers) == {201: PLACES, 409: WIDTH - PLACES}
        for answer in answers:
            if answer.status_code == 201:
                user.network("DELETE", f"/ports/{answer.json()['port']['id']}")


def test_several_processes_create_the_schema(database: str) -> None:
    stores = [Store(database) for _ in range(6)]
    together([lambda store=store: store.create_schema(*SCHEMAS) for store in stores])
    with stores[0].read() as tx:
        assert tx.execute(sa.text("SELECT count(*) FROM net_networks")).scalar() == 0
    for store in stores:
        store.close()
