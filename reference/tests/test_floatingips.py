"""Floating IPs: given, moved, in the way of what they are reached through."""

from dataclasses import dataclass
from typing import Any

import pytest

from reference.tests.conftest import Cloud, User


@dataclass
class Behind:
    """A port in a topology, and what lies between it and the world."""

    port: str
    router: str
    subnet: str
    external: str


@pytest.fixture
def behind(cloud: Cloud) -> Behind:
    network = cloud.demo.network("GET", "/auto-allocated-topology/None").json()["auto_allocated_topology"]["id"]
    port = cloud.demo.network("POST", "/ports", json={"port": {"network_id": network}}).json()["port"]
    router = cloud.demo.network("GET", "/routers").json()["routers"][0]
    subnet = next(each["subnet_id"] for each in port["fixed_ips"] if ":" not in each["ip_address"])
    return Behind(port["id"], router["id"], subnet, router["external_gateway_info"]["network_id"])


def floating(user: User, behind: Behind, **more: object) -> dict[str, Any]:
    body = {"floatingip": {"floating_network_id": behind.external, **more}}
    answer = user.network("POST", "/floatingips", json=body)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()["floatingip"]
    return made


def kind(user: User, method: str, path: str, **more: object) -> tuple[int, str]:
    answer = user.network(method, path, **more)
    return answer.status_code, answer.json()["NeutronError"]["type"]


def test_stands_for_a_port_and_moves(cloud: Cloud, behind: Behind) -> None:
    loose = floating(cloud.demo, behind)
    assert (loose["status"], loose["port_id"], loose["router_id"]) == ("DOWN", None, None)
    assert loose["floating_ip_address"].startswith("172.24.")
    path = f"/floatingips/{loose['id']}"
    bound = cloud.demo.network("PUT", path, json={"floatingip": {"port_id": behind.port}}).json()["floatingip"]
    assert (bound["status"], bound["port_id"], bound["router_id"]) == ("ACTIVE", behind.port, behind.router)
    freed = cloud.demo.network("PUT", path, json={"floatingip": {"port_id": None}}).json()["floatingip"]
    assert (freed["status"], freed["fixed_ip_address"]) == ("DOWN", None)
    assert cloud.demo.network("DELETE", path).status_code == 204
    assert kind(cloud.demo, "GET", path) == (404, "FloatingIPNotFound")


def test_holds_what_it_is_reached_through(cloud: Cloud, behind: Behind) -> None:
    floating(cloud.demo, behind, port_id=behind.port)
    unplug = f"/routers/{behind.router}/remove_router_interface"
    in_use = kind(cloud.demo, "PUT", unplug, json={"subnet_id": behind.subnet})
    assert in_use == (409, "RouterInterfaceInUseByFloatingIP")
    cleared: dict[str, Any] = {"router": {"external_gateway_info": {}}}
    assert kind(cloud.demo, "PUT", f"/routers/{behind.router}", json=cleared) == (
        409,
        "RouterExternalGatewayInUseByFloatingIp",
    )
    before = cloud.demo.network("GET", "/ports").json()
    assert kind(cloud.demo, "DELETE", "/auto-allocated-topology/None") == (409, "RouterInterfaceInUseByFloatingIP")
    assert cloud.demo.network("GET", "/ports").json() == before


def test_lets_go_of_a_deleted_port(cloud: Cloud, behind: Behind) -> None:
    made = floating(cloud.demo, behind, port_id=behind.port)
    assert cloud.demo.network("DELETE", f"/ports/{behind.port}").status_code == 204
    shown = cloud.demo.network("GET", f"/floatingips/{made['id']}").json()["floatingip"]
    assert (shown["status"], shown["port_id"], shown["router_id"]) == ("DOWN", None, None)


def test_refused(cloud: Cloud, behind: Behind) -> None:
    lone = cloud.demo.network("POST", "/networks", json={"network": {}}).json()["network"]["id"]
    subnet = {"subnet": {"network_id": lone, "ip_version": 4, "cidr": "192.168.9.0/24"}}
    cloud.demo.network("POST", "/subnets", json=subnet)
    port = cloud.demo.network("POST", "/ports", json={"port": {"network_id": lone}}).json()["port"]["id"]
    for body, wanted in (
        ({"floating_network_id": lone}, (400, "BadRequest")),
        ({"floating_network_id": behind.external, "port_id": port}, (404, "ExternalGatewayForFloatingIPNotFound")),
        ({"floating_network_id": behind.external, "floating_ip_address": "172.24.9.9"}, (403, "PolicyNotAuthorized")),
    ):
        assert kind(cloud.demo, "POST", "/floatingips", json={"floatingip": body}) == wanted
    made = floating(cloud.demo, behind)
    assert kind(cloud.alt, "GET", f"/floatingips/{made['id']}") == (404, "FloatingIPNotFound")


def test_one_whose_port_lost_its_address_is_shown_without(cloud: Cloud, behind: Behind) -> None:
    made = floating(cloud.demo, behind)
    [port] = cloud.admin.network("GET", f"/ports?device_id={made['id']}").json()["ports"]
    answer = cloud.admin.network("PUT", f"/ports/{port['id']}", json={"port": {"fixed_ips": []}})
    assert answer.status_code == 200, answer.text
    shown = cloud.demo.network("GET", f"/floatingips/{made['id']}")
    assert (shown.status_code, shown.json()["floatingip"]["floating_ip_address"]) == (200, None)
