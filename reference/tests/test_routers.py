"""Routers: their gateway, their interfaces, and what keeps either in place."""

from dataclasses import dataclass
from typing import Any

import pytest

from reference.tests.clouds import Cloud
from reference.tests.networking import Body, Outcome, filled, listed, make, outcome, show

NOTHING = "00000000-0000-4000-8000-000000000000"


@dataclass
class World:
    """A router and two networks with a subnet of each IP version, and a port on the first; by name in `known`."""

    known: dict[str, str]

    def path(self, action: str = "") -> str:
        return f"/routers/{self.known['router']}{action}"


@pytest.fixture
def world(cloud: Cloud) -> World:
    known = {"nothing": NOTHING, "external": listed(cloud.demo, "networks", "?is_default=true")[0]["id"]}
    for number in (1, 2):
        known[f"net{number}"] = network = make(cloud.demo, "network")["id"]
        for version, cidr in ((4, f"10.20{number}.0.0/24"), (6, f"fd00:20{number}::/64")):
            subnet = make(cloud.demo, "subnet", network_id=network, ip_version=version, cidr=cidr)
            known[f"v{version}_{number}"] = subnet["id"]
    lone = make(cloud.demo, "network")["id"]
    known["lone"] = make(cloud.demo, "subnet", network_id=lone, ip_version=4, cidr="10.209.0.0/24", gateway_ip=None)[
        "id"
    ]
    overlapping = make(cloud.demo, "network")["id"]
    known["same"] = make(cloud.demo, "subnet", network_id=overlapping, ip_version=4, cidr="10.201.0.0/25")["id"]
    outside = make(cloud.demo, "network")["id"]
    known["outside"] = make(cloud.demo, "subnet", network_id=outside, ip_version=4, cidr="172.24.9.0/24")["id"]
    known["port"] = make(cloud.demo, "port", network_id=known["net1"])["id"]
    known["busy"] = make(cloud.demo, "port", network_id=known["net1"], device_id="d")["id"]
    known["bare"] = make(cloud.demo, "port", network_id=known["net1"], fixed_ips=[])["id"]
    known["hidden"] = make(cloud.alt, "network")["id"]
    known["hidden_subnet"] = make(cloud.alt, "subnet", network_id=known["hidden"], ip_version=4, cidr="10.8.0.0/24")[
        "id"
    ]
    known["router"] = make(cloud.demo, "router", name="r")["id"]
    return World(known)


@pytest.mark.parametrize("routes", [[], None])
def test_no_routes_of_their_own(cloud: Cloud, routes: object) -> None:
    """Clients read the routes of every router; only an empty list can be set."""
    assert outcome(cloud.demo, "POST", "/routers", {"router": {"routes": routes}}) == (400, "HTTPBadRequest")
    router = make(cloud.demo, "router", name="r")
    assert router["routes"] == []
    path = f"/routers/{router['id']}"
    assert cloud.demo.network("PUT", path, json={"router": {"routes": routes}}).json()["router"]["routes"] == []
    route = {"destination": "10.5.0.0/16", "nexthop": "10.200.0.9"}
    assert outcome(cloud.demo, "PUT", path, {"router": {"routes": [route]}}) == (400, "HTTPBadRequest")


@pytest.mark.parametrize("gateway", [{}, None, [], ""])
def test_created(cloud: Cloud, gateway: object) -> None:
    """N-RTR-001."""
    router = make(cloud.demo, "router", external_gateway_info=gateway)
    assert router == {
        "id": router["id"],
        "name": "",
        "description": "",
        "revision_number": 0,
        "project_id": cloud.demo.project_id,
        "tenant_id": cloud.demo.project_id,
        "admin_state_up": True,
        "status": "ACTIVE",
        "routes": [],
        "external_gateway_info": None,
        "tags": [],
    }


@pytest.mark.parametrize(
    ("who", "gateway", "expected"),
    [
        pytest.param("demo", {"network_id": "$external"}, (201, ""), id="N-RTR-002"),
        pytest.param("demo", {"network_id": "$nothing"}, (404, "NetworkNotFound"), id="N-RTR-003 unknown"),
        pytest.param("demo", {"network_id": "$hidden"}, (404, "NetworkNotFound"), id="N-RTR-003 invisible"),
        pytest.param("demo", {"network_id": "$net1"}, (400, "BadRequest"), id="N-RTR-003 internal"),
        pytest.param("demo", {"network_id": "x"}, (400, "HTTPBadRequest"), id="no id"),
        pytest.param("demo", {"enable_snat": True}, (400, "HTTPBadRequest"), id="no network"),
        pytest.param("demo", "x", (400, "HTTPBadRequest"), id="no object"),
        pytest.param(
            "demo", {"network_id": "$external", "enable_snat": False}, (403, "PolicyNotAuthorized"), id="N-RTR-004 snat"
        ),
        pytest.param(
            "demo", {"network_id": "$external", "external_fixed_ips": []}, (403, "PolicyNotAuthorized"), id="N-RTR-004"
        ),
        pytest.param("admin", {"network_id": "$external", "enable_snat": False}, (201, ""), id="N-RBAC-002 admin"),
    ],
)
def test_gateway(cloud: Cloud, world: World, who: str, gateway: Any, expected: Outcome) -> None:
    """A router whose gateway is refused is not there, nor is its port (N-RTR-006)."""
    before = len(listed(cloud.admin, "routers")), len(listed(cloud.admin, "ports"))
    body = filled({"router": {"external_gateway_info": gateway}}, world.known)
    answer = getattr(cloud, who).network("POST", "/routers", json=body)
    assert (answer.status_code, answer.json().get("NeutronError", {}).get("type", "")) == expected
    count = int(expected[0] == 201)
    assert (len(listed(cloud.admin, "routers")), len(listed(cloud.admin, "ports"))) == (
        before[0] + count,
        before[1] + count,
    )
    if count:
        shown = answer.json()["router"]["external_gateway_info"]
        assert set(shown) == {"network_id", "enable_snat", "external_fixed_ips"}
        assert shown["enable_snat"] is gateway.get("enable_snat", True)
        assert {":" in item["ip_address"] for item in shown["external_fixed_ips"]} == {False, True}
        assert listed(cloud.demo, "ports", "?device_owner=network:router_gateway") == []


def test_gateway_set_and_cleared(cloud: Cloud, world: World) -> None:
    """N-RTR-005, N-AAT-027; a router goes with its gateway (N-RTR-017)."""
    gateway = {"router": {"external_gateway_info": {"network_id": world.known["external"]}}}
    owner = "?device_owner=network:router_gateway"
    for body, ports in ((gateway, 1), (gateway, 1), ({"router": {"external_gateway_info": {}}}, 0), (gateway, 1)):
        assert outcome(cloud.demo, "PUT", world.path(), body) == (200, "")
        assert len(listed(cloud.admin, "ports", owner)) == ports
    [port] = listed(cloud.admin, "ports", owner)
    assert port["project_id"] == ""
    assert outcome(cloud.admin, "DELETE", f"/ports/{port['id']}") == (409, "ServicePortInUse")
    assert outcome(cloud.demo, "DELETE", world.path()) == (204, "")
    assert listed(cloud.admin, "ports", owner) == []


def test_a_gateway_on_the_same_network_keeps_its_address(cloud: Cloud, world: World) -> None:
    """Unless another address is requested; other requested values change, and enable_snat gets its default."""

    def gateway(**values: Any) -> Body:
        body = {"router": {"external_gateway_info": {"network_id": world.known["external"], **values}}}
        answer = cloud.admin.network("PUT", world.path(), json=body)
        assert answer.status_code == 200, answer.text
        info: Body = answer.json()["router"]["external_gateway_info"]
        return info

    first = gateway(enable_snat=False)
    again = gateway()
    assert again == {**first, "enable_snat": True}
    subnets = [{"subnet_id": fixed_ip["subnet_id"]} for fixed_ip in first["external_fixed_ips"]]
    assert gateway(external_fixed_ips=subnets) == again
    [moved] = gateway(external_fixed_ips=[{"ip_address": "172.24.9.9"}])["external_fixed_ips"]
    assert moved["ip_address"] == "172.24.9.9"


# actions in a row, `+` adds and `-` removes, each with its outcome
STORIES = [
    pytest.param([("+", {"subnet_id": "$v4_1"}, (200, "")), ("-", {"subnet_id": "$v4_1"}, (200, ""))], id="N-RTR-007"),
    pytest.param([("+", {"port_id": "$port"}, (200, "")), ("-", {"port_id": "$port"}, (200, ""))], id="N-RTR-008"),
    pytest.param([("+", {"port_id": "$busy"}, (409, "PortInUse"))], id="N-RTR-008 port of another device"),
    pytest.param([("+", {"port_id": "$bare"}, (400, "BadRequest"))], id="N-RTR-008 port without address"),
    pytest.param([("+", {}, (400, "BadRequest"))], id="N-RTR-009 neither"),
    pytest.param([("+", {"subnet_id": ""}, (400, "BadRequest"))], id="N-RTR-009 empty"),
    pytest.param([("-", {"port_id": None}, (400, "BadRequest"))], id="N-RTR-009 null"),
    pytest.param([("+", {"subnet_id": "$v4_1", "port_id": "$port"}, (400, "BadRequest"))], id="N-RTR-009 both"),
    pytest.param([("+", {"subnet_id": "x"}, (400, "BadRequest"))], id="N-RTR-009 no id"),
    pytest.param([("-", {}, (400, "BadRequest"))], id="N-RTR-009 remove neither"),
    pytest.param([("+", {"subnet_id": "$lone"}, (400, "BadRequest"))], id="N-RTR-010 no gateway"),
    pytest.param(
        [("+", {"subnet_id": "$v4_1"}, (200, "")), ("+", {"subnet_id": "$v4_1"}, (400, "BadRequest"))],
        id="N-RTR-011 twice",
    ),
    pytest.param(
        [("+", {"subnet_id": "$v4_1"}, (200, "")), ("+", {"subnet_id": "$same"}, (400, "BadRequest"))],
        id="N-RTR-011 overlap",
    ),
    pytest.param(
        [("gateway", {}, (200, "")), ("+", {"subnet_id": "$outside"}, (400, "BadRequest"))],
        id="N-RTR-011 overlap with the gateway's network",
    ),
    pytest.param([("+", {"subnet_id": "$nothing"}, (404, "SubnetNotFound"))], id="unknown subnet"),
    pytest.param([("+", {"port_id": "$nothing"}, (404, "PortNotFound"))], id="unknown port"),
    pytest.param([("+", {"subnet_id": "$hidden_subnet"}, (404, "SubnetNotFound"))], id="N-RTR-022 another's subnet"),
    pytest.param([("-", {"subnet_id": "$v4_1"}, (404, "RouterInterfaceNotFoundForSubnet"))], id="N-RTR-015"),
    pytest.param([("-", {"port_id": "$port"}, (404, "RouterInterfaceNotFound"))], id="N-RTR-015 port"),
    pytest.param([("-", {"subnet_id": "$nothing"}, (404, "SubnetNotFound"))], id="N-RTR-015 unknown subnet"),
    pytest.param(
        [
            ("+", {"subnet_id": "$v4_1"}, (200, "")),
            ("delete", {}, (409, "RouterInUse")),
            ("delete", {}, (409, "RouterInUse")),
        ],
        id="N-RTR-017",
    ),
]


@pytest.mark.parametrize("story", STORIES)
def test_interfaces(cloud: Cloud, world: World, story: list[tuple[str, dict[str, str], Outcome]]) -> None:
    for step, body, expected in story:
        before = listed(cloud.admin, "ports"), listed(cloud.demo, "routers")
        gateway = {"router": {"external_gateway_info": {"network_id": world.known["external"]}}}
        method, path, sent = {
            "+": ("PUT", world.path("/add_router_interface"), filled(body, world.known)),
            "-": ("PUT", world.path("/remove_router_interface"), filled(body, world.known)),
            "gateway": ("PUT", world.path(), gateway),
            "delete": ("DELETE", world.path(), None),
        }[step]
        assert outcome(cloud.demo, method, path, sent) == expected
        if expected[0] >= 400:  # a refusal changes nothing (N-RTR-018)
            assert (listed(cloud.admin, "ports"), listed(cloud.demo, "routers")) == before


@pytest.mark.parametrize("action", ["add_router_interface", "remove_router_interface"])
def test_an_interface_without_a_body(cloud: Cloud, world: World, action: str) -> None:
    """If the router exists, the error is that of an empty object."""
    for router, expected in ((world.known["router"], (400, "BadRequest")), (NOTHING, (404, "RouterNotFound"))):
        assert outcome(cloud.demo, "PUT", f"/routers/{router}/{action}") == expected


def test_bulk_is_refused(cloud: Cloud) -> None:
    assert outcome(cloud.demo, "POST", "/routers", {"routers": [{}]}) == (400, "HTTPBadRequest")


def test_interface_described(cloud: Cloud, world: World) -> None:
    """N-RTR-007, N-RTR-010, N-RTR-012 to N-RTR-014, N-RTR-021."""
    subnet = world.known["v4_1"]
    answers = []
    for action in ("add", "remove"):
        answers.append(cloud.demo.network("PUT", world.path(f"/{action}_router_interface"), json={"subnet_id": subnet}))
        if action == "add":
            port = show(cloud.demo, "port", answers[0].json()["port_id"])
            assert (port["device_id"], port["device_owner"]) == (world.known["router"], "network:router_interface")
            assert (port["status"], port["project_id"]) == ("ACTIVE", cloud.demo.project_id)
            assert port["fixed_ips"] == [{"subnet_id": subnet, "ip_address": "10.201.0.1"}]
            assert outcome(cloud.demo, "DELETE", f"/ports/{port['id']}") == (409, "ServicePortInUse")
    for answer in answers:
        assert answer.json() == {
            "id": world.known["router"],
            "project_id": cloud.demo.project_id,
            "tenant_id": cloud.demo.project_id,
            "port_id": port["id"],
            "network_id": world.known["net1"],
            "subnet_id": subnet,
            "subnet_ids": [subnet],
        }
    assert outcome(cloud.demo, "GET", f"/ports/{port['id']}") == (404, "PortNotFound")


def test_ipv6_subnets_of_a_network_share_a_port(cloud: Cloud, world: World) -> None:
    """N-RTR-010: one by one they leave it again; IPv4 and other networks have ports of their own."""
    second = make(cloud.demo, "subnet", network_id=world.known["net1"], ip_version=6, cidr="fd00:203::/64")["id"]
    plugged = {}
    for name in ("v6_1", "v4_1", "v6_2"):
        body = {"subnet_id": world.known[name]}
        plugged[name] = cloud.demo.network("PUT", world.path("/add_router_interface"), json=body).json()["port_id"]
    extended = cloud.demo.network("PUT", world.path("/add_router_interface"), json={"subnet_id": second}).json()
    assert extended["port_id"] == plugged["v6_1"]
    assert len(set(plugged.values())) == 3
    addresses = [item["ip_address"] for item in show(cloud.demo, "port", plugged["v6_1"])["fixed_ips"]]
    assert addresses == ["fd00:201::", "fd00:203::"]  # the gateways, which Neutron puts first
    for subnet, remaining in ((world.known["v6_1"], 1), (second, 0)):
        body = {"subnet_id": subnet}
        assert outcome(cloud.demo, "PUT", world.path("/remove_router_interface"), body) == (200, "")
        items = listed(cloud.demo, "ports", f"?id={plugged['v6_1']}")
        assert [len(item["fixed_ips"]) for item in items] == ([remaining] if remaining else [])


def test_rights_to_change_interfaces(cloud: Cloud, world: World) -> None:
    body = {"subnet_id": world.known["v4_1"]}
    assert outcome(cloud.alt, "PUT", world.path("/add_router_interface"), body) == (404, "RouterNotFound")
    assert outcome(cloud.reader, "PUT", world.path("/add_router_interface"), body) == (403, "PolicyNotAuthorized")
    assert outcome(cloud.admin, "PUT", world.path("/add_router_interface"), body) == (200, "")
    [port] = listed(cloud.demo, "ports", "?device_owner=network:router_interface")
    assert port["project_id"] == cloud.demo.project_id
