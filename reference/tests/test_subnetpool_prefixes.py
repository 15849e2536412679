"""Prefixes that are added to a subnet pool and removed from it."""

from typing import Any

import pytest

from reference.tests.clouds import Cloud, User
from reference.tests.networking import Body, make, outcome, show

# action on a pool of 10.200.0.0/24 with the subnet 10.200.0.64/26, outcome, and the prefixes afterwards
OPERATIONS = [
    pytest.param("add", ["10.201.0.0/24"], (200, ""), ["10.200.0.0/24", "10.201.0.0/24"], id="N-SP-038 apart"),
    pytest.param("add", ["10.200.1.0/24", "10.200.0.0/25"], (200, ""), ["10.200.0.0/23"], id="N-SP-038 adjacent"),
    pytest.param("add", ["fd00::/48"], (400, "PrefixVersionMismatch"), None, id="N-SP-038 another version"),
    pytest.param("add", [], (400, "HTTPBadRequest"), None, id="N-SP-038 empty"),
    pytest.param("add", "10.201.0.0/24", (400, "HTTPBadRequest"), None, id="N-SP-038 no list"),
    pytest.param("add", ["x"], (400, "HTTPBadRequest"), None, id="N-SP-038 no cidr"),
    pytest.param("add", None, (400, "HTTPBadRequest"), None, id="N-SP-038 missing"),
    pytest.param("remove", ["10.200.0.128/25"], (200, ""), ["10.200.0.0/25"], id="N-SP-039 unused half"),
    pytest.param(
        "remove", ["10.200.0.0/26"], (200, ""), ["10.200.0.64/26", "10.200.0.128/25"], id="N-SP-039 unused quarter"
    ),
    pytest.param("remove", ["10.200.0.64/27"], (400, "IllegalSubnetPoolPrefixUpdate"), None, id="N-SP-039 in use"),
    pytest.param("remove", ["10.0.0.0/8"], (400, "IllegalSubnetPoolPrefixUpdate"), None, id="N-SP-039 all, in use"),
    pytest.param("remove", ["172.16.0.0/24"], (200, ""), ["10.200.0.0/24"], id="N-SP-039 not in the pool"),
    pytest.param("remove", ["fd00::/48"], (200, ""), ["10.200.0.0/24"], id="N-SP-039 of another version"),
    pytest.param("remove", [], (400, "HTTPBadRequest"), None, id="N-SP-039 empty"),
]


@pytest.mark.parametrize(("operation", "prefixes", "expected", "remaining"), OPERATIONS)
def test_prefix_operations(
    cloud: Cloud, operation: str, prefixes: Any, expected: tuple[int, str], remaining: list[str] | None
) -> None:
    pool = make(cloud.demo, "subnetpool", name="p", prefixes=["10.200.0.0/24"], default_prefixlen=26)["id"]
    taken = subnet(cloud.demo, pool, cidr="10.200.0.64/26")
    path = f"/subnetpools/{pool}/{operation}_prefixes"
    body = {"prefixes": prefixes} if prefixes is not None else {}
    assert outcome(cloud.alt, "PUT", path, {"prefixes": ["10.201.0.0/24"]}) == (404, "SubnetPoolNotFound")
    answer = cloud.demo.network("PUT", path, json=body)
    assert (answer.status_code, answer.json().get("NeutronError", {}).get("type", "")) == expected
    now = remaining if remaining is not None else ["10.200.0.0/24"]
    assert show(cloud.demo, "subnetpool", pool)["prefixes"] == now
    if remaining is not None:
        assert answer.json() == {"prefixes": remaining}
    assert free_blocks(cloud.demo, pool) == capacity(now) - 1
    assert taken["cidr"] == "10.200.0.64/26"


def subnet(user: User, pool: str, **more: Any) -> Body:
    network = make(user, "network")["id"]
    return make(user, "subnet", network_id=network, ip_version=4, subnetpool_id=pool, **more)


def capacity(prefixes: list[str]) -> int:
    """How many /26 fit."""
    return sum(1 << (26 - int(prefix.split("/")[1])) for prefix in prefixes)


def free_blocks(user: User, pool: str) -> int:
    """How many /26 the pool still gives."""
    allocated = 0
    while outcome(
        user,
        "POST",
        "/subnets",
        {"subnet": {"network_id": make(user, "network")["id"], "ip_version": 4, "subnetpool_id": pool}},
    ) != (409, "SubnetAllocationError"):
        allocated += 1
        assert allocated < 64
    return allocated


def test_removed_and_added_again(cloud: Cloud) -> None:
    """A prefix that is removed and added again is free once, and merges with its neighbours."""
    pool = make(cloud.demo, "subnetpool", name="p", prefixes=["10.200.0.0/24"], default_prefixlen=26)["id"]
    for operation in ("remove", "add", "add"):
        body = {"prefixes": ["10.200.0.0/25"]}
        assert outcome(cloud.demo, "PUT", f"/subnetpools/{pool}/{operation}_prefixes", body) == (200, "")
    assert subnet(cloud.demo, pool, cidr="10.200.0.0/24")["cidr"] == "10.200.0.0/24"


def test_all_removed(cloud: Cloud) -> None:
    pool = make(cloud.demo, "subnetpool", name="p", prefixes=["10.200.0.0/16"], default_prefixlen=24)["id"]
    path = f"/subnetpools/{pool}"
    assert outcome(cloud.demo, "PUT", f"{path}/remove_prefixes", {"prefixes": ["0.0.0.0/0"]}) == (200, "")
    assert show(cloud.demo, "subnetpool", pool)["prefixes"] == []
    assert free_blocks(cloud.demo, pool) == 0
    assert outcome(cloud.demo, "PUT", f"{path}/add_prefixes", {"prefixes": ["fd00::/48"]})[0] == 400
    assert outcome(cloud.demo, "PUT", f"{path}/add_prefixes", {"prefixes": ["10.9.0.0/24"]}) == (200, "")
    assert outcome(cloud.demo, "DELETE", path) == (204, "")
