"""Tags of every resource that has them: set, found by, and gone with what they are on."""

import pytest

from reference.tests.clouds import Cloud
from reference.tests.networking import listed, make, outcome, plural, show

KINDS = ("network", "subnetpool", "router", "security_group", "port", "subnet", "floatingip")


def made(cloud: Cloud, kind: str) -> str:
    network = make(cloud.demo, "network")["id"]
    needs: dict[str, dict[str, object]] = {
        "subnetpool": {"name": "p", "prefixes": ["10.200.0.0/16"]},
        "security_group": {"name": "g"},
        "port": {"network_id": network},
        "subnet": {"network_id": network, "ip_version": 4, "cidr": "10.9.0.0/24"},
        "floatingip": {"floating_network_id": listed(cloud.demo, "networks", "?is_default=true")[0]["id"]},
    }
    return str(make(cloud.demo, kind, **needs.get(kind, {}))["id"])


@pytest.mark.parametrize("kind", KINDS)
def test_of_every_kind(cloud: Cloud, kind: str) -> None:
    item = made(cloud, kind)
    collection = plural(kind).replace("_", "-")
    path = f"/{collection}/{item}"
    assert show(cloud.demo, kind, item)["tags"] == []
    answer = cloud.demo.network("PUT", f"{path}/tags", json={"tags": ["red", "blue"]})
    assert (answer.status_code, answer.json()) == (200, {"tags": ["red", "blue"]})
    assert outcome(cloud.demo, "PUT", f"{path}/tags/green") == (201, "")
    assert outcome(cloud.demo, "PUT", f"{path}/tags/green") == (201, "")
    assert cloud.demo.network("GET", f"{path}/tags").json() == {"tags": ["red", "blue", "green"]}
    assert outcome(cloud.demo, "GET", f"{path}/tags/green") == (204, "")
    assert [entry["id"] for entry in listed(cloud.demo, collection, "?tags=red,green")] == [item]
    assert outcome(cloud.demo, "DELETE", f"{path}/tags/green") == (204, "")
    assert outcome(cloud.demo, "DELETE", f"{path}/tags/green") == (404, "TagNotFound")
    assert outcome(cloud.demo, "GET", f"{path}/tags/green") == (404, "TagNotFound")
    assert outcome(cloud.demo, "DELETE", f"{path}/tags") == (204, "")
    assert show(cloud.demo, kind, item)["tags"] == []


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("tags=red", {"a", "ab"}),
        ("tags=red,blue", {"ab"}),
        ("tags-any=red,blue", {"a", "ab", "b"}),
        ("not-tags=red", {"b", "c"}),
        ("not-tags=red,blue", {"a", "b", "c"}),
        ("not-tags-any=red,blue", {"c"}),
        ("tags=Red", set()),
        ("tags=re", set()),
        ("tags=%25", set()),
        ('tags=d", "b', set()),
    ],
)
def test_found_by(cloud: Cloud, query: str, names: set[str]) -> None:
    for name, tags in (("a", ["red"]), ("ab", ["red", "blue"]), ("b", ["blue"]), ("c", [])):
        network = make(cloud.demo, "network", name=name)["id"]
        assert outcome(cloud.demo, "PUT", f"/networks/{network}/tags", {"tags": tags}) == (200, "")
    mine = f"project_id={cloud.demo.project_id}"
    assert {entry["name"] for entry in listed(cloud.demo, "networks", f"?{mine}&{query}")} == names


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({}, 400),
        ({"tags": "red"}, 400),
        ({"tags": [1]}, 400),
        ({"tags": [""]}, 400),
        ({"tags": ["a,b"]}, 400),
        ({"tags": ["x" * 256]}, 400),
        ({"tags": ["\u00e9\u4e2d"]}, 200),
    ],
)
def test_checked(cloud: Cloud, body: dict[str, object], expected: int) -> None:
    network = make(cloud.demo, "network")["id"]
    assert outcome(cloud.demo, "PUT", f"/networks/{network}/tags", body)[0] == expected


def test_of_others(cloud: Cloud) -> None:
    external = listed(cloud.demo, "networks", "?is_default=true")[0]["id"]
    mine = make(cloud.demo, "network")["id"]
    assert outcome(cloud.demo, "PUT", f"/networks/{external}/tags/red") == (403, "PolicyNotAuthorized")
    assert outcome(cloud.reader, "PUT", f"/networks/{mine}/tags/red") == (403, "PolicyNotAuthorized")
    assert outcome(cloud.alt, "GET", f"/networks/{mine}/tags") == (404, "NetworkNotFound")


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_one_in_a_path_is_not_too_long(cloud: Cloud, method: str) -> None:
    path = f"/networks/{make(cloud.demo, 'network')['id']}/tags/{'a' * 256}"
    assert outcome(cloud.demo, method, path) == (400, "InvalidInput")


def test_several_more_at_once(cloud: Cloud) -> None:
    """POST adds tags that are missing, and answers the tags of the request."""
    path = f"/networks/{make(cloud.demo, 'network')['id']}/tags"
    for tags in (["q", "r"], ["q", "s"]):
        answer = cloud.demo.network("POST", path, json={"tags": tags})
        assert (answer.status_code, answer.json()) == (200, {"tags": tags})
    assert cloud.demo.network("GET", path).json() == {"tags": ["q", "r", "s"]}
    for body in ({}, {"tags": "x"}, {"tags": None}, {"tags": ["a", "a"]}):
        for method in ("POST", "PUT"):
            assert outcome(cloud.demo, method, path, body) == (400, "InvalidInput")
    assert outcome(cloud.reader, "POST", path, {"tags": ["t"]}) == (403, "PolicyNotAuthorized")


def test_an_object_has_fifty_at_most(cloud: Cloud) -> None:
    """A request with more than 50 tags is refused, and so is one more tag; POST counts only those of the request."""
    path = f"/networks/{made(cloud, 'network')}/tags"
    tags = [str(number) for number in range(50)]
    for method in ("PUT", "POST"):
        assert outcome(cloud.demo, method, path, {"tags": [*tags, "x"]}) == (400, "BadRequest")
    assert outcome(cloud.demo, "PUT", path, {"tags": tags}) == (200, "")
    assert outcome(cloud.demo, "PUT", f"{path}/0") == (201, "")
    assert outcome(cloud.demo, "PUT", f"{path}/x") == (400, "BadRequest")
    assert cloud.demo.network("GET", path).json() == {"tags": tags}
