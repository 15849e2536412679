"""What the values of a new subnet become, and which are refused."""

from typing import Any

import pytest

from reference.tests.clouds import Cloud
from reference.tests.networking import ROUTE, SLAAC, V4, V6, listed, make, outcome, show

EMPTIES: list[Any] = [None, []]


NO_NUMBERS: list[Any] = [None, "", "x", "4.0", [], {}]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        pytest.param(
            V4,
            {
                "gateway_ip": "10.200.0.1",
                "allocation_pools": [{"start": "10.200.0.2", "end": "10.200.0.254"}],
                "enable_dhcp": True,
                "dns_nameservers": [],
                "host_routes": [],
                "ipv6_ra_mode": None,
                "ipv6_address_mode": None,
                "subnetpool_id": None,
                "name": "",
                "description": "",
                "tags": [],
            },
            id="N-SUB-001 N-SUB-002 defaults",
        ),
        pytest.param(
            V6,
            {
                "gateway_ip": "fd00:200::",
                "allocation_pools": [{"start": "fd00:200::1", "end": "fd00:200::ffff:ffff:ffff:ffff"}],
            },
            id="IPv6 of a cidr",
        ),
        pytest.param({**V4, "ip_version": "4"}, {"ip_version": 4}, id="version as a text"),
        pytest.param({**V4, "ip_version": 4.0}, {"ip_version": 4}, id="version as a fraction"),
        *(
            pytest.param(
                {**V4, "allocation_pools": none, "dns_nameservers": none, "host_routes": none},
                {
                    "allocation_pools": [{"start": "10.200.0.2", "end": "10.200.0.254"}],
                    "dns_nameservers": [],
                    "host_routes": [],
                },
                id=f"{none} is nothing of its own",
            )
            for none in EMPTIES
        ),
        pytest.param({**V4, "enable_dhcp": " Y "}, {"enable_dhcp": True}, id="a flag in a word"),
        *(
            pytest.param(
                {"ip_version": 4, "cidr": cidr, "enable_dhcp": False}, {"cidr": cidr}, id=f"{cidr} without DHCP"
            )
            for cidr in ("127.0.0.0/24", "224.0.0.0/24", "0.0.0.0/8")
        ),
        pytest.param({**V4, "dns_nameservers": [f"8.8.8.{n}" for n in range(5)]}, {}, id="five name servers"),
        pytest.param(
            {**V4, "host_routes": [{"destination": f"10.{n}.0.0/16", "nexthop": "10.200.0.4"} for n in range(20)]},
            {},
            id="twenty routes",
        ),
        pytest.param(
            {**V4, "cidr": "10.200.0.4/32", "enable_dhcp": False, "gateway_ip": "10.200.0.5"},
            {"allocation_pools": [{"start": "10.200.0.4", "end": "10.200.0.4"}]},
            id="one address",
        ),
        pytest.param(
            {**V4, "gateway_ip": "10.200.0.9"},
            {
                "allocation_pools": [
                    {"start": "10.200.0.1", "end": "10.200.0.8"},
                    {"start": "10.200.0.10", "end": "10.200.0.254"},
                ]
            },
            id="pools around the gateway",
        ),
        pytest.param({**V4, "gateway_ip": None}, {"gateway_ip": None}, id="no gateway"),
        pytest.param({**V6, "gateway_ip": "fe80::1"}, {"gateway_ip": "fe80::1"}, id="gateway outside"),
        pytest.param({**V4, "cidr": "10.200.0.77/24"}, {"cidr": "10.200.0.0/24"}, id="host bits"),
        pytest.param(
            {"ip_version": 4, "use_default_subnetpool": True}, {"cidr": "10.0.0.0/26"}, id="N-SUB-005 default pool"
        ),
        pytest.param(
            {"ip_version": 6, "use_default_subnetpool": True},
            {
                "cidr": "fd00:1::/64",
                "gateway_ip": "fd00:1::1",
                "allocation_pools": [{"start": "fd00:1::2", "end": "fd00:1::ffff:ffff:ffff:ffff"}],
            },
            id="N-SUB-005 of IPv6",
        ),
        pytest.param(
            {"ip_version": 6, "use_default_subnetpool": True, "cidr": "fd00:1:0:7::/64"},
            {"gateway_ip": "fd00:1:0:7::"},
            id="a cidr out of the default pool",
        ),
        pytest.param({**V4, "cidr": "10.200.0.0/31", "enable_dhcp": False}, {}, id="N-SUB-020 without DHCP"),
        pytest.param({**V4, "cidr": "10.200.0.0/255.255.255.0"}, {"cidr": "10.200.0.0/24"}, id="a netmask"),
        pytest.param(SLAAC, {"ipv6_ra_mode": "slaac"}, id="SLAAC"),
        pytest.param({**V6, "ipv6_ra_mode": "dhcpv6-stateful"}, {"ipv6_address_mode": None}, id="one mode"),
    ],
)
def test_created(cloud: Cloud, values: dict[str, Any], expected: dict[str, Any]) -> None:
    network = make(cloud.demo, "network")["id"]
    subnet = make(cloud.demo, "subnet", network_id=network, **values)
    assert {name: subnet[name] for name in expected} == expected
    assert not {"use_default_subnetpool", "prefixlen"} & set(subnet)
    assert show(cloud.demo, "subnet", subnet["id"]) == subnet
    assert show(cloud.demo, "network", network)["subnets"] == [subnet["id"]]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        pytest.param({"ip_version": 4}, (400, "BadRequest"), id="N-SUB-003 neither cidr nor pool"),
        *(
            pytest.param(
                {"ip_version": version, "cidr": None}, (400, "BadRequest"), id=f"null for a cidr of IPv{version}"
            )
            for version in (4, 6)
        ),
        pytest.param({**V4, "ip_version": 6}, (400, "InvalidInput"), id="version of the cidr"),
        pytest.param({**V4, "ip_version": 5}, (400, "HTTPBadRequest"), id="no such version"),
        pytest.param({"cidr": "10.200.0.0/24"}, (400, "HTTPBadRequest"), id="no version"),
        pytest.param({"use_default_subnetpool": True}, (400, "HTTPBadRequest"), id="no version of a pool"),
        *(
            pytest.param({**V4, "ip_version": value}, (400, "InvalidInput"), id=f"version {value!r}")
            for value in NO_NUMBERS
        ),
        pytest.param(
            {"ip_version": 4, "use_default_subnetpool": True, "prefixlen": None},
            (400, "InvalidInput"),
            id="null for a length",
        ),
        pytest.param(
            {"ip_version": 4, "use_default_subnetpool": True, "allocation_pools": []},
            (400, "BadRequest"),
            id="ranges of a prefix that is not known",
        ),
        *(
            pytest.param({"ip_version": 4, "cidr": cidr}, (400, "InvalidInput"), id=f"{cidr} with DHCP")
            for cidr in ("127.0.0.0/24", "127.0.0.0/8", "224.0.0.0/24", "239.1.1.0/24", "0.0.0.0/8", "0.0.0.0/0")
        ),
        *(
            pytest.param({"ip_version": version, "cidr": cidr, "enable_dhcp": False}, (400, "InvalidInput"), id=cidr)
            for version, cidr in ((4, "0.0.0.0/0"), (6, "::/0"), (6, "::/64"))
        ),
        pytest.param({**V6, "cidr": "ff02::/64"}, (400, "InvalidInput"), id="multicast of IPv6"),
        pytest.param({**V4, "dns_nameservers": ["8.8.8.8"] * 2}, (400, "HTTPBadRequest"), id="a name server twice"),
        pytest.param(
            {**V4, "dns_nameservers": [f"8.8.8.{n}" for n in range(6)]},
            (400, "DNSNameServersExhausted"),
            id="six name servers",
        ),
        pytest.param({**V4, "host_routes": [ROUTE, ROUTE]}, (400, "HTTPBadRequest"), id="a route twice"),
        pytest.param(
            {**V4, "host_routes": [{**ROUTE, "destination": "10.9.0.1/24"}]},
            (400, "HTTPBadRequest"),
            id="host bits in a route",
        ),
        pytest.param(
            {**V4, "host_routes": [{**ROUTE, "destination": f"10.{n}.0.0/16"} for n in range(21)]},
            (400, "HostRoutesExhausted"),
            id="twenty-one routes",
        ),
        *(
            pytest.param({**V4, "cidr": cidr}, (400, "InvalidInput"), id=f"{cidr!r} as a cidr")
            for cidr in ("10.0.0", "1", "", "x", "10.0.0.0/33", "10.200.0.0")
        ),
        pytest.param({**V4, "prefixlen": 2**31}, (400, "BadRequest"), id="cidr and a length beyond all"),
        pytest.param({**V4, "cidr": "10.200.0.0/31"}, (400, "InvalidInput"), id="N-SUB-020 /31"),
        pytest.param({**V6, "cidr": "fd00:200::/127"}, (400, "InvalidInput"), id="N-SUB-020 /127"),
        pytest.param({**V4, "gateway_ip": "10.200.0.255"}, (400, "InvalidInput"), id="gateway is broadcast"),
        pytest.param({**V4, "gateway_ip": "fd00::1"}, (400, "InvalidInput"), id="gateway of IPv6"),
        pytest.param({**V4, "dns_nameservers": ["fd00::1"]}, (400, "InvalidInput"), id="N-SUB-011 name server"),
        pytest.param(
            {**V4, "host_routes": [{"destination": "fd00::/64", "nexthop": "10.200.0.4"}]},
            (400, "InvalidInput"),
            id="N-SUB-011 destination",
        ),
        pytest.param({**V4, "host_routes": [{"destination": "10.9.0.0/24"}]}, (400, "HTTPBadRequest"), id="no nexthop"),
        *(
            pytest.param({**V4, "allocation_pools": [{"start": a, "end": b} for a, b in pools]}, expected, id=title)
            for title, pools, expected in (
                ("turned round", [("10.200.0.9", "10.200.0.4")], (400, "InvalidAllocationPool")),
                ("outside", [("10.201.0.9", "10.201.0.14")], (400, "OutOfBoundsAllocationPool")),
                ("with the network's address", [("10.200.0.0", "10.200.0.4")], (400, "OutOfBoundsAllocationPool")),
                ("with broadcast", [("10.200.0.4", "10.200.0.255")], (400, "OutOfBoundsAllocationPool")),
                ("of IPv6", [("fd00::9", "fd00::14")], (400, "InvalidAllocationPool")),
                ("with the gateway", [("10.200.0.1", "10.200.0.4")], (409, "GatewayConflictWithAllocationPools")),
                (
                    "overlapping",
                    [("10.200.0.4", "10.200.0.9"), ("10.200.0.9", "10.200.0.14")],
                    (409, "OverlappingAllocationPools"),
                ),
            )
        ),
        pytest.param({**V4, "allocation_pools": [{"start": "10.200.0.4"}]}, (400, "HTTPBadRequest"), id="no end"),
        pytest.param({**V4, "ipv6_address_mode": "slaac"}, (400, "InvalidInput"), id="mode on IPv4"),
        pytest.param({**SLAAC, "ipv6_ra_mode": "dhcpv6-stateful"}, (400, "InvalidInput"), id="modes that differ"),
        pytest.param({**SLAAC, "enable_dhcp": False}, (400, "InvalidInput"), id="mode without DHCP"),
        pytest.param({**SLAAC, "cidr": "fd00:200::/72"}, (400, "InvalidInput"), id="SLAAC without /64"),
        pytest.param({**V6, "ipv6_ra_mode": "auto"}, (400, "HTTPBadRequest"), id="no such mode"),
    ],
)
def test_create_refused(cloud: Cloud, values: dict[str, Any], expected: tuple[int, str]) -> None:
    network = make(cloud.demo, "network")["id"]
    assert outcome(cloud.demo, "POST", "/subnets", {"subnet": {"network_id": network, **values}}) == expected
    assert listed(cloud.demo, "subnets", f"?network_id={network}") == []
