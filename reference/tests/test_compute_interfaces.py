"""os-interface: ports of a running server are shown, attached and detached."""

import uuid
from typing import Any

import pytest

from reference.compute.network_client import Networks
from reference.network.tables import routers
from reference.tests.clouds import Cloud
from reference.tests.computing import Compute, refusal

NOWHERE = str(uuid.UUID(int=7))


def attach(compute: Compute, item: str, version: str = "2.37", **expected: Any) -> Any:
    return compute("POST", f"/servers/{item}/os-interface", json={"interfaceAttachment": expected}, version=version)


def shown(compute: Compute, item: str, version: str = "2.37") -> list[dict[str, Any]]:
    interfaces: list[dict[str, Any]] = compute("GET", f"/servers/{item}/os-interface", version=version).json()[
        "interfaceAttachments"
    ]
    return interfaces


def test_shown_as_networking_has_them(compute: Compute) -> None:
    item = compute.active("auto")
    [port] = compute.ports(item)
    [interface] = shown(compute, item)
    assert interface == {
        "net_id": port["network_id"],
        "port_id": port["id"],
        "mac_addr": port["mac_address"],
        "port_state": "ACTIVE",
        "fixed_ips": port["fixed_ips"],
    }
    one = compute("GET", f"/servers/{item}/os-interface/{port['id']}").json()
    assert one == {"interfaceAttachment": interface}
    assert shown(compute, item, "2.70") == [interface | {"tag": None}]
    assert compute("GET", f"/servers/{item}/os-interface/{NOWHERE}").status_code == 404


def test_attach_and_detach(compute: Compute) -> None:
    item = compute.active("none")
    first, second = compute.network("a", "192.0.2.0/25"), compute.network("b", "192.0.2.128/25")
    interface = attach(compute, item, net_id=first, fixed_ips=[{"ip_address": "192.0.2.9"}])
    assert interface.status_code == 200, interface.text
    port = compute.port(second)
    assert attach(compute, item, version="2.49", port_id=port, tag="t").json()["interfaceAttachment"]["port_id"] == port
    assert compute.server(item)["addresses"]["a"][0]["addr"] == "192.0.2.9"
    assert list(compute.server(item)["addresses"]) == ["a", "b"]
    assert {entry["port_id"]: entry["tag"] for entry in shown(compute, item, "2.70")}[port] == "t"
    for entry in (interface.json()["interfaceAttachment"]["port_id"], port):
        assert compute("DELETE", f"/servers/{item}/os-interface/{entry}").status_code == 202
    assert shown(compute, item) == []
    assert compute("DELETE", f"/servers/{item}/os-interface/{port}").status_code == 202
    done = [
        entry["action"] for entry in compute("GET", f"/servers/{item}/os-instance-actions").json()["instanceActions"]
    ]
    assert done == ["detach_interface"] * 3 + ["attach_interface"] * 2 + ["create"]
    [remaining] = compute.user.network("GET", "/ports").json()["ports"]
    assert (remaining["id"], remaining["device_id"]) == (port, "")


def test_a_users_port_outlives_the_server(compute: Compute) -> None:
    item, port = compute.active("none"), compute.port(compute.network())
    assert attach(compute, item, port_id=port).status_code == 200
    assert attach(compute, item).status_code == 200
    compute("DELETE", f"/servers/{item}")
    compute.build()
    [remaining] = compute.user.network("GET", "/ports").json()["ports"]
    assert (remaining["id"], remaining["device_id"], remaining["device_owner"]) == (port, "", "")


def test_nothing_named(compute: Compute) -> None:
    item = compute.active("none")
    status, kind, message = refusal(attach(compute, item))
    assert (status, kind) == (400, "badRequest")
    assert "No specific network was requested" in message
    network = compute.network(cidr="192.0.2.0/25")
    empty = compute("POST", f"/servers/{item}/os-interface", json={})
    assert empty.json()["interfaceAttachment"]["net_id"] == network
    compute.network(cidr="192.0.2.128/25")
    status, kind, message = refusal(attach(compute, item))
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
def test_refused(compute: Compute, expected: dict[str, Any], status: int) -> None:
    item = compute.active("none")
    assert attach(compute, item, **expected).status_code == status
    assert shown(compute, item) == []


def test_refused_because_of_existing_objects(cloud: Cloud, compute: Compute) -> None:
    network = compute.network()
    item, port = compute.active("none"), compute.port(network)
    assert attach(compute, item, port_id=port).status_code == 200
    assert refusal(attach(compute, item, port_id=port))[:2] == (409, "conflictingRequest")
    taken = attach(compute, item, net_id=network, fixed_ips=compute.ports(item)[0]["fixed_ips"])
    assert taken.status_code == 400  # a client may not choose the subnet here
    held = [{"ip_address": compute.ports(item)[0]["fixed_ips"][0]["ip_address"]}]
    assert refusal(attach(compute, item, net_id=network, fixed_ips=held))[:2] == (409, "conflictingRequest")
    [external] = compute.user.network("GET", "/networks?router:external=true").json()["networks"]
    assert refusal(attach(compute, item, net_id=external["id"]))[:2] == (403, "forbidden")
    assert refusal(attach(compute, item, net_id=compute.network("bare", None)))[:2] == (400, "badRequest")
    assert refusal(attach(compute, item, port_id=compute.port(network, fixed_ips=[])))[:2] == (400, "badRequest")
    outside = [{"ip_address": "203.0.113.5"}]
    assert refusal(attach(compute, item, net_id=network, fixed_ips=outside))[:2] == (400, "badRequest")
    building = compute.booted("none")
    assert refusal(attach(compute, building))[:2] == (409, "conflictingRequest")
    compute("DELETE", f"/servers/{item}")
    assert refusal(attach(compute, item))[:2] == (409, "conflictingRequest")
    limits = {"quota": {"port": 2}}
    admin = Compute(cloud, cloud.admin)
    assert admin.user.network("PUT", f"/quotas/{compute.user.project_id}", json=limits).status_code == 200
    other = compute.active("none")
    assert refusal(attach(compute, other, net_id=network)) == (403, "forbidden", "Maximum number of ports exceeded")


@pytest.mark.parametrize("question", ["create_port", "update_port"])
def test_the_server_goes_while_its_port_is_asked_for(
    compute: Compute, monkeypatch: pytest.MonkeyPatch, question: str
) -> None:
    """No port of Compute's stays, and no port of the user's still names the server."""
    network = compute.network()
    port, item = compute.port(network), compute.active("none")
    real = getattr(Networks, question)

    def late(*arguments: Any) -> Any:
        monkeypatch.setattr(Networks, question, real)
        compute("DELETE", f"/servers/{item}")
        compute.build()
        return real(*arguments)

    monkeypatch.setattr(Networks, question, late)
    expected = {"net_id": network} if question == "create_port" else {"port_id": port}
    assert attach(compute, item, **expected).status_code == 404
    [remaining] = compute.user.network("GET", "/ports").json()["ports"]
    assert (remaining["id"], remaining["device_id"]) == (port, "")


def test_a_port_that_cannot_be_wired_is_not_attached(compute: Compute, monkeypatch: pytest.MonkeyPatch) -> None:
    network = compute.network()
    port, item = compute.port(network), compute.active("none")
    monkeypatch.setattr(Networks, "bind", lambda self, port, host: host is None)
    for expected in ({"net_id": network}, {"port_id": port}):
        assert refusal(attach(compute, item, **expected))[:2] == (500, "computeFault")
    [remaining] = compute.user.network("GET", "/ports").json()["ports"]
    assert (remaining["id"], remaining["device_id"]) == (port, "")


def test_a_port_that_networking_keeps_is_not_detached(compute: Compute) -> None:
    item = compute.active("none")
    router = compute.user.network("POST", "/routers", json={"router": {}}).json()["router"]["id"]
    renamed = routers.update().where(routers.c.id == router).values(id=item)  # Networking keeps the ports of a router
    compute.cloud.store.write(lambda tx: tx.execute(renamed))
    port = compute.port(compute.network(), device_id=item, device_owner="network:router_interface")
    answer = compute("DELETE", f"/servers/{item}/os-interface/{port}")
    assert refusal(answer)[:2] == (409, "conflictingRequest")
    assert "cannot be detached" in answer.text
    assert [entry["port_id"] for entry in shown(compute, item)] == [port]


def floating_ip(compute: Compute, port: str) -> dict[str, Any]:
    query = "/networks?router:external=true"
    external = compute.user.network("GET", query).json()["networks"][0]["id"]
    body = {"floatingip": {"floating_network_id": external, "port_id": port}}
    answer = compute.user.network("POST", "/floatingips", json=body)
    assert answer.status_code == 201, answer.text
    item: dict[str, Any] = answer.json()["floatingip"]
    return item


def test_a_floating_ip_is_one_of_the_addresses(compute: Compute) -> None:
    item = compute.active("auto")
    [port] = compute.ports(item)
    ip = floating_ip(compute, port["id"])
    [(name, addresses)] = compute.server(item)["addresses"].items()
    fixed = [fixed_ip["ip_address"] for fixed_ip in port["fixed_ips"]]
    assert [address["addr"] for address in addresses] == [*fixed, ip["floating_ip_address"]]
    assert addresses[-1] == {
        "version": 4,
        "addr": ip["floating_ip_address"],
        "OS-EXT-IPS:type": "floating",
        "OS-EXT-IPS-MAC:mac_addr": port["mac_address"],
    }
    for version in ("2.1", "2.47", "2.96"):
        assert compute.server(item, version)["addresses"] == {name: addresses}
    assert compute.servers()[0]["addresses"] == {name: addresses}
    short = [{"version": address["version"], "addr": address["addr"]} for address in addresses]
    assert compute("GET", f"/servers/{item}/ips").json() == {"addresses": {name: short}}
    assert compute("GET", f"/servers/{item}/ips/{name}").json() == {name: short}
    compute.user.network("DELETE", f"/floatingips/{ip['id']}")
    assert [address["addr"] for address in compute.server(item)["addresses"][name]] == fixed


def test_floating_ips_follow_all_fixed_addresses_of_their_network(compute: Compute) -> None:
    network = compute.user.network("GET", "/auto-allocated-topology/None").json()["auto_allocated_topology"]["id"]
    item = compute.active([{"uuid": network}, {"uuid": network}])
    for port in compute.ports(item):
        floating_ip(compute, port["id"])
    [addresses] = compute.server(item)["addresses"].values()
    assert [address["OS-EXT-IPS:type"] for address in addresses] == ["fixed"] * 4 + ["floating"] * 2
