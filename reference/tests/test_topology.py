"""The auto-allocated topology through the API: built once, whole, and taken down whole or not at all."""

import ipaddress
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa

from reference.tests.clouds import Cloud, Server, User

COLLECTIONS = ("networks", "subnets", "routers", "ports")


def get(user: User, project: str = "None", query: str = "") -> dict[str, str]:
    answer = user.network("GET", f"/auto-allocated-topology/{project}{query}")
    assert answer.status_code == 200, answer.text
    body: dict[str, str] = answer.json()["auto_allocated_topology"]
    return body


def refused(user: User, method: str, path: str, **more: object) -> tuple[int, str]:
    answer = user.network(method, path, **more)
    return answer.status_code, answer.json()["NeutronError"]["type"]


def owned(user: User) -> dict[str, list[dict[str, object]]]:
    """What the user's project owns, by collection."""
    return {name: user.network("GET", f"/{name}?project_id={user.project_id}").json()[name] for name in COLLECTIONS}


def count(user: User) -> dict[str, int]:
    return {name: len(items) for name, items in owned(user).items()}


NOTHING = dict.fromkeys(COLLECTIONS, 0)
WHOLE = {"networks": 1, "subnets": 2, "routers": 1, "ports": 2}


def test_first_get_builds_everything_and_the_second_changes_nothing(cloud: Cloud) -> None:
    first = get(cloud.demo)
    assert count(cloud.demo) == WHOLE
    assert get(cloud.demo, cloud.demo.project_id) == first
    assert first["project_id"] == first["tenant_id"] == cloud.demo.project_id
    assert count(cloud.demo) == WHOLE


def test_built_as_promised(cloud: Cloud) -> None:
    network_id = get(cloud.demo)["id"]
    have = owned(cloud.demo)
    [network] = have["networks"]
    [router] = have["routers"]
    assert (network["id"], network["name"], network["admin_state_up"]) == (network_id, "auto_allocated_network", True)
    assert (router["name"], router["admin_state_up"]) == ("auto_allocated_router", True)
    external = cloud.demo.network("GET", "/networks?is_default=true").json()["networks"][0]["id"]
    assert router["external_gateway_info"]["network_id"] == external  # type: ignore[index]
    assert {s["name"] for s in have["subnets"]} == {"auto_allocated_subnet_v4", "auto_allocated_subnet_v6"}
    gateways = {s["id"]: s["gateway_ip"] for s in have["subnets"]}
    plugged = {p["fixed_ips"][0]["subnet_id"]: p["fixed_ips"][0]["ip_address"] for p in have["ports"]}  # type: ignore[index]
    assert plugged == gateways
    assert {p["device_owner"] for p in have["ports"]} == {"network:router_interface"}
    assert [ipaddress.ip_network(s["cidr"]).prefixlen for s in have["subnets"] if s["ip_version"] == 4] == [26]  # type: ignore[arg-type]


def test_the_number_of_statements_is_bounded(cloud: Cloud) -> None:
    """It includes the check of the token. A build does not read back what it has created."""
    output: list[str] = []
    sa.event.listen(cloud.store.engine, "before_cursor_execute", lambda _c, _cursor, text, *_more: output.append(text))

    def statements(method: str) -> int:
        output.clear()
        assert cloud.demo.network(method, "/auto-allocated-topology/None").status_code in (200, 204)
        return len(output)

    # the first GET also creates the project's security group
    bounds = [("GET", 25), ("GET", 2), ("DELETE", 20), ("GET", 22)]
    taken = [(method, statements(method)) for method, _most in bounds]
    assert all(number <= most for (_, number), (_, most) in zip(taken, bounds, strict=True)), taken


def test_dry_run_builds_nothing(cloud: Cloud) -> None:
    assert get(cloud.demo, query="?fields=dry-run")["id"] == "dry-run=pass"
    assert count(cloud.demo) == NOTHING


@pytest.mark.parametrize(
    ("missing", "dry", "real"),
    [
        ("network", "No default router:external network", "No default router:external network"),
        ("subnetpool", "No default subnetpools defined", "No default subnetpools defined"),
    ],
)
def test_missing_prerequisites(cloud: Cloud, missing: str, dry: str, real: str) -> None:
    for item in cloud.admin.network("GET", f"/{missing}s?is_default=true").json()[f"{missing}s"]:
        answer = cloud.admin.network("PUT", f"/{missing}s/{item['id']}", json={missing: {"is_default": False}})
        assert answer.status_code == 200, answer.text
    for query, reason in (("?fields=dry-run", dry), ("", real)):
        answer = cloud.demo.network("GET", f"/auto-allocated-topology/None{query}")
        assert answer.status_code == 409
        assert answer.json()["NeutronError"] == {
            "type": "AutoAllocationFailure",
            "message": f"Deployment error: {reason}.",
            "detail": "",
        }
    assert count(cloud.demo) == NOTHING
    assert cloud.demo.network("DELETE", "/auto-allocated-topology/None").status_code == 204


def test_topologies_of_other_projects(cloud: Cloud) -> None:
    path = f"/auto-allocated-topology/{cloud.alt.project_id}"
    for method in ("GET", "DELETE"):
        assert refused(cloud.demo, method, path) == (403, "NotAuthorized")
    assert refused(cloud.demo, "PUT", path, json={"auto_allocated_topology": {}}) == (403, "NotAuthorized")
    assert refused(cloud.demo, "PUT", path, json={"auto_allocated_topology": {"x": 1}}) == (400, "HTTPBadRequest")
    assert count(cloud.alt) == NOTHING
    built = get(cloud.admin, cloud.alt.project_id)
    assert built["project_id"] == cloud.alt.project_id
    assert get(cloud.alt) == built


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/auto-allocated-topology/None?fields=id", 400),
        ("POST", "/auto-allocated-topology", 400),
        ("GET", "/auto-allocated-topology", 405),
        ("POST", "/auto-allocated-topology/None", 405),
        ("PUT", "/auto-allocated-topology/None", 400),
        ("PATCH", "/auto-allocated-topology/None", 405),
        ("HEAD", "/auto-allocated-topology/None", 405),
    ],
)
def test_refused_and_nothing_built(cloud: Cloud, method: str, path: str, status: int) -> None:
    assert cloud.demo.network(method, path).status_code == status
    assert count(cloud.demo) == NOTHING


def test_roles(cloud: Cloud) -> None:
    built = get(cloud.reader)
    assert refused(cloud.reader, "DELETE", "/auto-allocated-topology/None") == (403, "PolicyNotAuthorized")
    assert get(cloud.demo) == built


def test_delete_and_build_again(cloud: Cloud) -> None:
    first = get(cloud.demo)["id"]
    assert cloud.demo.network("DELETE", "/auto-allocated-topology/None").status_code == 204
    assert count(cloud.demo) == NOTHING
    assert get(cloud.demo)["id"] != first


def test_refused_delete_changes_nothing(cloud: Cloud) -> None:
    network_id = get(cloud.demo)["id"]
    port = cloud.demo.network("POST", "/ports", json={"port": {"network_id": network_id}}).json()["port"]["id"]
    before = owned(cloud.demo)
    assert refused(cloud.demo, "DELETE", "/auto-allocated-topology/None") == (409, "NetworkInUse")
    assert owned(cloud.demo) == before
    assert cloud.demo.network("DELETE", f"/ports/{port}").status_code == 204
    assert cloud.demo.network("DELETE", "/auto-allocated-topology/None").status_code == 204
    assert count(cloud.demo) == NOTHING


def test_delete_with_another_subnet_on_the_router(cloud: Cloud) -> None:
    get(cloud.demo)
    router = owned(cloud.demo)["routers"][0]["id"]
    network = cloud.demo.network("POST", "/networks", json={"network": {}}).json()["network"]["id"]
    body = {"subnet": {"network_id": network, "ip_version": 4, "cidr": "192.168.5.0/24"}}
    subnet = cloud.demo.network("POST", "/subnets", json=body).json()["subnet"]["id"]
    answer = cloud.demo.network("PUT", f"/routers/{router}/add_router_interface", json={"subnet_id": subnet})
    assert answer.status_code == 200, answer.text
    before = owned(cloud.demo)
    assert refused(cloud.demo, "DELETE", "/auto-allocated-topology/None") == (409, "RouterInUse")
    assert owned(cloud.demo) == before


def test_parts_in_use_cannot_be_deleted(cloud: Cloud) -> None:
    network_id = get(cloud.demo)["id"]
    have = owned(cloud.demo)
    assert refused(cloud.demo, "DELETE", f"/networks/{network_id}") == (409, "NetworkInUse")
    assert refused(cloud.demo, "DELETE", f"/subnets/{have['subnets'][0]['id']}") == (409, "SubnetInUse")
    assert refused(cloud.demo, "DELETE", f"/routers/{have['routers'][0]['id']}") == (409, "RouterInUse")
    assert refused(cloud.demo, "DELETE", f"/ports/{have['ports'][0]['id']}") == (409, "ServicePortInUse")
    assert owned(cloud.demo) == have


def test_full_pool_leaves_nothing_behind(cloud: Cloud) -> None:
    pool = cloud.admin.network("GET", "/subnetpools?ip_version=4").json()["subnetpools"][0]["id"]
    cloud.admin.network("PUT", f"/subnetpools/{pool}", json={"subnetpool": {"is_default": False}})
    small = {"name": "one", "prefixes": ["10.99.0.0/26"], "default_prefixlen": 26, "is_default": True, "shared": True}
    assert cloud.admin.network("POST", "/subnetpools", json={"subnetpool": small}).status_code == 201
    get(cloud.alt)
    assert refused(cloud.demo, "GET", "/auto-allocated-topology/None") == (409, "AutoAllocationFailure")
    assert count(cloud.demo) == NOTHING
    assert cloud.alt.network("DELETE", "/auto-allocated-topology/None").status_code == 204
    get(cloud.demo)
    assert count(cloud.demo) == WHOLE


def test_racers_in_two_processes_end_on_one_network(server: Server) -> None:
    racers = [server.user("gman") for _ in range(8)]
    for _ in range(5):
        with ThreadPoolExecutor(len(racers)) as pool:
            ids = set(pool.map(lambda user: get(user)["id"], racers))
        assert len(ids) == 1
        assert count(racers[0]) == WHOLE
        with ThreadPoolExecutor(len(racers)) as pool:
            deleted = pool.map(lambda user: user.network("DELETE", "/auto-allocated-topology/None"), racers)
        assert {answer.status_code for answer in deleted} == {204}
        assert count(racers[0]) == NOTHING


@pytest.mark.parametrize(("length", "mode"), [(64, "slaac"), (72, "dhcpv6-stateful")])
def test_servers_can_use_the_ipv6_subnet(cloud: Cloud, length: int, mode: str) -> None:
    """N-AAT-033: by SLAAC where the prefix allows for it, else by DHCPv6."""
    [pool] = cloud.admin.network("GET", "/subnetpools?ip_version=6&is_default=true").json()["subnetpools"]
    changed = {"subnetpool": {"default_prefixlen": length}}
    assert cloud.admin.network("PUT", f"/subnetpools/{pool['id']}", json=changed).status_code == 200
    get(cloud.demo)
    subnets = {subnet["ip_version"]: subnet for subnet in owned(cloud.demo)["subnets"]}
    assert (subnets[6]["ipv6_ra_mode"], subnets[6]["ipv6_address_mode"]) == (mode, mode)
    assert (subnets[4]["ipv6_ra_mode"], subnets[4]["ipv6_address_mode"]) == (None, None)
