"""A topology that cannot be built: the error, and no part of the attempt is left (N-AAT-044, N-AAT-045)."""

from collections.abc import Callable

import pytest
import sqlalchemy as sa

from reference.network.resources import networks
from reference.network.tables import METADATA
from reference.tests.clouds import Cloud
from reference.tests.networking import listed, make, outcome

TOPOLOGY = "/auto-allocated-topology/None"


def replaced_pool(cloud: Cloud, version: int = 4, **values: object) -> str:
    """Replace the default pool of the version by one with those values; the new pool's id."""
    for pool in listed(cloud.admin, "subnetpools", f"?is_default=true&ip_version={version}"):
        cloud.admin.network("PUT", f"/subnetpools/{pool['id']}", json={"subnetpool": {"is_default": False}})
    pool = {"name": "p", "prefixes": ["10.200.0.0/16"], "default_prefixlen": 24, "is_default": True, "shared": True}
    return str(make(cloud.admin, "subnetpool", **{**pool, **values})["id"])


def replaced_external(cloud: Cloud) -> str:
    """Replace the default external network by a new one without subnets; the new network's id."""
    for network in listed(cloud.admin, "networks", "?is_default=true"):
        cloud.admin.network("PUT", f"/networks/{network['id']}", json={"network": {"is_default": False}})
    return str(make(cloud.admin, "network", **{"router:external": True, "is_default": True})["id"])


def full_pool(cloud: Cloud) -> None:
    replaced_pool(cloud, prefixes=["10.200.0.0/24"])
    outcome(cloud.alt, "GET", TOPOLOGY)


def pool_without_a_default_length(cloud: Cloud) -> None:
    replaced_pool(cloud, default_prefixlen=8)


def full_pool_of_ipv6(cloud: Cloud) -> None:
    """IPv4 alone is not enough where both are promised (N-AAT-024)."""
    replaced_pool(cloud, 6, prefixes=["fd00:200::/64"], default_prefixlen=64)
    outcome(cloud.alt, "GET", TOPOLOGY)


def pool_quota(cloud: Cloud) -> None:
    replaced_pool(cloud, default_quota=255)


def unshared_pools(cloud: Cloud) -> None:
    replaced_pool(cloud, shared=False)
    replaced_pool(cloud, 6, shared=False, prefixes=["fd00:200::/48"], default_prefixlen=64)


def no_rules_left(cloud: Cloud) -> None:
    body = {"quota": {"security_group_rule": 3}}
    assert outcome(cloud.admin, "PUT", f"/quotas/{cloud.demo.project_id}", body) == (200, "")


def external_for_others_only(cloud: Cloud) -> None:
    network = replaced_external(cloud)
    cloud.admin.network("PUT", f"/networks/{network}", json={"network": {"is_default": False}})
    [entry] = listed(cloud.admin, "rbac-policies", f"?object_id={network}")
    body = {"rbac_policy": {"target_tenant": cloud.alt.project_id}}
    assert outcome(cloud.admin, "PUT", f"/rbac-policies/{entry['id']}", body) == (200, "")
    cloud.admin.network("PUT", f"/networks/{network}", json={"network": {"is_default": True}})


def no_external_address(cloud: Cloud) -> None:
    ranges = [{"start": "192.0.2.9", "end": "192.0.2.9"}]
    network = replaced_external(cloud)
    make(cloud.admin, "subnet", network_id=network, ip_version=4, cidr="192.0.2.0/24", allocation_pools=ranges)
    outcome(cloud.alt, "GET", TOPOLOGY)


def external_overlaps(cloud: Cloud) -> None:
    network = replaced_external(cloud)
    make(cloud.admin, "subnet", network_id=network, ip_version=4, cidr="10.0.0.0/10")


REFUSALS = [
    pytest.param(full_pool, (409, "AutoAllocationFailure"), "private network", id="pool full"),
    pytest.param(pool_without_a_default_length, (409, "AutoAllocationFailure"), "private network", id="DEF-N-044"),
    pytest.param(full_pool_of_ipv6, (409, "AutoAllocationFailure"), "private network", id="N-AAT-024"),
    pytest.param(unshared_pools, (409, "AutoAllocationFailure"), "default subnetpools", id="N-AAT-021 unseen pools"),
    pytest.param(pool_quota, (409, "SubnetPoolQuotaExceeded"), "quota", id="pool quota"),
    pytest.param(no_rules_left, (409, "OverQuota"), "security_group_rule", id="rules of the default group"),
    pytest.param(external_for_others_only, (404, "NetworkNotFound"), "could not be found", id="external not seen"),
    pytest.param(no_external_address, (409, "IpAddressGenerationFailure"), "No more IP", id="no external address"),
    pytest.param(external_overlaps, (409, "AutoAllocationFailure"), "external connectivity", id="overlap outside"),
]


def everything(cloud: Cloud) -> dict[str, list[str]]:
    """Every row Networking keeps."""
    with cloud.store.read() as tx:
        return {name: sorted(map(str, tx.execute(sa.select(table)).all())) for name, table in METADATA.tables.items()}


@pytest.mark.parametrize(("arrange", "expected", "words"), REFUSALS)
def test_refused(cloud: Cloud, arrange: Callable[[Cloud], None], expected: tuple[int, str], words: str) -> None:
    arrange(cloud)
    before = everything(cloud)
    for _ in range(2):
        answer = cloud.demo.network("GET", TOPOLOGY)
        problem = answer.json()["NeutronError"]
        assert (answer.status_code, problem["type"]) == expected
        assert words in problem["message"]
    assert everything(cloud) == before
    assert outcome(cloud.demo, "DELETE", TOPOLOGY) == (204, "")


def test_mtu_too_small_for_ipv6(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    defaults = networks.RESOURCE.by_name
    monkeypatch.setitem(defaults, "mtu", type(defaults["mtu"])("mtu", defaults["mtu"].check, default=1279))
    before = everything(cloud)
    assert outcome(cloud.demo, "GET", TOPOLOGY) == (409, "NetworkMTUSubnetConflict")
    assert everything(cloud) == before


@pytest.mark.parametrize("version", [4, 6])
def test_one_ip_version_only(cloud: Cloud, version: int) -> None:
    """N-AAT-023: a subnet and an interface for each default pool there is."""
    [other] = listed(cloud.admin, "subnetpools", f"?is_default=true&ip_version={10 - version}")
    cloud.admin.network("PUT", f"/subnetpools/{other['id']}", json={"subnetpool": {"is_default": False}})
    assert outcome(cloud.demo, "GET", TOPOLOGY) == (200, "")
    assert [item["name"] for item in listed(cloud.demo, "subnets", "?router:external=false")] == [
        f"auto_allocated_subnet_v{version}"
    ]
    assert len(listed(cloud.demo, "ports", "?device_owner=network:router_interface")) == 1
    assert outcome(cloud.demo, "DELETE", TOPOLOGY) == (204, "")


def test_external_network_without_subnets(cloud: Cloud) -> None:
    """N-AAT-025: the gateway then has no address."""
    network = replaced_external(cloud)
    assert outcome(cloud.demo, "GET", TOPOLOGY) == (200, "")
    gateway = listed(cloud.demo, "routers")[0]["external_gateway_info"]
    assert gateway == {"network_id": network, "enable_snat": True, "external_fixed_ips": []}


def test_limits_do_not_stop_it(cloud: Cloud) -> None:
    """N-AAT-046, N-QUOTA-005: quotas do not limit the parts of a topology, but count them as used."""
    limits = {"network": 0, "subnet": 0, "port": 0, "router": 0, "security_group": 0}
    path = f"/quotas/{cloud.demo.project_id}"
    assert outcome(cloud.admin, "PUT", path, {"quota": limits}) == (200, "")
    assert outcome(cloud.demo, "GET", TOPOLOGY) == (200, "")
    details = cloud.demo.network("GET", f"{path}/details").json()["quota"]
    used = {name: details[name]["used"] for name in ("network", "subnet", "port", "router")}
    assert used == {"network": 1, "subnet": 2, "port": 2, "router": 1}
    assert outcome(cloud.demo, "POST", "/networks", {"network": {}}) == (409, "OverQuota")
