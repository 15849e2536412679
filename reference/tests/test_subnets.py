"""Subnets: what their values have to agree on, IPv6 address modes, and what keeps them from being deleted."""

import ipaddress
from typing import Any

import pytest

from reference.tests.clouds import Cloud
from reference.tests.networking import ROUTE, V4, V6, listed, make, outcome, show


def test_company(cloud: Cloud) -> None:
    """N-SUB-012, N-SUB-013: subnets of a network do not overlap, and all of one version have one pool, or none has."""
    network = make(cloud.demo, "network")["id"]
    make(cloud.demo, "subnet", network_id=network, ip_version=4, use_default_subnetpool=True)
    pool = make(cloud.demo, "subnetpool", name="p", prefixes=["10.201.0.0/16"], default_prefixlen=24)["id"]
    for more in (V4, {"ip_version": 4, "subnetpool_id": pool}):
        body = {"subnet": {"network_id": network, **more}}
        assert outcome(cloud.demo, "POST", "/subnets", body) == (400, "NetworkSubnetPoolAffinityError")
    make(cloud.demo, "subnet", network_id=network, **V6)
    answer = cloud.demo.network("POST", "/subnets", json={"subnet": {"network_id": network, **V6}})
    assert answer.status_code == 400
    assert "overlaps with another subnet" in answer.json()["NeutronError"]["message"]


def test_no_default_pool(cloud: Cloud) -> None:
    """N-SUB-007: a default pool that the caller does not see does not count."""
    network = make(cloud.demo, "network")["id"]
    for pool in listed(cloud.admin, "subnetpools", "?is_default=true"):
        cloud.admin.network("PUT", f"/subnetpools/{pool['id']}", json={"subnetpool": {"is_default": False}})
    make(cloud.admin, "subnetpool", name="d", prefixes=["10.201.0.0/16"], default_prefixlen=24, is_default=True)
    for version in (4, 6):
        body = {"network_id": network, "ip_version": version, "use_default_subnetpool": True}
        assert outcome(cloud.demo, "POST", "/subnets", {"subnet": body}) == (400, "BadRequest")


def test_ipv6_needs_an_mtu(cloud: Cloud) -> None:
    small = make(cloud.demo, "network", mtu=1000)["id"]
    body = {"subnet": {"network_id": small, **V6}}
    assert outcome(cloud.demo, "POST", "/subnets", body) == (409, "NetworkMTUSubnetConflict")
    assert outcome(cloud.demo, "POST", "/subnets", {"subnet": {"network_id": small, **V4}}) == (201, "")
    assert outcome(cloud.demo, "PUT", f"/networks/{small}", {"network": {"mtu": 1280}}) == (200, "")
    assert outcome(cloud.demo, "POST", "/subnets", body) == (201, "")
    path = f"/networks/{small}"
    assert outcome(cloud.demo, "PUT", path, {"network": {"mtu": 1279}}) == (409, "NetworkMTUSubnetConflict")
    assert show(cloud.demo, "network", small)["mtu"] == 1280


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        pytest.param({"name": "n", "dns_nameservers": ["10.0.0.1"], "enable_dhcp": False}, (200, ""), id="N-SUB-016"),
        pytest.param({"allocation_pools": [{"start": "10.200.0.9", "end": "10.200.0.19"}]}, (200, ""), id="pools"),
        pytest.param(
            {"allocation_pools": [{"start": "10.200.0.9", "end": "10.200.0.1"}]},
            (400, "InvalidAllocationPool"),
            id="turned round",
        ),
        pytest.param({"gateway_ip": "10.200.0.9"}, (409, "GatewayConflictWithAllocationPools"), id="gateway in pool"),
        pytest.param({"gateway_ip": None}, (200, ""), id="no gateway"),
        pytest.param({"dns_nameservers": ["fd00::1"]}, (400, "InvalidInput"), id="N-SUB-011"),
        pytest.param({"dns_nameservers": ["8.8.8.8"] * 2}, (400, "HTTPBadRequest"), id="a name server twice"),
        pytest.param(
            {"host_routes": [{**ROUTE, "destination": "10.9.0.1/24"}]}, (400, "HTTPBadRequest"), id="host bits"
        ),
        pytest.param({"dns_nameservers": [f"8.8.8.{n}" for n in range(6)]}, (400, "DNSNameServersExhausted"), id="six"),
        *(
            pytest.param({name: value}, (400, "HTTPBadRequest"), id=f"N-SUB-016 {name}")
            for name, value in (("cidr", "10.9.0.0/24"), ("ip_version", 6), ("network_id", "x"), ("tenant_id", "x"))
        ),
    ],
)
def test_update(cloud: Cloud, changed: dict[str, Any], expected: tuple[int, str]) -> None:
    subnet = make(cloud.demo, "subnet", network_id=make(cloud.demo, "network")["id"], **V4)
    assert outcome(cloud.demo, "PUT", f"/subnets/{subnet['id']}", {"subnet": changed}) == expected
    revision = {"revision_number": 1}
    assert show(cloud.demo, "subnet", subnet["id"]) == (
        {**subnet, **changed, **revision} if expected[0] == 200 else subnet
    )


def test_gateway_in_use(cloud: Cloud) -> None:
    """N-SUB-019; and once the router is unplugged, the gateway may change."""
    ranges = [{"start": "10.200.0.10", "end": "10.200.0.20"}]
    network = make(cloud.demo, "network")["id"]
    subnet = make(cloud.demo, "subnet", network_id=network, **V4, allocation_pools=ranges)["id"]
    router = f"/routers/{make(cloud.demo, 'router')['id']}"
    assert outcome(cloud.demo, "PUT", f"{router}/add_router_interface", {"subnet_id": subnet}) == (200, "")
    for gateway in ("10.200.0.2", None):
        body = {"subnet": {"gateway_ip": gateway}}
        assert outcome(cloud.demo, "PUT", f"/subnets/{subnet}", body) == (409, "GatewayIpInUse")
    assert outcome(cloud.demo, "PUT", f"/subnets/{subnet}", {"subnet": {"gateway_ip": "10.200.0.1"}}) == (200, "")
    assert outcome(cloud.demo, "PUT", f"{router}/remove_router_interface", {"subnet_id": subnet}) == (200, "")
    assert outcome(cloud.demo, "PUT", f"/subnets/{subnet}", {"subnet": {"gateway_ip": None}}) == (200, "")


def automatic(cidr: str, mac: str) -> str:
    """RFC 4291: ff:fe in the middle of the MAC address, its universal bit turned."""
    half = mac.split(":")
    text = f"{int(half[0], 16) ^ 2:02x}{half[1]}:{half[2]}ff:fe{half[3]}:{half[4]}{half[5]}"
    return str(ipaddress.ip_address(cidr.split("::")[0] + ":0:0:" + text))


@pytest.mark.parametrize("mode", ["slaac", "dhcpv6-stateless"])
def test_automatic_addresses(cloud: Cloud, mode: str) -> None:
    """N-SUB-018: ports get one, before and after; they do not keep the subnet, but a router does."""
    network = make(cloud.demo, "network")["id"]
    early = make(cloud.demo, "port", network_id=network)["id"]
    subnet = make(cloud.demo, "subnet", network_id=network, **V6, ipv6_address_mode=mode, ipv6_ra_mode=mode)["id"]
    make(cloud.demo, "subnet", network_id=network, **V4)
    late = make(cloud.demo, "port", network_id=network)["id"]
    bare = make(cloud.demo, "port", network_id=network, fixed_ips=[])["id"]
    named = make(cloud.demo, "port", network_id=network, fixed_ips=[{"subnet_id": subnet}])["id"]
    for port, count in ((early, 1), (late, 2), (bare, 1), (named, 1)):
        shown = show(cloud.demo, "port", port)
        assert len(shown["fixed_ips"]) == count
        own = automatic(str(V6["cidr"]), shown["mac_address"])
        assert {"subnet_id": subnet, "ip_address": own} in shown["fixed_ips"]
    chosen = {"network_id": network, "fixed_ips": [{"subnet_id": subnet, "ip_address": "fd00:200::99"}]}
    assert outcome(cloud.demo, "POST", "/ports", {"port": chosen}) == (400, "AllocationOnAutoAddressSubnet")
    off = {"subnet": {"enable_dhcp": False}}
    assert outcome(cloud.demo, "PUT", f"/subnets/{subnet}", off) == (400, "InvalidInput")
    router = f"/routers/{make(cloud.demo, 'router')['id']}"
    assert outcome(cloud.demo, "PUT", f"{router}/add_router_interface", {"subnet_id": subnet}) == (200, "")
    [plugged] = listed(cloud.demo, "ports", "?device_owner=network:router_interface")
    assert plugged["fixed_ips"] == [{"subnet_id": subnet, "ip_address": "fd00:200::"}]
    assert outcome(cloud.demo, "DELETE", f"/subnets/{subnet}") == (409, "SubnetInUse")
    assert outcome(cloud.demo, "PUT", f"{router}/remove_router_interface", {"subnet_id": subnet}) == (200, "")
    assert outcome(cloud.demo, "DELETE", f"/subnets/{subnet}") == (204, "")
    assert show(cloud.demo, "port", early)["fixed_ips"] == []


def test_stateful_addresses(cloud: Cloud) -> None:
    network = make(cloud.demo, "network")["id"]
    modes = {**V6, "ipv6_address_mode": "dhcpv6-stateful", "ipv6_ra_mode": "dhcpv6-stateful"}
    subnet = make(cloud.demo, "subnet", network_id=network, **modes)["id"]
    fixed_ips = [{"subnet_id": subnet, "ip_address": "fd00:200::99"}]
    assert make(cloud.demo, "port", network_id=network, fixed_ips=fixed_ips)["fixed_ips"] == fixed_ips
    assert outcome(cloud.demo, "DELETE", f"/subnets/{subnet}") == (409, "SubnetInUse")


@pytest.mark.parametrize(
    ("owner", "expected"),
    [("", (409, "SubnetInUse")), ("compute:nova", (409, "SubnetInUse")), ("network:dhcp", (204, ""))],
)
def test_ports_that_keep_a_subnet(cloud: Cloud, owner: str, expected: tuple[int, str]) -> None:
    """N-SUB-017."""
    network = make(cloud.demo, "network")["id"]
    subnet = make(cloud.demo, "subnet", network_id=network, **V4)["id"]
    make(cloud.demo, "port", network_id=network, device_owner=owner)
    assert outcome(cloud.demo, "DELETE", f"/subnets/{subnet}") == expected


def test_on_networks_of_others(cloud: Cloud) -> None:
    """N-SUB-021."""
    external = listed(cloud.demo, "networks", "?router:external=true")[0]["id"]
    hidden = make(cloud.alt, "network")["id"]
    for network in (external, hidden):
        body = {"subnet": {"network_id": network, **V4}}
        assert outcome(cloud.demo, "POST", "/subnets", body) == (403, "PolicyNotAuthorized")


def test_of_external_networks(cloud: Cloud) -> None:
    """Every user sees these subnets as external; only their owner can change them."""
    external = listed(cloud.demo, "networks", "?router:external=true")[0]
    subnets = listed(cloud.demo, "subnets", f"?network_id={external['id']}")
    assert {subnet["id"]: subnet["router:external"] for subnet in subnets} == dict.fromkeys(external["subnets"], True)
    assert listed(cloud.demo, "subnets", "?router:external=true") == subnets
    path = f"/subnets/{subnets[0]['id']}"
    assert outcome(cloud.demo, "PUT", path, {"subnet": {"name": "x"}}) == (403, "PolicyNotAuthorized")
    assert outcome(cloud.demo, "DELETE", path) == (403, "PolicyNotAuthorized")
    own = make(cloud.demo, "network")["id"]
    assert make(cloud.demo, "subnet", network_id=own, **V4)["router:external"] is False


def test_bulk_is_all_or_nothing(cloud: Cloud) -> None:
    """N-SUB-022."""
    network = make(cloud.demo, "network")["id"]
    several = [{"network_id": network, **V4}, {"network_id": network, **V6}]
    answer = cloud.demo.network("POST", "/subnets", json={"subnets": several})
    assert (answer.status_code, len(answer.json()["subnets"])) == (201, 2)
    clash = [{"network_id": network, "ip_version": 4, "cidr": "10.9.0.0/24"}, {"network_id": network, **V4}]
    assert outcome(cloud.demo, "POST", "/subnets", {"subnets": clash}) == (400, "InvalidInput")
    assert len(listed(cloud.demo, "subnets", f"?network_id={network}")) == 2


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("name=s", 1),
        ("ip_version=4", 1),
        ("ip_version=6", 0),
        ("cidr=10.200.0.0/24", 1),
        ("gateway_ip=10.200.0.1", 1),
        ("gateway_ip=10.200.0.2", 0),
        ("enable_dhcp=True", 1),
        ("enable_dhcp=0", 0),
        ("shared=False", 1),
        ("shared=True", 0),
        ("description=d&name=s", 1),
        ("name=x&name=s", 1),
        ("ipv6_ra_mode=slaac", 0),
    ],
)
def test_filters(cloud: Cloud, query: str, expected: int) -> None:
    """N-SUB-015."""
    network = make(cloud.demo, "network")["id"]
    make(cloud.demo, "subnet", network_id=network, **V4, name="s", description="d")
    assert len(listed(cloud.demo, "subnets", f"?network_id={network}&{query}")) == expected


def test_lists_are_emptied_by_null(cloud: Cloud) -> None:
    values = {"dns_nameservers": ["8.8.8.8"], "host_routes": [ROUTE]}
    subnet = make(cloud.demo, "subnet", network_id=make(cloud.demo, "network")["id"], **V4, **values)
    for name in (*values, "allocation_pools"):
        changed = cloud.demo.network("PUT", f"/subnets/{subnet['id']}", json={"subnet": {name: None}}).json()["subnet"]
        assert changed[name] == []


@pytest.mark.parametrize("cidr", ["127.0.0.0/24", "224.0.0.0/24", "10.200.0.0/31"])
def test_dhcp_cannot_be_enabled_later_where_it_could_not_at_first(cloud: Cloud, cidr: str) -> None:
    values = {"ip_version": 4, "cidr": cidr, "enable_dhcp": False}
    subnet = make(cloud.demo, "subnet", network_id=make(cloud.demo, "network")["id"], **values)
    path = f"/subnets/{subnet['id']}"
    assert outcome(cloud.demo, "PUT", path, {"subnet": {"enable_dhcp": True}}) == (400, "InvalidInput")
    assert outcome(cloud.demo, "PUT", path, {"subnet": {"enable_dhcp": False, "name": "n"}}) == (200, "")
