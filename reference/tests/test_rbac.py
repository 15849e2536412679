"""Sharing with one project or with all: what each user sees, and which policies cannot be deleted."""

from typing import Any

import pytest

from reference.tests.clouds import Cloud, User
from reference.tests.networking import listed, make, outcome, show

SHARED, EXTERNAL = "access_as_shared", "access_as_external"


def give(owner: User, kind: str, item: str, action: str, target: str) -> str:
    policy = make(owner, "rbac_policy", object_type=kind, object_id=item, action=action, target_tenant=target)
    assert set(policy) == {
        "id",
        "project_id",
        "tenant_id",
        "object_type",
        "object_id",
        "action",
        "target_tenant",
    }
    return str(policy["id"])


def default_external(cloud: Cloud) -> str:
    return str(listed(cloud.admin, "networks", "?is_default=true")[0]["id"])


@pytest.mark.parametrize(
    ("action", "target", "expected"),
    [
        # who asks -> whether it is seen, and then `shared` and `router:external`
        pytest.param(
            SHARED,
            "alt",
            {"demo": (False, False), "alt": (True, False), "admin": (False, False)},
            id="N-RBAC-007 shared with one",
        ),
        pytest.param(
            SHARED,
            "*",
            {"demo": (True, False), "alt": (True, False), "admin": (True, False)},
            id="N-NET-024 shared with all",
        ),
        pytest.param(
            SHARED, "c" * 32, {"demo": (False, False), "alt": None, "admin": (False, False)}, id="N-NET-021 not for alt"
        ),
        pytest.param(
            EXTERNAL,
            "alt",
            {"demo": (False, True), "alt": (False, True), "admin": (False, True)},
            id="N-RBAC-007 external for one",
        ),
        pytest.param(
            EXTERNAL,
            "*",
            {"demo": (False, True), "alt": (False, True), "admin": (False, True)},
            id="N-NET-022 external for all",
        ),
    ],
)
def test_seen_relative_to_the_caller(cloud: Cloud, action: str, target: str, expected: dict[str, Any]) -> None:
    network = make(cloud.demo, "network")["id"]
    give(cloud.admin, "network", network, action, cloud.alt.project_id if target == "alt" else target)
    for name, visible in expected.items():
        user: User = getattr(cloud, name)
        items = listed(user, "networks", f"?id={network}")
        assert [(element["shared"], element["router:external"]) for element in items] == (
            [visible] if visible else []
        ), name
        assert outcome(user, "GET", f"/networks/{network}")[0] == (200 if visible else 404)
        if visible:
            for flag, value in zip(("shared", "router:external"), visible, strict=True):
                assert len(listed(user, "networks", f"?id={network}&{flag}={value}")) == 1
                assert listed(user, "networks", f"?id={network}&{flag}={not value}") == []


def test_external_for_one_is_internal_for_another(cloud: Cloud) -> None:
    network = make(cloud.demo, "network")["id"]
    give(cloud.admin, "network", network, EXTERNAL, cloud.reader.project_id)
    give(cloud.admin, "network", network, SHARED, cloud.alt.project_id)
    assert show(cloud.alt, "network", network)["router:external"] is False
    body = {"router": {"external_gateway_info": {"network_id": network}}}
    assert outcome(cloud.alt, "POST", "/routers", body) == (400, "BadRequest")
    assert outcome(cloud.demo, "POST", "/routers", body) == (201, "")


def test_a_shared_network_and_its_subnets_can_be_used(cloud: Cloud) -> None:
    network = make(cloud.demo, "network")["id"]
    subnet = make(cloud.demo, "subnet", network_id=network, ip_version=4, cidr="10.200.0.0/24")["id"]
    assert outcome(cloud.alt, "POST", "/ports", {"port": {"network_id": network}}) == (404, "NetworkNotFound")
    entry = give(cloud.demo, "network", network, SHARED, cloud.alt.project_id)
    assert [element["id"] for element in listed(cloud.alt, "subnets", f"?network_id={network}&shared=true")] == [subnet]
    assert listed(cloud.demo, "subnets", f"?network_id={network}&shared=true") == []
    plain = {"network_id": network, "ip_version": 4, "cidr": "10.201.0.0/24"}
    assert outcome(cloud.alt, "POST", "/subnets", {"subnet": plain}) == (403, "PolicyNotAuthorized")
    port = make(cloud.alt, "port", network_id=network)["id"]
    path = f"/rbac-policies/{entry}"
    assert outcome(cloud.demo, "DELETE", path) == (409, "RbacPolicyInUse")
    other = {"rbac_policy": {"target_tenant": "a" * 32}}
    assert outcome(cloud.demo, "PUT", path, other) == (409, "RbacPolicyInUse")
    assert show(cloud.alt, "port", port)["network_id"] == network
    assert outcome(cloud.alt, "DELETE", f"/ports/{port}") == (204, "")
    assert outcome(cloud.demo, "PUT", path, other) == (200, "")
    assert outcome(cloud.alt, "GET", f"/networks/{network}") == (404, "NetworkNotFound")
    assert outcome(cloud.demo, "DELETE", path) == (204, "")
    assert outcome(cloud.demo, "DELETE", path) == (404, "RbacPolicyNotFound")


def test_another_entry_may_stand_in(cloud: Cloud) -> None:
    network = make(cloud.demo, "network")["id"]
    one = give(cloud.demo, "network", network, SHARED, cloud.alt.project_id)
    everyone = give(cloud.admin, "network", network, SHARED, "*")
    make(cloud.alt, "port", network_id=network)
    assert outcome(cloud.demo, "DELETE", f"/rbac-policies/{one}") == (204, "")
    assert outcome(cloud.admin, "DELETE", f"/rbac-policies/{everyone}") == (409, "RbacPolicyInUse")
    widened = {"network": {"shared": False}}
    assert outcome(cloud.admin, "PUT", f"/networks/{network}", widened) == (409, "InvalidSharedSetting")
    give(cloud.demo, "network", network, SHARED, cloud.alt.project_id)
    assert outcome(cloud.admin, "PUT", f"/networks/{network}", widened) == (200, "")


def test_external_in_use_by_a_router_or_a_floating_ip(cloud: Cloud) -> None:
    network = make(cloud.demo, "network")["id"]
    make(cloud.demo, "subnet", network_id=network, ip_version=4, cidr="10.202.0.0/24")
    entry = f"/rbac-policies/{give(cloud.admin, 'network', network, EXTERNAL, cloud.alt.project_id)}"
    router = make(cloud.alt, "router", external_gateway_info={"network_id": network})["id"]
    assert outcome(cloud.admin, "DELETE", entry) == (409, "RbacPolicyInUse")
    body = {"network": {"router:external": False}}
    assert outcome(cloud.admin, "PUT", f"/networks/{network}", body) == (409, "ExternalNetworkInUse")
    assert outcome(cloud.alt, "DELETE", f"/routers/{router}") == (204, "")
    floating = make(cloud.alt, "floatingip", floating_network_id=network)["id"]
    assert outcome(cloud.admin, "DELETE", entry) == (409, "RbacPolicyInUse")
    assert outcome(cloud.alt, "DELETE", f"/floatingips/{floating}") == (204, "")
    assert outcome(cloud.admin, "DELETE", entry) == (204, "")
    assert show(cloud.admin, "network", network)["router:external"] is False


def test_the_wildcard_of_the_default_external_network_stays(cloud: Cloud) -> None:
    """N-NET-015; once it is no default, the entry may go, and nobody else sees the network."""
    network = default_external(cloud)
    [entry] = listed(cloud.admin, "rbac-policies", f"?object_id={network}")
    assert (entry["action"], entry["target_tenant"], entry["object_type"]) == (EXTERNAL, "*", "network")
    path = f"/rbac-policies/{entry['id']}"
    assert outcome(cloud.admin, "DELETE", path) == (409, "RbacPolicyInUse")
    narrowed = {"rbac_policy": {"target_tenant": cloud.alt.project_id}}
    assert outcome(cloud.admin, "PUT", path, narrowed) == (409, "RbacPolicyInUse")
    assert show(cloud.alt, "network", network)["is_default"] is True
    assert outcome(cloud.admin, "PUT", f"/networks/{network}", {"network": {"is_default": False}}) == (200, "")
    assert outcome(cloud.admin, "DELETE", path) == (204, "")
    assert outcome(cloud.demo, "GET", f"/networks/{network}") == (404, "NetworkNotFound")


def test_a_default_that_is_external_to_nobody_is_no_default(cloud: Cloud) -> None:
    path = f"/networks/{default_external(cloud)}"
    cloud.admin.network("PUT", path, json={"network": {"is_default": False}})
    network = make(cloud.admin, "network")["id"]
    entry = give(cloud.admin, "network", network, EXTERNAL, cloud.alt.project_id)
    body = {"network": {"is_default": True}}
    assert outcome(cloud.admin, "PUT", f"/networks/{network}", body) == (200, "")
    assert outcome(cloud.admin, "PUT", path, body) == (409, "DefaultExternalNetworkExists")
    assert outcome(cloud.admin, "DELETE", f"/rbac-policies/{entry}") == (204, "")
    assert "is_default" not in show(cloud.admin, "network", network)
    assert outcome(cloud.admin, "PUT", path, body) == (200, "")


def test_pools(cloud: Cloud) -> None:
    """N-SP-008, N-RBAC-007, N-RBAC-008."""
    pool = make(cloud.demo, "subnetpool", name="p", prefixes=["10.203.0.0/16"], default_prefixlen=24)["id"]
    network = make(cloud.alt, "network")["id"]
    body = {"subnet": {"network_id": network, "ip_version": 4, "subnetpool_id": pool}}
    assert outcome(cloud.alt, "POST", "/subnets", body) == (404, "SubnetPoolNotFound")
    entry = give(cloud.demo, "subnetpool", pool, SHARED, cloud.alt.project_id)
    assert show(cloud.alt, "subnetpool", pool)["shared"] is True
    assert show(cloud.demo, "subnetpool", pool)["shared"] is False
    assert [len(listed(user, "subnetpools", f"?id={pool}&shared=true")) for user in (cloud.demo, cloud.alt)] == [0, 1]
    assert outcome(cloud.alt, "POST", "/subnets", body) == (201, "")
    assert outcome(cloud.demo, "DELETE", f"/rbac-policies/{entry}") == (409, "RbacPolicyInUse")
    assert outcome(cloud.demo, "DELETE", f"/subnetpools/{pool}") == (400, "SubnetPoolDeleteError")
    assert outcome(cloud.alt, "DELETE", f"/networks/{network}") == (204, "")
    assert outcome(cloud.demo, "DELETE", f"/subnetpools/{pool}") == (204, "")
    assert listed(cloud.demo, "rbac-policies") == []


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        pytest.param({"target_tenant": "*"}, (403, "PolicyNotAuthorized"), id="N-RBAC-002 for all, by a member"),
        pytest.param({"action": "access_as_owner"}, (400, "InvalidActionForType"), id="unknown action"),
        pytest.param({"object_type": "router"}, (400, "InvalidInput"), id="unknown kind"),
        pytest.param({"object_type": "subnetpool"}, (400, "InvalidInput"), id="no such pool"),
        pytest.param({"object_id": "00000000-0000-4000-8000-000000000000"}, (400, "InvalidInput"), id="no such object"),
        pytest.param({"object_id": "x"}, (400, "HTTPBadRequest"), id="no id"),
        *(
            pytest.param({"target_tenant": target}, (400, "InvalidInput"), id=f"a target that is none, {target!r}")
            for target in (None, "", "alt", "**", 7, "x" * 32)
        ),
        pytest.param({"target_tenant": "a" * 32}, (409, "DuplicateRbacPolicy"), id="twice"),
    ],
)
def test_refused(cloud: Cloud, changed: dict[str, Any], expected: tuple[int, str]) -> None:
    network = make(cloud.demo, "network")["id"]
    policy = {"object_type": "network", "object_id": network, "action": SHARED, "target_tenant": "a" * 32}
    make(cloud.demo, "rbac_policy", **policy)
    assert outcome(cloud.demo, "POST", "/rbac-policies", {"rbac_policy": {**policy, **changed}}) == expected
    assert len(listed(cloud.demo, "rbac-policies")) == 1


def test_visibility_of_entries(cloud: Cloud) -> None:
    network = make(cloud.demo, "network")["id"]
    entry = give(cloud.demo, "network", network, SHARED, cloud.alt.project_id)
    other = {"object_type": "network", "object_id": network, "action": SHARED, "target_tenant": "b" * 32}
    assert outcome(cloud.alt, "POST", "/rbac-policies", {"rbac_policy": other}) == (400, "InvalidInput")
    assert outcome(cloud.alt, "GET", f"/rbac-policies/{entry}") == (404, "RbacPolicyNotFound")
    assert listed(cloud.alt, "rbac-policies") == []
    assert len(listed(cloud.admin, "rbac-policies", f"?object_type=network&object_id={network}")) == 1
    assert listed(cloud.admin, "rbac-policies", f"?object_type=subnetpool&object_id={network}") == []
    assert outcome(cloud.demo, "DELETE", f"/networks/{network}") == (204, "")
    assert listed(cloud.demo, "rbac-policies") == []
