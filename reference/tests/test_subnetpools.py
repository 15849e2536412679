"""Subnet pools: what they are given, what is refused, and what is free of them afterwards."""

from typing import Any

import pytest

from reference.tests.clouds import Cloud, User
from reference.tests.networking import filled, listed, make, outcome, show

POOL = {"name": "p", "prefixes": ["10.200.0.0/16"], "default_prefixlen": 24}
V6 = {"name": "p6", "prefixes": ["fd00:200::/48"]}


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        pytest.param(
            {"name": "p", "prefixes": ["10.200.1.9/16"]},
            {
                "prefixes": ["10.200.0.0/16"],
                "ip_version": 4,
                "default_prefixlen": "8",
                "min_prefixlen": "8",
                "max_prefixlen": "32",
                "default_quota": None,
                "is_default": False,
                "shared": False,
                "address_scope_id": None,
                "description": "",
                "tags": [],
            },
            id="N-SP-001 N-SP-003 N-SP-004 defaults of IPv4",
        ),
        pytest.param(
            {"name": "p", "prefixes": ["10.200.0.0/16", "10.200.1.0/16"]},
            {"prefixes": ["10.200.0.0/16"]},
            id="a prefix in two spellings",
        ),
        pytest.param(
            V6,
            {"ip_version": 6, "default_prefixlen": "64", "min_prefixlen": "64", "max_prefixlen": "128"},
            id="N-SP-003 defaults of IPv6",
        ),
        pytest.param(
            {**POOL, "prefixes": ["10.10.11.0/24", "10.10.10.0/24", "10.10.10.128/25", "10.9.0.0/24"]},
            {"prefixes": ["10.9.0.0/24", "10.10.10.0/23"]},
            id="N-SP-005 normal form",
        ),
        pytest.param(
            {"name": "p", "prefixes": ["10.200.0.0/16"], "min_prefixlen": 20},
            {"default_prefixlen": "20"},
            id="N-SP-003 min",
        ),
        pytest.param({**POOL, "address_scope_id": None, "shared": False, "is_default": False}, {}, id="as by default"),
    ],
)
def test_created(cloud: Cloud, values: dict[str, Any], expected: dict[str, Any]) -> None:
    pool = make(cloud.demo, "subnetpool", **values)
    assert {name: pool[name] for name in expected} == expected
    assert pool["project_id"] == pool["tenant_id"] == cloud.demo.project_id
    assert show(cloud.demo, "subnetpool", pool["id"]) == pool


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        pytest.param({"name": None}, (400, "HTTPBadRequest"), id="N-SP-002 no name"),
        pytest.param({"name": "  "}, (400, "HTTPBadRequest"), id="N-SP-002 blank name"),
        pytest.param({"prefixes": []}, (400, "EmptySubnetPoolPrefixList"), id="N-SP-006 empty"),
        pytest.param({"prefixes": ["10.0.0.0/8", "fd00::/48"]}, (400, "PrefixVersionMismatch"), id="N-SP-006 mixed"),
        pytest.param({"prefixes": ["10.0.0.0"]}, (400, "HTTPBadRequest"), id="N-SP-006 no cidr"),
        pytest.param({"prefixes": ["10.0.0.0/8"] * 2}, (400, "HTTPBadRequest"), id="a prefix twice"),
        pytest.param({"prefixes": ["fd00::/48"] * 2}, (400, "HTTPBadRequest"), id="a prefix of IPv6 twice"),
        pytest.param({"min_prefixlen": 25}, (400, "IllegalSubnetPoolPrefixBounds"), id="N-SP-007 min > default"),
        pytest.param({"max_prefixlen": 23}, (400, "IllegalSubnetPoolPrefixBounds"), id="N-SP-007 default > max"),
        pytest.param({"max_prefixlen": 33}, (400, "IllegalSubnetPoolPrefixBounds"), id="N-SP-007 max > address"),
        pytest.param({"min_prefixlen": -1}, (400, "HTTPBadRequest"), id="N-SP-007 negative"),
        pytest.param({"shared": True}, (403, "PolicyNotAuthorized"), id="N-SP-009 shared"),
        pytest.param({"is_default": True}, (403, "PolicyNotAuthorized"), id="N-SP-010 is_default"),
        pytest.param({"default_quota": -1}, (400, "HTTPBadRequest"), id="N-SP-019 quota"),
        pytest.param({"default_quota": 2**31}, (400, "HTTPBadRequest"), id="N-SP-019 quota too large to keep"),
        pytest.param({"address_scope_id": "x"}, (400, "HTTPBadRequest"), id="N-SP-022 no id"),
        pytest.param(
            {"address_scope_id": "00000000-0000-4000-8000-000000000000"},
            (404, "AddressScopeNotFound"),
            id="N-SP-022 no scope",
        ),
    ],
)
def test_create_refused(cloud: Cloud, changed: dict[str, Any], expected: tuple[int, str]) -> None:
    before = listed(cloud.admin, "subnetpools")
    assert outcome(cloud.demo, "POST", "/subnetpools", {"subnetpool": {**POOL, **changed}}) == expected
    assert listed(cloud.admin, "subnetpools") == before


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        pytest.param({"prefixes": ["10.200.0.0/15"]}, (200, ""), id="N-SP-015 grown"),
        pytest.param({"prefixes": ["10.200.0.0/15"] * 2}, (400, "HTTPBadRequest"), id="a prefix twice"),
        pytest.param({"prefixes": []}, (400, "IllegalSubnetPoolPrefixUpdate"), id="N-SP-015 not to vanish"),
        pytest.param(
            {"prefixes": ["10.200.0.0/17"]}, (400, "IllegalSubnetPoolPrefixUpdate"), id="N-SP-015 not to shrink"
        ),
        pytest.param(
            {"prefixes": ["fd00:1::/48"]}, (400, "IllegalSubnetPoolPrefixUpdate"), id="N-SP-015 another version"
        ),
        pytest.param({"shared": True}, (400, "HTTPBadRequest"), id="N-SP-009 shared"),
        pytest.param({"project_id": "x"}, (400, "HTTPBadRequest"), id="N-SP-016 owner"),
        pytest.param({"tenant_id": "x"}, (400, "HTTPBadRequest"), id="N-SP-016 owner, by its old name"),
        pytest.param({"ip_version": 6}, (400, "HTTPBadRequest"), id="ip_version"),
        pytest.param({"is_default": False}, (403, "PolicyNotAuthorized"), id="N-SP-010 is_default"),
        pytest.param({"max_prefixlen": 20}, (400, "IllegalSubnetPoolPrefixBounds"), id="N-SP-007 bounds"),
        pytest.param({"max_prefixlen": 2**31}, (400, "IllegalSubnetPoolPrefixBounds"), id="bounds, far beyond"),
        pytest.param({"name": "q", "default_quota": 0, "max_prefixlen": 30}, (200, ""), id="what may change"),
    ],
)
def test_update(cloud: Cloud, changed: dict[str, Any], expected: tuple[int, str]) -> None:
    pool = make(cloud.demo, "subnetpool", **POOL)
    path = f"/subnetpools/{pool['id']}"
    assert outcome(cloud.demo, "PUT", path, {"subnetpool": changed}) == expected
    after = show(cloud.demo, "subnetpool", pool["id"])
    texts = {name: str(value) if name.endswith("len") else value for name, value in changed.items()}
    assert after == ({**pool, **texts, "revision_number": 1} if expected[0] == 200 else pool)


def test_unknown_and_foreign(cloud: Cloud) -> None:
    """N-SP-008, N-SP-018."""
    foreign = make(cloud.alt, "subnetpool", **POOL)["id"]
    for name in ("nothing", "00000000-0000-4000-8000-000000000000", foreign):
        for method, body in (("GET", None), ("PUT", {"subnetpool": {}}), ("DELETE", None)):
            assert outcome(cloud.demo, method, f"/subnetpools/{name}", body) == (404, "SubnetPoolNotFound")


def test_defaults(cloud: Cloud) -> None:
    """N-SP-008, N-SP-011 to N-SP-014: one a version, moved in two steps; an unshared default is seen by nobody else."""
    four, six = (listed(cloud.demo, "subnetpools", f"?is_default=True&ip_version={n}")[0]["id"] for n in (4, 6))
    default = {"subnetpool": {**POOL, "is_default": True}}
    assert outcome(cloud.admin, "POST", "/subnetpools", default) == (400, "InvalidInput")
    other = make(cloud.admin, "subnetpool", **POOL)["id"]
    on, off = {"subnetpool": {"is_default": True}}, {"subnetpool": {"is_default": False}}
    assert outcome(cloud.admin, "PUT", f"/subnetpools/{other}", on) == (400, "InvalidInput")
    assert outcome(cloud.admin, "PUT", f"/subnetpools/{four}", on) == (200, "")
    assert outcome(cloud.admin, "PUT", f"/subnetpools/{four}", off) == (200, "")
    assert outcome(cloud.admin, "PUT", f"/subnetpools/{other}", on) == (200, "")
    assert {item["id"] for item in listed(cloud.admin, "subnetpools", "?is_default=true")} == {other, six}
    assert [item["id"] for item in listed(cloud.demo, "subnetpools", "?is_default=true")] == [six]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("name=p", 1),
        ("name=q", 0),
        ("ip_version=4&name=p", 1),
        ("ip_version=6&name=p", 0),
        ("default_prefixlen=24", 1),
        ("min_prefixlen=8&name=p", 1),
        ("max_prefixlen=31&name=p", 0),
        ("default_quota=7", 1),
        ("shared=false", 1),
        ("address_scope_id=00000000-0000-4000-8000-000000000000", 0),
        ("name=p&name=q", 1),
    ],
)
def test_filters(cloud: Cloud, query: str, expected: int) -> None:
    """N-SP-014."""
    make(cloud.demo, "subnetpool", **POOL, default_quota=7)
    assert len(listed(cloud.demo, "subnetpools", f"?{query}")) == expected


@pytest.mark.parametrize("version", [4, 6])
def test_quota_is_per_asking_project(cloud: Cloud, version: int) -> None:
    """N-SP-019 to N-SP-021: in addresses or in /64s, over all of the project's subnets, whoever owns the pool."""
    prefixes, length, quota = ("10.200.0.0/16", 24, 512) if version == 4 else ("fd00:200::/48", 64, 2)
    values = {"name": "p", "prefixes": [prefixes], "default_prefixlen": length, "default_quota": quota}
    pool = make(cloud.admin, "subnetpool", shared=True, **values)["id"]

    def take(user: User) -> tuple[int, str]:
        network = make(user, "network")["id"]
        body = {"network_id": network, "ip_version": version, "subnetpool_id": pool}
        return outcome(user, "POST", "/subnets", {"subnet": body})

    for user in (cloud.admin, cloud.demo, cloud.alt):
        assert [take(user), take(user), take(user)] == [(201, ""), (201, ""), (409, "SubnetPoolQuotaExceeded")]
    assert outcome(cloud.admin, "PUT", f"/subnetpools/{pool}", {"subnetpool": {"default_quota": 0}}) == (200, "")
    assert take(cloud.demo) == (201, "")


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        pytest.param({}, ("10.200.0.0/24", "10.200.0.1"), id="N-SP-032 default length"),
        pytest.param({"prefixlen": 28}, ("10.200.0.0/28", "10.200.0.1"), id="N-SP-032 a length"),
        pytest.param({"cidr": "10.200.9.0/24"}, ("10.200.9.0/24", "10.200.9.1"), id="N-SP-032 a block"),
        pytest.param({"gateway_ip": "10.200.7.9"}, ("10.200.7.0/24", "10.200.7.9"), id="N-SUB-010 gateway"),
        pytest.param({"gateway_ip": None}, ("10.200.0.0/24", None), id="N-SUB-010 no gateway"),
        pytest.param({"prefixlen": 33}, (400, "MaxPrefixSubnetAllocationError"), id="N-SP-035 longer than max"),
        pytest.param({"prefixlen": 7}, (400, "MinPrefixSubnetAllocationError"), id="N-SP-035 shorter than min"),
        pytest.param({"prefixlen": 15}, (409, "SubnetAllocationError"), id="N-SP-033 no room"),
        pytest.param({"cidr": "10.201.0.0/24"}, (409, "SubnetAllocationError"), id="N-SP-034 outside"),
        pytest.param({"gateway_ip": "10.201.0.1"}, (409, "SubnetAllocationError"), id="N-SUB-010 gateway outside"),
        pytest.param({"gateway_ip": "fd00::1", "prefixlen": 24}, (409, "SubnetAllocationError"), id="gateway of IPv6"),
        pytest.param({"ip_version": 6}, (400, "BadRequest"), id="N-SUB-004 version"),
        pytest.param({"cidr": "10.200.9.0/24", "prefixlen": 24}, (400, "BadRequest"), id="N-SUB-008 both"),
        pytest.param({"use_default_subnetpool": True}, (400, "BadRequest"), id="N-SUB-006 both pools"),
        pytest.param({"subnetpool_id": "x"}, (400, "HTTPBadRequest"), id="N-SUB-014 no id"),
        pytest.param(
            {"subnetpool_id": "00000000-0000-4000-8000-000000000000"}, (404, "SubnetPoolNotFound"), id="N-SUB-014"
        ),
        pytest.param(
            {"allocation_pools": [{"start": "10.200.0.2", "end": "10.200.0.9"}]}, (400, "BadRequest"), id="N-SUB-009"
        ),
    ],
)
def test_allocation(cloud: Cloud, body: dict[str, Any], expected: tuple[Any, Any]) -> None:
    pool = make(cloud.demo, "subnetpool", **POOL)["id"]
    network = make(cloud.demo, "network")["id"]
    requested = {"network_id": network, "ip_version": 4, "subnetpool_id": "$pool", **body}
    answer = cloud.demo.network("POST", "/subnets", json={"subnet": filled(requested, {"pool": pool})})
    if answer.status_code == 201:
        item = answer.json()["subnet"]
        assert (item["cidr"], item["gateway_ip"]) == expected
        assert item["subnetpool_id"] == pool
    else:
        assert (answer.status_code, answer.json()["NeutronError"]["type"]) == expected


def test_bulk_is_refused(cloud: Cloud) -> None:
    """N-SP-023."""
    assert outcome(cloud.demo, "POST", "/subnetpools", {"subnetpools": [POOL]}) == (400, "HTTPBadRequest")
