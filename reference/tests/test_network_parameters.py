"""Parameters of Networking's GETs: which filters and sort keys each collection takes, and what they find."""

import pytest

from reference.tests.clouds import Cloud
from reference.tests.networking import BAD, COLLECTIONS, INVALID, listed, make, outcome

_OWNED = "id project_id tenant_id"


_COMMON = f"{_OWNED} name"


_TAGS = "tags tags-any not-tags not-tags-any"


_FILTERED = f"{_COMMON} description revision_number {_TAGS}"


_MODES = "ip_version gateway_ip enable_dhcp ipv6_ra_mode ipv6_address_mode subnetpool_id network_id cidr"


_LENGTHS = "ip_version default_prefixlen min_prefixlen max_prefixlen default_quota is_default address_scope_id"


_DEVICE = "status admin_state_up network_id mac_address device_id device_owner"


_RULE = """security_group_id remote_group_id direction ethertype protocol port_range_min port_range_max
    remote_ip_prefix"""


_FLOATING = "status floating_network_id floating_ip_address fixed_ip_address router_id"


# collection -> the filters and the sort keys that Networking takes, of the attributes that are served here
KNOWN = {
    "networks": (
        f"{_FILTERED} status shared is_default router:external admin_state_up mtu",
        f"{_COMMON} status admin_state_up mtu",
    ),
    "subnets": (f"{_FILTERED} shared router:external {_MODES}", f"{_COMMON} {_MODES}"),
    "subnetpools": (f"{_FILTERED} shared {_LENGTHS}", f"{_COMMON} {_LENGTHS}"),
    "ports": (f"{_FILTERED} {_DEVICE} fixed_ips security_groups binding:host_id", f"{_COMMON} {_DEVICE}"),
    "routers": (f"{_FILTERED} admin_state_up", f"{_COMMON} status admin_state_up"),
    "floatingips": (f"{_OWNED} description revision_number {_TAGS} {_FLOATING} port_id", f"{_OWNED} {_FLOATING}"),
    "security-groups": (_FILTERED, _COMMON),
    "security-group-rules": (f"{_OWNED} description revision_number {_RULE}", f"{_OWNED} {_RULE}"),
    "rbac-policies": (f"{_OWNED} object_type object_id action target_tenant", ""),
}


_VALUES = {"fixed_ips": "ip_address=192.0.2.1", "cidr": "192.0.2.0/24", "ethertype": "IPv4", "direction": "ingress",
           "protocol": "tcp", "remote_ip_prefix": "192.0.2.0/24", "object_type": "network"}  # fmt: skip


@pytest.mark.parametrize("collection", KNOWN)
def test_filters_and_sort_keys(cloud: Cloud, collection: str) -> None:
    """Each collection accepts its own filters and sort keys, and none of other collections."""
    every = {name for both in KNOWN.values() for names in both for name in names.split()}
    filters, sort_keys = (set(names.split()) for names in KNOWN[collection])
    for name in every:
        value = _VALUES.get(name, "1")
        expected = (200, "") if name in filters else BAD
        assert outcome(cloud.admin, "GET", f"/{collection}?{name}={value}") == expected, name
        expected = (200, "") if name in sort_keys else BAD
        assert outcome(cloud.admin, "GET", f"/{collection}?sort_key={name}&sort_dir=asc") == expected, name
        if name in sort_keys:
            assert outcome(cloud.admin, "GET", f"/{collection}?sort_key={name}&sort_dir=desc&limit=1") == (200, "")


@pytest.mark.parametrize("collection", COLLECTIONS)
def test_unknown_markers(cloud: Cloud, collection: str) -> None:
    """N-NET-032: refused where the database does the paging, ignored elsewhere and without a limit."""
    strict = collection in ("networks", "ports", "routers")
    assert outcome(cloud.admin, "GET", f"/{collection}?limit=1&marker=nothing")[0] == (404 if strict else 200)
    assert outcome(cloud.admin, "GET", f"/{collection}?marker=nothing") == (200, "")


def test_parameters_of_one(cloud: Cloud) -> None:
    """Filters are ignored when one network, subnet or port is shown; unknown parameters are refused."""
    network = make(cloud.demo, "network", name="n")["id"]
    subnet = make(cloud.demo, "subnet", network_id=network, ip_version=4, cidr="192.0.2.0/24")["id"]
    port = make(cloud.demo, "port", network_id=network)["id"]
    strict = {f"/networks/{network}", f"/subnets/{subnet}", f"/ports/{port}"}
    for query in ("name=other", "limit=x", "marker=nothing", "fields=id", "sort_key=name&sort_dir=asc"):
        for path in strict:
            assert outcome(cloud.demo, "GET", f"{path}?{query}") == (200, ""), query
    lenient = {f"/routers/{make(cloud.demo, 'router')['id']}",
               f"/security-groups/{make(cloud.demo, 'security_group', name='g')['id']}",
               f"/subnetpools/{make(cloud.demo, 'subnetpool', name='p', prefixes=['192.0.2.0/24'])['id']}"}  # fmt: skip
    for query, kind in (("colour=red", BAD), ("colour=", BAD), ("fields=id&colour=red", BAD), ("sort_key=name", BAD)):
        for path in strict | lenient:
            assert outcome(cloud.demo, "GET", f"{path}?{query}") == (kind if path in strict else (200, "")), path
    assert outcome(cloud.demo, "GET", f"/networks/{network}?mtu=x") == INVALID
    assert outcome(cloud.demo, "GET", f"/ports/{port}?fixed_ips=x") == INVALID


def test_ports_by_group_and_by_part_of_an_address(cloud: Cloud) -> None:
    network = make(cloud.demo, "network")["id"]
    subnet = make(cloud.demo, "subnet", network_id=network, ip_version=4, cidr="192.0.2.0/24")["id"]
    group = make(cloud.demo, "security_group", name="g")["id"]
    addresses = [[{"ip_address": f"192.0.2.{number}"}] for number in (10, 20)]
    first = make(cloud.demo, "port", network_id=network, fixed_ips=addresses[0], security_groups=[group])["id"]
    second = make(cloud.demo, "port", network_id=network, fixed_ips=addresses[1])["id"]
    for query, expected in {
        f"security_groups={group}": {first},
        "security_groups=nothing": set(),
        "fixed_ips=ip_address_substr=.1": {first},
        "fixed_ips=ip_address_substr=192": {first, second},
        "fixed_ips=ip_address_substr=.1&fixed_ips=ip_address_substr=.20": {first, second},
        "fixed_ips=ip_address_substr=%25": set(),
        f"fixed_ips=subnet_id={subnet}&fixed_ips=ip_address=192.0.2.20": {second},
        "fixed_ips=colour=red": {first, second},
        "device_owner=": {first, second},
        "device_id=": {first, second},
    }.items():
        ids = {port["id"] for port in listed(cloud.demo, "ports", f"?network_id={network}&{query}")}
        assert ids == expected, query


def test_subnets_by_their_network(cloud: Cloud) -> None:
    network = make(cloud.demo, "network")["id"]
    subnet = make(cloud.demo, "subnet", network_id=network, ip_version=4, cidr="192.0.2.0/24")
    assert listed(cloud.demo, "subnets", "?router:external=False&cidr=192.0.2.7/24") == [subnet]
    outside = {item["name"] for item in listed(cloud.admin, "subnets", "?router:external=true")}
    assert outside == {"public-v4", "public-v6"}
    assert outcome(cloud.demo, "GET", "/subnets?cidr=x") == INVALID


def test_floating_ips_by_address_and_status(cloud: Cloud) -> None:
    external = listed(cloud.demo, "networks", "?router:external=true")[0]["id"]
    floating_ips = [make(cloud.demo, "floatingip", floating_network_id=external) for _ in range(3)]
    address = floating_ips[1]["floating_ip_address"]
    assert listed(cloud.demo, "floatingips", f"?floating_ip_address={address}") == [floating_ips[1]]
    assert len(listed(cloud.demo, "floatingips", "?status=DOWN")) == 3
    assert listed(cloud.demo, "floatingips", "?status=ACTIVE") == []
    query = "?sort_key=floating_ip_address&sort_dir=desc&limit=2"
    page = listed(cloud.demo, "floatingips", query)
    page += listed(cloud.demo, "floatingips", f"{query}&marker={page[-1]['id']}")
    expected = sorted((item["floating_ip_address"] for item in floating_ips), reverse=True)
    assert [item["floating_ip_address"] for item in page] == expected
