"""Limits: what they are, who sets them, and that nothing is made beyond them (N-QUOTA)."""

from typing import Any

import pytest

from reference.tests.clouds import Cloud
from reference.tests.networking import Outcome, filled, listed, make, outcome

USUAL = {
    "network": 100,
    "subnet": 100,
    "subnetpool": -1,
    "port": 500,
    "router": 10,
    "floatingip": 50,
    "rbac_policy": 10,
    "security_group": 10,
    "security_group_rule": 100,
}


def path(cloud: Cloud) -> str:
    return f"/quotas/{cloud.demo.project_id}"


def test_life(cloud: Cloud) -> None:
    """N-QUOTA-002, N-QUOTA-003, N-QUOTA-008."""
    assert cloud.demo.network("GET", path(cloud)).json() == {"quota": USUAL}
    assert cloud.admin.network("GET", "/quotas").json() == {"quotas": []}
    body = {"quota": {"network": 7, "port": -1}}
    changed = {**USUAL, "network": 7, "port": -1}
    answer = cloud.admin.network("PUT", path(cloud), json=body)
    assert (answer.status_code, answer.json()) == (200, {"quota": changed})
    assert cloud.demo.network("GET", path(cloud)).json() == {"quota": changed}
    assert cloud.demo.network("GET", f"{path(cloud)}/default").json() == {"quota": USUAL}
    owner = {"project_id": cloud.demo.project_id, "tenant_id": cloud.demo.project_id}
    assert cloud.admin.network("GET", "/quotas").json() == {"quotas": [{**changed, **owner}]}
    make(cloud.demo, "network")
    details = cloud.demo.network("GET", f"{path(cloud)}/details").json()["quota"]
    assert details["network"] == {"limit": 7, "used": 1, "reserved": 0}
    assert details["security_group_rule"]["used"] == 4
    assert outcome(cloud.admin, "DELETE", path(cloud)) == (204, "")
    assert outcome(cloud.admin, "DELETE", path(cloud)) == (404, "TenantQuotaNotFound")
    assert cloud.demo.network("GET", path(cloud)).json() == {"quota": USUAL}


@pytest.mark.parametrize(
    ("who", "method", "whose", "body", "expected"),
    [
        ("demo", "PUT", "own", {"quota": {"network": 1}}, (403, "PolicyNotAuthorized")),
        ("demo", "DELETE", "own", None, (403, "PolicyNotAuthorized")),
        ("demo", "GET", "another", None, (403, "PolicyNotAuthorized")),
        ("demo", "GET", "", None, (403, "PolicyNotAuthorized")),
        ("admin", "GET", "another", None, (200, "")),
        ("admin", "PUT", "own", {"quota": {"colour": 1}}, (400, "HTTPBadRequest")),
        ("admin", "PUT", "own", {"quota": {"network": -2}}, (400, "HTTPBadRequest")),
        ("admin", "PUT", "own", {"quota": {"network": "x"}}, (400, "InvalidInput")),
        ("admin", "PUT", "own", {"quota": {"network": None}}, (400, "InvalidInput")),
        ("admin", "PUT", "own", {"quota": {"network": " 7 "}}, (200, "")),
        ("admin", "PUT", "own", {"quota": {"network": 2**31}}, (400, "HTTPBadRequest")),
        ("admin", "PUT", "own", {}, (400, "HTTPBadRequest")),
        # N-QUOTA-004: below what is used only when forced
        ("admin", "PUT", "own", {"quota": {"network": 0}}, (400, "HTTPBadRequest")),
        # nothing but the very `true` forces it
        ("admin", "PUT", "own", {"quota": {"network": 0, "force": "True"}}, (400, "HTTPBadRequest")),
        ("admin", "PUT", "own", {"quota": {"network": 0, "force": 1}}, (400, "HTTPBadRequest")),
        ("admin", "PUT", "own", {"quota": {"network": 0, "force": None}}, (400, "HTTPBadRequest")),
        ("admin", "PUT", "own", {"quota": {"network": 0, "force": True}}, (200, "")),
        ("admin", "PUT", "own", {"quota": {"network": 0, "force": True, "check_limit": True}}, (200, "")),
        *(
            ("admin", "PUT", "own", {"quota": {"network": limit, "check_limit": check}}, expected)
            for check in (True, False, "maybe", None)
            for limit, expected in ((0, (400, "HTTPBadRequest")), (9, (200, "")))
        ),
        ("admin", "PUT", "own", {"quota": {"network": 1}}, (200, "")),
    ],
)
def test_rights_and_checks(cloud: Cloud, who: str, method: str, whose: str, body: Any, expected: Outcome) -> None:
    make(cloud.demo, "network")
    where = {"own": path(cloud), "another": "/quotas/another", "": "/quotas"}[whose]
    assert outcome(getattr(cloud, who), method, where, body) == expected


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        ("network", {}),
        ("subnet", {"network_id": "$net", "ip_version": 4, "cidr": "10.200.0.0/24"}),
        ("subnetpool", {"name": "p", "prefixes": ["10.200.0.0/16"]}),
        ("port", {"network_id": "$net"}),
        ("router", {}),
        ("floatingip", {"floating_network_id": "$external"}),
        ("security_group", {"name": "g"}),
        ("security_group_rule", {"security_group_id": "$group", "direction": "ingress"}),
        (
            "rbac_policy",
            {"object_type": "network", "object_id": "$net", "action": "access_as_shared", "target_tenant": "a" * 32},
        ),
    ],
)
def test_enforced(cloud: Cloud, kind: str, values: dict[str, Any]) -> None:
    """N-QUOTA-001: at the limit nothing more of it, and one more once there is room."""
    ids = {"net": make(cloud.demo, "network")["id"]}
    ids["external"] = listed(cloud.demo, "networks", "?is_default=true")[0]["id"]
    ids["group"] = listed(cloud.demo, "security-groups")[0]["id"]
    used = cloud.demo.network("GET", f"{path(cloud)}/details").json()["quota"][kind]["used"]
    body = {kind: filled(values, ids)}
    collection = {"rbac_policy": "rbac-policies"}.get(kind, f"{kind.replace('_', '-')}s")
    for limit, expected in ((used, (409, "OverQuota")), (used + 1, (201, "")), (used + 1, (409, "OverQuota"))):
        assert outcome(cloud.admin, "PUT", path(cloud), {"quota": {kind: limit}}) == (200, "")
        assert outcome(cloud.demo, "POST", f"/{collection}", body) == expected


def test_rules_of_new_groups_count(cloud: Cloud) -> None:
    """A new group has two rules, a project's default group four; without room for them no group is created."""
    listed(cloud.demo, "security-groups")
    assert outcome(cloud.admin, "PUT", path(cloud), {"quota": {"security_group_rule": 5}}) == (200, "")
    body = {"security_group": {"name": "g"}}
    assert outcome(cloud.demo, "POST", "/security-groups", body) == (409, "OverQuota")
    assert [item["name"] for item in listed(cloud.demo, "security-groups")] == ["default"]


@pytest.mark.parametrize("name", ["tenant", "project"])
def test_the_callers_project(cloud: Cloud, name: str) -> None:
    """Clients look up the project of a token in this way."""
    for user in (cloud.demo, cloud.alt, cloud.admin):
        assert user.network("GET", f"/quotas/{name}").json() == {name: {f"{name}_id": user.project_id}}
