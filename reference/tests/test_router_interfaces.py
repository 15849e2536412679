"""What a router takes as an interface, and what its port keeps, as Neutron has it where an L3 agent routes."""

from typing import Any

import pytest

from reference.tests.clouds import Cloud, User
from reference.tests.networking import Body, Outcome, listed, make, outcome, show

POOL = [{"start": "10.1.0.100", "end": "10.1.0.190"}]
REFUSED = (400, "BadRequest")


def network_with(user: User, *prefixes: str, **attributes: Any) -> tuple[str, list[str]]:
    """The ids of a new network and of its subnets."""
    network = make(user, "network", **attributes)["id"]
    subnets = []
    for prefix in prefixes:
        values: Body = {"ip_version": 6} if ":" in prefix else {"ip_version": 4, "allocation_pools": POOL}
        if not prefix.startswith("10.1.0."):
            values.pop("allocation_pools", None)
        subnets.append(make(user, "subnet", network_id=network, cidr=prefix, **values)["id"])
    return network, subnets


def interface(user: User, action: str, router: str, **side: str) -> Outcome:
    return outcome(user, "PUT", f"/routers/{router}/{action}_router_interface", side)


def plugged(user: User, router: str, **side: str) -> Body:
    """The answer of adding an interface."""
    answer = user.network("PUT", f"/routers/{router}/add_router_interface", json=side)
    assert answer.status_code == 200, answer.text
    body: Body = answer.json()
    return body


@pytest.mark.parametrize(
    ("fixed_ips", "expected"),
    [
        ([{"ip_address": "10.1.0.1"}], (200, "")),
        ([{"subnet_id": "subnet"}], (200, "")),
        ([{"subnet_id": "subnet", "ip_address": "10.1.0.1"}], (200, "")),
        ([{"ip_address": "10.1.0.50"}], REFUSED),
        ([{"ip_address": "10.1.0.1"}, {"ip_address": "10.1.0.50"}], REFUSED),
        ([{"ip_address": "10.1.0.1"}, {"subnet_id": "subnet"}], REFUSED),
        ([], REFUSED),
    ],
)
def test_an_interface_keeps_its_ipv4_address(cloud: Cloud, fixed_ips: list[dict[str, str]], expected: Outcome) -> None:
    _network, [subnet] = network_with(cloud.demo, "10.1.0.0/24")
    port = plugged(cloud.demo, make(cloud.demo, "router")["id"], subnet_id=subnet)["port_id"]
    requested = [{**item, **({"subnet_id": subnet} if "subnet_id" in item else {})} for item in fixed_ips]
    for user in (cloud.demo, cloud.admin):
        assert outcome(user, "PUT", f"/ports/{port}", {"port": {"fixed_ips": requested}}) == expected
    assert show(cloud.demo, "port", port)["fixed_ips"] == [{"subnet_id": subnet, "ip_address": "10.1.0.1"}]


def test_an_interface_may_have_other_ipv6_addresses(cloud: Cloud) -> None:
    _network, [subnet] = network_with(cloud.demo, "fd00:1::/64")
    port = plugged(cloud.demo, make(cloud.demo, "router")["id"], subnet_id=subnet)["port_id"]
    assert (
        outcome(cloud.demo, "PUT", f"/ports/{port}", {"port": {"fixed_ips": [{"ip_address": "fd00:1::9"}]}})[0] == 200
    )


@pytest.mark.parametrize(("owner", "status"), [("network:x", 409), ("x", 200), ("", 200)])
def test_the_mac_address_of_a_networks_own_port_stays(cloud: Cloud, owner: str, status: int) -> None:
    port = make(cloud.demo, "port", network_id=make(cloud.demo, "network")["id"])
    body = {"port": {"mac_address": "fa:16:3e:00:00:01", "device_owner": owner}}
    expected = (status, "UnsupportedPortDeviceOwner" if status == 409 else "")
    assert outcome(cloud.admin, "PUT", f"/ports/{port['id']}", body) == expected
    body["port"]["mac_address"] = port["mac_address"]
    assert outcome(cloud.admin, "PUT", f"/ports/{port['id']}", body) == (200, "")


def test_automatic_addresses_follow_the_mac_address(cloud: Cloud) -> None:
    network, [plain] = network_with(cloud.demo, "10.1.0.0/24")
    modes = {"ipv6_ra_mode": "slaac", "ipv6_address_mode": "slaac"}
    make(cloud.demo, "subnet", network_id=network, ip_version=6, cidr="fd00:1::/64", **modes)
    port = make(cloud.demo, "port", network_id=network)
    [ipv4] = [item for item in port["fixed_ips"] if item["subnet_id"] == plain]
    outcome(cloud.admin, "PUT", f"/ports/{port['id']}", {"port": {"mac_address": "fa:16:3e:00:00:77"}})
    addresses = {item["ip_address"] for item in show(cloud.demo, "port", port["id"])["fixed_ips"]}
    assert addresses == {ipv4["ip_address"], "fd00:1::f816:3eff:fe00:77"}


@pytest.mark.parametrize(
    ("modes", "expected"),
    [
        ({"ipv6_address_mode": "slaac"}, REFUSED),
        ({"ipv6_ra_mode": "slaac"}, (200, "")),
        ({"ipv6_ra_mode": "slaac", "ipv6_address_mode": "slaac"}, (200, "")),
    ],
)
def test_no_subnet_whose_prefix_another_router_advertises(
    cloud: Cloud, modes: dict[str, str], expected: Outcome
) -> None:
    network = make(cloud.demo, "network")["id"]
    subnet = make(cloud.demo, "subnet", network_id=network, ip_version=6, cidr="fd00:1::/64", **modes)["id"]
    router = make(cloud.demo, "router")["id"]
    if expected == REFUSED:
        port = make(cloud.demo, "port", network_id=network)["id"]
        assert interface(cloud.demo, "add", router, port_id=port) == expected
    assert interface(cloud.demo, "add", router, subnet_id=subnet) == expected


def test_a_subnet_that_is_shared_with_all_is_for_its_owner_and_admins(cloud: Cloud) -> None:
    _network, [subnet] = network_with(cloud.admin, "10.1.0.0/24", shared=True)
    router = make(cloud.demo, "router")["id"]
    assert interface(cloud.demo, "add", router, subnet_id=subnet) == REFUSED
    external = listed(cloud.demo, "networks", "?is_default=true")[0]["subnets"][0]
    assert interface(cloud.demo, "add", router, subnet_id=external) == REFUSED
    assert interface(cloud.admin, "add", router, subnet_id=subnet) == (200, "")


def test_a_subnet_that_is_shared_by_name_is_plugged_in(cloud: Cloud) -> None:
    network, [subnet] = network_with(cloud.alt, "10.1.0.0/24")
    make(
        cloud.alt,
        "rbac_policy",
        object_type="network",
        object_id=network,
        action="access_as_shared",
        target_tenant=cloud.demo.project_id,
    )
    assert interface(cloud.demo, "add", make(cloud.demo, "router")["id"], subnet_id=subnet) == (200, "")


@pytest.mark.parametrize(("address", "expected"), [("10.1.0.9", REFUSED), ("", (200, ""))], ids=["beside", "in"])
def test_a_port_beside_the_pools_of_anothers_subnet(cloud: Cloud, address: str, expected: Outcome) -> None:
    network, [subnet] = network_with(cloud.admin, "10.1.0.0/24", shared=True)
    fixed_ips = [{"subnet_id": subnet, **({"ip_address": address} if address else {})}]
    values = {"project_id": cloud.demo.project_id, "network_id": network, "fixed_ips": fixed_ips}
    port = make(cloud.admin, "port", **values)["id"]
    assert interface(cloud.demo, "add", make(cloud.demo, "router")["id"], port_id=port) == expected


def test_a_port_with_several_ipv4_addresses_is_no_interface(cloud: Cloud) -> None:
    network, subnets = network_with(cloud.demo, "10.1.0.0/24", "10.2.0.0/24")
    port = make(cloud.demo, "port", network_id=network, fixed_ips=[{"subnet_id": subnet} for subnet in subnets])["id"]
    assert interface(cloud.demo, "add", make(cloud.demo, "router")["id"], port_id=port) == REFUSED


def test_one_port_for_ipv6_on_each_network(cloud: Cloud) -> None:
    network, subnets = network_with(cloud.demo, "fd00:1::/64", "fd00:2::/64")
    ports = [make(cloud.demo, "port", network_id=network, fixed_ips=[{"subnet_id": item}])["id"] for item in subnets]
    router = make(cloud.demo, "router")["id"]
    outcomes = [interface(cloud.demo, "add", router, port_id=port) for port in ports]
    assert outcomes == [(200, ""), REFUSED]


def test_an_interface_of_both_ip_versions(cloud: Cloud) -> None:
    """All its subnets are told, and of them the IPv4 one stays."""
    network, subnets = network_with(cloud.demo, "10.1.0.0/24", "fd00:1::/64")
    router = make(cloud.demo, "router")["id"]
    port = make(cloud.admin, "port", project_id=cloud.demo.project_id, network_id=network)["id"]
    body = plugged(cloud.demo, router, port_id=port)
    assert (body["subnet_ids"], body["subnet_id"]) == (subnets, subnets[-1])
    assert interface(cloud.demo, "remove", router, subnet_id=subnets[0]) == REFUSED
    assert interface(cloud.demo, "remove", router, subnet_id=subnets[1]) == (200, "")
    assert interface(cloud.demo, "remove", router, subnet_id=subnets[0]) == (200, "")
    assert outcome(cloud.demo, "GET", f"/ports/{port}") == (404, "PortNotFound")


def test_a_port_is_removed_with_all_its_subnets(cloud: Cloud) -> None:
    _network, subnets = network_with(cloud.demo, "fd00:1::/64", "fd00:2::/64")
    router = make(cloud.demo, "router")["id"]
    [port] = {plugged(cloud.demo, router, subnet_id=subnet)["port_id"] for subnet in subnets}
    answer = cloud.demo.network("PUT", f"/routers/{router}/remove_router_interface", json={"port_id": port})
    assert sorted(answer.json()["subnet_ids"]) == sorted(subnets)


def test_a_port_and_a_subnet_to_remove_have_to_fit(cloud: Cloud) -> None:
    _network, [subnet] = network_with(cloud.demo, "10.1.0.0/24")
    _other, [elsewhere] = network_with(cloud.demo, "10.2.0.0/24")
    router = make(cloud.demo, "router")["id"]
    port = plugged(cloud.demo, router, subnet_id=subnet)["port_id"]
    for subnet_id, expected in ((elsewhere, (400, "SubnetMismatchForPort")), (subnet, (200, ""))):
        assert interface(cloud.demo, "remove", router, port_id=port, subnet_id=subnet_id) == expected


def test_an_interface_of_anothers_port_belongs_to_its_project(cloud: Cloud) -> None:
    network, _subnets = network_with(cloud.alt, "10.1.0.0/24")
    port = make(cloud.alt, "port", network_id=network)["id"]
    body = plugged(cloud.admin, make(cloud.demo, "router")["id"], port_id=port)
    assert body["project_id"] == cloud.alt.project_id


def test_a_gateway_does_not_take_the_address_of_its_networks_own_gateway(cloud: Cloud) -> None:
    external = listed(cloud.admin, "networks", "?is_default=true")[0]
    gateways = [subnet["gateway_ip"] for subnet in listed(cloud.admin, "subnets", f"?network_id={external['id']}")]
    router = make(cloud.admin, "router")["id"]
    for address in gateways:
        info = {"network_id": external["id"], "external_fixed_ips": [{"ip_address": address}]}
        values = {"router": {"external_gateway_info": info}}
        assert outcome(cloud.admin, "POST", "/routers", values) == REFUSED
        assert outcome(cloud.admin, "PUT", f"/routers/{router}", values) == REFUSED


def test_no_gateway_whose_prefix_an_interface_has(cloud: Cloud) -> None:
    external = listed(cloud.admin, "networks", "?is_default=true")[0]["id"]
    prefixes = [item["cidr"] for item in listed(cloud.admin, "subnets", f"?network_id={external}&ip_version=4")]
    _network, [subnet] = network_with(cloud.demo, prefixes[0])
    router = make(cloud.demo, "router")["id"]
    plugged(cloud.demo, router, subnet_id=subnet)
    values = {"router": {"external_gateway_info": {"network_id": external}}}
    assert outcome(cloud.demo, "PUT", f"/routers/{router}", values) == REFUSED
    assert show(cloud.demo, "router", router)["external_gateway_info"] is None
