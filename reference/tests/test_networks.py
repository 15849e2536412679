"""Networks, the one that is the default external network, and who may do what with them."""

from typing import Any

import pytest

from reference.tests.clouds import Cloud
from reference.tests.networking import Outcome, listed, make, outcome, show

EXTERNAL = {"router:external": True}
DEFAULT = {"router:external": True, "is_default": True}
FORBIDDEN = (403, "PolicyNotAuthorized")


def default(cloud: Cloud) -> str:
    return str(listed(cloud.admin, "networks", "?is_default=true")[0]["id"])


def put(cloud: Cloud, network: str, **values: Any) -> Outcome:
    return outcome(cloud.admin, "PUT", f"/networks/{network}", {"network": values})


def test_created(cloud: Cloud) -> None:
    """N-NET-012, N-NET-020, N-NET-036."""
    network = make(cloud.demo, "network", name="n")
    assert network == {
        "id": network["id"],
        "name": "n",
        "description": "",
        "revision_number": 0,
        "project_id": cloud.demo.project_id,
        "tenant_id": cloud.demo.project_id,
        "admin_state_up": True,
        "status": "ACTIVE",
        "shared": False,
        "router:external": False,
        "mtu": 1450,
        "subnets": [],
        "tags": [],
    }
    assert show(cloud.demo, "network", network["id"]) == network
    assert outcome(cloud.alt, "GET", f"/networks/{network['id']}") == (404, "NetworkNotFound")


@pytest.mark.parametrize(
    ("who", "body", "expected"),
    [
        pytest.param("demo", {"is_default": True}, FORBIDDEN, id="N-NET-008 is_default"),
        pytest.param(
            "demo", {"is_default": False, "shared": False, "router:external": False}, (201, ""), id="N-RBAC-006"
        ),
        pytest.param("demo", EXTERNAL, FORBIDDEN, id="N-NET-029 router:external"),
        pytest.param("demo", {"shared": True}, FORBIDDEN, id="N-RBAC-002 shared"),
        pytest.param("reader", {}, FORBIDDEN, id="N-RBAC-001 reader"),
        pytest.param("admin", DEFAULT, (409, "DefaultExternalNetworkExists"), id="N-NET-005 a second default"),
        pytest.param("admin", {"is_default": True}, (409, "DefaultExternalNetworkExists"), id="N-NET-011 internal"),
        pytest.param("admin", {"project_id": "another"}, (201, ""), id="N-NET-037 admin for another"),
        pytest.param("demo", {"tenant_id": "another"}, (400, "HTTPBadRequest"), id="N-NET-037 member for another"),
        pytest.param("demo", {"mtu": -1}, (400, "HTTPBadRequest"), id="mtu"),
        pytest.param("demo", {"mtu": 1450}, (201, ""), id="mtu, the most"),
        pytest.param("demo", {"mtu": 1451}, (400, "InvalidInput"), id="mtu, too big"),
        pytest.param("demo", {"is_default": "maybe"}, (400, "InvalidInput"), id="N-NET-017"),
    ],
)
def test_create_rights(cloud: Cloud, who: str, body: dict[str, Any], expected: Outcome) -> None:
    before = len(listed(cloud.admin, "networks"))
    assert outcome(getattr(cloud, who), "POST", "/networks", {"network": body}) == expected
    assert len(listed(cloud.admin, "networks")) == before + (expected[0] == 201)


@pytest.mark.parametrize(
    ("who", "whose", "body", "expected"),
    [
        pytest.param(
            "demo", "own", {"name": "m", "admin_state_up": False, "description": "d"}, (200, ""), id="N-NET-025"
        ),
        pytest.param("demo", "own", {"is_default": False}, FORBIDDEN, id="N-NET-009 own"),
        pytest.param("demo", "external", {"is_default": True}, FORBIDDEN, id="N-NET-009 visible"),
        pytest.param("demo", "own", {"shared": False}, FORBIDDEN, id="N-NET-025 shared"),
        pytest.param("demo", "own", {"router:external": False}, FORBIDDEN, id="N-NET-025 router:external"),
        pytest.param("demo", "external", {"name": "m"}, FORBIDDEN, id="N-NET-038 visible"),
        pytest.param("alt", "own", {"name": "m"}, (404, "NetworkNotFound"), id="N-NET-038 invisible"),
        pytest.param("admin", "own", {"is_default": True}, (200, ""), id="N-NET-010 internal"),
        pytest.param("reader", "own", {"name": "m"}, FORBIDDEN, id="N-RBAC-001 reader"),
    ],
)
def test_update_rights(cloud: Cloud, who: str, whose: str, body: dict[str, Any], expected: Outcome) -> None:
    network = make(cloud.demo, "network")["id"] if whose == "own" else default(cloud)
    before = show(cloud.demo, "network", network)
    assert outcome(getattr(cloud, who), "PUT", f"/networks/{network}", {"network": body}) == expected
    shown = {name: value for name, value in body.items() if name != "is_default"}
    shown["revision_number"] = before["revision_number"] + 1
    assert show(cloud.demo, "network", network) == ({**before, **shown} if expected[0] == 200 else before)


def test_the_default_is_moved_in_two_steps(cloud: Cloud) -> None:
    """N-NET-001 to N-NET-007, N-NET-016: it takes no `router:external`, and other updates leave the default alone."""
    first, second = default(cloud), make(cloud.admin, "network", **EXTERNAL)["id"]
    assert show(cloud.demo, "network", second)["is_default"] is False
    answer = cloud.admin.network("PUT", f"/networks/{second}", json={"network": {"is_default": True}})
    assert answer.json()["NeutronError"]["message"] == f"A default external network already exists: {first}."
    assert put(cloud, first, is_default=True) == (200, "")
    assert put(cloud, first, name="renamed", description="d") == (200, "")
    assert default(cloud) == first
    assert put(cloud, first, is_default=False) == (200, "")
    assert listed(cloud.demo, "networks", "?is_default=true") == []
    assert put(cloud, second, is_default=True) == (200, "")
    assert [item["id"] for item in listed(cloud.demo, "networks", "?is_default=true")] == [second]
    assert {item["id"] for item in listed(cloud.demo, "networks", "?is_default=false")} == {first}


def test_the_default_goes_with_being_external(cloud: Cloud) -> None:
    """N-NET-013, N-NET-014."""
    network = make(cloud.admin, "network", name="e", **EXTERNAL)["id"]
    put(cloud, default(cloud), is_default=False)
    put(cloud, network, is_default=True)
    router = make(cloud.demo, "router", external_gateway_info={"network_id": network})["id"]
    assert put(cloud, network, **{"router:external": False}) == (409, "ExternalNetworkInUse")
    assert show(cloud.demo, "network", network)["is_default"] is True
    assert outcome(cloud.demo, "DELETE", f"/routers/{router}") == (204, "")
    assert put(cloud, network, **{"router:external": False}) == (200, "")
    assert outcome(cloud.demo, "GET", f"/networks/{network}") == (404, "NetworkNotFound")
    assert put(cloud, network, **EXTERNAL) == (200, "")
    assert put(cloud, network, **EXTERNAL) == (200, "")
    assert show(cloud.demo, "network", network)["is_default"] is False
    assert len(listed(cloud.admin, "rbac-policies", f"?object_id={network}")) == 1


def test_delete(cloud: Cloud) -> None:
    """N-NET-026, N-NET-027."""
    network = make(cloud.demo, "network")["id"]
    subnet = make(cloud.demo, "subnet", network_id=network, ip_version=4, cidr="10.200.0.0/24")["id"]
    port = make(cloud.demo, "port", network_id=network)["id"]
    answer = cloud.demo.network("DELETE", f"/networks/{network}")
    problem = answer.json()["NeutronError"]
    assert (answer.status_code, problem["type"]) == (409, "NetworkInUse")
    assert "There are one or more ports still in use on the network" in problem["message"]
    assert port in problem["message"]
    assert outcome(cloud.demo, "DELETE", f"/ports/{port}") == (204, "")
    assert outcome(cloud.demo, "DELETE", f"/networks/{network}") == (204, "")
    for path in (f"/networks/{network}", f"/subnets/{subnet}"):
        assert outcome(cloud.demo, "GET", path)[0] == 404


def test_bulk_is_all_or_nothing(cloud: Cloud) -> None:
    """N-NET-028; a quota stops all of them as well."""
    answer = cloud.demo.network("POST", "/networks", json={"networks": [{"name": "a"}, {"network": {"name": "b"}}]})
    assert (answer.status_code, [item["name"] for item in answer.json()["networks"]]) == (201, ["a", "b"])
    query = f"?project_id={cloud.demo.project_id}"
    for bodies, expected in (
        ([{"name": "c"}, {"name": 1}], (400, "HTTPBadRequest")),
        ([{"name": "c"}, {"shared": True}], FORBIDDEN),
        ([], (400, "HTTPBadRequest")),
        ([{"name": "c"}] * 99, (409, "OverQuota")),
    ):
        assert outcome(cloud.demo, "POST", "/networks", {"networks": bodies}) == expected
        assert len(listed(cloud.demo, "networks", query)) == 2


@pytest.mark.parametrize("kind", ["network", "router", "security_group"])
@pytest.mark.parametrize("name", ["", "a b", "é", "日本", " a", "a ", " ", "a\tb", "a\nb", "a\u200b", "\u00a0a", "🤦"])
def test_names(cloud: Cloud, kind: str, name: str) -> None:
    """Printable, and no space at either end; but security groups take any text."""
    fine = kind == "security_group" or name in ("", "a b", "é", "日本")
    path = f"/{kind.replace('_', '-')}s"
    assert outcome(cloud.demo, "POST", path, {kind: {"name": name}}) == ((201, "") if fine else (400, "HTTPBadRequest"))
    n = make(cloud.demo, kind, name="n")["id"]
    assert outcome(cloud.demo, "PUT", f"{path}/{n}", {kind: {"name": name}}) == (
        (200, "") if fine else (400, "HTTPBadRequest")
    )


FLAGS: dict[bool | None, list[Any]] = {
    True: [True, 1, "1", "t", "T", "y", "yes", "on", "TRUE", " true "],
    False: [False, 0, "0", "f", "n", "No", "OFF", " 0 "],
    None: [None, "", "x", 2, -1, [], {}, "yess"],
}
NUMBERS: dict[int | str, list[Any]] = {
    1400: [1400, "1400", " 1400 ", "+1400", 1400.0, 1400.9, "\uff11400"],
    1450: [0, "0"],  # the default
    "InvalidInput": [None, "", "x", "1400.0", [], {}, "0x10", 65536],
    "HTTPBadRequest": [-1, 2**63, "-1"],
}


@pytest.mark.parametrize(("value", "expected"), [(value, key) for key, values in FLAGS.items() for value in values])
def test_flags(cloud: Cloud, value: object, expected: bool | None) -> None:
    """Every flag accepts the same words, in bodies and filters, and answers the same error for others."""
    answer = cloud.demo.network("POST", "/networks", json={"network": {"admin_state_up": value}})
    if expected is None:
        assert (answer.status_code, answer.json()["NeutronError"]["type"]) == (400, "InvalidInput")
    else:
        assert answer.json()["network"]["admin_state_up"] is expected
    for kind, name in (("network", "shared"), ("subnetpool", "is_default")):
        body = {"name": "p", "prefixes": ["192.0.2.0/24"]} if kind == "subnetpool" else {}
        status = outcome(cloud.demo, "POST", f"/{kind}s", {kind: {**body, name: value}})
        assert status == {None: (400, "InvalidInput"), True: (403, "PolicyNotAuthorized"), False: (201, "")}[expected]


@pytest.mark.parametrize(("value", "expected"), [(value, key) for key, values in NUMBERS.items() for value in values])
def test_numbers(cloud: Cloud, value: object, expected: int | str) -> None:
    """A number may come as a text or a fraction; 0 is the default."""
    network = make(cloud.demo, "network")["id"]
    for method, path in (("POST", "/networks"), ("PUT", f"/networks/{network}")):
        answer = cloud.demo.network(method, path, json={"network": {"mtu": value}})
        if isinstance(expected, str):
            assert (answer.status_code, answer.json()["NeutronError"]["type"]) == (400, expected)
        else:
            assert answer.json()["network"]["mtu"] == expected
