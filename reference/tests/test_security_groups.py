"""Security groups: a project's default one, rules, and what keeps a group."""

from typing import Any

import pytest

from reference.tests.conftest import Cloud
from reference.tests.networking import Outcome, filled, listed, make, outcome


@pytest.mark.parametrize("query", ["", "?project_id=$demo", "?tenant_id=$demo", "?name=default"])
def test_looking_makes_the_default(cloud: Cloud, query: str) -> None:
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


def test_an_admin_looks_for_another(cloud: Cloud) -> None:
    found = listed(cloud.admin, "security-groups", f"?project_id={cloud.alt.project_id}")
    assert [(each["name"], each["project_id"]) for each in found] == [("default", cloud.alt.project_id)]
    assert listed(cloud.demo, "security-groups", "?project_id=another") == []
    assert listed(cloud.admin, "security-groups", "?project_id=another")[0]["name"] == "default"


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
        ({"direction": "ingress", "port_range_min": 65536}, (400, "HTTPBadRequest")),
        ({"direction": "up"}, (400, "HTTPBadRequest")),
        ({"direction": "ingress", "ethertype": "IPv5"}, (400, "HTTPBadRequest")),
        ({"direction": "ingress", "remote_ip_prefix": "x"}, (400, "HTTPBadRequest")),
        ({"direction": "ingress", "remote_group_id": "$foreign"}, (404, "SecurityGroupNotFound")),
        ({"direction": "ingress", "security_group_id": "$foreign"}, (404, "SecurityGroupNotFound")),
    ],
)
def test_rules(cloud: Cloud, rule: dict[str, Any], expected: Outcome) -> None:
    group = make(cloud.demo, "security_group", name="g")["id"]
    foreign = make(cloud.alt, "security_group", name="f")["id"]
    body = filled({"security_group_id": group, **rule}, {"foreign": foreign})
    assert outcome(cloud.demo, "POST", "/security-group-rules", {"security_group_rule": body}) == expected
    added = listed(cloud.demo, "security-group-rules", f"?security_group_id={group}&direction={rule['direction']}")
    usual = 2 if rule["direction"] == "egress" else 0
    assert len(added) == usual * (rule["direction"] != "up") + (expected[0] == 201)
