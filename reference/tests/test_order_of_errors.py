"""Which of several errors is answered, and under which name: the body first, then whether the object is there."""

import pytest

from reference.tests.clouds import Cloud
from reference.tests.networking import Body, Outcome, make, outcome

NOWHERE = "11111111-1111-1111-1111-111111111111"
INVALID, NO_NETWORK = (400, "HTTPBadRequest"), (404, "NetworkNotFound")


@pytest.mark.parametrize(
    ("path", "body", "expected"),
    [
        (f"/networks/{NOWHERE}", {"network": {"unknown": 1}}, INVALID),
        (f"/networks/{NOWHERE}", {"network": {"tenant_id": "x"}}, INVALID),
        (f"/networks/{NOWHERE}", {"network": {"name": 5}}, INVALID),
        (f"/networks/{NOWHERE}", {"network": None}, INVALID),
        (f"/networks/{NOWHERE}", {"network": {"name": "n"}, "networks": []}, INVALID),
        (f"/networks/{NOWHERE}", {"network": {"shared": True}}, NO_NETWORK),
        (f"/networks/{NOWHERE}", {"network": {"name": "n"}}, NO_NETWORK),
        (f"/networks/{NOWHERE}/tags", {"tags": "a"}, (400, "InvalidInput")),
        (f"/networks/{NOWHERE}/tags", {}, (400, "InvalidInput")),
        (f"/networks/{NOWHERE}/tags", {"tags": ["a"]}, NO_NETWORK),
        (f"/security-group-rules/{NOWHERE}", {"security_group_rule": {}}, (404, "SecurityGroupRuleNotFound")),
        (f"/routers/{NOWHERE}/add_router_interface", {}, (404, "RouterNotFound")),
        (f"/routers/{NOWHERE}/remove_router_interface", {"subnet_id": "x"}, (404, "RouterNotFound")),
        (f"/subnetpools/{NOWHERE}/add_prefixes", {}, (404, "SubnetPoolNotFound")),
        (f"/auto-allocated-topology/{NOWHERE}", {}, INVALID),
        (f"/auto-allocated-topology/{NOWHERE}", {"auto_allocated_topology": {}}, (403, "NotAuthorized")),
    ],
)
def test_an_error_in_the_body_is_answered_first(cloud: Cloud, path: str, body: Body, expected: Outcome) -> None:
    assert outcome(cloud.demo, "PUT", path, body) == expected


def test_prefixes_of_a_pool_that_is_only_seen_are_not_even_read(cloud: Cloud) -> None:
    pool = cloud.demo.network("GET", "/subnetpools").json()["subnetpools"][0]["id"]
    assert outcome(cloud.demo, "PUT", f"/subnetpools/{pool}/add_prefixes", {}) == (403, "PolicyNotAuthorized")


@pytest.mark.parametrize(
    ("attribute", "value", "expected"),
    [
        ("mtu", "x", (400, "InvalidInput")),
        ("mtu", None, (400, "InvalidInput")),
        ("mtu", -1, INVALID),
        ("admin_state_up", "x", (400, "InvalidInput")),
        ("name", 5, INVALID),
    ],
)
def test_a_value_of_another_type_is_another_error_than_one_that_is_not_allowed(
    cloud: Cloud, attribute: str, value: object, expected: Outcome
) -> None:
    assert outcome(cloud.demo, "POST", "/networks", {"network": {attribute: value}}) == expected


@pytest.mark.parametrize(("word", "up"), [("y", True), ("Y", True), (" yes ", True), ("n", False), ("off", False)])
def test_words_for_truth_values(cloud: Cloud, word: str, up: bool) -> None:
    assert make(cloud.demo, "network", admin_state_up=word)["admin_state_up"] is up


def test_floating_ips_have_no_name(cloud: Cloud) -> None:
    external = cloud.demo.network("GET", "/networks?router:external=true").json()["networks"][0]["id"]
    shown = make(cloud.demo, "floatingip", floating_network_id=external)
    assert "name" not in shown
    assert shown["description"] == ""
