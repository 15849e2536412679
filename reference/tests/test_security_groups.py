"""Security groups: a project's default one, rules, and what keeps a group."""

import uuid
from typing import Any

import pytest

from reference.tests.clouds import Cloud
from reference.tests.networking import Outcome, filled, listed, make, outcome

PORTS_ALONE = {"port_range_min": 1, "port_range_max": 2}  # ports without a protocol


@pytest.mark.parametrize("query", ["", "?project_id=$demo", "?tenant_id=$demo", "?name=default"])
def test_listing_groups_creates_the_default_group(cloud: Cloud, query: str) -> None:
    """N-PORT-011, N-PORT-012."""
    for _ in range(2):
        [group] = listed(cloud.demo, "security-groups", filled(query, {"demo": cloud.demo.project_id}))
        assert (group["name"], group["project_id"]) == ("default", cloud.demo.project_id)
        rules = {(r["direction"], r["ethertype"], r["remote_group_id"]) for r in group["security_group_rules"]}
        own = group["id"]
        assert rules == {
            ("egress", "IPv4", None),
            ("egress", "IPv6", None),
            ("ingress", "IPv4", own),
            ("ingress", "IPv6", own),
        }


def test_listing_rules_creates_the_default_group(cloud: Cloud) -> None:
    assert len(listed(cloud.demo, "security-group-rules")) == 4


def test_an_admin_lists_groups_of_another_project(cloud: Cloud) -> None:
    items = listed(cloud.admin, "security-groups", f"?project_id={cloud.alt.project_id}")
    assert [(item["name"], item["project_id"]) for item in items] == [("default", cloud.alt.project_id)]
    assert listed(cloud.demo, "security-groups", "?project_id=another") == []
    assert listed(cloud.admin, "security-groups", "?project_id=another")[0]["name"] == "default"


def test_a_group_needs_no_name(cloud: Cloud) -> None:
    assert make(cloud.demo, "security_group")["name"] == ""


def test_delete(cloud: Cloud) -> None:
    """N-PORT-013; a group on a port stays."""
    [default] = listed(cloud.demo, "security-groups")
    path = f"/security-groups/{default['id']}"
    assert outcome(cloud.demo, "DELETE", path) == (409, "SecurityGroupCannotRemoveDefault")
    group = make(cloud.demo, "security_group", name="g")["id"]
    network = make(cloud.demo, "network")["id"]
    port = make(cloud.demo, "port", network_id=network, security_groups=[group])["id"]
    assert outcome(cloud.demo, "DELETE", f"/security-groups/{group}") == (409, "SecurityGroupInUse")
    assert outcome(cloud.demo, "PUT", f"/ports/{port}", {"port": {"security_groups": []}}) == (200, "")
    assert outcome(cloud.demo, "DELETE", f"/security-groups/{group}") == (204, "")
    assert outcome(cloud.admin, "DELETE", path) == (204, "")


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ({"direction": "ingress"}, (201, "")),
        ({"direction": "egress", "ethertype": "IPv6", "remote_ip_prefix": "fd00::/8"}, (201, "")),
        ({"direction": "ingress", "protocol": "tcp", "port_range_min": 1, "port_range_max": 2}, (201, "")),
        (
            {"direction": "ingress", "protocol": "tcp", "port_range_min": 2, "port_range_max": 1},
            (400, "SecurityGroupInvalidPortRange"),
        ),
        ({"direction": "ingress", "port_range_min": 65536}, (400, "SecurityGroupInvalidPortValue")),
        ({"direction": "up"}, (400, "HTTPBadRequest")),
        ({"direction": "ingress", "ethertype": "IPv5"}, (400, "SecurityGroupRuleInvalidEtherType")),
        ({"direction": "ingress", "remote_ip_prefix": "x"}, (400, "InvalidCIDR")),
        ({"direction": "ingress", "ethertype": "IPv6", "remote_ip_prefix": "fd00::%1/64"}, (400, "InvalidCIDR")),
        ({"direction": "ingress", "remote_group_id": "$foreign"}, (404, "SecurityGroupNotFound")),
        ({"direction": "ingress", "security_group_id": "$foreign"}, (403, "PolicyNotAuthorized")),
        (
            {"direction": "ingress", "security_group_id": "$foreign", "protocol": "x-y"},
            (400, "SecurityGroupRuleInvalidProtocol"),
        ),
        ({"direction": "ingress", "security_group_id": "$foreign", **PORTS_ALONE}, (403, "PolicyNotAuthorized")),
        ({"direction": "ingress", "security_group_id": "$nobodys", **PORTS_ALONE}, (404, "SecurityGroupNotFound")),
    ],
)
def test_rules(cloud: Cloud, rule: dict[str, Any], expected: Outcome) -> None:
    group = make(cloud.demo, "security_group", name="g")["id"]
    foreign = make(cloud.alt, "security_group", name="f")["id"]
    body = filled({"security_group_id": group, **rule}, {"foreign": foreign, "nobodys": str(uuid.uuid4())})
    assert outcome(cloud.demo, "POST", "/security-group-rules", {"security_group_rule": body}) == expected
    added = listed(cloud.demo, "security-group-rules", f"?security_group_id={group}&direction={rule['direction']}")
    usual = 2 if rule["direction"] == "egress" else 0
    assert len(added) == usual * (rule["direction"] != "up") + (expected[0] == 201)


PORTS, RANGE = "SecurityGroupInvalidPortValue", "SecurityGroupInvalidPortRange"
PROTOCOL, CONFLICT = "SecurityGroupRuleInvalidProtocol", "SecurityGroupRuleParameterConflict"
NO_PORTS, ETHERTYPE = "SecurityGroupInvalidProtocolForPort", "SecurityGroupEthertypeConflictWithProtocol"
NO_PROTOCOLS: list[Any] = ["x", "", "256", 256, "-1", -1, "icmp6", " 6", "1.0", True, 6.5, []]
V6 = {"ethertype": "IPv6"}


def ports(low: object, high: object) -> dict[str, Any]:
    return {"port_range_min": low, "port_range_max": high}


# a rule, and its refusal, or what is shown of it instead of what was sent
MATCHES: list[tuple[dict[str, Any], str | dict[str, Any]]] = [
    *(({"protocol": name}, {}) for name in ("tcp", "udp", "6", "0", "255", "icmp", "sctp", "gre", "vrrp", "ah", "ip")),
    *(({"protocol": name}, {"protocol": shown}) for name, shown in ((6, "6"), ("TCP", "tcp"), ("any", None), (0, "0"))),
    *(({"protocol": name}, PROTOCOL) for name in NO_PROTOCOLS),
    ({"protocol": "icmp", **V6}, {"protocol": "ipv6-icmp"}),
    ({"protocol": "icmpv6", **V6}, {"protocol": "ipv6-icmp"}),
    ({"protocol": "1", **V6}, {"protocol": "58"}),
    *(({"protocol": name}, ETHERTYPE) for name in ("icmpv6", "ipv6-icmp", "58", "ipv6-frag", "44", "ipv6-route")),
    *(({"protocol": name, **ports(1, 2)}, {}) for name in ("tcp", "17", "dccp", "sctp", "udplite")),
    ({"protocol": "tcp", **ports("1", "2")}, ports(1, 2)),
    ({"protocol": "tcp", **ports(1, 65535)}, ports(None, None)),
    *(({"protocol": "tcp", **ports(*both)}, RANGE) for both in ((1, None), (None, 2), (2, 1))),
    *(
        ({"protocol": "tcp", **ports(*both)}, PORTS)
        for both in ((0, 9), (9, 0), (-1, 9), (1, 65536), ("x", 9), (1, ""))
    ),
    *((ports(*both), "SecurityGroupProtocolRequiredWithPorts") for both in ((1, 2), (1, None), (None, 2))),
    *(({"protocol": name, **ports(1, 2)}, NO_PORTS) for name in ("gre", "47", "vrrp", "0", "ip", "255")),
    *(({"protocol": "icmp", **ports(*both)}, {}) for both in ((8, 0), (8, 5), (0, None), (255, 255))),
    *(({"protocol": "icmp", **ports(*both)}, "SecurityGroupInvalidIcmpValue") for both in ((256, 0), (0, 256))),
    ({"protocol": "icmp", **ports(None, 2)}, "SecurityGroupMissingIcmpType"),
    ({"protocol": "ipv6-icmp", **V6, **ports(128, 0)}, {}),
    ({"remote_ip_prefix": "10.1.2.3"}, {"remote_ip_prefix": "10.1.2.3/32"}),
    ({"remote_ip_prefix": ""}, {"remote_ip_prefix": None}),
    ({"remote_ip_prefix": "10.0.0.0/33"}, "InvalidCIDR"),
    ({"remote_ip_prefix": "10.0.0.0/8", **V6}, CONFLICT),
    ({"remote_ip_prefix": "fd00::/8"}, CONFLICT),
    ({"remote_ip_prefix": "::/0"}, CONFLICT),
    ({"ethertype": "ipv6"}, V6),
    ({"ethertype": None}, "SecurityGroupRuleInvalidEtherType"),
    ({"remote_ip_prefix": "10.0.0.0/8", "remote_group_id": "$group"}, "SecurityGroupMultipleRemoteEntites"),
]


@pytest.mark.parametrize(("match", "expected"), MATCHES)
def test_what_a_rule_matches(cloud: Cloud, match: dict[str, Any], expected: str | dict[str, Any]) -> None:
    """Protocols by name or number, ports with some of them, types of ICMP, prefixes of the rule's own IP version."""
    group = make(cloud.demo, "security_group", name="g")["id"]
    rule = filled({"security_group_id": group, "direction": "ingress", **match}, {"group": group})
    answer = cloud.demo.network("POST", "/security-group-rules", json={"security_group_rule": rule})
    if isinstance(expected, str):
        assert (answer.status_code, answer.json()["NeutronError"]["type"]) == (400, expected)
    else:
        shown = answer.json()["security_group_rule"]
        assert {name: shown[name] for name in rule} == {**rule, **expected}


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        ({}, {}, True),
        ({}, {"description": "another"}, True),
        ({}, {"remote_ip_prefix": "0.0.0.0/0"}, True),
        ({}, V6, False),
        ({}, {"direction": "egress", "protocol": "tcp"}, False),
        ({"protocol": "tcp"}, {"protocol": "6"}, True),
        ({"protocol": "tcp"}, {"protocol": "TCP"}, True),
        ({"protocol": "tcp"}, {"protocol": "udp"}, False),
        ({"protocol": "icmp", **V6}, {"protocol": "58", **V6}, True),
        ({"protocol": "tcp"}, {"protocol": "tcp", **ports(1, 65535)}, True),
        ({"protocol": "tcp", **ports(1, 2)}, {"protocol": "tcp", **ports(1, 3)}, False),
        ({"remote_ip_prefix": "10.1.2.3"}, {"remote_ip_prefix": "10.1.2.3/32"}, True),
        ({"remote_group_id": "$group"}, {}, False),
    ],
)
def test_the_same_rule_twice(cloud: Cloud, first: dict[str, Any], second: dict[str, Any], same: bool) -> None:
    group = make(cloud.demo, "security_group", name="g")["id"]
    both = [filled({"security_group_id": group, "direction": "ingress", **rule}, {"group": group})
            for rule in (first, second)]  # fmt: skip
    make(cloud.demo, "security_group_rule", **both[0])
    outcome_of_second = outcome(cloud.demo, "POST", "/security-group-rules", {"security_group_rule": both[1]})
    assert outcome_of_second == ((409, "SecurityGroupRuleExists") if same else (201, ""))
    bulk = {"security_group_rules": both}
    kind = "DuplicateSecurityGroupRuleInPost" if same else "SecurityGroupRuleExists"
    assert outcome(cloud.demo, "POST", "/security-group-rules", bulk) == (409, kind)


@pytest.mark.parametrize("name", ["default", "Default", "DEFAULT"])
def test_there_is_one_default(cloud: Cloud, name: str) -> None:
    """No other group may have its name, and it cannot be renamed; its description may change."""
    exists = (409, "SecurityGroupDefaultAlreadyExists")
    assert outcome(cloud.demo, "POST", "/security-groups", {"security_group": {"name": name}}) == exists
    other = f"/security-groups/{make(cloud.demo, 'security_group', name='g')['id']}"
    assert outcome(cloud.demo, "PUT", other, {"security_group": {"name": name}}) == exists
    [default] = listed(cloud.demo, "security-groups", "?name=default")
    path = f"/security-groups/{default['id']}"
    for user in (cloud.demo, cloud.admin):
        renamed = outcome(user, "PUT", path, {"security_group": {"name": "other"}})
        assert renamed == (409, "SecurityGroupCannotUpdateDefault")
    assert outcome(cloud.demo, "PUT", path, {"security_group": {"description": "d"}}) == (200, "")


def test_rules_belong_to_who_owns_their_group(cloud: Cloud) -> None:
    group = make(cloud.demo, "security_group", name="g")["id"]
    rule = make(cloud.admin, "security_group_rule", security_group_id=group, direction="ingress")
    assert rule["project_id"] == cloud.admin.project_id
    path = f"/security-group-rules/{rule['id']}"
    assert rule in listed(cloud.demo, "security-group-rules")
    assert outcome(cloud.alt, "GET", path) == (404, "SecurityGroupRuleNotFound")
    assert outcome(cloud.demo, "DELETE", path) == (204, "")


@pytest.mark.parametrize("change", [{"security_group_id": "x"}, {"security_group_id": ""}, {"remote_group_id": "x"}])
def test_a_group_that_is_no_id_is_not_found(cloud: Cloud, change: dict[str, str]) -> None:
    group = make(cloud.demo, "security_group", name="g")["id"]
    body = {"security_group_rule": {"security_group_id": group, "direction": "ingress", **change}}
    assert outcome(cloud.demo, "POST", "/security-group-rules", body) == (404, "SecurityGroupNotFound")


def test_filters_of_rules(cloud: Cloud) -> None:
    """Filters accept the same values as bodies."""
    group = make(cloud.demo, "security_group", name="g")["id"]
    rule = {"security_group_id": group, "direction": "ingress", "protocol": "tcp", **ports(22, 22)}
    created = make(cloud.demo, "security_group_rule", **rule, remote_ip_prefix="10.1.2.3")
    query = "ethertype=ipv4&protocol=TCP&port_range_min=22&remote_ip_prefix=10.1.2.3"
    assert listed(cloud.demo, "security-group-rules", f"?security_group_id={group}&{query}") == [created]
    for query in ("ethertype=x", "protocol=x", "port_range_min=x", "remote_ip_prefix=x"):
        assert outcome(cloud.demo, "GET", f"/security-group-rules?{query}")[0] == 400
