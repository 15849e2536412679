"""Lists of Networking: filters, pages, order and chosen fields; the same for every collection."""

from typing import Any
from urllib.parse import urlsplit

import pytest

from reference.tests.clouds import Cloud, User
from reference.tests.networking import BAD, COLLECTIONS, INVALID, listed, make, outcome


@pytest.fixture
def five(cloud: Cloud) -> Cloud:
    for name, up, mtu in (("e", 1, 1400), ("b", 0, 1450), ("a", 1, 1400), ("d", 0, 1400), ("c", 1, 1450)):
        make(cloud.demo, "network", name=name, admin_state_up=bool(up), mtu=mtu, description=name * 2)
    return cloud


def names(cloud: Cloud, query: str) -> list[str]:
    items = listed(cloud.demo, "networks", f"?project_id={cloud.demo.project_id}&{query}")
    return [str(entry["name"]) for entry in items]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        pytest.param("name=a", "a", id="N-NET-023 one"),
        pytest.param("name=a&name=c", "ac", id="N-NET-023 or"),
        pytest.param("name=a&name=b&admin_state_up=True", "a", id="N-NET-023 and"),
        pytest.param("admin_state_up=FALSE", "bd", id="booleans in any case"),
        pytest.param("mtu=1450", "bc", id="numbers"),
        pytest.param("description=aa&status=ACTIVE", "a", id="text"),
        pytest.param("status=DOWN", "", id="status"),
        pytest.param("router:external=False&shared=False", "abcde", id="flags"),
        pytest.param("router:external=True", "", id="external"),
        pytest.param("tenant_id=another", "", id="both owners at once"),
        pytest.param("mtu=99", "", id="none"),
        pytest.param("name=", "", id="an empty value"),
        pytest.param("name=&name=a", "a", id="an empty value and another"),
        pytest.param("admin_state_up=Y", "ace", id="booleans in another word"),
        pytest.param("revision_number=0", "abcde", id="revisions"),
    ],
)
def test_filters(five: Cloud, query: str, expected: str) -> None:
    assert "".join(sorted(names(five, query))) == expected


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        pytest.param("sort_key=name&sort_dir=asc", "abcde", id="N-NET-033 up"),
        pytest.param("sort_key=name&sort_dir=desc", "edcba", id="N-NET-033 down"),
        pytest.param("sort_key=mtu&sort_dir=desc&sort_key=name&sort_dir=asc", "bcade", id="N-NET-033 two keys"),
        pytest.param("sort_key=admin_state_up&sort_dir=asc&sort_key=name&sort_dir=desc", "dbeca", id="booleans"),
    ],
)
def test_order_and_pages(five: Cloud, query: str, expected: str) -> None:
    """The same order in one piece, and in pages of two, followed forwards by `next` and backwards by `previous`."""
    assert "".join(names(five, query)) == expected
    path = f"/networks?project_id={five.demo.project_id}&limit=2&{query}"
    forwards = pages(five.demo, path, "next")
    assert forwards == [expected[:2], expected[2:4], expected[4:]]
    marker = next(entry["id"] for entry in listed(five.demo, "networks") if entry["name"] == expected[-1])
    backwards = pages(five.demo, f"{path}&marker={marker}&page_reverse=True", "previous")
    assert backwards == [expected[2:4], expected[:2]]


def pages(user: User, path: str, direction: str) -> list[str]:
    """The names on each page, from that one on."""
    names_ = []
    while path:
        body = user.network("GET", path).json()
        names_.append("".join(entry["name"] for entry in body["networks"]))
        links = {link["rel"]: link["href"] for link in body["networks_links"]}
        assert set(links) <= {"next", "previous"}
        path = urlsplit(links.get(direction, "")).query and f"/networks?{urlsplit(links[direction]).query}"
        assert len(names_) < 9
    return names_


def test_lists_are_sorted_by_nullable_columns(cloud: Cloud) -> None:
    """A page begins at the right row after a row without a value."""
    network = make(cloud.demo, "network")["id"]
    for number, gateway in enumerate((None, "10.200.1.1", None, "10.200.3.1")):
        cidr = f"10.200.{number}.0/24"
        make(cloud.demo, "subnet", network_id=network, ip_version=4, cidr=cidr, gateway_ip=gateway)
    for way in ("asc", "desc"):
        query = f"?network_id={network}&sort_key=gateway_ip&sort_dir={way}"
        whole = [entry["id"] for entry in listed(cloud.demo, "subnets", query)]
        paged: list[str] = []
        for _ in range(4):
            marker = f"&marker={paged[-1]}" if paged else ""
            paged += [entry["id"] for entry in listed(cloud.demo, "subnets", f"{query}&limit=1{marker}")]
        assert paged == whole
        assert len(set(whole)) == 4


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        pytest.param("limit=0", (200, ""), id="N-NET-031 no pages"),
        pytest.param("limit=99999999999999999999", (200, ""), id="N-NET-031 capped"),
        pytest.param("limit=-1", (400, "BadRequest"), id="N-NET-031 negative"),
        pytest.param("limit=x", (400, "BadRequest"), id="N-NET-031 no number"),
        pytest.param("limit=%C2%B2", (400, "BadRequest"), id="N-NET-031 no number, but a digit"),
        pytest.param("sort_key=name", BAD, id="N-NET-033 no direction"),
        pytest.param("sort_key=name&sort_dir=asc&sort_dir=asc", BAD, id="N-NET-033 two directions"),
        pytest.param("sort_key=name&sort_dir=up", BAD, id="N-NET-033 no such direction"),
        pytest.param("sort_key=colour&sort_dir=asc", BAD, id="N-NET-033 no such key"),
        pytest.param("sort_key=is_default&sort_dir=asc", BAD, id="N-NET-017 sorted by the default"),
        pytest.param("sort_key=tags&sort_dir=asc", BAD, id="N-NET-033 a list"),
        pytest.param("colour=red", BAD, id="N-NET-035 no such filter"),
        pytest.param("default_slot=external", BAD, id="N-NET-035 a column nobody knows"),
        pytest.param("mtu=x", INVALID, id="N-NET-017 no number"),
        pytest.param("mtu=99999999999999999999", INVALID, id="N-NET-017 no number that is kept"),
        pytest.param("admin_state_up=maybe", INVALID, id="N-NET-017 no boolean"),
        pytest.param("shared=maybe", INVALID, id="N-NET-017 no flag"),
        pytest.param("page_reverse=maybe", (200, ""), id="not backwards"),
        pytest.param("marker=nothing&limit=1", (404, "NetworkNotFound"), id="N-NET-032 unknown marker"),
        pytest.param("marker=nothing", (200, ""), id="a marker without pages"),
        pytest.param("marker=nothing&limit=0", (200, ""), id="a marker with a limit of 0"),
        pytest.param("sort_key=description&sort_dir=asc", BAD, id="N-NET-033 a text that nobody sorts by"),
        pytest.param("colour=", BAD, id="N-NET-035 no such filter, and no value"),
        pytest.param("shared=", INVALID, id="N-NET-017 an empty flag"),
    ],
)
def test_refused(five: Cloud, query: str, expected: tuple[int, str]) -> None:
    assert outcome(five.demo, "GET", f"/networks?{query}") == expected


@pytest.mark.parametrize("collection", COLLECTIONS)
def test_of_every_collection(cloud: Cloud, collection: str) -> None:
    """Filters, order, pages and fields work alike; unknown filters are refused."""
    key = collection.replace("-", "_")
    for query in ("", "?limit=1", "?fields=id", f"?project_id={cloud.demo.project_id}"):
        body = cloud.admin.network("GET", f"/{collection}{query}").json()
        assert key in body, body
        assert (f"{key}_links" in body) == (query == "?limit=1")
        if query == "?fields=id":
            assert all(set(entry) == {"id"} for entry in body[key])
    assert outcome(cloud.admin, "GET", f"/{collection}?colour=red") == BAD
    for name in ("prefixes", "allocation_pools", "fixed_ips", "external_gateway_info", "security_group_rules"):
        status = outcome(cloud.admin, "GET", f"/{collection}?{name}=x")[0]
        assert status == 400, name


@pytest.mark.parametrize(
    ("fields", "keys"),
    [
        ("fields=id&fields=name", {"id", "name"}),
        ("fields=router:external", {"router:external"}),
        ("fields=project_id", {"project_id"}),
        ("fields=id&fields=colour", {"id"}),
        ("fields=", None),
    ],
)
def test_fields(five: Cloud, fields: str, keys: set[str] | None) -> None:
    """N-NET-034."""
    [item] = listed(five.demo, "networks", "?name=a")
    expected: Any = item if keys is None else {name: item[name] for name in keys}
    assert five.demo.network("GET", f"/networks/{item['id']}?{fields}").json()["network"] == expected
    assert listed(five.demo, "networks", f"?name=a&{fields}") == [expected]


def test_status_of_a_router_is_no_filter(cloud: Cloud) -> None:
    """N-RTR-020."""
    router = make(cloud.demo, "router", name="r", admin_state_up=False)
    for query in (f"id={router['id']}", "name=r", "admin_state_up=false", f"tenant_id={cloud.demo.project_id}"):
        assert listed(cloud.demo, "routers", f"?{query}") == [router]
    assert outcome(cloud.demo, "GET", "/routers?status=ACTIVE") == BAD


def test_a_role_without_rights_sees_nothing(cloud: Cloud) -> None:
    """N-RBAC-009: a token without a role that reads gets empty lists and 404."""
    roles = {role["name"]: role["id"] for role in cloud.admin("GET", "/identity/v3/roles").json()["roles"]}
    project = cloud.admin("POST", "/identity/v3/projects", json={"project": {"name": "p", "domain_id": "default"}})
    named = project.json()["project"]["id"]
    path = f"/identity/v3/projects/{named}/users/{cloud.alt.user_id}/roles/{roles['service']}"
    assert cloud.admin("PUT", path).status_code == 204
    auth = {
        "identity": {"methods": ["token"], "token": {"id": cloud.alt.token}},
        "scope": {"project": {"id": named}},
    }
    token = cloud.alt("POST", "/identity/v3/auth/tokens", json={"auth": auth}).headers["X-Subject-Token"]
    nobody = User(cloud.alt.session, token, named, cloud.alt.user_id)
    external = listed(cloud.demo, "networks", "?is_default=true")[0]["id"]
    assert listed(nobody, "networks") == listed(nobody, "subnetpools") == []
    assert outcome(nobody, "GET", f"/networks/{external}") == (404, "NetworkNotFound")
    assert outcome(nobody, "GET", "/auto-allocated-topology/None") == (404, "HTTPNotFound")


def test_revisions(cloud: Cloud) -> None:
    """Every change of an object is one more revision of it."""
    network = make(cloud.demo, "network", name="n")
    path = f"/networks/{network['id']}"
    assert network["revision_number"] == 0
    for number, name in enumerate(("m", "o"), 1):
        changed = cloud.demo.network("PUT", path, json={"network": {"name": name}}).json()["network"]
        assert changed["revision_number"] == number
    assert [item["id"] for item in listed(cloud.demo, "networks", "?revision_number=2")] == [network["id"]]
