"""The values that each caller may choose for a port: groups, bindings, addresses, owners and tags."""

from typing import Any

import pytest

from reference.tests.clouds import Cloud
from reference.tests.networking import Outcome, filled, listed, make, outcome
from reference.tests.port_world import World, make_world  # noqa: F401


@pytest.mark.parametrize("groups", [None, []])
def test_no_groups(cloud: Cloud, world: World, groups: object) -> None:
    """Null is an empty list, not the default group."""
    port = make(cloud.demo, "port", network_id=world.known["net"], security_groups=groups)
    assert port["security_groups"] == []
    other = make(cloud.demo, "port", network_id=world.known["net"])
    assert len(other["security_groups"]) == 1
    path = f"/ports/{other['id']}"
    assert cloud.demo.network("PUT", path, json={"port": {"security_groups": groups}}).json()["port"] == {
        **other,
        "security_groups": [],
        "revision_number": cloud.demo.network("GET", path).json()["port"]["revision_number"],
    }


def test_a_group_twice(cloud: Cloud, world: World) -> None:
    twice = [make(cloud.demo, "security_group", name="g")["id"]] * 2
    body = {"port": {"network_id": world.known["net"], "security_groups": twice}}
    assert outcome(cloud.demo, "POST", "/ports", body) == (400, "HTTPBadRequest")
    body = {"port": {"security_groups": twice}}
    assert outcome(cloud.demo, "PUT", f"/ports/{world.known['port']}", body) == (400, "HTTPBadRequest")


BINDINGS: list[tuple[dict[str, Any], Outcome, Outcome]] = [
    ({"binding:host_id": ""}, (403, "PolicyNotAuthorized"), (201, "")),
    ({"binding:host_id": None}, (403, "PolicyNotAuthorized"), (201, "")),
    ({"binding:host_id": "h"}, (403, "PolicyNotAuthorized"), (201, "")),
    ({"binding:profile": {}}, (403, "PolicyNotAuthorized"), (201, "")),
    ({"binding:profile": None}, (403, "PolicyNotAuthorized"), (201, "")),
    ({"binding:profile": []}, (400, "HTTPBadRequest"), (400, "HTTPBadRequest")),
    ({"binding:profile": "x"}, (400, "HTTPBadRequest"), (400, "HTTPBadRequest")),
    ({"binding:vnic_type": "normal"}, (201, ""), (201, "")),
    ({"allowed_address_pairs": []}, (201, ""), (201, "")),
    ({"allowed_address_pairs": None}, (201, ""), (201, "")),
]


@pytest.mark.parametrize(("values", "member", "admin"), BINDINGS)
def test_bindings(cloud: Cloud, world: World, values: dict[str, Any], member: Outcome, admin: Outcome) -> None:
    """N-PORT-004: only an administrator may name such an attribute, whatever its value."""
    for user, expected in ((cloud.demo, member), (cloud.admin, admin)):
        assert outcome(user, "POST", "/ports", {"port": {"network_id": world.known["net"], **values}}) == expected


CHOICES: list[dict[str, Any]] = [
    {"mac_address": "fa:16:3e:00:00:77"},
    {"fixed_ips": [{"ip_address": "10.200.0.77"}]},
    {"fixed_ips": [{"subnet_id": "$v4", "ip_address": "10.200.0.77"}]},
    {"device_owner": "network:x"},
]


@pytest.mark.parametrize("choice", CHOICES)
def test_choices_on_anothers_network(cloud: Cloud, world: World, choice: dict[str, Any]) -> None:
    """Only the network's owner may choose addresses, and device owners that are services of the network."""
    net, refused = world.known["net"], (403, "PolicyNotAuthorized")
    assert outcome(cloud.admin, "PUT", f"/networks/{net}", {"network": {"shared": True}}) == (200, "")
    body = filled({"network_id": net, **choice}, world.known)
    assert outcome(cloud.alt, "POST", "/ports", {"port": body}) == refused
    port = make(
        cloud.alt, "port", network_id=net, fixed_ips=[{"subnet_id": world.known["v4"]}], device_owner="compute:x"
    )
    changed = {"port": filled(choice, world.known)}
    assert outcome(cloud.alt, "PUT", f"/ports/{port['id']}", changed) == refused
    assert outcome(cloud.alt, "PUT", f"/ports/{port['id']}", {"port": {"name": "n"}}) == (200, "")
    assert outcome(cloud.alt, "DELETE", f"/ports/{port['id']}") == (204, "")  # a random address may be the chosen one
    assert outcome(cloud.demo, "POST", "/ports", {"port": body}) == (201, "")


def test_ports_of_others_on_ones_own_network(cloud: Cloud, world: World) -> None:
    """The network's owner may delete them, and not change them; nobody else may."""
    net = world.known["net"]
    assert outcome(cloud.admin, "PUT", f"/networks/{net}", {"network": {"shared": True}}) == (200, "")
    path = f"/ports/{make(cloud.alt, 'port', network_id=net)['id']}"
    assert outcome(cloud.demo, "PUT", path, {"port": {"name": "n"}}) == (403, "PolicyNotAuthorized")
    assert outcome(cloud.reader, "DELETE", path) == (403, "PolicyNotAuthorized")
    assert outcome(cloud.alt, "DELETE", f"/ports/{world.known['port']}") == (404, "PortNotFound")
    assert outcome(cloud.demo, "DELETE", path) == (204, "")


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        (["a", "b"], (201, "")),
        ([], (201, "")),
        (["a", "a"], (400, "HTTPBadRequest")),
        ([1], (400, "HTTPBadRequest")),
        ("a", (400, "HTTPBadRequest")),
        (None, (400, "HTTPBadRequest")),
    ],
)
def test_tags_at_creation(cloud: Cloud, world: World, tags: Any, expected: Outcome) -> None:
    body = {"network_id": world.known["net"], "tags": tags}
    assert outcome(cloud.demo, "POST", "/ports", {"port": body}) == expected
    assert outcome(cloud.demo, "POST", "/ports", {"ports": [body, body]}) == expected
    if expected[0] == 201:
        assert make(cloud.demo, "port", **body)["tags"] == tags
        assert len(listed(cloud.demo, "ports", "?tags=a,b")) == (4 if tags else 0)
    assert outcome(cloud.demo, "PUT", f"/ports/{world.known['port']}", {"port": {"tags": ["c"]}}) == (
        400,
        "HTTPBadRequest",
    )
