"""Ports: addresses, MAC addresses, binding, groups, and who sees and changes what."""

from typing import Any

import pytest

from reference.tests.clouds import Cloud
from reference.tests.networking import Outcome, filled, listed, make, outcome, show
from reference.tests.port_world import MAC, NOTHING, World, make_world  # noqa: F401


def test_created(cloud: Cloud, world: World) -> None:
    """N-PORT-001, N-PORT-004, N-PORT-011."""
    port = make(cloud.demo, "port", network_id=world.known["net"])
    [group] = listed(cloud.demo, "security-groups", "?name=default")
    assert {item["subnet_id"] for item in port.pop("fixed_ips")} == {world.known["v4"], world.known["v6"]}
    assert port.pop("mac_address").startswith("fa:16:3e:")
    assert port == {
        "id": port["id"],
        "name": "",
        "description": "",
        "revision_number": 0,
        "project_id": cloud.demo.project_id,
        "tenant_id": cloud.demo.project_id,
        "network_id": world.known["net"],
        "status": "DOWN",
        "admin_state_up": True,
        "device_id": "",
        "device_owner": "",
        "security_groups": [group["id"]],
        "allowed_address_pairs": [],
        "binding:vnic_type": "normal",
        "tags": [],
    }
    shown = show(cloud.admin, "port", port["id"])
    assert {name for name in shown if name.startswith("binding:")} == {
        "binding:vnic_type",
        "binding:host_id",
        "binding:profile",
        "binding:vif_type",
        "binding:vif_details",
    }


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        pytest.param({"network_id": "$nothing"}, (404, "NetworkNotFound"), id="N-PORT-003 unknown network"),
        pytest.param({"network_id": "$hidden"}, (404, "NetworkNotFound"), id="N-PORT-003 invisible network"),
        pytest.param({"network_id": "$external"}, (403, "PolicyNotAuthorized"), id="N-PORT-014 external network"),
        pytest.param({"mac_address": MAC}, (409, "MacAddressInUse"), id="N-PORT-007 MAC in use"),
        pytest.param({"mac_address": "x"}, (400, "HTTPBadRequest"), id="no MAC"),
        pytest.param(
            {"fixed_ips": [{"ip_address": "10.200.0.9"}]}, (409, "IpAddressAlreadyAllocated"), id="N-PORT-007 in use"
        ),
        pytest.param(
            {"fixed_ips": [{"ip_address": "10.200.0.8"}, {"ip_address": "10.200.0.8"}]},
            (400, "HTTPBadRequest"),
            id="one address twice",
        ),
        *(
            pytest.param({"mac_address": mac}, (400, "HTTPBadRequest"), id=f"MAC {mac}")
            for mac in ("00:00:00:00:00:00", "FF-FF-FF-FF-FF-FF", "fa:16-3e:00:00:01", "fa16:3e00:0001")
        ),
        pytest.param(
            {"fixed_ips": [{"ip_address": "10.9.0.1"}]}, (400, "InvalidIpForNetwork"), id="N-PORT-007 outside"
        ),
        *(
            pytest.param(
                {"fixed_ips": [{"subnet_id": "$v4", "ip_address": address}]},
                (400, "InvalidIpForSubnet"),
                id=f"N-PORT-007 {title}",
            )
            for title, address in (
                ("outside", "10.9.0.1"),
                ("network", "10.200.0.0"),
                ("broadcast", "10.200.0.255"),
                ("IPv6", "fd00:200::5"),
            )
        ),
        pytest.param({"fixed_ips": [{"subnet_id": "$nothing"}]}, (404, "SubnetNotFound"), id="unknown subnet"),
        pytest.param({"fixed_ips": [{}]}, (400, "InvalidInput"), id="neither"),
        pytest.param({"fixed_ips": [{"x": 1}]}, (400, "InvalidInput"), id="neither, but something else"),
        pytest.param({"fixed_ips": [{"ip_address": "x"}]}, (400, "HTTPBadRequest"), id="no address"),
        pytest.param({"binding:host_id": "c1"}, (403, "PolicyNotAuthorized"), id="N-PORT-004 host"),
        pytest.param({"binding:profile": {"a": 1}}, (403, "PolicyNotAuthorized"), id="N-PORT-004 profile"),
        pytest.param({"security_groups": ["$group"]}, (404, "SecurityGroupNotFound"), id="another's group"),
        pytest.param(
            {"device_owner": "network:router_interface", "device_id": "$foreign"},
            (409, "DeviceIDNotOwnedByTenant"),
            id="N-PORT-016",
        ),
    ],
)
def test_create_refused(cloud: Cloud, world: World, values: dict[str, Any], expected: Outcome) -> None:
    before = listed(cloud.admin, "ports")
    body = {"port": filled({"network_id": "$net", **values}, world.known)}
    assert outcome(cloud.demo, "POST", "/ports", body) == expected
    assert listed(cloud.admin, "ports") == before


@pytest.mark.parametrize(
    ("values", "count"),
    [
        pytest.param({"fixed_ips": [{"subnet_id": "$v4"}] * 3}, 3, id="several of a subnet"),
        pytest.param({"fixed_ips": [{"ip_address": "fd00:200::5"}]}, 1, id="one of IPv6"),
        pytest.param({"fixed_ips": []}, 0, id="none"),
        pytest.param({"fixed_ips": [{"subnet_id": "$v4", "x": 1}]}, 1, id="and what nobody knows"),
        pytest.param({"device_owner": "network:router_interface", "device_id": "$router"}, 2, id="own router"),
        pytest.param({"fixed_ips": [{"subnet_id": "$v4", "ip_address": "10.200.0.1"}]}, 1, id="the gateway's"),
        pytest.param({"binding:vnic_type": "direct", "mac_address": "FA:16:3E:00:00:02"}, 2, id="what users may set"),
    ],
)
def test_addresses(cloud: Cloud, world: World, values: dict[str, Any], count: int) -> None:
    port = make(cloud.demo, "port", **filled({"network_id": "$net", **values}, world.known))
    assert len(port["fixed_ips"]) == count


@pytest.mark.parametrize(
    ("who", "changed", "expected"),
    [
        pytest.param("admin", {"mac_address": "fa:16:3e:00:00:09"}, (200, ""), id="N-PORT-002 MAC"),
        pytest.param("demo", {"mac_address": "fa:16:3e:00:00:09"}, (403, "PolicyNotAuthorized"), id="MAC by a member"),
        pytest.param("demo", {"mac_address": "x"}, (400, "HTTPBadRequest"), id="no MAC by a member"),
        pytest.param("admin", {"device_id": "d", "device_owner": "compute:nova"}, (200, ""), id="N-PORT-002 attach"),
        pytest.param("demo", {"device_id": "", "device_owner": ""}, (200, ""), id="N-PORT-006 detach"),
        pytest.param("demo", {"binding:host_id": "c1"}, (403, "PolicyNotAuthorized"), id="N-PORT-004"),
        pytest.param("demo", {"network_id": NOTHING}, (400, "HTTPBadRequest"), id="another network"),
        pytest.param(
            "demo",
            {"device_owner": "network:router_interface", "device_id": "$foreign"},
            (409, "DeviceIDNotOwnedByTenant"),
            id="N-PORT-016",
        ),
        pytest.param("alt", {"name": "n"}, (404, "PortNotFound"), id="another's"),
        pytest.param("reader", {"name": "n"}, (403, "PolicyNotAuthorized"), id="N-RBAC-001 reader"),
    ],
)
def test_update(cloud: Cloud, world: World, who: str, changed: dict[str, Any], expected: Outcome) -> None:
    path, before = f"/ports/{world.known['port']}", show(cloud.demo, "port", world.known["port"])
    body = filled(changed, world.known)
    assert outcome(getattr(cloud, who), "PUT", path, {"port": body}) == expected
    after = show(cloud.demo, "port", world.known["port"])
    status = {"status": "ACTIVE" if body.get("device_owner", "").startswith("compute:") else "DOWN"}
    changes = {**status, "revision_number": before["revision_number"] + 1}
    assert after == ({**before, **body, **changes} if expected[0] == 200 else before)


def test_addresses_are_kept_where_only_the_subnet_is_named(cloud: Cloud, world: World) -> None:
    path = f"/ports/{world.known['port']}"
    held = [{"subnet_id": world.known["v4"], "ip_address": "10.200.0.9"}]
    more = [{"subnet_id": world.known["v4"]}, {"subnet_id": world.known["v4"]}, {"subnet_id": world.known["v6"]}]
    assert outcome(cloud.demo, "PUT", path, {"port": {"fixed_ips": more}}) == (200, "")
    now = show(cloud.demo, "port", world.known["port"])["fixed_ips"]
    assert (len(now), held[0] in now) == (3, True)
    assert outcome(cloud.demo, "PUT", path, {"port": {"fixed_ips": more}}) == (200, "")
    assert show(cloud.demo, "port", world.known["port"])["fixed_ips"] == now
    clash = {"port": {"fixed_ips": [{"ip_address": "10.9.0.1"}]}}
    assert outcome(cloud.demo, "PUT", path, clash) == (400, "InvalidIpForNetwork")
    assert show(cloud.demo, "port", world.known["port"])["fixed_ips"] == now
    assert outcome(cloud.demo, "PUT", path, {"port": {"fixed_ips": []}}) == (200, "")
    assert make(cloud.demo, "port", network_id=world.known["net"], fixed_ips=held)["fixed_ips"] == held


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("device_id=d", 1),
        ("device_id=", 1),
        ("device_owner=compute:nova", 1),
        ("network_id=$net", 2),
        (f"mac_address={MAC}", 1),
        ("fixed_ips=ip_address=10.200.0.9", 1),
        ("fixed_ips=subnet_id=$v4", 2),
        ("fixed_ips=subnet_id=$v4&fixed_ips=subnet_id=$v6", 2),
        ("fixed_ips=subnet_id=$v6&fixed_ips=ip_address=10.200.0.9", 0),
        ("status=ACTIVE", 1),
        ("id=$port", 1),
        ("project_id=x", 0),
        ("binding:host_id=c1", 1),
    ],
)
def test_filters(cloud: Cloud, world: World, query: str, expected: int) -> None:
    """N-PORT-005."""
    bound = {"binding:host_id": "c1", "device_id": "d", "device_owner": "compute:nova"}
    make(cloud.admin, "port", network_id=world.known["net"], project_id=cloud.demo.project_id, **bound)
    mine = f"network_id={world.known['net']}"
    assert len(listed(cloud.demo, "ports", f"?{mine}&{filled(query, world.known)}")) == expected
    assert outcome(cloud.demo, "GET", "/ports?fixed_ips=red") == (400, "InvalidInput")


def test_full(cloud: Cloud) -> None:
    """N-PORT-008: the last address is given, and given again when it is free."""
    network = make(cloud.demo, "network")["id"]
    make(cloud.demo, "subnet", network_id=network, ip_version=4, cidr="10.200.0.0/29")
    ports = [make(cloud.demo, "port", network_id=network)["id"] for _ in range(5)]
    body = {"port": {"network_id": network}}
    assert outcome(cloud.demo, "POST", "/ports", body) == (409, "IpAddressGenerationFailure")
    assert outcome(cloud.demo, "DELETE", f"/ports/{ports[0]}") == (204, "")
    assert outcome(cloud.demo, "DELETE", f"/ports/{ports[0]}") == (404, "PortNotFound")
    assert outcome(cloud.demo, "POST", "/ports", body) == (201, "")


@pytest.mark.parametrize("mac", ["fa-16-3e-00-00-77", "FA163E000077"])
def test_spellings_of_a_mac_address(cloud: Cloud, world: World, mac: str) -> None:
    port = make(cloud.demo, "port", network_id=world.known["net"], mac_address=mac)
    assert port["mac_address"] == "fa:16:3e:00:00:77"


def test_a_null_mac_address_is_a_random_one(cloud: Cloud, world: World) -> None:
    path = f"/ports/{world.known['port']}"
    assert outcome(cloud.admin, "PUT", path, {"port": {"mac_address": None}}) == (200, "")
    mac = show(cloud.demo, "port", world.known["port"])["mac_address"]
    assert mac.startswith("fa:16:3e:")
    assert mac != MAC


def test_a_port_of_a_router_that_is_not_there_can_be_deleted(cloud: Cloud, world: World) -> None:
    owned = {"network_id": world.known["net"], "device_owner": "network:router_interface"}
    for device, expected in ((NOTHING, (204, "")), (world.known["router"], (409, "ServicePortInUse"))):
        port = make(cloud.demo, "port", **owned, device_id=device)
        assert outcome(cloud.demo, "DELETE", f"/ports/{port['id']}") == expected


def test_network_without_subnets(cloud: Cloud) -> None:
    """N-PORT-003."""
    assert make(cloud.demo, "port", network_id=make(cloud.demo, "network")["id"])["fixed_ips"] == []


def test_who_sees(cloud: Cloud, world: World) -> None:
    """N-PORT-015: the owner of a network sees all ports on it; who shares it, its own."""
    shared = {"object_type": "network", "object_id": world.known["net"], "action": "access_as_shared"}
    make(cloud.demo, "rbac_policy", **shared, target_tenant=cloud.alt.project_id)
    theirs = make(cloud.alt, "port", network_id=world.known["net"])["id"]
    on = f"?network_id={world.known['net']}"
    assert {item["id"] for item in listed(cloud.demo, "ports", on)} == {world.known["port"], theirs}
    assert [item["id"] for item in listed(cloud.alt, "ports", on)] == [theirs]
    assert outcome(cloud.alt, "GET", f"/ports/{world.known['port']}") == (404, "PortNotFound")


def test_bulk_is_all_or_nothing(cloud: Cloud, world: World) -> None:
    good, bad = {"network_id": world.known["net"]}, {"network_id": world.known["net"], "mac_address": MAC}
    answer = cloud.demo.network("POST", "/ports", json={"ports": [good, good]})
    assert (answer.status_code, len(answer.json()["ports"])) == (201, 2)
    assert outcome(cloud.demo, "POST", "/ports", {"ports": [good, bad]}) == (409, "MacAddressInUse")
    assert len(listed(cloud.demo, "ports")) == 3
