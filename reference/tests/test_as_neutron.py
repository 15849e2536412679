"""Requests that Neutron refuses, and by which error, where its API reference does not say."""

from typing import Any

import pytest

from reference.tests.clouds import Cloud
from reference.tests.networking import Outcome, listed, make, outcome

TWICE = (409, "DuplicateSecurityGroupRuleInPost")


@pytest.mark.parametrize(
    ("mtu", "ipv6", "expected"),
    [
        (67, False, (409, "NetworkMTUSubnetConflict")),
        (68, False, (200, "")),
        (1279, True, (409, "NetworkMTUSubnetConflict")),
        (1280, True, (200, "")),
        (0, False, (409, "NetworkMTUSubnetConflict")),
    ],
)
def test_the_least_mtu_of_a_network_with_subnets(cloud: Cloud, mtu: int, ipv6: bool, expected: Outcome) -> None:
    network = make(cloud.demo, "network")["id"]
    make(cloud.demo, "subnet", network_id=network, ip_version=4, cidr="10.1.0.0/24")
    if ipv6:
        make(cloud.demo, "subnet", network_id=network, ip_version=6, cidr="fd00:1::/64")
    assert outcome(cloud.demo, "PUT", f"/networks/{network}", {"network": {"mtu": mtu}}) == expected


def test_no_subnet_on_a_network_of_a_smaller_mtu(cloud: Cloud) -> None:
    network = make(cloud.demo, "network", mtu=67)["id"]
    body = {"subnet": {"network_id": network, "ip_version": 4, "cidr": "10.1.0.0/24"}}
    assert outcome(cloud.demo, "POST", "/subnets", body) == (409, "NetworkMTUSubnetConflict")


@pytest.mark.parametrize(
    ("second", "expected"),
    [
        ({"protocol": "tcp"}, TWICE),
        ({"protocol": "6", "description": "d"}, TWICE),
        ({"protocol": "udp"}, (201, "")),
        ({"protocol": "udp", "port_range_min": 0, "port_range_max": 5}, (400, "SecurityGroupInvalidPortValue")),
        ({"security_group_id": "other"}, (400, "SecurityGroupNotSingleGroupRules")),
    ],
)
def test_several_rules_at_once(cloud: Cloud, second: dict[str, Any], expected: Outcome) -> None:
    group, other = (make(cloud.demo, "security_group", name=name)["id"] for name in "gh")
    rule = {"security_group_id": group, "direction": "ingress"}
    if "security_group_id" in second:
        second = {"security_group_id": other}
    before = len(listed(cloud.demo, "security-group-rules"))
    body = {"security_group_rules": [{**rule, "protocol": "tcp"}, {**rule, **second}]}
    assert outcome(cloud.demo, "POST", "/security-group-rules", body) == expected
    assert len(listed(cloud.demo, "security-group-rules")) == before + (2 if expected[0] == 201 else 0)


def test_a_quota_is_looked_at_before_the_objects_of_a_bulk(cloud: Cloud) -> None:
    outcome(cloud.admin, "PUT", f"/quotas/{cloud.demo.project_id}", {"quota": {"subnet": 1}})
    network = make(cloud.demo, "network")["id"]
    bodies = [{"network_id": network, "ip_version": 4, "cidr": cidr} for cidr in ("127.0.0.0/24", "10.2.0.0/24")]
    assert outcome(cloud.demo, "POST", "/subnets", {"subnets": bodies}) == (409, "OverQuota")
    assert outcome(cloud.demo, "POST", "/subnets", {"subnets": bodies[:1]}) == (400, "InvalidInput")


@pytest.mark.parametrize("method", ["POST", "PUT"])
@pytest.mark.parametrize(
    ("owner", "expected"), [("demo", (400, "InvalidInput")), ("alt", (404, "SubnetNotFound"))], ids=["seen", "hidden"]
)
def test_an_address_in_a_subnet_of_another_network(cloud: Cloud, method: str, owner: str, expected: Outcome) -> None:
    network = make(cloud.demo, "network")["id"]
    make(cloud.demo, "subnet", network_id=network, ip_version=4, cidr="10.1.0.0/24")
    user = getattr(cloud, owner)
    elsewhere = make(user, "subnet", network_id=make(user, "network")["id"], ip_version=4, cidr="10.2.0.0/24")["id"]
    fixed_ips = [{"subnet_id": elsewhere}]
    if method == "POST":
        body = {"port": {"network_id": network, "fixed_ips": fixed_ips}}
        assert outcome(cloud.demo, "POST", "/ports", body) == expected
    else:
        port = make(cloud.demo, "port", network_id=network)["id"]
        assert outcome(cloud.demo, "PUT", f"/ports/{port}", {"port": {"fixed_ips": fixed_ips}}) == expected


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("network", (200, "")),
        (" Network", (200, "")),
        ("qos_policy", (200, "")),
        ("x", (400, "InvalidInput")),
        ("", (400, "InvalidInput")),
    ],
)
def test_kinds_of_objects_that_are_shared(cloud: Cloud, kind: str, expected: Outcome) -> None:
    assert outcome(cloud.demo, "GET", f"/rbac-policies?object_type={kind}") == expected


def test_details_of_another_projects_quotas_are_for_admins(cloud: Cloud) -> None:
    path = f"/quotas/{cloud.alt.project_id}"
    assert outcome(cloud.demo, "GET", f"{path}/details") == (403, "AdminRequired")
    assert outcome(cloud.demo, "GET", path) == (403, "PolicyNotAuthorized")
    assert outcome(cloud.admin, "GET", f"{path}/details") == (200, "")


@pytest.mark.parametrize(
    ("singular", "value", "kind"),
    [
        ("network", {"mtu": 1 << 62}, "InvalidInput"),
        ("subnetpool", {"prefixes": ["10.3.0.0/16"], "default_prefixlen": 1 << 70}, "IllegalSubnetPoolPrefixBounds"),
    ],
)
def test_a_number_beyond_any_column_is_too_large(cloud: Cloud, singular: str, value: dict[str, Any], kind: str) -> None:
    body = {singular: {"name": "n", **value}}
    assert outcome(cloud.demo, "POST", f"/{singular}s", body) == (400, kind)


@pytest.mark.parametrize(("version", "number"), [("4", 1), ("5", 0), ("x", 0), ("", 0)])
def test_pools_of_an_ip_version(cloud: Cloud, version: str, number: int) -> None:
    assert len(listed(cloud.admin, "subnetpools", f"?ip_version={version}")) == number


def test_of_two_invalid_values_of_a_rule_its_port_is_named(cloud: Cloud) -> None:
    group = make(cloud.demo, "security_group", name="g")["id"]
    rule = {"security_group_id": group, "direction": "ingress", "port_range_min": "x", "description": "d" * 256}
    body = {"security_group_rule": rule}
    assert outcome(cloud.demo, "POST", "/security-group-rules", body) == (400, "SecurityGroupInvalidPortValue")
