"""Floating IPs: created, moved, and keeping routers and networks from being deleted."""

from dataclasses import dataclass
from typing import Any

import pytest

from reference.tests.clouds import Cloud, User


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
    subnet = next(entry["subnet_id"] for entry in port["fixed_ips"] if ":" not in entry["ip_address"])
    return Behind(port["id"], router["id"], subnet, router["external_gateway_info"]["network_id"])


def floating(user: User, behind: Behind, **more: object) -> dict[str, Any]:
    body = {"floatingip": {"floating_network_id": behind.external, **more}}
    answer = user.network("POST", "/floatingips", json=body)
    assert answer.status_code == 201, answer.text
    floating_ip: dict[str, Any] = answer.json()["floatingip"]
    return floating_ip


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


def test_holds_the_address_of_its_port(cloud: Cloud, behind: Behind) -> None:
    address = floating(cloud.demo, behind, port_id=behind.port)["fixed_ip_address"]
    path = f"/ports/{behind.port}"
    for fixed_ips in ([], [{"subnet_id": behind.subnet}], [{"subnet_id": behind.external}]):
        assert kind(cloud.demo, "PUT", path, json={"port": {"fixed_ips": fixed_ips}}) == (400, "BadRequest")
    same_address: dict[str, Any] = {"port": {"fixed_ips": [{"ip_address": address}]}}
    assert cloud.demo.network("PUT", path, json=same_address).status_code == 200


def test_an_invalid_new_gateway_is_a_bad_request_even_if_the_old_is_needed(cloud: Cloud, behind: Behind) -> None:
    floating(cloud.demo, behind, port_id=behind.port)
    network = cloud.demo.network("GET", f"/ports/{behind.port}").json()["port"]["network_id"]
    body = {"router": {"external_gateway_info": {"network_id": network}}}
    assert kind(cloud.demo, "PUT", f"/routers/{behind.router}", json=body) == (400, "BadRequest")


def test_lets_go_of_a_deleted_port(cloud: Cloud, behind: Behind) -> None:
    floating_ip = floating(cloud.demo, behind, port_id=behind.port)
    assert cloud.demo.network("DELETE", f"/ports/{behind.port}").status_code == 204
    shown = cloud.demo.network("GET", f"/floatingips/{floating_ip['id']}").json()["floatingip"]
    assert (shown["status"], shown["port_id"], shown["router_id"]) == ("DOWN", None, None)


def test_refused(cloud: Cloud, behind: Behind) -> None:
    lone = cloud.demo.network("POST", "/networks", json={"network": {}}).json()["network"]["id"]
    subnet = {"subnet": {"network_id": lone, "ip_version": 4, "cidr": "192.168.9.0/24"}}
    cloud.demo.network("POST", "/subnets", json=subnet)
    port = cloud.demo.network("POST", "/ports", json={"port": {"network_id": lone}}).json()["port"]["id"]
    for body, expected in (
        ({"floating_network_id": lone}, (400, "BadRequest")),
        ({"floating_network_id": behind.external, "port_id": port}, (404, "ExternalGatewayForFloatingIPNotFound")),
        ({"floating_network_id": behind.external, "floating_ip_address": "172.24.9.9"}, (403, "PolicyNotAuthorized")),
    ):
        assert kind(cloud.demo, "POST", "/floatingips", json={"floatingip": body}) == expected
    floating_ip = floating(cloud.demo, behind)
    assert kind(cloud.alt, "GET", f"/floatingips/{floating_ip['id']}") == (404, "FloatingIPNotFound")


def test_one_whose_port_lost_its_address_is_shown_without(cloud: Cloud, behind: Behind) -> None:
    floating_ip = floating(cloud.demo, behind)
    [port] = cloud.admin.network("GET", f"/ports?device_id={floating_ip['id']}").json()["ports"]
    answer = cloud.admin.network("PUT", f"/ports/{port['id']}", json={"port": {"fixed_ips": []}})
    assert answer.status_code == 200, answer.text
    shown = cloud.demo.network("GET", f"/floatingips/{floating_ip['id']}")
    assert (shown.status_code, shown.json()["floatingip"]["floating_ip_address"]) == (200, None)


def update(user: User, item: str, **values: object) -> dict[str, Any]:
    answer = user.network("PUT", f"/floatingips/{item}", json={"floatingip": values})
    assert answer.status_code == 200, answer.text
    changed: dict[str, Any] = answer.json()["floatingip"]
    return changed


def test_updates_that_disassociate_it(cloud: Cloud, behind: Behind) -> None:
    """A null port, and an update of nothing at all; not a description, nor a null address."""
    item = floating(cloud.demo, behind, port_id=behind.port)["id"]
    assert update(cloud.demo, item, description="d")["port_id"] == behind.port
    assert update(cloud.demo, item, fixed_ip_address=None)["port_id"] == behind.port
    assert update(cloud.demo, item, port_id=behind.port)["port_id"] == behind.port
    assert update(cloud.demo, item)["port_id"] is None
    assert update(cloud.demo, item, port_id=behind.port)["port_id"] == behind.port
    assert update(cloud.demo, item, port_id=None)["port_id"] is None


def test_details_of_its_port(cloud: Cloud, behind: Behind) -> None:
    assert floating(cloud.demo, behind)["port_details"] is None
    floating_ip = floating(cloud.demo, behind, port_id=behind.port)
    port = cloud.demo.network("GET", f"/ports/{behind.port}").json()["port"]
    names = ("name", "network_id", "mac_address", "admin_state_up", "status", "device_id", "device_owner")
    assert floating_ip["port_details"] == {name: port[name] for name in names}
    listed = cloud.demo.network("GET", f"/floatingips?port_id={behind.port}").json()["floatingips"]
    assert listed == [floating_ip]


def test_one_per_address(cloud: Cloud, behind: Behind) -> None:
    first = floating(cloud.demo, behind, port_id=behind.port)
    second = floating(cloud.demo, behind)["id"]
    taken = (409, "FloatingIPPortAlreadyAssociated")
    body = {"floatingip": {"port_id": behind.port}}
    assert kind(cloud.demo, "PUT", f"/floatingips/{second}", json=body) == taken
    again = {"floatingip": {"floating_network_id": behind.external, "port_id": behind.port}}
    assert kind(cloud.demo, "POST", "/floatingips", json=again) == taken
    more = [{"ip_address": first["fixed_ip_address"]}, {"subnet_id": behind.subnet}]
    cloud.demo.network("PUT", f"/ports/{behind.port}", json={"port": {"fixed_ips": more}})
    addresses = {
        ip["ip_address"] for ip in cloud.demo.network("GET", f"/ports/{behind.port}").json()["port"]["fixed_ips"]
    }
    [other] = {address for address in addresses if ":" not in address} - {first["fixed_ip_address"]}
    assert kind(cloud.demo, "PUT", f"/floatingips/{second}", json=body) == (400, "BadRequest")  # which address?
    assert update(cloud.demo, second, port_id=behind.port, fixed_ip_address=other)["fixed_ip_address"] == other


def test_an_address_belongs_to_a_port(cloud: Cloud, behind: Behind) -> None:
    alone = {"floating_network_id": behind.external, "fixed_ip_address": "10.0.0.9"}
    assert kind(cloud.demo, "POST", "/floatingips", json={"floatingip": alone}) == (400, "BadRequest")
    item = floating(cloud.demo, behind, port_id=behind.port)["id"]
    body = {"floatingip": {"fixed_ip_address": "10.0.0.9"}}
    assert kind(cloud.demo, "PUT", f"/floatingips/{item}", json=body) == (400, "BadRequest")


def test_out_of_a_subnet(cloud: Cloud, behind: Behind) -> None:
    subnets = cloud.admin.network("GET", f"/subnets?network_id={behind.external}&ip_version=4").json()["subnets"]
    floating_ip = floating(cloud.demo, behind, subnet_id=subnets[0]["id"])
    assert floating_ip["floating_ip_address"].startswith("172.24.")
    assert floating(cloud.demo, behind, subnet_id=None)["status"] == "DOWN"
    nowhere = "11111111-1111-1111-1111-111111111111"
    for subnet, expected in ((behind.subnet, (400, "InvalidInput")), (nowhere, (404, "SubnetNotFound"))):
        body = {"floatingip": {"floating_network_id": behind.external, "subnet_id": subnet}}
        assert kind(cloud.demo, "POST", "/floatingips", json=body) == expected


def test_one_out_of_an_ipv6_subnet_finds_no_address(cloud: Cloud, behind: Behind) -> None:
    """This error comes before the lookup of the port."""
    subnet = {"ip_version": 6, "cidr": "fd00:9::/64", "network_id": behind.external}
    v6 = cloud.admin.network("POST", "/subnets", json={"subnet": subnet}).json()["subnet"]["id"]
    values = {"floating_network_id": behind.external, "subnet_id": v6, "port_id": v6}
    refused = kind(cloud.demo, "POST", "/floatingips", json={"floatingip": values})
    assert refused == (400, "ExternalIpAddressExhausted")


def test_idle_ones_go_with_their_network(cloud: Cloud) -> None:
    """Those of an external network that lead nowhere do not forbid its deletion; those in use do."""
    external = {"network": {"name": "e", "router:external": True}}
    network = cloud.admin.network("POST", "/networks", json=external).json()["network"]["id"]
    subnet = {"network_id": network, "ip_version": 4, "cidr": "198.51.100.0/24", "enable_dhcp": False}
    assert cloud.admin.network("POST", "/subnets", json={"subnet": subnet}).status_code == 201
    body = {"floatingip": {"floating_network_id": network}}
    item = cloud.demo.network("POST", "/floatingips", json=body).json()["floatingip"]["id"]
    router = cloud.demo.network("POST", "/routers", json={"router": {"external_gateway_info": {"network_id": network}}})
    assert kind(cloud.admin, "DELETE", f"/networks/{network}") == (409, "NetworkInUse")
    assert cloud.demo.network("GET", f"/floatingips/{item}").status_code == 200
    assert cloud.demo.network("DELETE", f"/routers/{router.json()['router']['id']}").status_code == 204
    assert cloud.admin.network("DELETE", f"/networks/{network}").status_code == 204
    assert kind(cloud.demo, "GET", f"/floatingips/{item}") == (404, "FloatingIPNotFound")
