"""How Networking refuses: bodies, ids, methods; what every answer carries (N-ERR), and what it says it can (N-EXT)."""

import re

import pytest

from reference.tests.clouds import Cloud
from reference.tests.networking import listed, make, outcome

BAD = (400, "HTTPBadRequest")


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        pytest.param("{", BAD, id="N-ERR-005 malformed"),
        pytest.param("", BAD, id="N-ERR-005 empty"),
        pytest.param("[]", BAD, id="N-ERR-005 a list"),
        pytest.param("null", BAD, id="N-ERR-005 null"),
        pytest.param(b"\xff", BAD, id="N-ERR-005 not text"),
        pytest.param("{}", BAD, id="N-ERR-006 no envelope"),
        pytest.param('{"network": null}', BAD, id="N-ERR-006 nothing in it"),
        pytest.param('{"network": []}', BAD, id="N-ERR-006 a list in it"),
        pytest.param('{"network": {"colour": "red"}}', BAD, id="N-ERR-007 unknown attribute"),
        pytest.param('{"network": {"id": "x"}}', BAD, id="N-ERR-009 read-only"),
        pytest.param('{"network": {"tags": ["x"]}}', BAD, id="N-ERR-009 tags"),
        pytest.param('{"network": {"name": 1}}', BAD, id="N-ERR-010 type"),
        pytest.param('{"network": {"name": "%s"}}' % ("x" * 256), BAD, id="N-ERR-010 length"),
        pytest.param('{"network": {"name": "a\\u0000b"}}', BAD, id="N-ERR-010 NUL"),
        pytest.param('{"network": {"name": "\\ud800"}}', BAD, id="N-ERR-010 half a character"),
        pytest.param('{"network": {"admin_state_up": "maybe"}}', (400, "InvalidInput"), id="N-ERR-010 conversion"),
        pytest.param('{"network": {"mtu": "\\ud800"}}', BAD, id="N-ERR-010 half a character, and no number"),
        pytest.param('{"network": {"mtu": 1e400}}', BAD, id="N-ERR-010 no number"),
        pytest.param('{"network": {"tenant_id": "a", "project_id": "b"}}', BAD, id="N-ERR-022 two owners"),
        pytest.param('{"network": {"project_id": ["a"]}}', BAD, id="owner of another type"),
        pytest.param('{"network": {"name": "\\u00e9\\u65e5"}}', (201, ""), id="any text of the basic plane"),
        pytest.param('{"network": {"name": "\\ud83d\\ude00"}}', BAD, id="N-ERR-010 beyond it"),
        pytest.param('{"network": {"description": "\\ud83d\\ude00"}}', (201, ""), id="any text where it is no name"),
    ],
)
def test_bodies(cloud: Cloud, content: str | bytes, expected: tuple[int, str]) -> None:
    before = len(listed(cloud.admin, "networks"))
    answer = cloud.demo.network("POST", "/networks", data=content)
    assert (answer.status_code, answer.json().get("NeutronError", {}).get("type", "")) == expected
    assert len(listed(cloud.admin, "networks")) == before + (expected[0] == 201)


@pytest.mark.parametrize(
    ("collection", "singular", "required"),
    [
        ("subnets", "subnet", "network_id"),
        ("subnetpools", "subnetpool", "name"),
        ("ports", "port", "network_id"),
        ("floatingips", "floatingip", "floating_network_id"),
        ("security-group-rules", "security_group_rule", "security_group_id"),
        ("rbac-policies", "rbac_policy", "object_type"),
    ],
)
def test_required(cloud: Cloud, collection: str, singular: str, required: str) -> None:
    """N-ERR-008."""
    answer = cloud.demo.network("POST", f"/{collection}", json={singular: {}})
    assert answer.status_code == 400
    text = f"Failed to parse request. Required attribute '{required}' not specified"
    assert answer.json() == {"NeutronError": {"type": "HTTPBadRequest", "message": text, "detail": ""}}


@pytest.mark.parametrize(
    ("collection", "singular", "kind"),
    [
        ("networks", "network", "NetworkNotFound"),
        ("subnets", "subnet", "SubnetNotFound"),
        ("subnetpools", "subnetpool", "SubnetPoolNotFound"),
        ("ports", "port", "PortNotFound"),
        ("routers", "router", "RouterNotFound"),
        ("floatingips", "floatingip", "FloatingIPNotFound"),
        ("security-groups", "security_group", "SecurityGroupNotFound"),
        ("rbac-policies", "rbac_policy", "RbacPolicyNotFound"),
    ],
)
def test_unknown_ids(cloud: Cloud, collection: str, singular: str, kind: str) -> None:
    """N-ERR-011, N-RTR-019: whatever the id looks like, it is not found; with a body in the DELETE it is a 400."""
    for item in ("x", "00000000-0000-4000-8000-000000000000", "a" * 300, "%F0%9F%98%80"):
        for method, body in (("GET", None), ("PUT", {singular: {}}), ("DELETE", None)):
            assert outcome(cloud.demo, method, f"/{collection}/{item}", body) == (404, kind), (method, item)
    assert outcome(cloud.demo, "DELETE", f"/{collection}/x", {}) == BAD
    assert outcome(cloud.demo, "GET", f"/{collection}/%00") == (404, "HTTPNotFound")  # no database can hold it


@pytest.mark.parametrize(
    ("method", "path", "expected"),
    [
        pytest.param("GET", "/colours", (404, "HTTPNotFound"), id="N-ERR-012 unknown collection"),
        pytest.param("PUT", "/networks", (405, "HTTPMethodNotAllowed"), id="N-ERR-016"),
        pytest.param("POST", "/networks/x", (405, "HTTPMethodNotAllowed"), id="N-ERR-016 POST to an item"),
        pytest.param("PATCH", "/networks/x", (405, "HTTPMethodNotAllowed"), id="N-ERR-016 PATCH"),
        pytest.param("GET", "/extensions/colours", (404, "HTTPNotFound"), id="N-EXT-004"),
        pytest.param("GET", "", (404, "HTTPNotFound"), id="N-EXT-002 without the slash"),
    ],
)
def test_paths(cloud: Cloud, method: str, path: str, expected: tuple[int, str]) -> None:
    assert outcome(cloud.demo, method, path) == expected


def test_every_answer(cloud: Cloud) -> None:
    """N-ERR-001, N-ERR-015, N-ERR-017 to N-ERR-019."""
    odd = {"Accept": "text/html", "Content-Type": "text/plain"}
    created = cloud.demo.network("POST", "/networks.json", data='{"network": {}}', headers=odd)
    path = f"/networks/{created.json()['network']['id']}.json"
    answers = [
        (created, 201),
        (cloud.demo.network("PUT", path, data='{"network": {"name": "m"}}', headers=odd), 200),
        (cloud.demo.network("GET", path, headers=odd), 200),
        (cloud.demo.network("DELETE", path), 204),
        (cloud.demo.network("GET", path), 404),
    ]
    for answer, status in answers:
        assert answer.status_code == status
        assert re.fullmatch(r"req-[0-9a-f-]{36}", answer.headers["x-openstack-request-id"])
        assert answer.content == b"" if status == 204 else answer.headers["Content-Type"] == "application/json"
    stranger = cloud.demo.network("GET", "/networks", headers={"X-Auth-Token": "x"})
    assert stranger.status_code == 401
    assert stranger.headers["WWW-Authenticate"].startswith("Keystone uri=")


def test_versions(cloud: Cloud) -> None:
    """N-EXT-001, N-EXT-002, N-EXT-010."""
    answer = cloud.demo("GET", "/network/", headers={"X-Auth-Token": ""})
    [version] = answer.json()["versions"]
    assert (answer.status_code, version["id"], version["status"]) == (200, "v2.0", "CURRENT")
    assert version["links"][0]["href"].endswith("/v2.0/")
    for resource in cloud.demo.network("GET", "/").json()["resources"]:
        path = resource["links"][0]["href"].split("/v2.0", 1)[1]
        assert resource["collection"] in cloud.demo.network("GET", path).json()


def test_extensions(cloud: Cloud) -> None:
    """N-EXT-003, N-EXT-005 to N-EXT-008: what one is advertised with is advertised, too."""
    extensions = {entry["alias"]: entry for entry in listed(cloud.demo, "extensions")}
    for alias, shown in extensions.items():
        assert set(shown) == {"name", "alias", "description", "updated", "links"}
        assert cloud.demo.network("GET", f"/extensions/{alias}").json() == {"extension": shown}
    feature = extensions["auto-allocated-topology"]
    assert feature["name"] == "Auto Allocated Topology Services"
    assert feature["updated"] == "2016-01-01T00:00:00-00:00"
    assert set(extensions) >= {"router", "subnet_allocation", "external-net", "default-subnetpools", "rbac-policies"}
    assert cloud.demo.network("GET", "/agents").json() == {"agents": []}
    network = make(cloud.demo, "network")
    assert {"mtu", "description", "tags", "project_id"} <= set(network)


def test_paths_with_a_slash_at_their_end(cloud: Cloud) -> None:
    network = cloud.demo.network("POST", "/networks/", json={"network": {"name": "n"}}).json()["network"]["id"]
    for path in ("/networks", f"/networks/{network}", f"/quotas/{cloud.demo.project_id}", "/extensions", "/ports.json"):
        expected = cloud.demo.network("GET", path).json()
        for slashes in ("/", "//"):
            answer = cloud.demo.network("GET", path + slashes)
            assert (answer.status_code, answer.json()) == (200, expected), path
    assert outcome(cloud.demo, "PUT", f"/networks/{network}/", {"network": {"name": "m"}}) == (200, "")
    assert outcome(cloud.demo, "GET", "/auto-allocated-topology/None/?fields=dry-run") == (200, "")
    assert outcome(cloud.demo, "DELETE", f"/networks/{network}/") == (204, "")


def test_no_service_providers(cloud: Cloud) -> None:
    for query in ("", "?service_type=VPN"):
        assert cloud.demo.network("GET", f"/service-providers{query}").json() == {"service_providers": []}
