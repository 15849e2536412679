"""OVN's northbound database beside what Neutron's API shows: the same cloud on both sides, and what differs named."""

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from openstack_cloud import cli, neutron_view, northbound
from openstack_cloud.settings import Settings

Cloud = dict[str, list[dict[str, Any]]]
GROUP = "5ec00000-0000-4000-8000-000000000001"


@pytest.fixture
def shown() -> Cloud:
    """A project's topology with a server that has a floating IP, as Neutron shows it to an administrator."""
    gateway = {"enable_snat": True, "external_fixed_ips": [{"subnet_id": "outer", "ip_address": "172.24.0.9"}]}
    return {
        "networks": [{"id": "public", "provider:physical_network": "wire"}, {"id": "inside"}],
        "subnets": [
            _subnet("outer", "172.24.0.0/16", "172.24.0.1", dhcp=False),
            _subnet("v4", "10.0.0.0/26", "10.0.0.1"),
            _subnet("v6", "fd00::/64", "fd00::1"),
        ],
        "ports": [
            _port("server", "inside", "compute:nova", "s", ("v4", "10.0.0.7"), ("v6", "fd00::7"), groups=[GROUP]),
            _port("metadata", "inside", "network:distributed", "ovnmeta-inside", ("v4", "10.0.0.2")),
            _port("inner", "inside", "network:router_interface", "router", ("v4", "10.0.0.1")),
            _port("gateway", "public", "network:router_gateway", "router", ("outer", "172.24.0.9")),
            _port("translated", "public", "network:floatingip", "floating", ("outer", "172.24.0.10")),
        ],
        "routers": [{"id": "router", "external_gateway_info": gateway, "routes": []}],
        "floatingips": [
            {
                "port_id": "server",
                "router_id": "router",
                "floating_ip_address": "172.24.0.10",
                "fixed_ip_address": "10.0.0.7",
            }
        ],
        "security-groups": [{"id": GROUP, "security_group_rules": [{"id": "rule"}]}],
    }


def _subnet(name: str, cidr: str, gateway: str, *, dhcp: bool = True) -> dict[str, Any]:
    version = 6 if ":" in cidr else 4
    own = {"id": name, "cidr": cidr, "gateway_ip": gateway, "enable_dhcp": dhcp}
    return {**own, "ip_version": version, "ipv6_address_mode": None}


def _port(
    name: str, network: str, owner: str, device: str, *fixed: tuple[str, str], groups: list[str] | None = None
) -> dict[str, Any]:
    ips = [{"subnet_id": subnet, "ip_address": ip} for subnet, ip in fixed]
    own = {"id": name, "network_id": network, "mac_address": f"mac-of-{name}", "fixed_ips": ips}
    return {**own, "device_owner": owner, "device_id": device, "security_groups": groups or []}


@pytest.fixture
def tables() -> Cloud:
    """The same in OVN, a set of one value as the bare value."""
    return {
        "Logical_Switch": [
            {"_uuid": 1, "name": "neutron-public", "ports": [11, 12]},
            {"_uuid": 2, "name": "neutron-inside", "ports": [21, 22, 23]},
        ],
        "Logical_Switch_Port": [
            _switch_port(11, "provnet-1", "localnet", "unknown", options={"network_name": "wire"}),
            _switch_port(12, "gateway", "router", "router"),
            _switch_port(21, "server", "", "mac-of-server fd00::7 10.0.0.7", dhcp=61),
            _switch_port(22, "metadata", "localport", "mac-of-metadata 10.0.0.2"),
            _switch_port(23, "inner", "router", "router"),
        ],
        "Logical_Router": [
            {"_uuid": 3, "name": "neutron-router", "ports": [31, 32], "nat": [41, 42], "static_routes": 51}
        ],
        "Logical_Router_Port": [
            {"_uuid": 31, "name": "lrp-inner", "mac": "mac-of-inner", "networks": "10.0.0.1/26"},
            {"_uuid": 32, "name": "lrp-gateway", "mac": "mac-of-gateway", "networks": "172.24.0.9/16"},
        ],
        "Logical_Router_Static_Route": [{"_uuid": 51, "ip_prefix": "0.0.0.0/0", "nexthop": "172.24.0.1"}],
        "NAT": [
            {"_uuid": 41, "type": "snat", "external_ip": "172.24.0.9", "logical_ip": "10.0.0.0/26"},
            {"_uuid": 42, "type": "dnat_and_snat", "external_ip": "172.24.0.10", "logical_ip": "10.0.0.7"},
        ],
        "DHCP_Options": [
            {"_uuid": 61, "cidr": "10.0.0.0/26", "external_ids": {"subnet_id": "v4"}},
            {"_uuid": 62, "cidr": "fd00::/64", "external_ids": {"subnet_id": "v6"}},
        ],
        "Port_Group": [
            {"_uuid": 7, "name": f"pg_{GROUP.replace('-', '_')}", "ports": 21, "acls": 71},
            {"_uuid": 8, "name": "neutron_pg_drop", "ports": 21, "acls": []},
        ],
        "ACL": [{"_uuid": 71, "external_ids": {"neutron:security_group_rule_id": "rule"}}],
    }


def _switch_port(
    uuid: int, name: str, kind: str, address: str, dhcp: int | None = None, options: dict[str, str] | None = None
) -> dict[str, Any]:
    served: Any = [] if dhcp is None else dhcp
    own = {"_uuid": uuid, "name": name, "type": kind, "addresses": address}
    return {**own, "options": options or {}, "dhcpv4_options": served}


def _found(tables: Cloud, shown: Cloud) -> list[str]:
    return neutron_view.differences(northbound.facts(tables), neutron_view.facts(shown))


def test_one_cloud_is_the_same_on_both_sides(tables: Cloud, shown: Cloud) -> None:
    assert _found(tables, shown) == []
    assert len({kind for kind, _ in neutron_view.facts(shown)}) == 12, "of every kind there is something to compare"


@pytest.mark.parametrize(
    ("table", "uuid", "column", "value", "kinds"),
    [
        ("Logical_Switch", 2, "name", "neutron-else", {"networks", "ports"}),
        ("Logical_Switch", 2, "ports", [21, 23], {"ports"}),
        ("Logical_Switch_Port", 21, "addresses", "mac-of-server 10.0.0.8 fd00::7", {"ports"}),
        ("Logical_Switch_Port", 22, "type", "", {"ports"}),
        ("Logical_Switch_Port", 21, "dhcpv4_options", [], {"DHCP of ports"}),
        ("Logical_Switch_Port", 11, "options", {"network_name": "else"}, {"ways to the wire"}),
        ("Logical_Router", 3, "name", "neutron-else", {"routers", "ports of routers", "NAT", "routes"}),
        ("Logical_Router", 3, "ports", [32], {"ports of routers"}),
        ("Logical_Router", 3, "static_routes", [], {"routes"}),
        ("Logical_Router_Port", 31, "networks", "10.0.0.1/24", {"ports of routers"}),
        ("NAT", 41, "external_ip", "172.24.0.11", {"NAT"}),
        ("NAT", 42, "logical_ip", "10.0.0.8", {"NAT"}),
        ("DHCP_Options", 62, "cidr", "fd00:1::/64", {"DHCP"}),
        ("Port_Group", 7, "ports", [], {"members"}),
        ("Port_Group", 7, "acls", [], {"rules"}),
    ],
)
def test_differences_in_the_database_are_named(
    tables: Cloud, shown: Cloud, table: str, uuid: int, column: str, value: Any, kinds: set[str]
) -> None:
    next(row for row in tables[table] if row["_uuid"] == uuid)[column] = value
    assert {line.partition(":")[0] for line in _found(tables, shown)} == kinds


@pytest.mark.parametrize("collection", ["networks", "ports", "routers", "floatingips", "security-groups"])
def test_objects_in_the_database_alone_are_named(tables: Cloud, shown: Cloud, collection: str) -> None:
    fewer = copy.deepcopy(shown)
    del fewer[collection][0]
    lines = _found(tables, fewer)
    assert lines
    assert {line.split(": ")[1] for line in lines} == {"only in OVN"}


def test_a_rule_that_translates_everything_is_one_for_each_subnet(tables: Cloud, shown: Cloud) -> None:
    tables["NAT"][0]["logical_ip"] = "0.0.0.0/0"
    assert _found(tables, shown) == []
    tables["Logical_Router"][0]["ports"] = [32]
    assert "NAT: only in Neutron: router snat 172.24.0.9 10.0.0.0/26" in _found(tables, shown)


def _without_snat(shown: Cloud) -> None:
    shown["routers"][0]["external_gateway_info"]["enable_snat"] = False


def _without_gateway(shown: Cloud) -> None:
    shown["routers"][0]["external_gateway_info"] = None


def _advertised(shown: Cloud) -> None:
    shown["subnets"][2]["ipv6_address_mode"] = "slaac"


def _without_dhcp(shown: Cloud) -> None:
    shown["subnets"][1]["enable_dhcp"] = False


@pytest.mark.parametrize(
    ("change", "kinds"),
    [
        (_without_snat, {"NAT"}),
        (_without_gateway, {"NAT"}),
        (_advertised, {"DHCP"}),
        (_without_dhcp, {"DHCP", "DHCP of ports"}),
    ],
)
def test_neutrons_settings_decide_what_ovn_has_to_hold(
    tables: Cloud, shown: Cloud, change: Callable[[Cloud], None], kinds: set[str]
) -> None:
    change(shown)
    lines = _found(tables, shown)
    assert {line.partition(":")[0] for line in lines} == kinds
    assert {line.split(": ")[1] for line in lines} == {"only in OVN"}


@pytest.mark.parametrize(("network", "code", "why"), [("agents", 3, "has no OVN"), ("ovn", 1, "not up: ")])
def test_only_an_ovn_that_is_up_is_compared(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], network: str, code: int, why: str
) -> None:
    Settings(tmp_path / "cloud", "2026.2", 15000, network=network).save()
    assert cli.main(["check", "--state", str(tmp_path / "cloud")]) == code
    out, error = capfd.readouterr()
    assert (out, error.count("\n")) == ("", 1)
    assert why in error


def test_values_of_the_protocol_become_plain() -> None:
    value = ["set", [["uuid", "a"], ["uuid", "b"]]]
    assert northbound.plain(value) == ["a", "b"]
    assert northbound.plain(["map", [["subnet_id", "x"]]]) == {"subnet_id": "x"}
    assert northbound.plain("neutron-x") == "neutron-x"
