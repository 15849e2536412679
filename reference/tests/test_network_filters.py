"""Every filter of Networking selects the same objects in a whole list, in pages, and with chosen fields."""

from collections.abc import Iterator
from urllib.parse import quote, urlsplit

import pytest

from reference.tests.clouds import Cloud
from reference.tests.networking import Body, listed, make
from reference.tests.test_network_parameters import KNOWN


@pytest.fixture
def furnished(cloud: Cloud) -> Cloud:
    """Two projects with topologies, and a few objects of each kind that differ in most of what can be filtered by."""
    for user, name in ((cloud.demo, "a"), (cloud.alt, "b")):
        topology = user.network("GET", "/auto-allocated-topology/None").json()["auto_allocated_topology"]["id"]
        group = make(user, "security_group", name=name, description=name * 2)["id"]
        rule = {"security_group_id": group, "direction": "ingress", "protocol": "tcp"}
        make(user, "security_group_rule", **rule, port_range_min=22, port_range_max=23, remote_ip_prefix="192.0.2.0/24")
        make(user, "security_group_rule", **{**rule, "protocol": "udp"}, ethertype="IPv6", remote_group_id=group)
        port = make(user, "port", network_id=topology, name=name, description=name, security_groups=[group])["id"]
        external = listed(user, "networks", "?is_default=true")[0]["id"]
        make(user, "floatingip", floating_network_id=external, port_id=port, description=name)
        make(user, "floatingip", floating_network_id=external)
        network = make(user, "network", name=name, admin_state_up=False, mtu=1400)["id"]
        make(user, "subnet", network_id=network, ip_version=4, cidr="198.51.100.0/24", enable_dhcp=False, name=name)
        mode = dict.fromkeys(("ipv6_ra_mode", "ipv6_address_mode"), "dhcpv6-stateful")
        make(user, "subnet", network_id=make(user, "network")["id"], ip_version=6, cidr="2001:db8::/64", **mode)
        pool = {"default_prefixlen": 26, "min_prefixlen": 25, "max_prefixlen": 30, "default_quota": 99}
        make(user, "subnetpool", name=name, prefixes=["203.0.113.0/24"], **pool)
        make(user, "router", name=name, admin_state_up=False)
        other = cloud.alt if user is cloud.demo else cloud.demo
        shared = {"object_type": "network", "object_id": network, "action": "access_as_shared"}
        make(user, "rbac_policy", **shared, target_tenant=other.project_id)
    return cloud


def pages(cloud: Cloud, path: str) -> Iterator[Body]:
    """The items of a list, by pages of two."""
    collection = path[1:].partition("?")[0]
    key = collection.replace("-", "_")
    for _ in range(50):
        body = cloud.admin.network("GET", path).json()
        yield from body[key]
        links = {link["rel"]: link["href"] for link in body.get(f"{key}_links", ())}
        if "next" not in links:
            return
        path = f"/{collection}?{urlsplit(links['next']).query}"
    raise AssertionError("the pages have no end")


@pytest.mark.parametrize("collection", KNOWN)
def test_each_filter_narrows(furnished: Cloud, collection: str) -> None:
    """The filter selects the same items in one list, with chosen fields, and by pages."""
    items = listed(furnished.admin, collection)
    filters = [name for name in KNOWN[collection][0].split() if not isinstance(items[0].get(name, []), list | dict)]
    assert len(items) > 1
    assert len(filters) > 4
    for name in filters:
        for value in {item.get(name) for item in items} - {None, ""}:
            expected = sorted(item["id"] for item in items if item.get(name) == value)
            query = f"/{collection}?{name}={quote(str(value))}"
            for path in (query, f"{query}&fields=id"):
                matching = furnished.admin.network("GET", path).json()[collection.replace("-", "_")]
                assert sorted(item["id"] for item in matching) == expected, path
            assert sorted(item["id"] for item in pages(furnished, f"{query}&limit=2")) == expected, query
