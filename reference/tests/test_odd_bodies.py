"""Bodies and queries that once ended in a 500: each is refused, or done, and nothing is left half done."""

from typing import Any

import pytest

from reference.tests.clouds import Cloud
from reference.tests.computing import Compute


def refused(answer: Any) -> tuple[int, str]:
    """Status and type of Networking's refusal."""
    return answer.status_code, answer.json()["NeutronError"]["type"]


@pytest.mark.parametrize("text", ["maybe", "", "2"])
def test_an_invalid_page_reverse_is_ignored(cloud: Cloud, text: str) -> None:
    assert cloud.demo.network("GET", f"/ports?page_reverse={text}").status_code == 200


@pytest.mark.parametrize("owner", [{}, [], None, 1, True])
@pytest.mark.parametrize("name", ["project_id", "tenant_id"])
def test_an_owner_that_is_no_text_is_refused(cloud: Cloud, name: str, owner: Any) -> None:
    for user in (cloud.demo, cloud.admin):
        assert refused(user.network("POST", "/networks", json={"network": {name: owner}})) == (400, "HTTPBadRequest")


@pytest.mark.parametrize("inner", ["x", [1], None, 1])
def test_an_envelope_within_a_bulk_that_is_no_object(cloud: Cloud, inner: Any) -> None:
    answer = cloud.demo.network("POST", "/networks", json={"networks": [{"network": {}}, {"network": inner}]})
    assert refused(answer) == (400, "HTTPBadRequest")
    assert cloud.demo.network("GET", f"/networks?project_id={cloud.demo.project_id}").json()["networks"] == []


@pytest.mark.parametrize(
    "ranges",
    [
        [{}],
        [{"start": "192.0.2.5"}],
        [{"end": "192.0.2.5"}],
        [{"start": "192.0.2.9", "end": "192.0.2.5"}],
        [{"start": "192.0.2.5", "end": "198.51.100.5"}],
        [{"start": "192.0.2.5", "end": "::ffff:c000:209"}],
    ],
    ids=str,
)
def test_allocation_pools_that_are_no_ranges(cloud: Cloud, ranges: list[dict[str, str]]) -> None:
    network = cloud.demo.network("POST", "/networks", json={"network": {}}).json()["network"]["id"]
    values = {"network_id": network, "cidr": "192.0.2.0/26", "ip_version": 4}
    answer = cloud.demo.network("POST", "/subnets", json={"subnet": {**values, "allocation_pools": ranges}})
    assert answer.status_code == 400, answer.text
    subnet = cloud.demo.network("POST", "/subnets", json={"subnet": values}).json()["subnet"]
    answer = cloud.demo.network("PUT", f"/subnets/{subnet['id']}", json={"subnet": {"allocation_pools": ranges}})
    assert answer.status_code == 400, answer.text
    assert cloud.demo.network("POST", "/ports", json={"port": {"network_id": network}}).status_code == 201


@pytest.mark.parametrize("kind", ["", "x", None, {}, "x" * 65])
def test_an_unknown_vnic_type_is_refused(cloud: Cloud, kind: Any) -> None:
    network = cloud.demo.network("POST", "/networks", json={"network": {}}).json()["network"]["id"]
    port = {"network_id": network}
    answer = cloud.demo.network("POST", "/ports", json={"port": {**port, "binding:vnic_type": kind}})
    assert refused(answer) == (400, "HTTPBadRequest")
    created = cloud.demo.network("POST", "/ports", json={"port": {**port, "binding:vnic_type": "direct"}}).json()[
        "port"
    ]
    answer = cloud.demo.network("PUT", f"/ports/{created['id']}", json={"port": {"binding:vnic_type": kind}})
    assert refused(answer) == (400, "HTTPBadRequest")


@pytest.mark.parametrize("version", [4, 6])
def test_a_prefix_of_the_other_ip_version_out_of_a_pool(cloud: Cloud, version: int) -> None:
    pool = {"name": "p", "prefixes": ["0.0.0.0/0"], "min_prefixlen": 0}
    pool = cloud.demo.network("POST", "/subnetpools", json={"subnetpool": pool}).json()["subnetpool"]
    network = cloud.demo.network("POST", "/networks", json={"network": {}}).json()["network"]["id"]
    subnet = {"network_id": network, "subnetpool_id": pool["id"], "cidr": "::/20", "ip_version": version}
    assert refused(cloud.demo.network("POST", "/subnets", json={"subnet": subnet})) == (400, "BadRequest")


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00%2B23:59", "9999-12-31T23:59:59-23:59"])
def test_a_moment_before_or_after_all_time(cloud: Cloud, moment: str) -> None:
    assert cloud.demo("GET", f"/compute/v2.1/servers?changes-since={moment}").status_code == 400


@pytest.mark.parametrize(
    ("counts", "status"),
    [
        ({"min_count": 10**30}, 403),
        ({"min_count": 1001}, 403),
        ({"min_count": "9" * 200}, 403),
        ({"min_count": "9" * 5000}, 400),
        ({"min_count": "0" * 5000 + "1"}, 400),
        ({"max_count": 10**30}, 202),
    ],
    ids=lambda value: str(value)[:24],
)
def test_more_servers_than_can_be_counted(cloud: Cloud, counts: dict[str, Any], status: int) -> None:
    compute = Compute(cloud, cloud.demo)
    assert compute.boot("none", **counts).status_code == status
    assert len(compute.servers("?limit=1000")) == (1000 if status == 202 else 0)


def test_a_boot_index_of_many_digits(cloud: Cloud) -> None:
    compute = Compute(cloud, cloud.demo)
    device = {"uuid": compute.image, "source_type": "image", "destination_type": "local", "boot_index": "1" * 5000}
    assert compute.boot("none", block_device_mapping_v2=[device]).status_code == 400


@pytest.mark.parametrize(
    ("most", "stored"),
    [("9" * 40, None), ("9" * 5000, 2**31 - 1), ("-1", -1), ("7", 7), ("7\n", 7), ("-2", None), ("\u0667", None)],
    ids=lambda value: repr(value)[:16],
)
def test_a_limit_of_many_digits(cloud: Cloud, most: str, stored: int | None) -> None:
    admin = Compute(cloud, cloud.admin)
    answer = admin("PUT", f"/os-quota-sets/{cloud.demo.project_id}", json={"quota_set": {"cores": most}})
    assert answer.status_code == (400 if stored is None else 200)
    if stored is not None:
        assert answer.json()["quota_set"]["cores"] == stored


@pytest.mark.parametrize("ram", ["9" * 40, "1" * 5000])
def test_a_flavor_of_many_digits(cloud: Cloud, ram: str) -> None:
    flavor = {"name": "f", "ram": ram, "vcpus": 1, "disk": 1}
    answer = Compute(cloud, cloud.admin)("POST", "/flavors", json={"flavor": flavor})
    assert answer.status_code == 400


@pytest.mark.parametrize("name", ["name", "ip", "tags"])
@pytest.mark.parametrize("expression", ["(", r"(a)\1", "(?=a)", "a" * 256, "(a{1,99}){1,99}"], ids=str)
def test_an_expression_that_could_take_forever(cloud: Cloud, name: str, expression: str) -> None:
    compute = Compute(cloud, cloud.demo)
    assert compute("GET", "/servers", params={name: expression}).status_code == 400


def test_an_expression_that_would_take_forever_elsewhere(cloud: Cloud) -> None:
    """A matcher that backtracks takes 2 ** 100 steps."""
    compute = Compute(cloud, cloud.demo)
    assert compute.boot("none", name="a" * 100 + "b").status_code == 202
    for query, count in (({"name": "(a+)+$"}, 0), ({"name": "(a+)+b$"}, 1), ({"ip": "(([0-9.])+)+x$"}, 0)):
        assert len(compute("GET", "/servers", params=query).json()["servers"]) == count


@pytest.mark.parametrize("address", ["fd00::5%eth0", "fd00::5%1", "fd00::5%", "192.0.2.07", "192.0.2.5 ", "0xc0000205"])
def test_an_address_in_an_unusual_notation_is_refused(cloud: Cloud, address: str) -> None:
    """Parsers disagree about these: some read another address, some refuse them."""
    user, version = cloud.demo, 6 if ":" in address else 4
    network = user.network("POST", "/networks", json={"network": {}}).json()["network"]["id"]
    values = {"network_id": network, "cidr": "fd00::/64" if version == 6 else "192.0.2.0/24", "ip_version": version}
    for name, value in (
        ("gateway_ip", address),
        ("dns_nameservers", [address]),
        ("allocation_pools", [{"start": address, "end": address}]),
        ("host_routes", [{"destination": "fd00:9::/64", "nexthop": address}]),
        ("host_routes", [{"destination": f"{address}/{128 if version == 6 else 32}", "nexthop": "fd00::1"}]),
        ("cidr", f"{address}/{128 if version == 6 else 32}"),
    ):
        answer = user.network("POST", "/subnets", json={"subnet": {**values, name: value}})
        assert answer.status_code == 400, (name, answer.text)
    assert user.network("POST", "/subnets", json={"subnet": values}).status_code == 201
    fixed = {"network_id": network, "fixed_ips": [{"ip_address": address}]}
    assert user.network("POST", "/ports", json={"port": fixed}).status_code == 400
    compute = Compute(cloud, user)
    assert compute.boot([{"uuid": network, "fixed_ip": address}]).status_code == 400
    assert compute.boot("none", **{f"accessIPv{version}": address}).status_code == 400


@pytest.mark.parametrize(
    ("cidr", "read"),  # the subnet's cidr afterwards; None where the subnet is refused, too
    [
        ("10.1.0.0/255.255.255.0", "10.1.0.0/24"),
        ("10.1.0.0/0.0.0.255", "10.1.0.0/24"),
        ("10.1.0.0/024", "10.1.0.0/24"),
        ("fd00::%1/64", None),
        ("10.1.0.0", None),  # a /32, which has no room for DHCP
    ],
)
def test_a_prefix_in_an_unusual_notation(cloud: Cloud, cidr: str, read: str | None) -> None:
    pool = {"name": "p", "prefixes": [cidr]}
    assert cloud.demo.network("POST", "/subnetpools", json={"subnetpool": pool}).status_code == 400
    network = cloud.demo.network("POST", "/networks", json={"network": {}}).json()["network"]["id"]
    subnet = {"network_id": network, "cidr": cidr, "ip_version": 6 if ":" in cidr else 4}
    response = cloud.demo.network("POST", "/subnets", json={"subnet": subnet})
    assert response.status_code == (201 if read else 400)
    assert response.json().get("subnet", {}).get("cidr") == read


@pytest.mark.parametrize(
    ("path", "rows"),
    [
        ("/network/v2.0/networks?" + "sort_key=name&sort_dir=asc&" * 120, "networks"),
        ("/compute/v2.1/flavors?" + "sort_key=name&" * 200, "flavors"),
        ("/image/v2/images?sort=" + "name," * 500 + "id", "images"),
    ],
    ids=["network", "compute", "image"],
)
def test_a_page_sorted_by_the_same_key_many_times(cloud: Cloud, path: str, rows: str) -> None:
    [first, *_] = cloud.demo("GET", f"{path}&limit=1".replace("&&", "&")).json()[rows]
    answer = cloud.demo("GET", f"{path}&limit=100&marker={first['id']}".replace("&&", "&"))
    assert answer.status_code == 200
    assert first["id"] not in [row["id"] for row in answer.json()[rows]]


@pytest.mark.parametrize("name", ["tags", "tags-any", "not-tags", "not-tags-any"])
@pytest.mark.parametrize(("count", "status"), [(100, 200), (101, 400), (1100, 400)])
def test_many_tags_at_once(cloud: Cloud, name: str, count: int, status: int) -> None:
    tags = ",".join(map(str, range(count)))
    assert cloud.demo.network("GET", f"/networks?{name}={tags}").status_code == status


def test_many_ranges_prefixes_and_addresses(cloud: Cloud) -> None:
    """More of them than a subnet, pool or port may have are refused, before they are compared with each other."""
    user = cloud.demo
    network = user.network("POST", "/networks", json={"network": {}}).json()["network"]["id"]
    values = {"network_id": network, "cidr": "10.0.0.0/16", "ip_version": 4}
    ends = [f"10.0.{number // 200}.{number % 200 + 2}" for number in range(1001)]
    ranges = [{"start": end, "end": end} for end in ends]
    for pools, status in ((ranges, 400), ([*ranges[:10], ranges[3]], 409), (ranges[:1000], 201)):
        answer = user.network("POST", "/subnets", json={"subnet": {**values, "allocation_pools": pools}})
        assert answer.status_code == status, answer.text
    pool = {"name": "p", "prefixes": [f"{end}/32" for end in ends]}
    assert user.network("POST", "/subnetpools", json={"subnetpool": pool}).status_code == 400
    fixed = [{"ip_address": end} for end in ends[:101]]
    for count, status in ((101, 400), (100, 201)):
        port = {"network_id": network, "fixed_ips": fixed[:count]}
        assert user.network("POST", "/ports", json={"port": port}).status_code == status
