"""os-interface: ports of a running server, looked at, attached, detached."""

import uuid
from typing import Any

import pytest

from reference.compute.network_client import Networks
from reference.tests.computing import Desk, refusal
from reference.tests.conftest import Cloud

NOWHERE = str(uuid.UUID(int=7))


@pytest.fixture
def desk(cloud: Cloud) -> Desk:
    return Desk(cloud, cloud.demo)


def attach(desk: Desk, item: str, version: str = "2.37", **expected: Any) -> Any:
    return desk("POST", f"/servers/{item}/os-interface", json={"interfaceAttachment": expected}, version=version)


def shown(desk: Desk, item: str, version: str = "2.37") -> list[dict[str, Any]]:
    interfaces: list[dict[str, Any]] = desk("GET", f"/servers/{item}/os-interface", version=version).json()[
        "interfaceAttachments"
    ]
    return interfaces


def test_shown_as_networking_has_them(desk: Desk) -> None:
    item = desk.active("auto")
    [port] = desk.ports(item)
    [interface] = shown(desk, item)
    assert interface == {
        "net_id": port["network_id"],
        "port_id": port["id"],
        "mac_addr": port["mac_address"],
        "port_state": "ACTIVE",
        "fixed_ips": port["fixed_ips"],
    }
    one = desk("GET", f"/servers/{item}/os-interface/{port['id']}").json()
    assert one == {"interfaceAttachment": interface}
    assert shown(desk, item, "2.70") == [interface | {"tag": None}]
    assert desk("GET", f"/servers/{item}/os-interface/{NOWHERE}").status_code == 404


def test_attach_and_detach(desk: Desk) -> None:
    item = desk.active("none")
    first, second = desk.network("a", "192.0.2.0/25"), desk.network("b", "192.0.2.128/25")
    interface = attach(desk, item, net_id=first, fixed_ips=[{"ip_address": "192.0.2.9"}])
    assert interface.status_code == 200, interface.text
    port = desk.port(second)
    assert attach(desk, item, version="2.49", port_id=port, tag="t").json()["interfaceAttachment"]["port_id"] == port
    assert desk.server(item)["addresses"]["a"][0]["addr"] == "192.0.2.9"
    assert list(desk.server(item)["addresses"]) == ["a", "b"]
    assert {entry["port_id"]: entry["tag"] for entry in shown(desk, item, "2.70")}[port] == "t"
    for entry in (interface.json()["interfaceAttachment"]["port_id"], port):
        assert desk("DELETE", f"/servers/{item}/os-interface/{entry}").status_code == 202
    assert shown(desk, item) == []
    assert desk("DELETE", f"/servers/{item}/os-interface/{port}").status_code == 202
    done = [entry["action"] for entry in desk("GET", f"/servers/{item}/os-instance-actions").json()["instanceActions"]]
    assert done == ["detach_interface"] * 3 + ["attach_interface"] * 2 + ["create"]
    [remaining] = desk.user.network("GET", "/ports").json()["ports"]
    assert (remaining["id"], remaining["device_id"]) == (port, "")


def test_a_users_port_outlives_the_server(desk: Desk) -> None:
    item, port = desk.active("none"), desk.port(desk.network())
    assert attach(desk, item, port_id=port).status_code == 200
    assert attach(desk, item).status_code == 200
    desk("DELETE", f"/servers/{item}")
    desk.build()
    [remaining] = desk.user.network("GET", "/ports").json()["ports"]
    assert (remaining["id"], remaining["device_id"], remaining["device_owner"]) == (port, "", "")


def test_nothing_named(desk: Desk) -> None:
    item = desk.active("none")
    status, kind, message = refusal(attach(desk, item))
    assert (status, kind) == (400, "badRequest")
    assert "No specific network was requested" in message
    network = desk.network(cidr="192.0.2.0/25")
    empty = desk("POST", f"/servers/{item}/os-interface", json={})
    assert empty.json()["interfaceAttachment"]["net_id"] == network
    desk.network(cidr="192.0.2.128/25")
    status, kind, message = refusal(attach(desk, item))
    assert (status, kind) == (400, "badRequest")
    assert "Multiple possible networks found" in message


@pytest.mark.parametrize(
    ("expected", "status"),
    [
        ({"net_id": "auto"}, 400),
        ({"net_id": NOWHERE, "port_id": NOWHERE}, 400),
        ({"fixed_ips": [{"ip_address": "192.0.2.9"}]}, 400),
        ({"net_id": NOWHERE, "fixed_ips": []}, 400),
        ({"net_id": NOWHERE, "tag": "t"}, 400),
        ({"net_id": NOWHERE}, 404),
        ({"port_id": NOWHERE}, 404),
    ],
)
def test_refused(desk: Desk, expected: dict[str, Any], status: int) -> None:
    item = desk.active("none")
    assert attach(desk, item, **expected).status_code == status
    assert shown(desk, item) == []


def test_refused_for_what_is_there(cloud: Cloud, desk: Desk) -> None:
    network = desk.network()
    item, port = desk.active("none"), desk.port(network)
    assert attach(desk, item, port_id=port).status_code == 200
    assert refusal(attach(desk, item, port_id=port))[:2] == (409, "conflictingRequest")
    taken = attach(desk, item, net_id=network, fixed_ips=desk.ports(item)[0]["fixed_ips"])
    assert taken.status_code == 400  # a subnet is not for the client to say here
    held = [{"ip_address": desk.ports(item)[0]["fixed_ips"][0]["ip_address"]}]
    assert refusal(attach(desk, item, net_id=network, fixed_ips=held))[:2] == (409, "conflictingRequest")
    [external] = desk.user.network("GET", "/networks?router:external=true").json()["networks"]
    assert refusal(attach(desk, item, net_id=external["id"]))[:2] == (403, "forbidden")
    assert refusal(attach(desk, item, net_id=desk.network("bare", None)))[:2] == (400, "badRequest")
    assert refusal(attach(desk, item, port_id=desk.port(network, fixed_ips=[])))[:2] == (400, "badRequest")
    outside = [{"ip_address": "203.0.113.5"}]
    assert refusal(attach(desk, item, net_id=network, fixed_ips=outside))[:2] == (400, "badRequest")
    building = desk.booted("none")
    assert refusal(attach(desk, building))[:2] == (409, "conflictingRequest")
    desk("DELETE", f"/servers/{item}")
    assert refusal(attach(desk, item))[:2] == (409, "conflictingRequest")
    limits = {"quota": {"port": 2}}
    admin = Desk(cloud, cloud.admin)
    assert admin.user.network("PUT", f"/quotas/{desk.user.project_id}", json=limits).status_code == 200
    other = desk.active("none")
    assert refusal(attach(desk, other, net_id=network)) == (403, "forbidden", "Maximum number of ports exceeded")


@pytest.mark.parametrize("question", ["create_port", "update_port"])
def test_the_server_goes_while_its_port_is_asked_for(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, question: str
) -> None:
    """Neither a port of ours stays behind, nor one of the user's that still names the server."""
    network = desk.network()
    port, item = desk.port(network), desk.active("none")
    real = getattr(Networks, question)

    def late(*arguments: Any) -> Any:
        monkeypatch.setattr(Networks, question, real)
        desk("DELETE", f"/servers/{item}")
        desk.build()
        return real(*arguments)

    monkeypatch.setattr(Networks, question, late)
    expected = {"net_id": network} if question == "create_port" else {"port_id": port}
    assert attach(desk, item, **expected).status_code == 404
    [remaining] = desk.user.network("GET", "/ports").json()["ports"]
    assert (remaining["id"], remaining["device_id"]) == (port, "")


def test_a_port_that_cannot_be_wired_is_not_attached(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    network = desk.network()
    port, item = desk.port(network), desk.active("none")
    monkeypatch.setattr(Networks, "bind", lambda self, port, host: host is None)
    for expected in ({"net_id": network}, {"port_id": port}):
        assert refusal(attach(desk, item, **expected))[:2] == (500, "computeFault")
    [remaining] = desk.user.network("GET", "/ports").json()["ports"]
    assert (remaining["id"], remaining["device_id"]) == (port, "")


def test_a_port_that_networking_keeps_is_not_detached(desk: Desk) -> None:
    item = desk.active("none")
    port = desk.port(desk.network(), device_id=item, device_owner="network:router_interface")
    answer = desk("DELETE", f"/servers/{item}/os-interface/{port}")
    assert refusal(answer)[:2] == (409, "conflictingRequest")
    assert "cannot be detached" in answer.text
    assert [entry["port_id"] for entry in shown(desk, item)] == [port]


def floating_ip(desk: Desk, port: str) -> dict[str, Any]:
    query = "/networks?router:external=true"
    external = desk.user.network("GET", query).json()["networks"][0]["id"]
    body = {"floatingip": {"floating_network_id": external, "port_id": port}}
    answer = desk.user.network("POST", "/floatingips", json=body)
    assert answer.status_code == 201, answer.text
    item: dict[str, Any] = answer.json()["floatingip"]
    return item


def test_a_floating_ip_is_one_of_the_addresses(desk: Desk) -> None:
    item = desk.active("auto")
    [port] = desk.ports(item)
    ip = floating_ip(desk, port["id"])
    [(name, addresses)] = desk.server(item)["addresses"].items()
    fixed = [fixed_ip["ip_address"] for fixed_ip in port["fixed_ips"]]
    assert [address["addr"] for address in addresses] == [*fixed, ip["floating_ip_address"]]
    assert addresses[-1] == {
        "version": 4,
        "addr": ip["floating_ip_address"],
        "OS-EXT-IPS:type": "floating",
        "OS-EXT-IPS-MAC:mac_addr": port["mac_address"],
    }
    for version in ("2.1", "2.47", "2.96"):
        assert desk.server(item, version)["addresses"] == {name: addresses}
    assert desk.servers()[0]["addresses"] == {name: addresses}
    short = [{"version": address["version"], "addr": address["addr"]} for address in addresses]
    assert desk("GET", f"/servers/{item}/ips").json() == {"addresses": {name: short}}
    assert desk("GET", f"/servers/{item}/ips/{name}").json() == {name: short}
    desk.user.network("DELETE", f"/floatingips/{ip['id']}")
    assert [address["addr"] for address in desk.server(item)["addresses"][name]] == fixed


def test_floating_ips_follow_all_fixed_addresses_of_their_network(desk: Desk) -> None:
    network = desk.user.network("GET", "/auto-allocated-topology/None").json()["auto_allocated_topology"]["id"]
    item = desk.active([{"uuid": network}, {"uuid": network}])
    for port in desk.ports(item):
        floating_ip(desk, port["id"])
    [addresses] = desk.server(item)["addresses"].values()
    assert [address["OS-EXT-IPS:type"] for address in addresses] == ["fixed"] * 4 + ["floating"] * 2
